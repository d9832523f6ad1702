"""Run one step in one direction, journal first; no policy."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from lockgate.engine.base import Blocker
from lockgate.errors import ConnectionLost, FailedError, LockgateError, LockTimeout
from lockgate.execute.chunks import run_chunked
from lockgate.execute.execution import Execution, invalid_indexes
from lockgate.execute.programs import run_program
from lockgate.execute.retry import Patience, Stall, is_retryable, run_with_patience
from lockgate.execute.script import CallKind, Unit, build_units, is_atomic, is_forward, settings_before, statements_of
from lockgate.model.op import Parked
from lockgate.model.plan import Step
from lockgate.model.run import Debt, DebtState, Direction, EventType, ParkState
from lockgate.store import debts, parked
from lockgate.store.progress import forget_progress

_BACK = 4


def run_step(
    execution: Execution,
    step: Step,
    number: int,
    stage: int,
    direction: Direction,
    *,
    first: int = 0,
    soft: tuple[int, ...] = (),
) -> None:
    """Run the statements of a step from statement ``first`` on, and journal it as done (or undone).

    Args:
        number: The step's number within the plan, from 0.
        first: Where to go on in a step that was left half-way.
        soft: The backward pre-checks of the step for which a stand-in is put, or lifted on the way forth.

    Raises:
        LockgateError: A statement failed. What the journal then leaves open is settled by looking at the database.
    """
    fields = {"stage": stage, "step": number, "step_id": step.id, "direction": direction, "soft": soft}
    statements = statements_of(step, direction, soft)
    _forget_other_way(execution, step, number, direction)
    title = step.title if is_forward(direction) else f"undo: {step.title}"
    execution.journal(EventType.STEP_STARTED, message=title, statement=first, **fields)
    started = execution.patience.timer()
    for setting in settings_before(statements, first):
        execution.session.execute(setting)
    units = build_units(statements, execution.engine.state, execution.patience, first)
    execution.session.tag = _tag(execution, step)
    stall = Stall(_stall_budget(execution, direction))
    try:
        for unit in units:
            _run_unit(execution, unit, step, fields, stall)
    finally:
        execution.session.tag = ""
    if not (units and units[-1].is_whole_step):
        _write_end(execution, step, fields, is_part=first > 0)
    kind = _end_kind(direction)
    execution.tell(kind, message=title, duration_s=execution.patience.timer() - started, **fields)


def _tag(execution: Execution, step: Step) -> str:
    """Return the comment that stands before all that is sent for a step, by which an orphan is found."""
    run = execution.run.id if execution.run is not None else "run"
    return f"/* lockgate:{run}:{re.sub(r'[^A-Za-z0-9_.-]', '_', step.id)} */ "


def _stall_budget(execution: Execution, direction: Direction) -> float:
    """Return how long a step's attempts may hold others up; a way back may do so for longer, for it should not fail."""
    return execution.patience.stall_budget_s * (1 if is_forward(direction) else _BACK)


def _patience(execution: Execution, fields: dict[str, object]) -> Patience:
    direction = fields["direction"]
    assert isinstance(direction, Direction)
    if is_forward(direction):
        return execution.patience
    return replace(execution.patience, budget_s=execution.patience.budget_s * _BACK)


def _forget_other_way(execution: Execution, step: Step, number: int, direction: Direction) -> None:
    """Forget how far chunked statements of another way came, so that they begin anew when this one is gone again."""
    ways = (step.statements, step.backward, step.revert or (), step.redo or ())
    if execution.run is not None and any(statement.chunked is not None for way in ways for statement in way):
        forget_progress(execution.store, execution.run.id, number, direction.value)


def _end_kind(direction: Direction) -> EventType:
    return EventType.STEP_DONE if is_forward(direction) else EventType.STEP_UNDONE


