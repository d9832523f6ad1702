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
    CopyState,
    Progress,
    begin_progress,
    load_progress,
    progress_id,
    save_progress,
    write_copy_state,
)

_LOCK_TIMEOUT_MS = 200
_BUSY_PAUSE_S, _LONGEST_PAUSE_S = 0.005, 0.25
_MOST_BUSY_S = 120.0
_LONGEST_REST_S = 2.0
_TELL_EVERY_S = 1.0
_REPAIRS = 5
_SPLIT_AFTER = 4
_GROWTH, _MOST_ROWS = 4, 10_000_000


def run_chunked(execution: Execution, sql: str, chunked: Chunked, fields: dict[str, Any]) -> int:
    """Run a chunked statement from its watermark on, and return how many ranges were done.

    Raises:
        FailedError: COMPARE found rows that differ and cannot be made equal.
        Interrupted: A stop was asked for between two ranges, or that the copy be abandoned.
        LockgateError: A statement failed; the ranges before it are done and recorded.
    """
    return _Copy(execution, sql, chunked, fields).run()


class _Busy(Exception):
    """Rows of a range are held by others; a smaller range may be had."""


@dataclass
class _Copy:
    execution: Execution
    sql: str
    chunked: Chunked
    fields: dict[str, Any]
    name: str = ""
    total: int = -1
    told_at: float = 0.0
    began_at: float = 0.0
    began_with: int = 0
    busy_since: float = -1.0
    rows: int = 0
    worked: float = 0.0
    held: float = 0.0
    throttle: Throttle = field(init=False)

    def __post_init__(self) -> None:
        self.throttle = Throttle(self.execution, self.fields, self._note_state, self._probe)

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
        self.total = self._estimate()
        execution.session.set_limits(_LOCK_TIMEOUT_MS, 0)
        execution.tell(EventType.STATEMENT_STARTED, sql=self.sql, **self.fields)
        self.began_at, self.began_with = execution.patience.timer(), progress.rows
        try:
            count = self._walk(progress)
        finally:
            self.throttle.close()
        seconds = execution.patience.timer() - self.began_at
        execution.tell(EventType.STATEMENT_FINISHED, sql=self.sql, duration_s=seconds, **self.fields)
        return count

    def _estimate(self) -> int:
        sizes = self.execution.engine.table_sizes(self.execution.session, self.execution.server)
        size = sizes.get(self.chunked.table)
        return size.rows if size is not None else -1

    def _walk(self, progress: Progress) -> int:
        pace = self.execution.patience.pace
        if self.execution.engine.state.has_one_writer:
            pace = pace.for_one_writer()
        size, count = pace.first_rows, 0
        while not progress.is_done:
            self.throttle.wait()
            until, size = self._find_end(progress.watermark, size)
            # The last range has no end, and its number of rows is not known.
            done = Progress(until or progress.watermark, progress.rows + (size if until else 0), not until)
            try:
                self._do_range(progress.watermark, until, done)
            except _Busy:
                size = max(size // 2, 1)
                continue
            progress, count, self.busy_since = done, count + 1, -1.0
            self._tell(progress)
            size = pace.next_rows(size, self.worked)
            self._rest(pace.pause_s(self.held))
        return count

    def _rest(self, seconds: float) -> None:
        seconds = min(seconds, _LONGEST_REST_S)
        while seconds > 0 and not self.execution.interrupts.is_requested:
            self.execution.patience.sleep(min(seconds, 0.2))
            seconds -= 0.2

    def _find_end(self, after: tuple[str, ...], size: int) -> tuple[tuple[str, ...], int]:
        """Return the last key of the next range, empty for the last one, and the range's rows.

        A key whose literal is not read as the very same value could be found again and again: the range is made larger
        until it leads on.
        """
        while True:
            rows = self.execution.session.query(last_key_query(self.chunked, after, size))
            until = tuple(str(value) for value in rows[0]) if rows else ()
            if not until or until != after:
                return until, size
            if size > _MOST_ROWS:
                raise FailedError(
                    f"the copy of {self.chunked.table.name} does not get beyond {', '.join(after)}",
                    cause="the key's values cannot be told apart by their text",
                )
            size *= _GROWTH

    def _do_range(self, after: tuple[str, ...], until: tuple[str, ...], done: Progress) -> None:
        """Do one range; on a row that others hold give way and try again.

        Raises:
            _Busy: A few tries did not help, and a smaller range may.
            LockTimeout: Rows were held for too long; names who holds what.
        """
        patience = self.execution.patience
        for tries in range(1, _SPLIT_AFTER + 1):
            try:
                self._attempt(after, until, done)
                return
            except LockgateError as error:
                if not is_retryable(error):
                    raise
                self._note_busy(error)
            self.throttle.wait()
            patience.sleep(min(_BUSY_PAUSE_S * 2**tries, _LONGEST_PAUSE_S) * (0.5 + patience.jitter() / 2))
        raise _Busy

    def _note_busy(self, error: LockgateError) -> None:
        now = self.execution.patience.timer()
        self.busy_since = now if self.busy_since < 0 else self.busy_since
        waited = now - self.busy_since
        if waited > max(_MOST_BUSY_S, self.execution.patience.budget_s):
            blockers = self.execution.session.blockers(self.chunked.table)
            raise LockTimeout(
                f"rows of {self.chunked.table.name} were held by others for {waited:.0f} s",
                where=error.where,
                waited_ms=int(waited * 1000),
                blockers=tuple(blocker.description for blocker in blockers),
            ) from None

    def _attempt(self, after: tuple[str, ...], until: tuple[str, ...], done: Progress) -> None:
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
                self._save(done)
            worked_at = self.execution.patience.timer()
            self.worked = worked_at - started
            session.commit()
            self.held = self.execution.patience.timer() - started
        except LockgateError:
            self.execution.roll_back_quietly()
            raise
        self.throttle.latency.add(self.execution.patience.timer() - worked_at)
        if differing:
            self._repair(after, until, done, differing)

    def _save(self, done: Progress) -> None:
        """Write the watermark in the transaction of its range, unless another runner has taken the lease."""
        self.execution.check_lease()
        save_progress(self.execution.store, self.name, done, self.execution.timestamp())

    def _probe(self) -> float:
        """Return how long a small write takes."""
        session, timer = self.execution.session, self.execution.patience.timer
        progress = load_progress(self.execution.store, self.name) or Progress()
        started = timer()
        try:
            session.begin(is_chunk=True)
            self._save(progress)
            session.commit()
        except LockgateError as error:
            self.execution.roll_back_quietly()
            if not is_retryable(error):
                raise
        return timer() - started

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
                # In a transaction of its own: the other one may see rows as they were when it began.
                differing = self._compare(after, until)
                if not differing:
                    session.begin(is_chunk=True)
                    self._save(done)
                    session.commit()
                    return
            except LockgateError as error:
                self.execution.roll_back_quietly()
                if not is_retryable(error):
                    raise
                self.execution.patience.sleep(_BUSY_PAUSE_S)
        raise FailedError(
            f"{differing} rows of {self.chunked.table.name} differ from their copy",
            where=bind_range(self.sql, self.chunked, after, until)[:500],
            cause="they were compared range by range before the swap"
            + (", and could not be made equal" if self.chunked.repair else ""),
        )

    def _tell(self, progress: Progress) -> None:
        now = self.execution.patience.timer()
        self.rows = progress.rows
        if now - self.told_at < _TELL_EVERY_S and not progress.is_done:
            return
        self.told_at = now
        verb = "copied" if self.chunked.kind is ChunkKind.WRITE else "compared"
        if progress.is_done:
            text = f"{self.chunked.table.name}: all rows {verb}"
        else:
            text = f"{self.chunked.table.name}: {describe_rows(progress.rows, self._state())} {verb}"
        self._note_state("")
        self.execution.tell(EventType.PROGRESS, message=text, **self.fields)

    def _state(self, held_by: str = "") -> CopyState:
        seconds = self.execution.patience.timer() - self.began_at
        rate = (self.rows - self.began_with) / seconds if seconds > 0 else 0.0
        return CopyState(self.total, round(rate, 1), held_by)

    def _note_state(self, held_by: str) -> None:
        """Write for `lockgate status` how the copy does; it does not matter when that cannot be written now."""
        try:
            write_copy_state(self.execution.store, self._state(held_by))
        except LockgateError as error:
            if not is_retryable(error):
                raise


def describe_rows(rows: int, state: CopyState) -> str:
    """Return ``1200 of about 5000 rows (24 %), 300 rows/s, about 12 s left``, as much of it as is known."""
    if state.total <= 0:
        text = f"about {rows} rows"
    else:
        text = f"{rows} of about {state.total} rows ({min(100 * rows // state.total, 99)} %)"
    if state.rate > 0:
        text += f", {state.rate:.0f} rows/s"
        if state.total > rows:
            text += f", about {(state.total - rows) / state.rate:.0f} s left"
    return text
