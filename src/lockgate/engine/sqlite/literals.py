"""The literal of a key's value, as an SQL expression over its column; pure.

Source: SQLite documentation, "Core functions" (quote, which ends a text at a zero byte) and "Datatypes" 3.2 (a unary
plus has no affinity). `tests/engine/test_key_literals.py` walks tables of every type.
"""

from __future__ import annotations

from collections.abc import Sequence

from lockgate.engine.sqlite.tokens import quote
from lockgate.model.schema import Column


def key_literal(column: Column) -> str | None:
    """Return an SQL expression that turns a column's value into the text of a literal which is read as that value.

    None: the type cannot be walked (never here). A column named ``rowid`` may be the table's own row number.
    """
    name = quote(column.name)
    exact = f"'+CAST(x''' || hex(CAST({name} AS BLOB)) || ''' AS TEXT)'"
    return f"CASE typeof({name}) WHEN 'text' THEN {exact} ELSE quote({name}) END"


def walk_key(columns: Sequence[Column]) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
    """Return `Chunked.columns` and `Chunked.literals` for a key of these columns; None when it cannot be walked."""
    literals = tuple(literal for column in columns if (literal := key_literal(column)) is not None)
    return tuple(quote(column.name) for column in columns), literals
