"""Values that a column of an SQLite table may take, as SQL text, to make a row up with; pure."""

from __future__ import annotations

from lockgate.engine.sqlite.values import column_affinity, fill_literal
from lockgate.model.schema import Column, Schema, Table

_MORE = {"INTEGER": ("1",), "REAL": ("1.0",), "NUMERIC": ("1",), "TEXT": ("'x'", "'{}'"), "BLOB": ("x'00'", "'x'", "1")}


def sample_values(schema: Schema, table: Table, column: Column) -> tuple[str, ...]:
    """Return values a column may take, the likeliest first."""
    first = fill_literal(table, column)
    more = _MORE[column_affinity(table, column)]
    return (*more, first) if first in ("0", "0.0", "''", "x''") else (first, *more)
