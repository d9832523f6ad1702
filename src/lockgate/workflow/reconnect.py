"""After a lost connection: connect again, look what happened, and lead back."""

from __future__ import annotations

from lockgate.engine.base import Engine
from lockgate.errors import ConnectError, ConnectionLost, InDoubtError, LockgateError
from lockgate.model.run import Observer, RunState
from lockgate.model.target import Target
from lockgate.workflow.options import ApplyOptions, NewId, Now, RecoverOptions
from lockgate.workflow.recover import recover
from lockgate.workflow.status import read_status

_TRIES = 5


def recover_after_loss(
    engine: Engine,
    target: Target,
    error: ConnectionLost,
    options: ApplyOptions,
    observer: Observer,
    *,
    now: Now,
    new_id: NewId,
    digest: str = "",
) -> LockgateError:
    """Undo the run whose connection broke, over a new one, and return the error to end with.

    Args:
        digest: The plan's when one was applied: its run may have been completed just before the connection broke.
    """
    choice = RecoverOptions(
        patience=options.patience, exact_count_rows=options.exact_count_rows, scratch=options.scratch
    )
    last: LockgateError = error
    for attempt in range(_TRIES):
        if attempt:
            options.patience.sleep(attempt)
        try:
            result = recover(engine, target, choice, observer, now=now, new_id=new_id)
            completed = _find_completed(engine, target, digest, options.stage) if not result.run else ""
        except (ConnectError, ConnectionLost) as failure:
            last = failure
            continue
        except LockgateError as failure:
            last = failure
            break
        if completed:
            return _too_late(error, completed)
        error.state = result.message
        error.hint = (
            "remove the cause, then make a new plan (what the way back parked took names of this one) and apply it"
        )
        return error
    return InDoubtError(
        "the connection broke during a run, and what it did could not be looked up",
        where=error.where,
        cause=f"{error.cause or error.what}; then: {last}",
        state="the journal in the target says how far it came",
        hint="lockgate recover",
    )


def _find_completed(engine: Engine, target: Target, digest: str, stage: int) -> str:
    """Tell how the newest run stands when it did all that was asked of it (0: all stages); empty otherwise."""
    newest = next(iter(read_status(engine, target).runs), None)
    if newest is None or newest.digest != digest:
        return ""
    is_paused_there = newest.state is RunState.PAUSED and newest.stage == stage
    if newest.state is not RunState.APPLIED and not is_paused_there:
        return ""
    return f"run {newest.id} is {newest.state.value}: stage {newest.stage} is done and verified; nothing was undone"


def _too_late(error: ConnectionLost, completed: str) -> LockgateError:
    """Return the error for a run that was completed although its end could not be seen."""
    return InDoubtError(
        "the connection broke when the run had been completed",
        where=error.where,
        cause=error.cause or error.what,
        state=completed,
        hint="lockgate status",
    )
