"""Rebuild one table: move it aside, create it anew by its exact text, copy every row, drop the old one; pure.

Everything happens in the step's one transaction with foreign keys off, so no cascade fires and a crash leaves either
the old table or the new one. What the new table cannot hold goes to a side table under a reserved name, row by row,
which the way back reads. In the copy, ``o`` is the old table and ``s`` the side table that is read.
"""

from __future__ import annotations

from dataclasses import dataclass

from lockgate.engine.sqlite.foreign_gate import reference_gate
from lockgate.engine.sqlite.normalize import rowid_column
from lockgate.engine.sqlite.park import (
    ROWID,
    bare_rowid,
    carry_counter,
    create_dependents,
    drop_dependents,
    is_autoincrement,
    shelve,
)
from lockgate.engine.sqlite.render import table_sql
from lockgate.engine.sqlite.shape import identity_columns, names_itself, rowid_name
from lockgate.engine.sqlite.side import NO_SIDE, Side
from lockgate.engine.sqlite.tokens import fold, literal, quote, tokenize
from lockgate.engine.sqlite.values import fill_literal, find_column, has_rowid, is_null, must_differ
from lockgate.errors import UnsupportedChange
from lockgate.model.schema import Column, Definition, Table

SHELF = "lockgate_rebuild"
GATE = "lockgate_gate"


