"""Really drop what a run parked; after this the run cannot be rolled back."""

from __future__ import annotations

from lockgate.engine.base import Engine
from lockgate.model.run import Observer, RunResult
from lockgate.model.target import Target
from lockgate.workflow.options import FinalizeOptions, NewId, Now, ignore_event, random_id, utc_now


def finalize(
    engine: Engine,
    target: Target,
    run: str,
    options: FinalizeOptions | None = None,
    observer: Observer = ignore_event,
    *,
    now: Now = utc_now,
    new_id: NewId = random_id,
) -> RunResult:
    """Drop the parked objects of a run for good; ``run`` is its id or ``latest`` (the newest that has any).

    Raises:
        RefusedError: The retention is not over and ``is_now`` was not given, or the run is unfinished.
        InputError: There is no such run.
        LeaseHeld: Another runner holds the target.
    """
    raise NotImplementedError
