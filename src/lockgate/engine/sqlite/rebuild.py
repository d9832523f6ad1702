"""Rebuild one table: move it aside, create it anew by its exact text, copy every row, drop the old one; pure.

Everything happens in the step's one transaction with foreign keys off, so no cascade fires and a crash leaves either
the old table or the new one. What the new table cannot hold goes to a side table under a reserved name, row by row,
which the way back reads.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lockgate.engine.sqlite.normalize import rowid_column
from lockgate.engine.sqlite.park import (
    carry_counter,
    create_dependents,
    drop_dependents,
    is_autoincrement,
    shelf_rowid,
    shelve,
)
from lockgate.engine.sqlite.render import table_sql
from lockgate.engine.sqlite.shape import names_itself, rowid_name
from lockgate.engine.sqlite.side import NO_SIDE, Side
from lockgate.engine.sqlite.tokens import fold, literal, quote
from lockgate.engine.sqlite.values import fill_literal, find_column, has_rowid, is_null, is_unique_alone
from lockgate.errors import UnsupportedChange
from lockgate.model.schema import Column, Definition, Table

SHELF = "lockgate_rebuild"
GATE = "lockgate_gate"


@dataclass(frozen=True)
class Rebuild:
    """One rebuild from ``old`` to ``new``.

    ``keep``: a side table to fill with what ``new`` cannot hold. ``restore``: a side table that holds what ``old``
    could not, for the columns that come back.
    """

    old: Table
    new: Table
    old_triggers: tuple[Definition, ...] = ()
    new_triggers: tuple[Definition, ...] = ()
    keep: Side = NO_SIDE
    restore: Side = NO_SIDE
    is_back: bool = False

    def statements(self) -> list[str]:
        """Return the statements, in order."""
        old, new = self.old, self.new
        return [
            *drop_dependents(old, self.old_triggers),
            *self.restore.untrack(),
            *shelve(old, SHELF),
            table_sql(new),
            *self.keep.create(),
            *self.keep.fill(SHELF, shelf_rowid(old)),
            *self._copy(),
            *self._counter(),
            *self._gate(),
            f"DROP TABLE {SHELF}",
            *self.restore.drop(),
            *create_dependents(new, self.new_triggers),
            *self.keep.track(),
        ]

    def _copy(self) -> list[str]:
        targets: list[str] = []
        sources: list[str] = []
        identity = self._rowid()
        if identity is not None:
            targets.append(identity[0])
            sources.append(identity[1])
        for column in self.new.columns:
            if column.generated is not None or (identity is not None and quote(column.name) == identity[0]):
                continue
            source = self._source(column)
            if source is not None:
                targets.append(quote(column.name))
                sources.append(source)
        names = ", ".join(targets)
        copy = (
            f"INSERT OR ABORT INTO {quote(self.new.name)} ({names}) SELECT {', '.join(sources)} FROM {SHELF} AS o"
            f"{self.restore.join(shelf_rowid(self.old))}{self._order()}"
        )
        if not targets:
            raise UnsupportedChange(
                f"table {self.new.name}: no column's value would come over, so its rows cannot be kept",
                state="nothing was touched",
            )
        if self.is_back and self.new.checks:
            return ["PRAGMA ignore_check_constraints=ON", copy, "PRAGMA ignore_check_constraints=OFF"]
        return [copy]

    def _order(self) -> str:
        """Copy in rowid order; rows without a kept rowid last, so that a fresh one takes none that is still to come."""
        rowid = shelf_rowid(self.old)
        if self.restore.keeps_rowid:
            return f" ORDER BY s.{self.restore.rowid} IS NULL, s.{self.restore.rowid}"
        alias = rowid_column(self.new)
        if alias is not None and self.restore.holds(alias):
            return f" ORDER BY {self.restore.value(alias, None)} IS NULL"
        return f" ORDER BY o.{_name(rowid)}" if rowid and has_rowid(self.new) else ""

    def _rowid(self) -> tuple[str, str] | None:
        """Return target and source of the rowid, where the new table's rowid is not a column that comes over."""
        if not has_rowid(self.new):
            return None
        target = rowid_name(self.new)
        if target is None:
            return None
        alias = rowid_column(self.new)
        if alias is not None and (find_column(self.old, alias) is not None or self.restore.holds(alias)):
            return None
        if self.restore.keeps_rowid:
            return _name(target), f"s.{self.restore.rowid}"
        source = shelf_rowid(self.old)
        return None if source is None else (_name(target), f"o.{_name(source)}")

    def _source(self, column: Column) -> str | None:
        """Return where a column's value comes from; None leaves it to the default."""
        twin = find_column(self.old, column.name)
        if twin is not None:
            value = f"o.{quote(twin.name)}"
            if self.restore.holds(column.name):
                value = self.restore.value(column.name, value)
            return value
        if self.restore.holds(column.name):
            value = self.restore.value(column.name, None)
            if column.is_nullable or self._is_rowid_alias(column):
                return value
            return f"coalesce({value}, {self._fill(column)})"
        if self.is_back and column.is_nullable:
            return "NULL"
        if column.is_nullable or not is_null(column.default):
            return None
        return self._fill(column)

    def _is_rowid_alias(self, column: Column) -> bool:
        alias = rowid_column(self.new)
        return alias is not None and fold(alias) == fold(column.name)

    def _fill(self, column: Column) -> str:
        if not is_null(column.default):
            return f"({column.default})"
        return fill_value(self.old, self.new, column)

    def _counter(self) -> list[str]:
        statements: list[str] = []
        if is_autoincrement(self.new) and is_autoincrement(self.old):
            statements += carry_counter(SHELF, self.new.name)
        if self.restore.counter and is_autoincrement(self.new):
            statements += self.restore.restore_counter(self.new.name)
        if is_autoincrement(self.old) and names_itself(self.old):
            statements.append(f"DELETE FROM sqlite_sequence WHERE name = {literal(SHELF)}")
        return statements

    def _gate(self) -> list[str]:
        return [
            f"CREATE TABLE {GATE} (missing_rows INTEGER CONSTRAINT every_row_must_be_kept CHECK (missing_rows = 0),"
            " foreign_keys INTEGER CONSTRAINT foreign_keys_must_be_off CHECK (foreign_keys = 0))",
            f"INSERT INTO {GATE} SELECT (SELECT count(*) FROM {SHELF}) - (SELECT count(*) FROM {quote(self.new.name)}),"
            " foreign_keys FROM pragma_foreign_keys",
            f"DROP TABLE {GATE}",
        ]


def fill_value(old: Table, new: Table, column: Column) -> str:
    """Return the SQL of the value existing rows get in a new NOT NULL column: zero, or the rowid if it must differ."""
    rowid = shelf_rowid(old)
    if is_unique_alone(new, column) and rowid is not None:
        return f"o.{_name(rowid)}"
    return fill_literal(new, column)


def _name(rowid: str | None) -> str:
    """Return a rowid's name for SQL: the built-in names stay bare, a column's is quoted."""
    if rowid is None:
        return "NULL"
    return rowid if rowid in ("rowid", "_rowid_", "oid", "lockgate_rowid") else quote(rowid)


def dependents_of(table: Table, definitions: Sequence[Definition]) -> tuple[Definition, ...]:
    """Return the triggers on a table or view."""
    return tuple(
        d for d in definitions if d.kind == "trigger" and d.table is not None and fold(d.table) == fold(table.name)
    )
