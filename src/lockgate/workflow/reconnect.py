"""After a lost connection: connect again, look what happened, and lead back."""

from __future__ import annotations

from lockgate.engine.base import Engine
from lockgate.errors import ConnectError, ConnectionLost, InDoubtError, LockgateError
from lockgate.model.run import Observer
from lockgate.model.target import Target
from lockgate.workflow.options import ApplyOptions, NewId, Now, RecoverOptions
from lockgate.workflow.recover import recover

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
) -> LockgateError:
    """Undo the run whose connection broke, over a new one, and return the error to end with."""
    choice = RecoverOptions(
        patience=options.patience, exact_count_rows=options.exact_count_rows, scratch=options.scratch
    )
    last: LockgateError = error
    for attempt in range(_TRIES):
        if attempt:
            options.patience.sleep(attempt)
        try:
            result = recover(engine, target, choice, observer, now=now, new_id=new_id)
        except (ConnectError, ConnectionLost) as failure:
            last = failure
            continue
        except LockgateError as failure:
            last = failure
            break
        error.state = result.message
        error.hint = "remove the cause, then apply again"
        return error
    return InDoubtError(
        "the connection broke during a run, and what it did could not be looked up",
        where=error.where,
        cause=f"{error.cause or error.what}; then: {last}",
        state="the journal in the target says how far it came",
        hint="lockgate recover",
    )
