"""Leaves out the tables in which migration tools keep their own books: no user wrote them, and none may change them."""

from __future__ import annotations

from msgspec.structs import replace

from lockgate.model.finding import Checked
from lockgate.model.schema import Schema
from lockgate.source.bookkeeping import select_bookkeeping
from lockgate.source.migrations.tools import TOOLS

NAMES = tuple(
    dict.fromkeys(
        ("alembic_version", "django_migrations", *(n for t in TOOLS.values() for n in (*t.bookkeeping, *t.also_keeps)))
    )
)


def without_tool_tables(schema: Schema) -> tuple[Schema, int]:
    """Return the schema without such tables, and how many were left out."""
    left_out = select_bookkeeping(schema, Schema(engine=schema.engine), NAMES)
    if not left_out.tables:
        return schema, 0
    kept = tuple(t for t in schema.tables if t not in left_out.tables)
    sequences = tuple(s for s in schema.sequences if s not in left_out.sequences)
    return replace(schema, tables=kept, sequences=sequences), len(left_out.tables)


def count_left_out(checked: Checked, left_out: int) -> Checked:
    """Return the result with the number of tables that were left out; where nothing was checked it stays nothing."""
    if not left_out or not any(checked.checked.values()):
        return checked
    return checked._replace(checked={**checked.checked, "tables of migration tools left alone": left_out})
