"""Find tables by a name or pattern as people write it; pure."""

from __future__ import annotations

import difflib
from fnmatch import fnmatchcase

from lockgate.model.schema import Column, Schema, Table
from lockgate.verify.defects.lookup import own_tables, path_of


def matching(schema: Schema, pattern: str) -> list[Table]:
    """Return the tables a name or pattern (``*``, ``?``) fits, with or without their namespace, in any case."""
    wanted = pattern.lower()
    tables = own_tables(schema)
    return [t for t in tables if any(fnmatchcase(name, wanted) for name in (t.name.lower(), path_of(t).lower()))]


def matching_any(schema: Schema, patterns: tuple[str, ...], without: tuple[str, ...] = ()) -> list[Table]:
    """Return the tables that one of the patterns fits and none of ``without``, in the schema's order."""
    found = {path_of(t) for pattern in patterns for t in matching(schema, pattern)}
    found -= {path_of(t) for pattern in without for t in matching(schema, pattern)}
    return [t for t in own_tables(schema) if path_of(t) in found]


def guess(schema: Schema, name: str) -> str:
    """Return ``; did you mean …?`` for a name that fits no table, empty when nothing is near."""
    near = difflib.get_close_matches(name.lower(), [t.name.lower() for t in own_tables(schema)], 1)
    return f"; did you mean {near[0]}?" if near else ""


def column_of(table: Table, *names: str) -> Column | None:
    """Return the first of these columns that the table has, in any case."""
    columns = {c.name.lower(): c for c in table.columns}
    return next((columns[name.lower()] for name in names if name.lower() in columns), None)
