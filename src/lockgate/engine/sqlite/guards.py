"""Triggers that stand in for a constraint which rows that are there already break; pure.

They run after the row is written, when what OR REPLACE deletes is gone, and refuse what is new or newly so.
"""

from __future__ import annotations

from collections.abc import Sequence

from lockgate.engine.sqlite.normalize import rowid_column
from lockgate.engine.sqlite.tokens import fold, literal, quote
from lockgate.engine.sqlite.uniques import UniqueKey
from lockgate.engine.sqlite.values import has_rowid
from lockgate.engine.sqlite.violations import Violation, any_of
from lockgate.model.schema import Table


def guard_names(prefix: str, count: int) -> list[str]:
    """Return the names of the triggers that guard ``count`` constraints."""
    return [f"{prefix}_g{number}{suffix}" for number in range(count) for suffix in ("i", "u")]


def guards(table: Table, found: Sequence[Violation], prefix: str, keys: Sequence[str]) -> list[str]:
    """Return the statements that create the guards of a table.

    Args:
        keys: The columns, as SQL, by which a row is found.
    """
    statements: list[str] = []
    name = quote(table.name)
    here = " AND ".join(f"{name}.{key} = NEW.{key}" for key in keys)
    for number, one in enumerate(found):
        refuse = f"SELECT RAISE(ABORT, {literal(one.message)}) FROM {name} WHERE {here} AND ({one.condition})"
        columns = ", ".join(map(quote, one.columns))
        changed = " OR ".join(f"NEW.{c} COLLATE BINARY IS NOT OLD.{c}" for c in map(quote, one.columns))
        of = f" OF {columns}" if columns else ""
        when = f" WHEN {changed}" if changed else ""
        first, second = f"{prefix}_g{number}i", f"{prefix}_g{number}u"
        statements += [
            f"CREATE TRIGGER {quote(first)} AFTER INSERT ON {name} BEGIN {refuse}; END",
            f"CREATE TRIGGER {quote(second)} AFTER UPDATE{of} ON {name}{when} BEGIN {refuse}; END",
        ]
    return statements


def drop_guards(prefix: str, count: int) -> list[str]:
    """Return the statements that drop the guards, if they are there."""
    return [f"DROP TRIGGER IF EXISTS {quote(name)}" for name in guard_names(prefix, count)]


def row_key(table: Table) -> tuple[str, ...]:
    """Return the columns, as SQL, by which a row of a table is found."""
    if not has_rowid(table):
        return tuple(quote(part.column or "") for part in table.primary_key.parts) if table.primary_key else ()
    taken_names = {fold(c.name) for c in table.columns}
    found = next((name for name in ("rowid", "_rowid_", "oid") if name not in taken_names), None)
    return (found or quote(rowid_column(table) or table.columns[0].name),)


def taken(table: Table, key: UniqueKey) -> Violation:
    """Return a key that rows share as something a single row breaks: another row has it."""
    name = quote(table.name)
    other = " AND ".join(f"x.{c} IS {name}.{c}" for c in row_key(table))
    where = [f"({key.where})"] if key.where else []
    if key.is_of_columns:
        same = [_same(part.column or "", part.collation, name) for part in key.parts]
        rows = " AND ".join([*same, f"NOT ({other})", *where])
        condition = f"EXISTS (SELECT 1 FROM {name} AS x WHERE {rows})"
    else:
        # Bare names mean the row outside of the brackets, and the other row inside.
        terms = ", ".join(_term(part.column, part.expression, part.collation) for part in key.parts)
        rows = " AND ".join([f"NOT ({other})", *where])
        condition = f"({terms}) IN (SELECT {terms} FROM {name} AS x WHERE {rows})"
    columns = tuple(dict.fromkeys(key.names)) if key.is_of_columns and not key.where else ()
    said = ", ".join(f"{table.name}.{column}" for column in key.names) or f"index '{key.index}'"
    return Violation("unique", " AND ".join([condition, *where]), columns, f"UNIQUE constraint failed: {said}")


def _same(column: str, collation: str | None, name: str) -> str:
    collate = f" COLLATE {quote(collation)}" if collation else ""
    return f"x.{quote(column)} = {name}.{quote(column)}{collate}"


def _term(column: str | None, expression: str | None, collation: str | None) -> str:
    text = quote(column) if column is not None else f"({expression})"
    return f"{text} COLLATE {quote(collation)}" if collation else text


def list_broken(table: Table, found: Sequence[Violation]) -> str:
    """Return the query that lists the rows of a table which break something: key as JSON, then the value."""
    columns = row_key(table)
    alias = rowid_column(table)
    names = [alias] if alias else [c.strip('"') for c in columns]
    keys = ", ".join(
        f"{literal(name)}, CASE typeof({c}) WHEN 'blob' THEN quote({c}) ELSE {c} END"
        for name, c in zip(names, columns, strict=True)
    )
    shown = list(dict.fromkeys(c for one in found for c in one.columns)) or [table.columns[0].name]
    value = " || ', ' || ".join(f"quote({quote(c)})" for c in shown)
    return f"SELECT json_object({keys}), {value} FROM {quote(table.name)} WHERE {any_of(tuple(found))}"
