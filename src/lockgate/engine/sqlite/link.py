"""How a row of one table is told to be that of another, when both hold the same rows; pure."""

from __future__ import annotations

from dataclasses import dataclass

from lockgate.engine.sqlite.literals import walk_key
from lockgate.engine.sqlite.normalize import rowid_column
from lockgate.engine.sqlite.shape import identity_columns
from lockgate.engine.sqlite.tokens import fold
from lockgate.engine.sqlite.values import column_affinity, find_column, has_rowid, is_strict
from lockgate.model.schema import Column, Table

_ROWID_NAMES = ("rowid", "_rowid_", "oid")


@dataclass(frozen=True)
class Link:
    """The columns (as SQL) that have the same values in both tables for the same row, and their literals."""

    columns: tuple[str, ...]
    literals: tuple[str, ...]
    is_rowid: bool

    def same(self, one: str, other: str) -> str:
        """Return the condition that two rows, by their aliases, are one."""
        return " AND ".join(f"{one}.{c} = {other}.{c}" for c in self.columns)

    def other(self, one: str, other: str) -> str:
        """Return the condition that two rows, by their aliases, are two."""
        return "(" + " OR ".join(f"{one}.{c} IS NOT {other}.{c}" for c in self.columns) + ")"

    def is_part(self, name: str) -> bool:
        """Tell whether a column is part of the link."""
        return not self.is_rowid and fold(name) in {fold(c.strip('"')) for c in self.columns}


def find_link(one: Table, other: Table) -> Link | str:
    """Return what ties the rows of two tables, or why nothing does, in words."""
    if has_rowid(one) and has_rowid(other):
        return _by_rowid(one, other)
    if has_rowid(one) != has_rowid(other) and (rowid_column(one) or rowid_column(other)):
        return "its rows are told apart by their rowid on one side only"
    keys, others = identity_columns(one), identity_columns(other)
    if not keys or not _are_same(one, keys, other, others):
        return "its primary key changes"
    walk = walk_key(keys)
    assert walk is not None
    return Link(walk[0], walk[1], is_rowid=False)


def _by_rowid(one: Table, other: Table) -> Link | str:
    alias, twin = rowid_column(one), rowid_column(other)
    taken = {fold(c.name) for c in (*one.columns, *other.columns)}
    name = next((name for name in _ROWID_NAMES if name not in taken), None)
    if name is None:
        return "columns named rowid, _rowid_ and oid hide the number of its rows"
    is_same = (
        alias is not None and twin is not None and fold(alias) == fold(twin)
        if alias is not None and twin is not None
        else not (alias and find_column(other, alias)) and not (twin and find_column(one, twin))
    )
    return (
        Link((name,), (f"CAST({name} AS TEXT)",), is_rowid=True) if is_same else "the column that is its rowid changes"
    )


def _are_same(one: Table, keys: tuple[Column, ...], other: Table, others: tuple[Column, ...]) -> bool:
    if len(keys) != len(others):
        return False
    pairs = zip(keys, others, strict=True)
    return is_strict(one) == is_strict(other) and all(
        fold(a.name) == fold(b.name)
        and column_affinity(one, a) == column_affinity(other, b)
        and a.collation == b.collation
        for a, b in pairs
    )
