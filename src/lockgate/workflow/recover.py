"""After a crash: find out by looking at the database what happened, then undo or finish."""

from __future__ import annotations

from lockgate.engine.base import Engine
from lockgate.model.run import Observer, RunResult
from lockgate.model.target import Target
from lockgate.workflow.options import NewId, Now, RecoverOptions, ignore_event, random_id, utc_now


def recover(
    engine: Engine,
    target: Target,
    options: RecoverOptions | None = None,
    observer: Observer = ignore_event,
    *,
    now: Now = utc_now,
    new_id: NewId = random_id,
) -> RunResult:
    """Undo (default) or finish the unfinished run; nothing when there is none.

    Raises:
        LeaseHeld: The run is still alive, or its orphaned statement did not end in time.
        InDoubtError: The live schema is neither as before nor as after the statement in doubt; both differences are
            in ``cause``.
    """
    raise NotImplementedError