def _run_unit(execution: Execution, unit: Unit, step: Step, fields: dict[str, object], stall: Stall) -> None:
    if not unit.is_whole_step:
        execution.journal(EventType.STATEMENT_INTENT, **{**fields, "statement": unit.numbers[0]})
    table, tries = execution.tables.get(step.table), itertools.count()

    def find_blockers() -> tuple[Blocker, ...]:
        return execution.session.blockers(table)

    def tell_wait(seconds: float, attempts: int, blockers: Sequence[Blocker]) -> None:
        _tell_wait(execution, seconds, attempts, blockers, fields)
        if execution.patience.kill_idle_s is not None:
            _end_idle(execution, find_blockers(), execution.patience.kill_idle_s, fields)

    try:
        run_with_patience(
            lambda: _attempt(execution, unit, step, fields, next(tries)),
            _patience(execution, fields),
            find_blockers,
            tell_wait,
            lambda: execution.interrupts.is_requested,
            stall if unit.is_queued else None,
        )
    except ConnectionLost:
        raise
    except LockgateError:
        if not unit.is_whole_step and is_without_effect(execution, unit):
            execution.journal(EventType.STATEMENT_FAILED, **{**fields, "statement": unit.numbers[0]})
        raise


def is_without_effect(execution: Execution, unit: Unit) -> bool:
    """Tell whether a refused unit surely left nothing behind.

    A statement that a transactional engine runs outside of a transaction may leave something unfinished (PostgreSQL
    manual, CREATE INDEX, "Building Indexes Concurrently": an invalid index), and a chunked one the ranges that it did;
    elsewhere a refused statement is atomic.
    """
    if any(call.chunked is not None or call.program is not None for call in unit.calls):
        return False  # the ranges before the error are done; a program may have failed after its work
    if unit.is_transaction or not execution.engine.state.is_ddl_transactional:
        return True
    return invalid_indexes(execution.inspect()) <= execution.invalid_indexes


def _attempt(execution: Execution, unit: Unit, step: Step, fields: dict[str, object], attempt: int) -> None:
    sent: list[str] = []
    locks = execution.engine.state.locks
    began = -1.0
    try:
        for call in unit.calls:
            match call.kind:
                case CallKind.LIMITS:
                    lock_ms = unit.lock_ms(call, locks, attempt)
                    execution.session.set_limits(lock_ms, call.statement_timeout_ms)
                case CallKind.BEGIN:
                    execution.session.begin()
                    began = execution.patience.timer()
                case CallKind.EXECUTE if call.chunked is not None:
                    run_chunked(execution, call.sql, call.chunked, {**fields, "statement": call.number})
                case CallKind.EXECUTE if call.program is not None:
                    run_program(execution, call.sql, call.program, {**fields, "statement": call.number})
                case CallKind.EXECUTE:
                    _send(execution, call.sql, call.number, fields)
                case CallKind.JOURNAL:
                    _write_unit(execution, unit, step, fields)
                case CallKind.COMMIT:
                    execution.tell(EventType.COMMITTING, **fields)
                    execution.session.commit()
            sent.append(call.render())
    except LockgateError as error:
        execution.roll_back_quietly()
        if isinstance(error, LockTimeout) and began >= 0 and len(unit.numbers) > 1:
            # What was locked before it was held all the while.
            error.waited_ms = max(error.waited_ms, int((execution.patience.timer() - began) * 1000))
        is_resumable = any(call.chunked is not None for call in unit.calls)
        if is_retryable(error) and not is_resumable and not is_without_effect(execution, unit):
            raise _unfinished(error) from None
        raise
    execution.sent.extend(line for line in sent if line)


def _send(execution: Execution, sql: str, number: int, fields: dict[str, object]) -> None:
    execution.tell(EventType.STATEMENT_STARTED, sql=sql, **{**fields, "statement": number})
    started = execution.patience.timer()
    execution.session.execute(sql)
    seconds = execution.patience.timer() - started
    _tell_notes(execution, fields)
    execution.tell(EventType.STATEMENT_FINISHED, sql=sql, duration_s=seconds, **{**fields, "statement": number})


def _write_unit(execution: Execution, unit: Unit, step: Step, fields: dict[str, object]) -> None:
    if unit.is_whole_step:
        _write_end(execution, step, fields)
    else:
        execution.write(EventType.STATEMENT_DONE, **{**fields, "statement": unit.numbers[-1]})


