"""Run one unit of statements that is no part of a plan's steps: what drops parked things, and what settles debts."""

from __future__ import annotations

from collections.abc import Callable

from lockgate.errors import LockgateError
from lockgate.execute.execution import Execution
from lockgate.execute.retry import run_with_patience
from lockgate.execute.script import CallKind, Unit
from lockgate.model.run import Direction, EventType


def run_unit(execution: Execution, unit: Unit, direction: Direction, journal: Callable[[], None]) -> None:
    """Run a unit's calls, trying again while a lock is not had; ``journal`` is called where its journal row belongs.

    Raises:
        LockgateError: A statement failed; the open transaction was rolled back.
    """
    run_with_patience(
        lambda: _attempt(execution, unit, direction, journal),
        execution.patience,
        lambda: execution.session.blockers(None),
        lambda seconds, attempts, blockers: None,
        lambda: execution.interrupts.is_requested,
    )


def _attempt(execution: Execution, unit: Unit, direction: Direction, journal: Callable[[], None]) -> None:
    session = execution.session
    try:
        for call in unit.calls:
            match call.kind:
                case CallKind.LIMITS:
                    session.set_limits(call.lock_timeout_ms, call.statement_timeout_ms)
                case CallKind.BEGIN:
                    session.begin()
                case CallKind.EXECUTE:
                    execution.tell(EventType.STATEMENT_STARTED, sql=call.sql, direction=direction)
                    session.execute(call.sql)
                case CallKind.JOURNAL:
                    journal()
                case CallKind.COMMIT:
                    session.commit()
    except LockgateError:
        execution.roll_back_quietly()
        raise
    execution.sent.extend(line for call in unit.calls if (line := call.render()))
