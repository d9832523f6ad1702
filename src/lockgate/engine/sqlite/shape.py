"""How a table's rows are told apart and reached: rowid or key; pure."""

from __future__ import annotations

from lockgate.engine.sqlite.normalize import rowid_column
from lockgate.engine.sqlite.parse import ParseError, parse_table
from lockgate.engine.sqlite.tokens import fold, tokenize
from lockgate.engine.sqlite.values import find_column, has_rowid
from lockgate.model.schema import Column, Table

_ROWID_NAMES = ("rowid", "_rowid_", "oid")


def rowid_name(table: Table) -> str | None:
    """Return the name that reaches the rowid: its column, or a built-in name no column hides; None without one."""
    if not has_rowid(table):
        return None
    alias = rowid_column(table)
    if alias is not None:
        return alias
    taken = {fold(c.name) for c in table.columns}
    return next((name for name in _ROWID_NAMES if name not in taken), None)


def identity_columns(table: Table) -> tuple[Column, ...]:
    """Return the columns that identify a row in place of the rowid: a primary key without NULLs; else none."""
    key = table.primary_key
    if key is None or rowid_column(table) is not None:
        return ()
    columns = [find_column(table, p.column or "") for p in key.parts]
    if any(c is None or (c.is_nullable and has_rowid(table)) for c in columns):
        return ()
    return tuple(c for c in columns if c is not None)


def plain_columns(table: Table) -> tuple[Column, ...]:
    """Return the columns that hold values of their own (not generated)."""
    return tuple(c for c in table.columns if c.generated is None)


def names_itself(table: Table) -> bool:
    """Tell whether an expression in the table's text qualifies columns with the table's own name.

    SQLite's rename leaves such expressions as they are when ``legacy_alter_table`` is on, and the schema would break.
    """
    try:
        parse_table(table.text)
    except ParseError:
        return True
    tokens = tokenize(table.text)
    opening = next((i for i, t in enumerate(tokens) if t.text == "("), 0)
    return any(
        token.kind in ("word", "quoted", "string")
        and tokens[i + 1].text == "."
        and fold(token.name) == fold(table.name)
        for i, token in enumerate(tokens[:-1])
        if i > opening
    )
