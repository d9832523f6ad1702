"""The processes that come from this one, orphans too: what a killed command left behind, and whom to kill."""

from __future__ import annotations

import ctypes
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_SUBREAPER = 36  # PR_SET_CHILD_SUBREAPER, prctl(2)
STARTED: set[int] = set()
"""Processes that somebody here started and waits for."""
SERVERS: set[int] = set()
"""Servers of ours that were started anew."""


@dataclass(frozen=True)
class Process:
    """A running process: its id, its parent's, its program's name and whole command."""

    pid: int
    parent: int
    name: str
    command: str


def adopt_orphans(is_on: bool = True) -> None:
    """Make this process the parent of all orphans among its descendants, so that none gets out of sight; or no more."""
    ctypes.CDLL(None).prctl(_SUBREAPER, int(is_on), 0, 0, 0)


def descendants(root: int = 0, without: frozenset[int] = frozenset()) -> dict[int, Process]:
    """Return everything that runs below a process (this one), without what is dead and waits to be collected.

    Processes of ``without``, and all below them, are left out.
    """
    children: dict[int, list[Process]] = {}
    for process in _all():
        children.setdefault(process.parent, []).append(process)
    found: dict[int, Process] = {}
    waiting = [root or os.getpid()]
    while waiting:
        for process in children.get(waiting.pop(), ()):
            if process.pid in without:
                continue
            found[process.pid] = process
            waiting.append(process.pid)
    return found


class Brood:
    """What ran before a command; afterwards `left` tells what of it is still there."""

    def __init__(self) -> None:
        self._before = set(descendants())

    def left(self, within_s: float = 15.0) -> list[str]:
        """Wait until nothing new runs; return what still does after that time, and end it."""
        end = time.monotonic() + within_s
        while True:
            _collect(self._before)
            # A server that was there before, or is started anew by us, has processes of its own that come and go.
            new = list(descendants(without=frozenset(self._before | SERVERS)).values())
            if not new or time.monotonic() > end:
                break
            time.sleep(0.05)
        for process in new:
            _kill(process.pid)
        return [f"{process.name} ({process.command[:120]})" for process in new]


def kill(process: Process, number: int) -> bool:
    """Send a signal to a process seen before; tell whether it was still there."""
    try:
        os.kill(process.pid, number)
    except ProcessLookupError:
        return False
    return True


def _kill(pid: int) -> None:
    try:
        os.kill(pid, 9)
    except ProcessLookupError:
        pass


def _collect(before: set[int]) -> None:
    """Collect orphans that ended; what was started here, by a name this module knows, is waited for by its starter."""
    for process in _all(is_dead=True):
        if process.parent == os.getpid() and process.pid not in before | STARTED:
            try:
                os.waitpid(process.pid, os.WNOHANG)
            except ChildProcessError:
                pass


def _all(is_dead: bool = False) -> Iterator[Process]:
    for entry in os.scandir("/proc"):
        if not entry.name.isdigit():
            continue
        try:
            text = Path(entry.path, "stat").read_text(errors="replace")
            name = text[text.index("(") + 1 : text.rindex(")")]
            state, parent = text[text.rindex(")") + 2 :].split()[:2]
            command = Path(entry.path, "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
        except (OSError, ValueError):
            continue
        if (state in "ZX") == is_dead:
            yield Process(int(entry.name), int(parent), name, command)
