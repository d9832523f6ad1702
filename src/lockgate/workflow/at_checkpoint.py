"""Where the live schema is, seen from a checkpoint; reads only."""

from __future__ import annotations

from lockgate.diff.compare import diff_schemas
from lockgate.engine.base import Engine
from lockgate.errors import InputError
from lockgate.execute.opening import open_reading
from lockgate.execute.retry import Patience
from lockgate.model import codec
from lockgate.model.change import Change
from lockgate.model.schema import Schema
from lockgate.model.target import Target
from lockgate.store import checkpoints
from lockgate.workflow.options import ignore_event, random_id, utc_now


def is_at_checkpoint(engine: Engine, target: Target, checkpoint: str) -> bool:
    """Tell whether the live schema equals that of a checkpoint; False where there is no such checkpoint."""
    with open_reading(
        engine, target, patience=Patience(), observer=ignore_event, now=utc_now, new_id=random_id
    ) as execution:
        points = {point.id: point for point in checkpoints.list_checkpoints(execution.store)}
        point = points.get(checkpoint)
        return point is not None and point.fingerprint == codec.fingerprint(execution.inspect())


def changes_since(engine: Engine, target: Target, checkpoint: str) -> tuple[Change, ...]:
    """Return what leads from a checkpoint's schema to the live one.

    Raises:
        InputError: There is no such checkpoint.
    """
    with open_reading(
        engine, target, patience=Patience(), observer=ignore_event, now=utc_now, new_id=random_id
    ) as execution:
        point = checkpoints.load_checkpoint(execution.store, checkpoint)
        if point is None:
            raise InputError(f"there is no checkpoint {checkpoint}", hint="lockgate checkpoint list")
        return diff_schemas(codec.decode(point.schema, Schema, "the checkpoint's schema"), execution.inspect())
