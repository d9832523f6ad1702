"""Reads and writes of no rows on one table after another, to see how long others would have been kept waiting."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from lockgate.engine.base import Engine, Session
from lockgate.errors import LockgateError
from lockgate.model.schema import Key
from lockgate.model.target import Target

_PAUSE_S = 0.01
_DISK_EVERY_S = 0.2


@dataclass
class Sight:
    """What was seen since the last `Onlookers.turn_to`: the longest waits in seconds, the first and most bytes."""

    read_s: float = 0.0
    write_s: float = 0.0
    first_bytes: int = 0
    most_bytes: int = 0


@dataclass
class Onlookers:
    """A reader, a writer and a watcher of the disk, each on a session and thread of its own, until the block ends.

    What they run takes the locks that any read or write takes and touches no row.
    """

    engine: Engine
    target: Target
    disk_used: Callable[[Session], int]
    sight: Sight = field(default_factory=Sight)
    _table: str = ""
    _is_over: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)
    _sessions: list[Session] = field(default_factory=list)

    def __enter__(self) -> Onlookers:
        for work in (self._read, self._write, self._watch):
            session = self.engine.connect(self.target, is_read_only=False)
            session.set_limits(0, 0)
            self._sessions.append(session)
            thread = threading.Thread(target=self._loop, args=(work, session), daemon=True)
            self._threads.append(thread)
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        for session, thread in zip(self._sessions, self._threads, strict=True):
            session.cancel()
            thread.join(timeout=5)
            session.close()

    def turn_to(self, table: Key | None) -> None:
        """Look at another table (or none) from now on, and forget what was seen."""
        quote = self.engine.quote
        names = [] if table is None else [part for part in (table.namespace, table.name) if part]
        self.sight = Sight()
        self._table = ".".join(quote(name) for name in names)

    def _loop(self, work: Callable[[Session], float], session: Session) -> None:
        while not self._is_over.is_set():
            try:
                pause = work(session)
            except LockgateError:
                pause = _PAUSE_S  # the table is not there at this moment
            self._is_over.wait(pause)

    def _read(self, session: Session) -> float:
        self._time(session, "SELECT COUNT(*) FROM {} WHERE 1 = 0", "read_s")
        return _PAUSE_S

    def _write(self, session: Session) -> float:
        self._time(session, "DELETE FROM {} WHERE 1 = 0", "write_s")
        return _PAUSE_S

    def _watch(self, session: Session) -> float:
        sight, found = self.sight, self.disk_used(session)
        sight.first_bytes = sight.first_bytes or found
        sight.most_bytes = max(sight.most_bytes, found)
        return _DISK_EVERY_S

    def _time(self, session: Session, sql: str, name: str) -> None:
        table, sight = self._table, self.sight
        if not table:
            return
        started = time.monotonic()
        try:
            session.query(sql.format(table))
        finally:
            setattr(sight, name, max(getattr(sight, name), time.monotonic() - started))
