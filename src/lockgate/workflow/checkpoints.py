"""Create, list and load checkpoints."""

from __future__ import annotations

from contextlib import AbstractContextManager

from lockgate.engine.base import Engine
from lockgate.errors import InputError
from lockgate.execute.checkpoint import take_checkpoint
from lockgate.execute.execution import Execution
from lockgate.execute.opening import open_execution, open_reading
from lockgate.execute.retry import Patience
from lockgate.model.run import Checkpoint, Observer, Run, RunState
from lockgate.model.target import Target
from lockgate.store import checkpoints, runs
from lockgate.workflow.admission import check_finished
from lockgate.workflow.options import EXACT_COUNT_ROWS, NewId, Now, ignore_event, random_id, utc_now


def create_checkpoint(
    engine: Engine,
    target: Target,
    label: str = "",
    observer: Observer = ignore_event,
    *,
    now: Now = utc_now,
    new_id: NewId = random_id,
) -> Checkpoint:
    """Take a checkpoint outside of a run: schema, fingerprint, row counts. Writes our own tables.

    Raises:
        LeaseHeld: A runner is at work.
        RefusedError: An unfinished run must be recovered first.
    """
    patience = Patience()
    with open_execution(engine, target, patience=patience, observer=observer, now=now, new_id=new_id) as execution:
        check_finished(execution)
        newest = next((run for run in runs.list_runs(execution.store) if is_standing(execution, run)), None)
        return take_checkpoint(
            execution, newest.stage if newest else 0, exact_count_rows=EXACT_COUNT_ROWS, label=label, after=newest
        )


def list_checkpoints(engine: Engine, target: Target) -> tuple[Checkpoint, ...]:
    """Return all checkpoints, newest first, without their schemas; empty when there are none. Writes nothing."""
    with _reading(engine, target) as execution:
        return checkpoints.list_checkpoints(execution.store)


def load_checkpoint(engine: Engine, target: Target, checkpoint: str) -> Checkpoint:
    """Return one checkpoint with its schema by id, or ``latest``.

    Raises:
        InputError: There is no such checkpoint.
    """
    with _reading(engine, target) as execution:
        name = checkpoint
        if checkpoint == "latest":
            newest = next(iter(checkpoints.list_checkpoints(execution.store)), None)
            name = newest.id if newest else ""
        found = checkpoints.load_checkpoint(execution.store, name) if name else None
    if found is None:
        raise InputError(
            f"there is no checkpoint {checkpoint}", state="nothing was touched", hint="lockgate checkpoint list"
        )
    return found


def is_standing(execution: Execution, run: Run) -> bool:
    """Tell whether a run left anything applied."""
    return run.state is not RunState.ROLLED_BACK and runs.steps_done(execution.store, run.id) > 0


def _reading(engine: Engine, target: Target) -> AbstractContextManager[Execution]:
    return open_reading(engine, target, patience=Patience(), observer=ignore_event, now=utc_now, new_id=random_id)
