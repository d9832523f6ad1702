"""Columns as they stand while they are parked: hidden under a reserved name, in nobody's way; pure.

A parked column keeps its type, its nullability and its default wherever it can: then parking and unparking are a
renaming, which the server does instantly, and rows that come meanwhile get what the column's default gives.
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from lockgate.engine.mysql.inspect_programs import names_in
from lockgate.engine.mysql.lexer import NAME, iter_tokens, quote_name, unquote_name
from lockgate.engine.mysql.server import has_invisible_columns
from lockgate.model.schema import Column, Table
from lockgate.model.server import Server


def park_column(column: Column, name: str, table: Table, server: Server) -> Column:
    """Return a column of a table as it is parked under a name.

    One that must not be NULL and has no default of its own becomes nullable, for rows without it will come.
    """
    is_filled = keeps_default(column, table)
    is_generated = column.generated is not None
    options = tuple((n, rename_in(v, {column.name: name}) if n == "check" else v) for n, v in column.options)
    return replace(
        column,
        name=name,
        is_nullable=column.is_nullable or not is_filled,
        default=column.default if is_filled else None if is_generated else "NULL",
        on_update=None,
        is_auto_increment=False,
        is_invisible=has_invisible_columns(server),
        options=options,
    )


def keeps_default(column: Column, table: Table) -> bool:
    """Tell whether a column can keep its default: it has one, which names no other column."""
    if column.generated is not None or column.is_auto_increment or column.default in (None, "NULL"):
        return False
    return not names_in(column.default or "") & {c.name for c in table.columns}


def fresh_columns(start: Table, end: Table, renames: Mapping[str, str]) -> list[Column]:
    """Return the columns with values of their own that ``end`` has and ``start`` (with ``renames``) has not."""
    known = {renames.get(c.name, c.name) for c in start.columns}
    return [c for c in end.columns if c.name not in known and c.generated is None]


def with_parked(start: Table, end: Table, renames: Mapping[str, str], parked: Mapping[str, Column]) -> Table:
    """Return ``start`` with parked columns where ``end`` has them.

    Args:
        renames: Names in ``start`` → names in ``end``.
        parked: Names in ``end`` → the column as it is parked.
    """
    back = {new: old for old, new in renames.items()}
    columns = list(start.columns)
    earlier: list[str] = []
    for column in end.columns:
        if column.name in parked:
            columns.insert(_behind(columns, earlier), parked[column.name])
        earlier.append(parked[column.name].name if column.name in parked else back.get(column.name, column.name))
    return replace(start, columns=tuple(columns))


def _behind(columns: list[Column], earlier: list[str]) -> int:
    for name in reversed(earlier):
        for number, column in enumerate(columns):
            if column.name == name:
                return number + 1
    return 0


def rename_in(text: str, names: Mapping[str, str]) -> str:
    """Replace quoted names in an expression."""
    return replace_names(text, {old: quote_name(new) for old, new in names.items()})


def replace_names(text: str, texts: Mapping[str, str]) -> str:
    """Replace quoted names in an expression by texts."""
    parts = []
    for token in iter_tokens(text):
        name = unquote_name(token.text) if token.kind == NAME else ""
        parts.append(texts.get(name, token.text) if name else token.text)
    return "".join(parts)
