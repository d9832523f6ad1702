"""The rows of checkpoints."""

from __future__ import annotations

from typing import Any

from lockgate.model import codec
from lockgate.model.run import Checkpoint, TableCount
from lockgate.store.tables import Store

_COLUMNS = (
    "id, run_id, run_number, steps_done, stage, created_at, fingerprint, schema_json, full_schema_json, counts_json, "
    "label"
)
_HEAD = _COLUMNS.replace("schema_json, full_schema_json", "'', ''")


def insert_checkpoint(store: Store, point: Checkpoint) -> None:
    """Write a checkpoint; checkpoints are ordered by when they were written."""
    rows = store.read("SELECT MAX(number) FROM {p}checkpoint")
    number = int(rows[0][0] or 0) + 1 if rows else 1
    store.write(
        f"INSERT INTO {{p}}checkpoint ({_COLUMNS}, number) VALUES ({', '.join(['%s'] * 12)})",
        (
            point.id,
            point.run,
            point.run_number,
            point.position,
            point.stage,
            point.created_at,
            point.fingerprint,
            point.schema,
            point.full_schema,
            codec.encode(point.counts).decode(),
            point.label,
            number,
        ),
    )


def list_checkpoints(store: Store) -> tuple[Checkpoint, ...]:
    """Return all checkpoints, newest first, without their schemas."""
    rows = store.read(f"SELECT {_HEAD} FROM {{p}}checkpoint ORDER BY number DESC")
    return tuple(map(_checkpoint, rows))


def load_checkpoint(store: Store, checkpoint_id: str) -> Checkpoint | None:
    """Return one checkpoint with its schema."""
    rows = store.read(f"SELECT {_COLUMNS} FROM {{p}}checkpoint WHERE id = %s", (checkpoint_id,))
    return _checkpoint(rows[0]) if rows else None


def _checkpoint(row: tuple[Any, ...]) -> Checkpoint:
    return Checkpoint(
        id=row[0],
        run=row[1],
        run_number=int(row[2]),
        position=int(row[3]),
        stage=int(row[4]),
        created_at=row[5],
        fingerprint=row[6],
        schema=row[7],
        full_schema=row[8],
        counts=codec.decode(row[9], tuple[TableCount, ...], "the row counts of a checkpoint"),
        label=row[10],
    )
