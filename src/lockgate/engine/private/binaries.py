"""Finds database server programs on this machine and tells their flavor and version.

It only looks: nothing is started but ``PROGRAM --version``, whose answer is remembered.
"""

from __future__ import annotations

import glob
import json
import os
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lockgate.engine.private.cache import cache_dir, read_cached, write_cached
from lockgate.engine.private.running import command_of_listener

ENV_NAME = "LOCKGATE_SERVER_BIN"
DESCRIPTION = "server.json"
_PLACES = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/usr/sbin",
    "/usr/libexec",
    "/usr/local/sbin",
    "/usr/local/pgsql/bin",
    "/usr/local/mysql/bin",
    "/opt/homebrew/opt/*/bin",
    "/usr/local/opt/*/bin",
)
_VERSION = re.compile(r"(?:PostgreSQL\)|Ver)\s+(\d+(?:\.\d+)*)(\S*)")


@dataclass(frozen=True)
class ServerBinary:
    """A server program. ``command`` starts it: a loader's prefix, the program, options that name its own folders."""

    flavor: str
    version: tuple[int, ...]
    command: tuple[str, ...]
    origin: str

    @property
    def version_text(self) -> str:
        """The version as people write it."""
        return ".".join(map(str, self.version))

    @property
    def program(self) -> Path:
        """The server's own program file, behind a loader if there is one."""
        return Path(next(part for part in self.command if is_server_program(part)))


def is_server_program(path: str) -> bool:
    """Tell by its name whether a file is a database server."""
    return os.path.basename(path) in ("postgres", "mysqld", "mariadbd", "postgres.real", "mysqld.real")


def version_matches(version: tuple[int, ...], wanted: tuple[int, ...], length: int) -> bool:
    """Tell whether a version is of the wanted series: the first ``length`` numbers, as far as they are given."""
    series = wanted[:length]
    return version[: len(series)] == series


def find_binaries(flavor: str, programs: tuple[str, ...], *, near_port: int = 0) -> tuple[ServerBinary, ...]:
    """Return the server programs of a flavor on this machine; the newest version first within each kind of place.

    The kinds, in order: the very programs that listen on ``near_port``; files and folders of ``LOCKGATE_SERVER_BIN``;
    ``PATH`` and the usual folders; the servers fetched into the cache. Empty when there are none.
    """
    found: dict[tuple[str, ...], ServerBinary] = {}
    for candidates in (
        _running(near_port),
        _from_paths(os.environ.get(ENV_NAME, "").split(os.pathsep), programs, ENV_NAME),
        _from_paths(usual_places(), programs, "on this machine"),
        _from_paths(sorted(glob.glob(f"{cache_dir()}/servers/*")), programs, "fetched"),
    ):
        of_kind = [binary for binary in candidates if binary.flavor == flavor]
        for binary in sorted(of_kind, key=lambda item: item.version, reverse=True):
            found.setdefault(binary.command, binary)
    return tuple(found.values())


def usual_places() -> list[str]:
    """Return the folders programs are looked for in: those of ``PATH``, and where packages put servers."""
    folders = os.environ.get("PATH", "").split(os.pathsep)
    for pattern in _PLACES:
        folders.extend(sorted(glob.glob(pattern)))
    return list(dict.fromkeys(folders))


def _running(port: int) -> Iterator[ServerBinary]:
    command = command_of_listener(port, is_server_program) if port else ()
    if command:
        binary = read_binary(command, f"the programs of the server on port {port}")
        if binary:
            yield binary


def _from_paths(paths: list[str], programs: tuple[str, ...], origin: str) -> Iterator[ServerBinary]:
    for text in paths:
        if not text:
            continue
        path = Path(text)
        if (path / DESCRIPTION).is_file():
            described = _read_description(path / DESCRIPTION, origin)
            if described:
                yield described
            continue
        for file in [path] if path.is_file() else [path / name for name in programs]:
            if file.is_file() and os.access(file, os.X_OK):
                binary = read_binary((os.path.realpath(file),), origin)
                if binary:
                    yield binary


def _read_description(file: Path, origin: str) -> ServerBinary | None:
    """Read the ``server.json`` of an unpacked server: flavor, version and command with ``{root}`` for its folder."""
    try:
        data = json.loads(file.read_text())
        command = tuple(str(part).replace("{root}", str(file.parent)) for part in data["command"])
        version = tuple(int(part) for part in str(data["version"]).split("."))
        return ServerBinary(str(data["flavor"]), version, command, f"{origin}: {file.parent}")
    except (OSError, ValueError, KeyError, TypeError):
        return None


def read_binary(command: tuple[str, ...], origin: str) -> ServerBinary | None:
    """Ask a program for its version; None when it does not answer as a database server does."""
    program = next((part for part in command if is_server_program(part)), command[-1])
    text = program_output(command, program)
    match = _VERSION.search(text)
    if not match:
        return None
    flavor = "mariadb" if "MariaDB" in text else "postgres" if "(PostgreSQL)" in text else "mysql"
    version = tuple(int(part) for part in match[1].split("."))
    return ServerBinary(flavor, version, command, origin if program in origin else f"{origin}: {program}")


def program_output(command: tuple[str, ...], program: str) -> str:
    """Return what a command says to ``--version``, remembered as long as the program's file is the same."""
    try:
        stat = os.stat(program)
    except OSError:
        return ""
    key = json.dumps([*command, stat.st_size, stat.st_mtime_ns])
    known = read_cached("versions", key)
    if known is not None:
        return known
    try:
        done = subprocess.run([*command, "--version"], capture_output=True, timeout=30, stdin=subprocess.DEVNULL)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    text = done.stdout.decode(errors="replace")
    write_cached("versions", key, text)
    return text
