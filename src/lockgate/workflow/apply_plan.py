"""Apply a plan to a live database, stage by stage, and lead it back when anything fails."""

from __future__ import annotations

from lockgate.engine.base import Engine
from lockgate.model.plan import Plan
from lockgate.model.run import Observer, RunResult
from lockgate.model.target import Target
from lockgate.workflow.options import ApplyOptions, NewId, Now, ignore_event, random_id, utc_now


def apply_plan(
    engine: Engine,
    target: Target,
    plan: Plan,
    options: ApplyOptions | None = None,
    observer: Observer = ignore_event,
    *,
    now: Now = utc_now,
    new_id: NewId = random_id,
) -> RunResult:
    """Apply a plan: lease, checks, then per stage checkpoint, steps and verification; or print it (dry run).

    Ctrl-C once winds down at the end of the running transaction and rolls back; twice cancels the running statement.

    Raises:
        InputError: The plan is for another engine, flavor or database, or the stage is not in it.
        LeaseHeld: Another runner holds the target.
        StalePlan: The live schema is not what the plan was made for, or the plan was applied already.
        PrecheckFailed: Rows stand in the way.
        FailedError: A step failed; everything is as before (``state`` names the checkpoint).
        InDoubtError: It failed and the way back failed too; ``state`` lists what is where.
        Interrupted: Wound down on request; ``state`` says where things stand.
    """
    raise NotImplementedError
