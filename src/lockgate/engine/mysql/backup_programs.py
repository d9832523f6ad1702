"""Dump programs that have begun their transactions and wait: what they write is taken when the dump begins."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace

from lockgate.engine.client.child import Call, Group, Stopped, run_client
from lockgate.engine.mysql.backup_text import OpenRows, RowSplitter
from lockgate.errors import BackupFailed

_BEGUN = "-- Retrieving table structure"


@dataclass
class RowDump:
    """One program that dumps the rows of some tables, in a thread. It reads its tables only after its snapshot."""

    call: Call
    tables: tuple[str, ...]
    group: Group
    splitter: RowSplitter | None = None
    _begun: threading.Event = field(default_factory=threading.Event)
    _wanted: threading.Event = field(default_factory=threading.Event)
    _end: Future[None] | None = None
    _is_failed: bool = False

    @property
    def error(self) -> BaseException | None:
        """What went wrong, when it has ended."""
        return self._end.exception() if self._end is not None and self._end.done() else None

    def start(self) -> None:
        """Start the program; it stops when its first bytes fill the pipe."""
        pool = ThreadPoolExecutor(max_workers=1)
        self._end = pool.submit(self._run)
        pool.shutdown(wait=False)

    def wait_until_begun(self, deadline: float) -> None:
        """Wait until its transaction has begun.

        Raises:
            BackupFailed: It failed, or did not begin in time.
        """
        if not self._begun.wait(max(0.0, deadline - time.monotonic())):
            raise BackupFailed(
                f"{self.call.name} did not begin in time",
                cause="it connected or began too slowly, while writers wait",
                state="nothing was published; all locks are given back",
                hint="repeat the command when the server is less busy, or raise [backup] lock_timeout",
            )
        if self._is_failed:
            self.join()
        if self.error is not None:
            raise self.error

    def take(self, open_rows: OpenRows) -> None:
        """Let it write."""
        self.splitter = RowSplitter(self.tables, open_rows)
        self._wanted.set()

    def join(self) -> None:
        """Wait for its end."""
        while self._end is not None and not self._end.done():
            wait([self._end], 0.5)

    def close(self) -> None:
        """End it, if it still runs."""
        self.group.stop.set()
        self._wanted.set()
        self.join()

    def write(self, data: bytes | memoryview) -> int:
        """Hand its output on, when it is wanted."""
        self._wanted.wait()
        if self.splitter is None or self.group.stop.is_set():
            raise Stopped(f"{self.call.name} was ended")
        return self.splitter.write(data)

    def _run(self) -> None:
        try:
            run_client(replace(self.call, on_line=self._hear), into=self, group=self.group)
            self._wanted.wait()
            if self.splitter is None:
                raise Stopped(f"{self.call.name} was ended")
            self.splitter.finish()
        except BaseException as error:
            self._is_failed = True
            self.group.stop.set()
            if self.splitter is not None:
                self.splitter.abandon(error)
            raise
        finally:
            self._begun.set()

    def _hear(self, line: str) -> None:
        if line.startswith(_BEGUN):
            self._begun.set()


def first_error(dumps: Sequence[RowDump]) -> BaseException | None:
    """Return what went wrong first; programs that were ended because of another are not asked."""
    errors = [dump.error for dump in dumps if dump.error is not None]
    return next((error for error in errors if not isinstance(error, Stopped)), errors[0] if errors else None)
