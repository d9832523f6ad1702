"""The keys of a table, and which of them another table that holds the same rows keeps too; pure."""

from __future__ import annotations

from dataclasses import dataclass

from lockgate.engine.sqlite.link import Link
from lockgate.engine.sqlite.normalize import rowid_column
from lockgate.engine.sqlite.tokens import fold, quote
from lockgate.engine.sqlite.values import column_affinity, find_column, is_strict
from lockgate.model.schema import Column, IndexPart, Table

NO_LINK = Link((), (), is_rowid=True)
"""Where all keys of a table are asked for."""


@dataclass(frozen=True)
class UniqueKey:
    """What must be unique in a table; ``where``: only for these rows; ``index``: the name of the index that says it."""

    parts: tuple[IndexPart, ...]
    where: str | None = None
    index: str = ""

    @property
    def is_partial(self) -> bool:
        """Whether it is for some rows only."""
        return self.where is not None

    @property
    def names(self) -> tuple[str, ...]:
        """The columns among its parts."""
        return tuple(p.column for p in self.parts if p.column is not None)

    @property
    def is_of_columns(self) -> bool:
        """Whether all parts are columns."""
        return len(self.names) == len(self.parts)


def unique_keys(table: Table, link: Link) -> tuple[UniqueKey, ...]:
    """Return the keys of a table beside the one its rows are tied by."""
    found: list[UniqueKey] = []
    if table.primary_key is not None and rowid_column(table) is None:
        found.append(UniqueKey(table.primary_key.parts))
    found += [UniqueKey(unique.parts) for unique in table.uniques]
    found += [UniqueKey(index.parts, index.where, index.name) for index in table.indexes if index.is_unique]
    return tuple(key for key in found if not (key.is_of_columns and all(map(link.is_part, key.names))))


def is_kept(key: UniqueKey, table: Table, other: Table, link: Link) -> bool:
    """Tell whether rows that ``other`` allows cannot break this key of ``table``."""
    candidates = unique_keys(other, link)
    alias = rowid_column(other)
    if alias is not None and any(fold(name) == fold(alias) for name in key.names) and _same(alias, table, other):
        return True
    return any(
        not mine.is_partial and mine.is_of_columns and all(_has_part(key, part, table, other) for part in mine.parts)
        for mine in candidates
    )


def _has_part(key: UniqueKey, part: IndexPart, table: Table, other: Table) -> bool:
    name = part.column or ""
    mine = next((p for p in key.parts if p.column is not None and fold(p.column) == fold(name)), None)
    return mine is not None and mine.collation == part.collation and _same(name, table, other)


def _same(name: str, table: Table, other: Table) -> bool:
    """Tell whether a column holds the very same values in both."""
    one, two = find_column(table, name), find_column(other, name)
    if one is None or two is None:
        return False
    return holds_same(table, one, other, two) and one.collation == two.collation


def holds_same(table: Table, column: Column, other: Table, twin: Column) -> bool:
    """Tell whether two columns keep a value alike."""
    if column.generated is not None or twin.generated is not None:
        return False
    same = column_affinity(table, column) == column_affinity(other, twin)
    return same and (is_strict(table) == is_strict(other) or column_affinity(table, column) == "BLOB")


def victim(key: UniqueKey, table: Table, link: Link) -> str | None:
    """Return the column that is left NULL in a row whose key is taken; None when there is none."""
    columns = [c for c in (find_column(table, name) for name in key.names) if c is not None]
    free = [c for c in columns if c.generated is None and not link.is_part(c.name) and c.name != rowid_column(table)]
    nullable = [c for c in free if c.is_nullable]
    return (nullable or free)[-1].name if free else None


def is_indexed(table: Table, names: tuple[str, ...], other: Table) -> bool:
    """Tell whether ``table`` finds rows by one of these columns of ``other`` quickly."""
    firsts = [u.parts[0] for u in table.uniques] + [i.parts[0] for i in table.indexes if i.where is None]
    if table.primary_key is not None:
        firsts.append(table.primary_key.parts[0])
    heads = {fold(part.column) for part in firsts if part.column is not None and part.collation is None}
    return any(fold(name) in heads and _same(name, table, other) for name in names)


def stale_terms(table: Table, names: tuple[str, ...], other: Table) -> list[str]:
    """Return the conditions under which a row of ``table`` has the same key as a row written into ``other``."""
    return [f"{quote(name)} = NEW.{quote(name)}" for name in names if _same(name, table, other)]
