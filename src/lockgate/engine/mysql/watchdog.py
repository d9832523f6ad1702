"""Cancel our own statement when it has waited too long for a metadata lock, for the server counts in whole seconds.

A thread wakes up while a guarded statement runs, looks at its state over a connection of its own, and sends KILL QUERY
for it once it has waited long enough; nobody else's statement is ever touched. A statement that has worked for a while
may wait a little longer, for its work would be lost. Without that connection the server's own limit of a second stands.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable
from typing import Any

import pymysql

from lockgate.engine.base import Blocker

_FIRST_LOOK_S = 0.01
_LOOK_EVERY_S = 0.02
_LOOK_LATER_S = 0.05
_LATER_S = 1.0
_NAMED_S = 0.05
_WORK_SHARE, _MOST_S = 0.05, 0.9
# Source: MySQL 8.4 manual, "General Thread States" and stages of metadata locks; MariaDB has the same texts.
_WAITING = ("waiting for table metadata lock", "waiting for table level lock", "waiting for backup lock",
            "waiting for global read lock", "waiting for schema metadata lock", "waiting for table flush",
            "waiting for trigger metadata lock", "waiting for stored procedure metadata lock",
            "waiting for stored function metadata lock", "waiting for commit lock")  # fmt: skip


class Watchdog:
    """Guards the statements of one connection. ``watch`` and ``release`` are called around each by its own thread."""

    def __init__(
        self, connect: Callable[[], Any], own_id: int, find_blockers: Callable[[Any], tuple[Blocker, ...]]
    ) -> None:
        self._connect, self._own, self._find_blockers = connect, own_id, find_blockers
        self._lock = threading.Condition()
        self._number, self._is_running, self._is_closed = 0, False, False
        self._limit_s = 0.0
        self._thread: threading.Thread | None = None
        self._connection: Any = None
        self._killed_after_s, self._blockers = -1.0, ()  # type: tuple[float, tuple[Blocker, ...]]
        self.problem = ""

    def watch(self, limit_s: float) -> None:
        """Guard the statement that is about to be sent; its wait must not begin before we can look."""
        self._open()
        with self._lock:
            self._number += 1
            self._limit_s, self._is_running = limit_s, True
            self._killed_after_s, self._blockers = -1.0, ()
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, daemon=True)
                self._thread.start()
            self._lock.notify_all()

    def release(self) -> tuple[float, tuple[Blocker, ...]]:
        """End the guard; return how long the statement had waited when it was cancelled (-1: not), and for whom."""
        with self._lock:
            self._is_running = False
            self._lock.notify_all()
            return self._killed_after_s, self._blockers

    def close(self) -> None:
        """End the thread and its connection; never raises."""
        with self._lock:
            self._is_closed, self._is_running = True, False
            self._lock.notify_all()
        if self._thread is not None:
            self._thread.join(timeout=2)

    def _run(self) -> None:
        while True:
            with self._lock:
                while not self._is_running and not self._is_closed:
                    self._lock.wait()
                if self._is_closed:
                    break
                number = self._number
            self._guard(number)
        with contextlib.suppress(pymysql.MySQLError, OSError):
            if self._connection is not None:
                self._connection.close()

    def _guard(self, number: int) -> None:
        """Look at one statement until it is over or cancelled."""
        started, last, waiting_since = time.monotonic(), time.monotonic(), -1.0
        pause = min(_FIRST_LOOK_S, self._limit_s / 2)
        while self._sleep(number, pause):
            try:
                is_waiting = self._is_waiting()
            except (pymysql.MySQLError, OSError, RuntimeError) as error:
                self._give_up(number, error)
                return
            now = time.monotonic()
            if not is_waiting:
                waiting_since = -1.0
            elif waiting_since < 0:
                waiting_since = last  # it began to wait after the last look, at the earliest
                if self._limit_s >= _NAMED_S:  # else there is no time for it; who holds the table is asked afterwards
                    self._note(number, self._find_blockers(self._connection))
                    now = time.monotonic()
            limit_s = max(self._limit_s, min((waiting_since - started) * _WORK_SHARE, _MOST_S))
            if (
                waiting_since >= 0
                and now - waiting_since >= limit_s - 0.002
                and self._kill(number, now - waiting_since)
            ):
                return
            last = now
            pause = _LOOK_EVERY_S if now - started < _LATER_S else _LOOK_LATER_S
            if waiting_since >= 0:
                pause = max(min(pause, waiting_since + limit_s - now), 0.002)

    def _sleep(self, number: int, seconds: float) -> bool:
        """Sleep while the statement runs; tell whether it still does."""
        end = time.monotonic() + seconds
        with self._lock:
            while self._is_running and self._number == number:
                left = end - time.monotonic()
                if left <= 0:
                    return True
                self._lock.wait(left)
        return False

    def _open(self) -> None:
        """Open the connection when there is none; the thread tries again, and says so, when that fails."""
        if self._connection is None:
            with contextlib.suppress(pymysql.MySQLError, OSError, RuntimeError):
                self._connection = self._connect()

    def _is_waiting(self) -> bool:
        if self._connection is None:
            self._connection = self._connect()
        with self._connection.cursor() as cursor:
            cursor.execute("SELECT STATE FROM information_schema.PROCESSLIST WHERE ID = %s", (self._own,))
            row = cursor.fetchone()
        return row is not None and str(row[0] or "").lower().startswith(_WAITING)

    def _note(self, number: int, blockers: tuple[Blocker, ...]) -> None:
        with self._lock:
            if self._number == number:
                self._blockers = blockers

    def _kill(self, number: int, waited_s: float) -> bool:
        """Cancel the statement, unless it is over: the lock keeps the next one from being sent meanwhile."""
        with self._lock:
            if not self._is_running or self._number != number:
                return True
            try:
                with self._connection.cursor() as cursor:
                    cursor.execute(f"KILL QUERY {self._own}")
            except (pymysql.MySQLError, OSError):
                return False
            self._killed_after_s = waited_s
        return True

    def _give_up(self, number: int, error: Exception) -> None:
        """Leave this statement to the server's own limit; the next one is tried with a new connection."""
        self.problem = str(error)
        with contextlib.suppress(pymysql.MySQLError, OSError):
            if self._connection is not None:
                self._connection.close()
        self._connection = None
        with self._lock:
            while self._is_running and self._number == number:
                self._lock.wait()
