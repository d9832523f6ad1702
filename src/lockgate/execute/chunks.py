"""Run a chunked statement: one short transaction a range, its watermark in it, and a pause after it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from lockgate.errors import FailedError, LockgateError, LockTimeout
from lockgate.execute.execution import Execution
from lockgate.execute.ranges import bind_range, last_key_query
from lockgate.execute.retry import is_retryable
from lockgate.execute.throttle import Throttle
from lockgate.model.op import Chunked, ChunkKind
from lockgate.model.run import Direction, EventType
from lockgate.store.progress import (
    Progress,
    begin_progress,
    load_progress,
    progress_id,
    save_progress,
)

_LOCK_TIMEOUT_MS = 1000
_BUSY_PAUSE_S = 0.005
_MOST_BUSY_S = 120.0
_TELL_EVERY_S = 1.0
_REPAIRS = 5


def run_chunked(execution: Execution, sql: str, chunked: Chunked, fields: dict[str, Any]) -> int:
    """Run a chunked statement from its watermark on, and return how many ranges were done.

    Raises:
        FailedError: COMPARE found rows that differ and cannot be made equal.
        Interrupted: A stop was asked for between two ranges, or that the copy be abandoned.
        LockgateError: A statement failed; the ranges before it are done and recorded.
    """
    return _Copy(execution, sql, chunked, fields).run()


@dataclass
class _Copy:
    execution: Execution
    sql: str
    chunked: Chunked
    fields: dict[str, Any]
    name: str = ""
    rows: int = 0
    told_at: float = field(default=0.0)
    worked: float = 0.0
    held: float = 0.0

    def run(self) -> int:
        execution = self.execution
        assert execution.run is not None
        direction = self.fields["direction"]
        assert isinstance(direction, Direction)
        self.name = progress_id(execution.run.id, self.fields["step"], direction.value, self.fields["statement"])
        progress = load_progress(execution.store, self.name)
        if progress is None:
            begin_progress(execution.store, self.name, execution.run.id, execution.timestamp())
            progress = Progress()
        execution.session.set_limits(_LOCK_TIMEOUT_MS, 0)
        execution.tell(EventType.STATEMENT_STARTED, sql=self.sql, **self.fields)
        started = execution.patience.timer()
        count = self._walk(progress)
        seconds = execution.patience.timer() - started
        execution.tell(EventType.STATEMENT_FINISHED, sql=self.sql, duration_s=seconds, **self.fields)
        return count

    def _walk(self, progress: Progress) -> int:
        pace = self.execution.patience.pace
        if self.execution.engine.state.has_one_writer:
            pace = pace.for_one_writer()
        throttle = Throttle(self.execution, self.fields)
        size, count = pace.first_rows, 0
        while not progress.is_done:
            throttle.wait()
            until = self._find_end(progress.watermark, size)
            # The last range has no end, and its number of rows is not known.
            done = Progress(until or progress.watermark, progress.rows + (size if until else 0), not until)
            self._do_range(progress.watermark, until, done)
            progress, count = done, count + 1
            self._tell(progress)
            size = pace.next_rows(size, self.worked)
            self.execution.patience.sleep(pace.pause_s(self.held))
        return count

    def _find_end(self, after: tuple[str, ...], size: int) -> tuple[str, ...]:
        rows = self.execution.session.query(last_key_query(self.chunked, after, size))
        return tuple(str(value) for value in rows[0]) if rows else ()

    def _do_range(self, after: tuple[str, ...], until: tuple[str, ...], done: Progress) -> None:
        """Do one range; on a row that others hold give way and try again, for a while."""
        timer, tries = self.execution.patience.timer, 0
        end = timer() + _MOST_BUSY_S
        while True:
            try:
                self._attempt(after, until, done, is_repair=False)
                return
            except LockgateError as error:
                if not is_retryable(error):
                    raise
                if timer() > end:
                    raise _too_busy(error, self.chunked) from None
            tries += 1
            self.execution.interrupts.check()
            self.execution.patience.sleep(min(_BUSY_PAUSE_S * tries, 0.25))

    def _attempt(self, after: tuple[str, ...], until: tuple[str, ...], done: Progress, *, is_repair: bool) -> None:
        session = self.execution.session
        differing = 0
        session.begin(is_chunk=True)
        started = self.execution.patience.timer()  # waiting for others, and their disk, says nothing about the size
        try:
            if self.chunked.kind is ChunkKind.WRITE:
                self._write(self.sql, after, until)
            else:
                differing = self._compare(after, until)
            if not differing:
                save_progress(self.execution.store, self.name, done, self.execution.timestamp())
            self.worked = self.execution.patience.timer() - started
            session.commit()
            self.held = self.execution.patience.timer() - started
        except LockgateError:
            _roll_back(self.execution)
            raise
        if differing:
            self._repair(after, until, done, differing)

    def _write(self, sql: str, after: tuple[str, ...], until: tuple[str, ...]) -> None:
        session = self.execution.session
        for lock in self.chunked.locks:
            session.query(bind_range(lock, self.chunked, after, until))
        session.execute(bind_range(sql, self.chunked, after, until))

    def _compare(self, after: tuple[str, ...], until: tuple[str, ...]) -> int:
        return int(self.execution.session.query(bind_range(self.sql, self.chunked, after, until))[0][0] or 0)

    def _repair(self, after: tuple[str, ...], until: tuple[str, ...], done: Progress, differing: int) -> None:
        """Make a range equal again and compare it once more; a range that will not become equal is an error."""
        session = self.execution.session
        for _ in range(_REPAIRS if self.chunked.repair else 0):
            session.begin(is_chunk=True)
            try:
                for repair in self.chunked.repair:
                    self._write(repair, after, until)
                session.commit()
            except LockgateError as error:
                _roll_back(self.execution)
                if not is_retryable(error):
                    raise
                self.execution.patience.sleep(_BUSY_PAUSE_S)
                continue
            differing = self._compare(after, until)
            if not differing:
                save_progress(self.execution.store, self.name, done, self.execution.timestamp())
                return
        raise FailedError(
            f"{differing} rows of {self.chunked.table.name} differ from their copy",
            where=bind_range(self.sql, self.chunked, after, until)[:500],
            cause="they were compared range by range before the swap"
            + (", and could not be made equal" if self.chunked.repair else ""),
        )

    def _tell(self, progress: Progress) -> None:
        now = self.execution.patience.timer()
        if now - self.told_at >= _TELL_EVERY_S or progress.is_done:
            self.told_at = now
            at = ", ".join(progress.watermark) or "the start"
            verb = "copied" if self.chunked.kind is ChunkKind.WRITE else "compared"
            text = (
                f"{self.chunked.table.name}: all rows {verb}"
                if progress.is_done
                else (f"{self.chunked.table.name}: about {progress.rows} rows {verb}, up to {at}")
            )
            self.execution.tell(EventType.PROGRESS, message=text, **self.fields)


def _roll_back(execution: Execution) -> None:
    try:
        execution.session.rollback()
    except LockgateError:
        pass


def _too_busy(error: LockgateError, chunked: Chunked) -> LockgateError:
    return LockTimeout(
        f"rows of {chunked.table.name} were held by others for {_MOST_BUSY_S:.0f} s",
        where=error.where,
        waited_ms=int(_MOST_BUSY_S * 1000),
        blockers=error.blockers if isinstance(error, LockTimeout) else (),
    )