def _write_end(execution: Execution, step: Step, fields: dict[str, object], *, is_part: bool = False) -> None:
    """Journal what is parked and that the step is done (or undone)."""
    direction = fields["direction"]
    assert isinstance(direction, Direction) and execution.run is not None
    record_parks(execution, step, direction, is_part=is_part)
    record_debts(execution, step, fields)
    execution.write(_end_kind(direction), message=step.title, **fields)


def record_parks(execution: Execution, step: Step, direction: Direction, *, is_part: bool = False) -> None:
    """Write what a step parked in this direction, and that what it parked in the other one is back.

    Args:
        is_part: Only some of the statements ran, so that only what is really there is recorded.
    """
    assert execution.run is not None
    run_id, store = execution.run.id, execution.store
    side = Direction.FORWARD if is_forward(direction) else Direction.BACKWARD
    other = Direction.BACKWARD if is_forward(direction) else Direction.FORWARD
    if step.parks if other is Direction.FORWARD else step.backward_parks:
        parked.mark_step(store, run_id, step.id, other, ParkState.RESTORED)
    for entry in parked.build_entries(run_id, step.id, side, parks_of(step, direction), execution.timestamp()):
        if not is_part or execution.is_there(entry.name):
            parked.write_entry(store, entry)


def record_debts(execution: Execution, step: Step, fields: dict[str, Any]) -> None:
    """Write what is owed after a step was undone with stand-ins, or that it is owed no more after it was done again."""
    assert execution.run is not None
    run_id, number = execution.run.id, fields["step"]
    for check in fields.get("soft", ()):
        name = f"{run_id}/{step.id}/{check:03d}"
        if is_forward(fields["direction"]):
            debts.mark_debt(execution.store, name, DebtState.LIFTED)
            continue
        precheck = step.backward_prechecks[check]
        assert precheck.soft is not None
        debt = Debt(
            id=name,
            run=run_id,
            step=number,
            step_id=step.id,
            check=check,
            message=precheck.soft.message or precheck.message,
            soft=precheck.soft,
            rows_found=-1,
            owed_since=execution.timestamp(),
        )
        debts.write_debt(execution.store, debt)


def parks_of(step: Step, direction: Direction) -> tuple[Parked, ...]:
    """Return what stays parked when a step's statements of one direction are done.

    The way back of a step left half-way keeps nothing where the one of a step that was done has statements of its own.
    """
    if is_forward(direction):
        return step.parks
    return () if direction is Direction.BACKWARD and step.revert is not None else step.backward_parks


def _unfinished(error: LockgateError) -> LockgateError:
    """Return an error that is not tried again: the statement left something that must be cleared first."""
    return FailedError(error.what, where=error.where, cause=error.cause)


def _tell_notes(execution: Execution, fields: dict[str, object]) -> None:
    for note in execution.session.take_notes():
        execution.tell(EventType.NOTE, message=note, **fields)


def _end_idle(execution: Execution, blockers: Sequence[Blocker], kill_idle_s: float, fields: dict[str, object]) -> None:
    """End the sessions that surely hold what we wait for and have been idle in their transaction for too long."""
    for blocker in blockers:
        if blocker.is_sure and blocker.session_id and blocker.idle_s >= kill_idle_s:
            is_ended = execution.session.end_session(blocker.session_id)
            verb = "ended" if is_ended else "was not allowed to end"
            execution.tell(
                EventType.NOTE, message=f"{verb} a session that held the lock: {blocker.description}", **fields
            )


def _tell_wait(
    execution: Execution, seconds: float, attempts: int, blockers: Sequence[Blocker], fields: dict[str, object]
) -> None:
    _tell_notes(execution, fields)
    who = "; ".join(blocker.description for blocker in blockers) or "a session that is not visible to this user"
    execution.tell(
        EventType.WAITING,
        message=f"waiting {seconds:.1f} s for a lock held by {who} (attempt {attempts})",
        wait_s=seconds,
        **fields,
    )


def step_is_atomic(execution: Execution, step: Step, direction: Direction, soft: tuple[int, ...] = ()) -> bool:
    """Tell whether a step in this direction leaves either all or nothing."""
    return is_atomic(statements_of(step, direction, soft), execution.engine.state)
