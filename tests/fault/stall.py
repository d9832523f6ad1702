"""How long others wait while a change waits for its lock: a long transaction, paced writers, one ALTER."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from lockgate.engine import load_engine
from lockgate.errors import LockgateError
from lockgate.model.target import parse_target

_SETUP = (
    "CREATE TABLE busy (id INTEGER NOT NULL PRIMARY KEY, n INTEGER)",
    "INSERT INTO busy VALUES " + ", ".join(f"({number}, 0)" for number in range(1, 201)),
)


@dataclass
class Recorder:
    """Writers on a table; the longest time between when a write was due and when it was done."""

    url: str
    errors: list[str] = field(default_factory=list)
    longest_s: float = 0.0
    writes: int = 0
    _end: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)

    def begin(self, writers: int = 2, per_s: float = 50.0) -> None:
        """Start the writers."""
        for number in range(writers):
            thread = threading.Thread(target=self._write, args=(number, per_s), daemon=True)
            thread.start()
            self._threads.append(thread)

    def end(self) -> None:
        """Stop the writers and wait for them."""
        self._end.set()
        for thread in self._threads:
            thread.join(timeout=30)

    def _write(self, number: int, per_s: float) -> None:
        target = parse_target(self.url)
        session = load_engine(target.engine).connect(target, is_read_only=False)
        due = time.monotonic()
        try:
            while not self._end.is_set():
                time.sleep(max(due - time.monotonic(), 0))
                row = 10 + (self.writes * 7 + number) % 190
                try:
                    session.execute(f"UPDATE busy SET n = n + 1 WHERE id = {row}")
                    self.writes += 1
                except LockgateError as error:
                    self.errors.append(str(error))
                self.longest_s = max(self.longest_s, time.monotonic() - due)
                due = max(due + 1 / per_s, time.monotonic() - 0.5)
        finally:
            session.close()


def prepare(url: str) -> None:
    """Make the table."""
    target = parse_target(url)
    session = load_engine(target.engine).connect(target, is_read_only=False)
    for statement in _SETUP:
        session.execute(statement)
    session.close()


def measure_stall(
    url: str, held_s: float, change: Callable[[Callable[[], None]], None], waits: threading.Event
) -> tuple[float, Recorder]:
    """Return how long the change took behind a transaction that is open for ``held_s``, and what the writers saw.

    ``change`` is given a function that it calls right before it needs the lock: the transaction begins then. It does
    not end before the change was seen to wait (``waits``).
    """
    target = parse_target(url)
    holder = load_engine(target.engine).connect(target, is_read_only=False)
    recorder = Recorder(url)
    began: list[float] = []

    def let_go() -> None:
        waits.wait(60)
        holder.commit()

    timer = threading.Timer(held_s, let_go)

    def hold() -> None:
        if not began:
            holder.begin()
            holder.execute("UPDATE busy SET n = n + 1 WHERE id = 1")
            timer.start()
            began.append(time.monotonic())
            recorder.longest_s = 0.0

    recorder.begin()
    time.sleep(0.3)
    try:
        change(hold)
    finally:
        seconds = time.monotonic() - began[0]
        time.sleep(0.3)
        recorder.end()
        timer.join()
        holder.close()
    return seconds, recorder
