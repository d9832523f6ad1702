"""Fetch programs that make and restore backups into the cache, without root and through this machine's apt-get.

Usage: python tools/get_clients.py [--force] [NAME …]

NAME is mariadb (mariadb-dump, mariadb, mariadb-binlog), mysql (mysqldump, mysql, mysqlbinlog: they come with the server
of tools/get_servers.py) or age. Without arguments each is fetched that this machine lacks. What is fetched is unpacked
into a folder of its own in ~/.cache/lockgate/clients, with a client.json that tells how its programs are started.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from get_servers import FetchError, fetch, loader_prefix, private_apt, run, say, unpack_packages

from lockgate.engine.client.find import CLIENT_DESCRIPTION, find_clients
from lockgate.engine.private.cache import cache_dir


@dataclass(frozen=True)
class Client:
    """Programs that come together: what shows that they are there, and the packages that hold them.

    Without ``packages`` they come with the server of that name. ``is_alone``: they need no libraries.
    """

    programs: tuple[str, ...]
    packages: str = ""
    is_alone: bool = False


CLIENTS = {
    "mariadb": Client(
        ("mariadb-dump", "mariadb", "mariadb-binlog"),
        "mariadb-client mariadb-client-core libc6 libgcc-s1 libstdc++6 libssl3 zlib1g libedit2 libncurses6 libtinfo6"
        " libbsd0 libmd0",
    ),
    "mysql": Client(("mysqldump", "mysql", "mysqlbinlog")),
    "age": Client(("age", "age-keygen"), "age", is_alone=True),
}
SUITE = "bookworm"


def main() -> int:
    """Fetch what is asked for and print one line for each; 1 when one could not be had."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("wanted", nargs="*", metavar="NAME")
    parser.add_argument("--force", action="store_true", help="fetch even what is there")
    options = parser.parse_args()
    failures = 0
    for name in options.wanted or CLIENTS:
        failures += not get(name, is_forced=options.force)
    return 1 if failures else 0


def get(name: str, *, is_forced: bool) -> bool:
    """Fetch programs unless they are there; tell whether they are there now."""
    client = CLIENTS.get(name)
    if client is None:
        say(f"{name}: unknown; known are {', '.join(CLIENTS)}")
        return False
    label = f"programs of {name}"
    there = found(name, client)
    if there and not is_forced:
        say(f"{label}: {there}")
        return True
    try:
        place = fetch_client(name, client) if client.packages else fetch(name, ())
    except (FetchError, OSError, subprocess.SubprocessError) as error:
        say(f"{label}: could not be fetched: {error}")
        return False
    there = found(name, client)
    say(f"{label}: fetched into {place}" if there else f"{label}: {place} does not hold {', '.join(client.programs)}")
    return bool(there)


def found(name: str, client: Client) -> str:
    """Tell where programs are; empty when one is missing."""
    places = [find_one(name, program, client) for program in client.programs]
    return places[0] if all(places) else ""


def find_one(name: str, program: str, client: Client) -> str:
    """Tell where one program is; empty when it is missing."""
    if client.is_alone:
        fetched = sorted(str(path) for path in cache_dir().glob(f"clients/{name}-*/usr/bin/{program}"))
        return shutil.which(program) or (fetched[-1] if fetched else "")
    programs = find_clients((program,), name)
    return f"{programs[0].version_text}, {programs[0].origin}" if programs else ""


def fetch_client(name: str, client: Client) -> Path:
    """Unpack the packages beside their place, try the first program, and put them in place by one rename."""
    clients = cache_dir() / "clients"
    clients.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=clients.parent, prefix="fetch-") as work_text:
        work = Path(work_text)
        root = work / "root"
        root.mkdir()
        apt = private_apt(work, SUITE)
        run(["apt-get", "-qq", "download", *client.packages.split()], work / "debs", **apt)
        unpack_packages(work / "debs", root)
        prefix = [] if client.is_alone else loader_prefix(root)
        first = [*(part.replace("{root}", str(root)) for part in prefix), f"{root}/usr/bin/{client.programs[0]}"]
        said = run([*first, "--version"], work)
        version = re.search(r"\d+(?:\.\d+)+(?=-MariaDB)", said) or re.search(r"\d+(?:\.\d+)+", said)
        if version is None:
            raise FetchError(f"what was fetched does not tell its version: {said[:200]}")
        description = {"flavor": name, "version": version[0], "prefix": prefix, "folder": "{root}/usr/bin"}
        (root / CLIENT_DESCRIPTION).write_text(json.dumps(description, indent=1) + "\n")
        place = clients / f"{name}-{version[0]}"
        shutil.rmtree(place, ignore_errors=True)
        os.rename(root, place)
    return place


if __name__ == "__main__":
    sys.exit(main())
