"""Fetch pt-online-schema-change with its Perl modules into the cache, without root and through this machine's apt-get.

Usage: python tools/get_pt_osc.py. Prints the path of a script that runs it; perl itself must be installed. On MySQL 8.4
and later the tool needs --recursion-method=none, for it asks SHOW SLAVE HOSTS otherwise.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from get_servers import FetchError, private_apt, run, unpack_packages

from lockgate.engine.private.cache import cache_dir

PACKAGES = ("percona-toolkit", "libdbd-mysql-perl", "libdbi-perl", "libterm-readkey-perl", "libmariadb3")
SCRIPT = """#!/bin/sh
here=$(dirname "$(readlink -f "$0")")/usr
lib=$here/lib/x86_64-linux-gnu
export PERL5LIB="$(echo $lib/perl5/*):$here/share/perl5${PERL5LIB:+:$PERL5LIB}"
export LD_LIBRARY_PATH="$lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}" MARIADB_PLUGIN_DIR="$lib/libmariadb3/plugin"
exec perl "$here/bin/pt-online-schema-change" "$@"
"""


def main() -> int:
    """Fetch it unless it is there; print where it is, or why it cannot be had."""
    place = cache_dir() / "tools/pt-osc"
    script = place / "pt-online-schema-change"
    try:
        if not script.exists():
            fetch(place)
        subprocess.run([script, "--version"], check=True, capture_output=True)
    except (FetchError, OSError, subprocess.SubprocessError) as error:
        sys.stderr.write(f"pt-online-schema-change could not be fetched: {error}\n")
        return 1
    sys.stdout.write(f"{script}\n")
    return 0


def fetch(place: Path) -> None:
    """Unpack the packages beside their place and put them there by one rename."""
    place.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=place.parent, prefix="fetch-") as work_text:
        work = Path(work_text)
        root = work / "root"
        root.mkdir()
        apt = private_apt(work, "bookworm")
        run(["apt-get", "-qq", "download", *PACKAGES], work / "debs", **apt)
        unpack_packages(work / "debs", root)
        script = root / "pt-online-schema-change"
        script.write_text(SCRIPT)
        script.chmod(0o755)
        shutil.rmtree(place, ignore_errors=True)
        os.rename(root, place)


if __name__ == "__main__":
    sys.exit(main())
