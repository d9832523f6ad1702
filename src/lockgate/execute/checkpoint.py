"""Take a checkpoint: the live schema, its fingerprint, row counts, and the position in the run."""

from __future__ import annotations

from lockgate.execute.counts import count_tables
from lockgate.execute.execution import Execution, invalid_indexes
from lockgate.model import codec
from lockgate.model.run import Checkpoint, EventType, Run
from lockgate.store import checkpoints, runs


def take_checkpoint(
    execution: Execution,
    stage: int,
    *,
    exact_count_rows: int,
    is_count_skipped: bool = False,
    label: str = "",
    after: Run | None = None,
) -> Checkpoint:
    """Write a checkpoint of the live database, at the execution's run, or outside of one ``after`` the newest run.

    Row counts are exact when statistics (or the file) say that there are at most ``exact_count_rows`` rows in all,
    else estimates; each count says which.
    """
    schema = execution.inspect()
    execution.invalid_indexes = invalid_indexes(schema)
    full = ""
    if execution.engine.next_park_number(execution.session) > 1:
        full = codec.encode(execution.inspect(include_own=True)).decode()
    run = execution.run or after
    point = Checkpoint(
        id=f"cp-{execution.now():%Y%m%d%H%M%S}-{execution.new_id()}",
        run=run.id if run else "",
        run_number=run.number if run else 0,
        position=runs.steps_done(execution.store, run.id) if run else 0,
        stage=stage,
        created_at=execution.timestamp(),
        fingerprint=codec.fingerprint(schema),
        schema=codec.encode(schema).decode(),
        full_schema=full,
        counts=() if is_count_skipped else count_tables(execution, schema, exact_count_rows),
        label=label,
    )
    checkpoints.insert_checkpoint(execution.store, point)
    text = f"checkpoint {point.id} taken"
    if execution.run is None:
        execution.tell(EventType.CHECKPOINT_TAKEN, message=text, checkpoint=point.id, stage=stage)
    else:
        execution.journal(EventType.CHECKPOINT_TAKEN, message=text, checkpoint=point.id, stage=stage)
    return point
