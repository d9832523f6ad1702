"""Create, list and load checkpoints."""

from __future__ import annotations

from lockgate.engine.base import Engine
from lockgate.model.run import Checkpoint, Observer
from lockgate.model.target import Target
from lockgate.workflow.options import NewId, Now, ignore_event, random_id, utc_now


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
    raise NotImplementedError


def list_checkpoints(engine: Engine, target: Target) -> tuple[Checkpoint, ...]:
    """Return all checkpoints, newest first, without their schemas; empty when there are none. Writes nothing."""
    raise NotImplementedError


def load_checkpoint(engine: Engine, target: Target, checkpoint: str) -> Checkpoint:
    """Return one checkpoint with its schema by id, or ``latest``.

    Raises:
        InputError: There is no such checkpoint.
    """
    raise NotImplementedError