@dataclass(frozen=True)
class Rebuild:
    """One rebuild from ``old`` to ``new``.

    ``keep``: a side table to fill with what ``new`` cannot hold. ``restore``: a side table that holds what ``old``
    could not, for the columns that come back. ``is_back``: this is a way back, which no CHECK may stop. ``is_beside``:
    both tables stand side by side, and only `pairs` is asked for.
    """

    old: Table
    new: Table
    old_triggers: tuple[Definition, ...] = ()
    new_triggers: tuple[Definition, ...] = ()
    keep: Side = NO_SIDE
    restore: Side = NO_SIDE
    is_back: bool = False
    is_beside: bool = False

    def statements(self) -> list[str]:
        """Return the statements, in order."""
        return [
            *drop_dependents(self.old, self.old_triggers),
            *self.restore.untrack(),
            *shelve(self.old, SHELF, is_copy=self._is_copy),
            table_sql(self.new),
            *self._keep(),
            *self._copy(),
            *self._counter(),
            *self._gate(),
            *([] if self.is_back else reference_gate(self.old, self.new)),
            f"DROP TABLE {SHELF}",
            *self.restore.drop(),
            *create_dependents(self.new, self.new_triggers),
            *self.keep.track(),
        ]

    @property
    def _is_copy(self) -> bool:
        """Tell whether the old table is copied aside: it names itself, or rows without a rowid need one."""
        if self.is_beside:
            return False
        return names_itself(self.old) or (rowid_name(self.old) is None and has_rowid(self.new))

    @property
    def _shelf(self) -> str:
        return quote(self.old.name) if self.is_beside else SHELF

    def _old_rowid(self) -> str:
        """Return the old row's number."""
        name = ROWID if self._is_copy else rowid_name(self.old)
        if name is None:
            raise UnsupportedChange(f"table {self.old.name}: its rows have no number", state="nothing was touched")
        return f"o.{bare_rowid(name)}"

    def _from(self) -> str:
        keys = [] if self.restore.is_by_number else [f"o.{quote(c.name)}" for c in identity_columns(self.old)]
        return f"{self._shelf} AS o{self.restore.join(keys or None, self._old_rowid)}"

    def _keep(self) -> list[str]:
        identity = () if self.keep.is_by_number else identity_columns(self.new)
        keys = [self._key_value(c) for c in identity] or [self._new_rowid()]
        became = [self._key_value(_require(self.new, c.name)) for c in self.keep.changed]
        rowid = self._old_rowid() if self.keep.keeps_rowid else ""
        return self.keep.create() + self.keep.fill(SHELF, self._from(), keys, became, rowid)

    def _key_value(self, column: Column) -> str:
        source = self._source(column)
        return f"({column.default})" if source is None else source

    def pairs(self) -> list[tuple[str, str]]:
        """Return what is written into the new table: columns, and where their values come from (``o`` is the row)."""
        pairs: list[tuple[str, str]] = []
        target = rowid_name(self.new)
        if target is not None and rowid_column(self.new) is None:
            pairs.append((target, self._new_rowid()))
        pairs += self._columns()
        if not pairs:
            first = next(c for c in self.new.columns if c.generated is None)
            pairs.append((quote(first.name), self._key_value(first)))
        return pairs

    def rows(self) -> str:
        """Return the query for the rows as they will be in the new table, from the old one under its own name."""
        values = [f"{self._shown(c)} AS {quote(c.name)}" for c in self.new.columns if c.generated is None]
        rows = f"SELECT {', '.join(values)} FROM {self._from()}"
        rest = [c for c in self.new.columns if c.generated is not None]
        while rest:
            waiting = {fold(c.name) for c in rest}
            ready = [c for c in rest if c.generated and not waiting & _names_in(c.generated.expression)] or rest
            more = ", ".join(f"({c.generated.expression}) AS {quote(c.name)}" for c in ready if c.generated)
            rows = f"SELECT *, {more} FROM ({rows}) AS {quote(self.new.name)}"
            rest = [c for c in rest if c not in ready]
        return rows

    def _shown(self, column: Column) -> str:
        try:
            return self._source(column) or f"({column.default or 'NULL'})"
        except UnsupportedChange:  # its rows get a number that they have not yet
            return "NULL"

    def _columns(self) -> list[tuple[str, str]]:
        pairs: list[tuple[str, str]] = []
        for column in self.new.columns:
            source = None if column.generated is not None else self._source(column)
            if source is not None:
                pairs.append((quote(column.name), source))
        return pairs

    def _copy(self) -> list[str]:
        pairs = self.pairs()
        names, sources = ", ".join(p[0] for p in pairs), ", ".join(p[1] for p in pairs)
        copy = f"INSERT OR ABORT INTO {quote(self.new.name)} ({names}) SELECT {sources} FROM {self._from()}"
        if self.is_back and self.new.checks:
            return ["PRAGMA ignore_check_constraints=ON", copy, "PRAGMA ignore_check_constraints=OFF"]
        return [copy]

    def _new_rowid(self) -> str:
        """Return the new row's rowid: its column's value, else the old number, kept aside or still there."""
        alias = rowid_column(self.new)
        if alias is not None:
            return self._alias_value(_require(self.new, alias))
        if self.restore.keeps_rowid:
            kept = f"s.{self.restore.rowid}"
            return f"coalesce({kept}, {_above(self.restore.rowid, quote(self.restore.name))} + {self._old_rowid()})"
        return self._old_rowid()

    def _alias_value(self, column: Column) -> str:
        """Return the value of the column that is the new rowid; a row without one gets a number above all others."""
        twin, alias = find_column(self.old, column.name), rowid_column(self.old)
        if twin is None and not self.restore.holds(column.name):
            return self._old_rowid()
        if twin is not None and alias is not None and fold(alias) == fold(column.name):
            return f"o.{quote(twin.name)}"
        value = self._plain_source(column)
        if twin is not None:
            return f"coalesce({value}, {_above(quote(twin.name), self._shelf)} + {self._old_rowid()})"
        return f"coalesce({value}, {_above(quote(column.name), quote(self.restore.name))} + {self._old_rowid()})"

    def _source(self, column: Column) -> str | None:
        """Return where a column's value comes from; None leaves it to the default."""
        alias = rowid_column(self.new)
        if alias is not None and fold(alias) == fold(column.name):
            return self._alias_value(column)
        source = self._plain_source(column)
        if source is None and column.is_nullable and self.is_back:
            return "NULL"
        if source is None and not column.is_nullable and is_null(column.default):
            return self._fill(column)
        twin = find_column(self.old, column.name)
        if source is not None and not column.is_nullable and (twin is None or twin.generated is not None):
            return f"coalesce({source}, {self._fill(column)})"
        return source

    def _plain_source(self, column: Column) -> str | None:
        """Return a column's value in the old table or in the side table, or None."""
        twin = find_column(self.old, column.name)
        current = None if twin is None else f"o.{quote(twin.name)}"
        if not self.restore.holds(column.name):
            return current
        value = self.restore.value(column.name, current)
        if twin is None and self.restore.is_back and not is_null(column.default):
            return f"CASE WHEN {self.restore.is_missing} THEN ({column.default}) ELSE {value} END"
        return value

    def _fill(self, column: Column) -> str:
        """Return what rows get in a NOT NULL column: its default, zero, or their number if it must differ."""
        has_number = self._is_copy or rowid_name(self.old) is not None
        is_free = is_null(column.default) or self.restore.holds(column.name)
        if is_free and has_number and must_differ(self.old, self.new, column):
            if not self.restore.holds(column.name):
                return self._old_rowid()
            return f"{_above(quote(column.name), quote(self.restore.name))} + {self._old_rowid()}"
        if not is_null(column.default):
            return f"({column.default})"
        return fill_literal(self.new, column)

    def _counter(self) -> list[str]:
        statements: list[str] = []
        if is_autoincrement(self.new) and is_autoincrement(self.old):
            statements += carry_counter(SHELF, self.new.name)
        if self.restore.counter and is_autoincrement(self.new):
            statements += self.restore.restore_counter(self.new.name)
        if is_autoincrement(self.old) and self._is_copy:
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


def _names_in(expression: str) -> set[str]:
    return {fold(token.name) for token in tokenize(expression) if token.kind in ("word", "quoted")}


def _above(column: str, table: str) -> str:
    return f"(SELECT coalesce(max(CAST({column} AS INTEGER)), 0) FROM {table})"


def _require(table: Table, name: str) -> Column:
    found = find_column(table, name)
    assert found is not None
    return found
