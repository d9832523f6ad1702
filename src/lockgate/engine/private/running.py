"""Looks up which program listens on a local port, from the kernel's process table (Linux only)."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

_PROC = Path("/proc")
_LISTEN = "0A"
_FOLDER_OPTIONS = (
    "--no-defaults",
    "--basedir=",
    "--lc-messages-dir=",
    "--lc_messages_dir=",
    "--character-sets-dir=",
    "--character_sets_dir=",
    "--plugin-dir=",
    "--plugin_dir=",
)


def command_of_listener(port: int, is_program: Callable[[str], bool]) -> tuple[str, ...]:
    """Return what starts the program that listens on a port; empty when it cannot be seen or is in a container.

    A server behind a private loader keeps the loader's prefix; options that name the program's own folders are kept
    and all others (data, ports, passwords) left out.
    """
    inodes = _listening_inodes(port)
    if not inodes:
        return ()
    for entry in sorted(_PROC.glob("[0-9]*"), key=lambda path: int(path.name)):
        if _holds_socket(entry, inodes) and _shares_our_files(entry):
            command = _command(entry, is_program)
            if command:
                return command
    return ()


def _listening_inodes(port: int) -> frozenset[str]:
    inodes = set()
    for table in ("net/tcp", "net/tcp6"):
        try:
            lines = (_PROC / table).read_text().splitlines()[1:]
        except OSError:
            continue
        for fields in map(str.split, lines):
            if fields[3] == _LISTEN and int(fields[1].rsplit(":", 1)[1], 16) == port:
                inodes.add(f"socket:[{fields[9]}]")
    return frozenset(inodes)


def _holds_socket(process: Path, inodes: frozenset[str]) -> bool:
    try:
        return any(os.readlink(file) in inodes for file in (process / "fd").iterdir())
    except OSError:
        return False


def _shares_our_files(process: Path) -> bool:
    try:
        return os.readlink(process / "ns/mnt") == os.readlink(_PROC / "self/ns/mnt")
    except OSError:
        return False


def _command(process: Path, is_program: Callable[[str], bool]) -> tuple[str, ...]:
    try:
        executable = os.readlink(process / "exe")
        words = (process / "cmdline").read_bytes().decode(errors="replace").split("\0")
    except OSError:
        return ()
    if is_program(executable):
        prefix: tuple[str, ...] = (executable,)
        rest = words[1:]
    else:
        at = next((index for index, word in enumerate(words) if is_program(word)), None)
        if at is None:
            return ()
        prefix = (executable, *words[1 : at + 1])
        rest = words[at + 1 :]
    if not all(_is_trusted(word) for word in prefix if word.startswith("/") and ":" not in word):
        return ()
    return (*prefix, *(word for word in rest if word.startswith(_FOLDER_OPTIONS)))


def _is_trusted(path: str) -> bool:
    """Tell whether a file is there and only we or root could have put it there: it is going to be run as us."""
    try:
        found = os.stat(path)
    except OSError:
        return False
    return found.st_uid in (0, os.geteuid()) and not found.st_mode & 0o002
