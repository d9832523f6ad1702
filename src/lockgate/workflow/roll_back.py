"""Roll a live database back to a checkpoint and prove that it is there, rows included."""

from __future__ import annotations

from lockgate.engine.base import Engine
from lockgate.model.run import Observer, RunResult
from lockgate.model.target import Target
from lockgate.workflow.options import NewId, Now, RollbackOptions, ignore_event, random_id, utc_now


def roll_back(
    engine: Engine,
    target: Target,
    to: str,
    options: RollbackOptions | None = None,
    observer: Observer = ignore_event,
    *,
    now: Now = utc_now,
    new_id: NewId = random_id,
) -> RunResult:
    """Undo every step done after a checkpoint, newest first, across runs.

    ``to`` is a checkpoint's id, ``latest`` (the newest checkpoint with anything done after it) or ``start`` (before the
    newest run that is not rolled back).

    Raises:
        NoWayBack: There is nothing to go back to, or a run on the way was finalized.
        StalePlan: The live schema is not what the last run left.
        LeaseHeld: Another runner holds the target.
        InDoubtError: The rollback failed half-way, or its result could not be proven.
    """
    raise NotImplementedError
