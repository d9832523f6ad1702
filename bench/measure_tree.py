"""Run a command and take its time and the peak memory of all its processes together, servers left out."""

from __future__ import annotations

import os
import subprocess
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_SERVERS = ("postgres", "mysqld", "mariadbd", "ld-linux")
_PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True)
class Measured:
    """One run: seconds, the highest sum of resident memory seen (bytes, shared pages counted in each process)."""

    seconds: float
    peak_bytes: int
    code: int
    out: str
    err: str


def run_tree(
    command: Sequence[str], env: Mapping[str, str], folder: Path | None = None, every_s: float = 0.05
) -> Measured:
    """Run a command to its end, looking at its processes all the while."""
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        began = time.perf_counter()
        process = subprocess.Popen(
            list(command), stdin=subprocess.DEVNULL, stdout=out, stderr=err, env=dict(env), cwd=folder
        )
        watch = _Watch(process.pid, every_s)
        watch.start()
        code = process.wait()
        seconds = time.perf_counter() - began
        watch.stop.set()
        watch.join()
        out.seek(0)
        err.seek(0)
        return Measured(seconds, watch.peak, code, out.read(), err.read())


class _Watch(threading.Thread):
    def __init__(self, root: int, every_s: float) -> None:
        super().__init__(daemon=True)
        self.root, self.every_s, self.peak = root, every_s, 0
        self.stop = threading.Event()

    def run(self) -> None:
        while not self.stop.wait(self.every_s):
            self.peak = max(self.peak, sum(map(_resident, _tree(self.root))))


def _tree(root: int) -> list[int]:
    """Return a process and what it started, without servers and what they started."""
    found, waiting = [], [root]
    while waiting:
        pid = waiting.pop()
        if pid != root and _name(pid).startswith(_SERVERS):
            continue
        found.append(pid)
        try:
            for task in os.scandir(f"/proc/{pid}/task"):
                waiting += map(int, Path(task.path, "children").read_text().split())
        except OSError:
            continue
    return found


def _name(pid: int) -> str:
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return ""
    names = [os.path.basename(word).decode(errors="replace") for word in words[:4]]
    # A program that a loader starts has its own name among the next words.
    return next((name for name in names if name.startswith(("postgres", "mysqld", "mariadbd"))), names[0])


def _resident(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE
    except (OSError, IndexError):
        return 0
