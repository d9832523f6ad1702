"""Affinities, constant defaults and the values that fill rows; pure."""

from __future__ import annotations

import re

from lockgate.engine.sqlite.tokens import fold, tokenize
from lockgate.model.schema import Column, Table

_CONSTANT_WORDS = frozenset(["null", "true", "false"])
_DATE_FILLS = (
    (re.compile(r"timestamp|datetime"), "'1970-01-01 00:00:00'"),
    (re.compile(r"date"), "'1970-01-01'"),
    (re.compile(r"time"), "'00:00:00'"),
    (re.compile(r"json"), "'{}'"),
)
_FILLS = {"INTEGER": "0", "NUMERIC": "0", "REAL": "0.0", "TEXT": "''", "BLOB": "x''"}


def affinity(type_name: str, *, is_strict: bool = False) -> str:
    """Return a declared type's affinity. Source: sqlite.org/datatype3.html, section 3.1, and stricttables.html."""
    name = fold(type_name)
    if is_strict and name == "any":
        return "BLOB"
    for words, result in ((("int",), "INTEGER"), (("char", "clob", "text"), "TEXT")):
        if any(word in name for word in words):
            return result
    if "blob" in name or not name:
        return "BLOB"
    return "REAL" if any(word in name for word in ("real", "floa", "doub")) else "NUMERIC"


def column_affinity(table: Table, column: Column) -> str:
    """Return the affinity of a table's column."""
    return affinity(column.type, is_strict=is_strict(table))


def is_strict(table: Table) -> bool:
    """Tell whether the table is STRICT."""
    return ("strict", "yes") in table.options


def has_rowid(table: Table) -> bool:
    """Tell whether the table has a rowid."""
    return ("without_rowid", "yes") not in table.options


def find_column(table: Table, name: str) -> Column | None:
    """Return the column of a name in any case, or None."""
    return next((c for c in table.columns if fold(c.name) == fold(name)), None)


def is_constant(default: str) -> bool:
    """Tell whether a default is a literal, which ADD COLUMN takes for tables that hold rows."""
    tokens = tokenize(default)
    if tokens and tokens[0].text in ("+", "-"):
        tokens = tokens[1:]
        return len(tokens) == 1 and tokens[0].kind == "number"
    if len(tokens) != 1:
        return False
    token = tokens[0]
    return token.kind in ("number", "string", "blob", "quoted") or token.word in _CONSTANT_WORDS


def is_null(default: str | None) -> bool:
    """Tell whether a column without a given value is NULL."""
    return default is None or fold(default) == "null"


def fill_literal(table: Table, column: Column) -> str:
    """Return the zero value of a column's type as SQL text."""
    if column_affinity(table, column) in ("NUMERIC", "TEXT"):
        for pattern, value in _DATE_FILLS:
            if pattern.search(fold(column.type)):
                return value
    return _FILLS[column_affinity(table, column)]


def must_differ(old: Table, new: Table, column: Column) -> bool:
    """Tell whether a column that ``old`` has not must get values that differ, because a key is made of such columns.

    One column of the key carries the difference: the first that has no default of its own, else the first.
    """
    for names in new_keys(old, new):
        columns = [c for c in (find_column(new, name) for name in names) if c is not None]
        bearer = next((c for c in columns if is_null(c.default)), columns[0])
        if fold(bearer.name) == fold(column.name):
            return True
    return False


def new_keys(old: Table, new: Table) -> list[list[str]]:
    """Return the keys (columns of each) that are made of columns ``old`` has not."""
    keys = [u.parts for u in new.uniques] + ([new.primary_key.parts] if new.primary_key else [])
    keys += [i.parts for i in new.indexes if i.is_unique and i.where is None]
    named = [[p.column or "" for p in parts] for parts in keys if all(p.column is not None for p in parts)]
    return [names for names in named if not any(find_column(old, name) for name in names)]
