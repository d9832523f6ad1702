"""Finds databases' client programs on this machine and tells their flavor and version, which is remembered."""

from __future__ import annotations

import glob
import json
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from lockgate.engine.private import FLAVORS, ServerBinary, find_binaries
from lockgate.engine.private.binaries import program_output, usual_places
from lockgate.engine.private.cache import cache_dir

ENV_NAME = "LOCKGATE_CLIENT_BIN"
CLIENT_DESCRIPTION = "client.json"
_VERSION = re.compile(r"(?:\(PostgreSQL\)|Distrib|from|mydumper v?|myloader v?|\bVer) ?\s*(\d+(?:\.\d+)*)")
_MARIADB_VERSION = re.compile(r"(\d+\.\d+\.\d+)-MariaDB")
_OF_EITHER = ("mydumper", "myloader")
_WRAPPER = "pg_wrapper"  # Debian's, which chooses among versions by settings we do not see
_OPTIONS = ("--character-sets-dir=", "--plugin-dir=")


@dataclass(frozen=True)
class ClientProgram:
    """A client program. ``command`` starts it (a loader's prefix and the program); ``options`` name its own folders.

    ``options`` come after others that must be first (``--defaults-file``). ``version`` is empty where it does not tell.
    """

    name: str
    flavor: str
    version: tuple[int, ...]
    command: tuple[str, ...]
    origin: str
    options: tuple[str, ...] = ()

    @property
    def version_text(self) -> str:
        """The version as people write it."""
        return ".".join(map(str, self.version))


def find_clients(names: Sequence[str], flavor: str, *, near_port: int = 0) -> tuple[ClientProgram, ...]:
    """Return the programs of these names for a flavor; in each kind of place in the order of the names.

    The places, in order: files and folders of ``LOCKGATE_CLIENT_BIN``; beside the server that listens on ``near_port``
    and other servers on this machine, fetched ones too; the ``PATH`` and the usual folders; clients that were fetched.
    """
    found: dict[tuple[str, ...], ClientProgram] = {}
    for command, options, origin in _candidates(names, flavor, near_port):
        name = next(name for name in names if os.path.basename(command[-1]) == name)
        program = _ask(name, command, options, origin)
        if program is not None and (program.flavor == flavor or name in _OF_EITHER):
            found.setdefault(program.command, program)
    return tuple(found.values())


def choose_client(found: Iterable[ClientProgram], at_least: tuple[int, ...]) -> ClientProgram | None:
    """Return the oldest program that is new enough, compared as far as ``at_least`` goes; the first among equals.

    What ``LOCKGATE_CLIENT_BIN`` names goes before all else.
    """
    enough = [program for program in found if program.version[: len(at_least)] >= at_least]
    enough = [program for program in enough if program.origin.startswith(ENV_NAME)] or enough
    return min(enough, key=lambda program: program.version[: len(at_least)]) if enough else None


def beside(program: ClientProgram, name: str) -> ClientProgram | None:
    """Return another program of the same folder, started the same way and of the same version; None without one."""
    path = os.path.join(os.path.dirname(program.command[-1]), name)
    if not os.access(path, os.X_OK):
        return None
    return ClientProgram(
        name, program.flavor, program.version, (*program.command[:-1], path), program.origin, program.options
    )


def _candidates(
    names: Sequence[str], flavor: str, near_port: int
) -> Iterator[tuple[tuple[str, ...], tuple[str, ...], str]]:
    given = [path for path in os.environ.get(ENV_NAME, "").split(os.pathsep) if path]
    for path in _files(given, names):
        yield (path,), (), ENV_NAME
    for binary in find_binaries(flavor, FLAVORS[flavor].programs, near_port=near_port):
        at = binary.command.index(str(binary.program))
        options = tuple(word for word in binary.command[at + 1 :] if word.startswith(_OPTIONS))
        for path in _files(_folders_of(binary), names):
            yield (*binary.command[:at], path), options, binary.origin
    for path in _files(usual_places(), names):
        yield (path,), (), "on this machine"
    for place in sorted(glob.glob(f"{cache_dir()}/clients/*")):
        prefix, folder = _read_description(place)
        for path in _files([folder] if folder else [], names):
            yield (*prefix, path), (), "fetched"


def _read_description(place: str) -> tuple[tuple[str, ...], str]:
    """Read what tells how unpacked programs are started: what stands before them, and their folder."""
    try:
        data = json.loads(Path(place, CLIENT_DESCRIPTION).read_text())
        prefix = tuple(str(part).replace("{root}", place) for part in data["prefix"])
        return prefix, str(data["folder"]).replace("{root}", place)
    except (OSError, ValueError, KeyError, TypeError):
        return (), ""


def _folders_of(binary: ServerBinary) -> list[str]:
    folder = os.path.dirname(binary.program)
    return [folder, os.path.normpath(os.path.join(folder, "..", "bin"))]


def _files(places: Iterable[str], names: Sequence[str]) -> Iterator[str]:
    for place in places:
        paths = [place] if os.path.isfile(place) else [os.path.join(place, name) for name in names]
        for path in paths:
            if os.path.basename(path) in names and _is_program(path):
                yield path


def _is_program(path: str) -> bool:
    is_there = os.path.isfile(path) and os.access(path, os.X_OK)
    return is_there and os.path.basename(os.path.realpath(path)) != _WRAPPER


def _ask(name: str, command: tuple[str, ...], options: tuple[str, ...], origin: str) -> ClientProgram | None:
    text = program_output(command, command[-1])
    mariadb = _MARIADB_VERSION.search(text)
    match = mariadb or _VERSION.search(text)
    if match is None:
        return None
    if "(PostgreSQL)" in text:
        flavor = "postgres"
    else:
        flavor = (
            "mariadb" if mariadb or "mariadb" in text.lower() or "mariadb" in os.path.realpath(command[-1]) else "mysql"
        )
    version = tuple(int(part) for part in match[1].split("."))
    return ClientProgram(name, flavor, version, command, f"{origin}: {command[-1]}", options)
