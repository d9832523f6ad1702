"""What a fault is and what came of it, and the ways to strike that several faults share."""

from __future__ import annotations

import os
import random
import shutil
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tests.fault.backup_kit.brood import SERVERS as SERVERS_STARTED
from tests.fault.backup_kit.brood import kill
from tests.fault.backup_kit.world import Running, World, tools_below
from tests.fault.kit.program import Done

ALL = ("sqlite", "postgres", "mysql", "mariadb")
FAILED = (2, 4, 6)


@dataclass
class Outcome:
    """What one fault did: the command's exit code, whether the fault came in time, and what did not hold."""

    code: int = 0
    is_struck: bool = True
    wrong: list[str] = field(default_factory=list)
    told: str = ""


@dataclass(frozen=True)
class Fault:
    """A kind of fault. ``weight`` is how often it is chosen beside others; ``needs_server``: one that may be killed."""

    name: str
    verb: str
    run: Callable[[World], Outcome]
    engines: tuple[str, ...] = ALL
    weight: int = 1
    needs_server: bool = False
    is_slow: bool = False


def told_of(done: Done) -> str:
    """Return what went wrong in the command's own words."""
    lines = [line for line in done.err.splitlines() if line.startswith(("error:", "cause:"))]
    return " ".join(" ".join(lines).split())[:300]


def remove(path: Path) -> None:
    """Remove a file or a folder."""
    shutil.rmtree(path) if path.is_dir() else path.unlink()


def moment(world: World, seconds: float) -> float:
    """Return a moment of a command, from the start of Python to a little after its usual end."""
    return world.chance.uniform(0.05, seconds * 1.05)


def strike_tool(running: Running, chance: random.Random, names: tuple[str, ...], longest: float) -> bool:
    """Wait for a program to run, then some more, and kill one of those there are."""
    more, seen_at = chance.uniform(0, longest), 0.0
    while not running.is_over:
        found = tools_below(running.process.pid, names)
        now = time.monotonic()
        if found and not seen_at:
            seen_at = now
        if found and now >= seen_at + more:
            return kill(chance.choice(found), signal.SIGKILL)
        time.sleep(0.002)
    return False


def kill_server(pid: int) -> None:
    """End it as a crash does."""
    os.kill(pid, signal.SIGKILL)


def start_server(world: World) -> None:
    """Start it on its data, when it is gone."""
    time.sleep(0.1)
    world.server.start()
    SERVERS_STARTED.add(world.server.pid)
