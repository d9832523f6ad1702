"""Keep a twin of a table equal to it: the triggers, the copy in ranges, and the comparison; pure.

Every trigger reads the row as it stands in the table when it runs, not what the statement gave: triggers of the
application may have changed it since, and their order is not defined. The statements in a trigger take the outer
statement's conflict handling (sqlite.org/lang_createtrigger.html, section 2), so that none may rest on its own.
``OR REPLACE`` deletes rows without firing a trigger, so what it deletes is looked for.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from lockgate.engine.sqlite.link import Link
from lockgate.engine.sqlite.normalize import rowid_column
from lockgate.engine.sqlite.rebuild import Rebuild
from lockgate.engine.sqlite.tokens import fold, literal, quote, unquote
from lockgate.engine.sqlite.uniques import (
    UniqueKey,
    holds_same,
    is_indexed,
    is_kept,
    stale_terms,
    unique_keys,
    victim,
)
from lockgate.engine.sqlite.values import column_affinity, find_column
from lockgate.engine.sqlite.violations import any_of, violations
from lockgate.model.op import RANGE
from lockgate.model.schema import Table

_SUFFIXES = ("_i", "_u", "_m", "_d")


@dataclass(frozen=True)
class Mirror:
    """A twin, called ``name``, of the table ``live``; ``twin`` is the definition it has when it is in use.

    ``suspects``: a table that takes the keys of rows which the twin's definition may not allow; without it values that
    the twin cannot hold are kept in the journal's table for them. ``is_back``: the twin is what was there before.
    """

    live: Table
    twin: Table
    name: str
    link: Link
    suspects: str = ""
    is_back: bool = False

    @cached_property
    def _pairs(self) -> dict[str, str]:
        """Where each of the twin's columns comes from, by its name in SQL."""
        return dict(Rebuild(self.live, self.twin, is_back=self.is_back, is_beside=True).pairs())

    @cached_property
    def _contested(self) -> tuple[tuple[UniqueKey, str], ...]:
        """The twin's keys that rows of the table may break, and the column that is left NULL then."""
        keys = [k for k in unique_keys(self.twin, self.link) if not is_kept(k, self.twin, self.live, self.link)]
        found = ((key, victim(key, self.twin, self.link) or "") for key in keys if not self._stays_null(key))
        return tuple((key, column if quote(column) in self._pairs else "") for key, column in found)

    def _stays_null(self, key: UniqueKey) -> bool:
        """Tell whether a key has a column that no row of the table gives a value: such keys are never equal."""
        columns = [find_column(self.twin, name) for name in key.names if quote(name) not in self._pairs]
        return any(c is not None and c.default is None and c.generated is None for c in columns)

    @property
    def problem(self) -> str:
        """Why there can be no such twin, in words; empty when there can."""
        if any(not column or not self._terms(key) for key, column in self._contested):
            return "rows could not be kept apart in the other table, whose key has no column that may be empty"
        return ""

    @property
    def has_contested(self) -> bool:
        """Whether values may have to be left out of the twin."""
        return bool(self._contested)

    @property
    def broken(self) -> str:
        """The condition, by bare names, that a row of the twin breaks its definition; empty when none can."""
        return any_of(violations(self.live, self.twin))

    @property
    def must_sweep(self) -> bool:
        """Whether rows that OR REPLACE deleted may be left in the twin."""
        return any(not self._is_followed(key) for key in unique_keys(self.live, self.link))

    def create(self) -> list[str]:
        """Return the statements that create the triggers."""
        table, same, moved = quote(self.live.name), self._is_here("OLD", "NEW"), self.link.other("OLD", "NEW")
        return [
            self._trigger("_i", f"AFTER INSERT ON {table}", [*self._stale("NEW"), *self._write("NEW", is_insert=True)]),
            self._trigger("_u", f"AFTER UPDATE ON {table} WHEN {same}", [*self._stale("OLD"), *self._write("OLD")]),
            self._trigger(
                "_m", f"AFTER UPDATE ON {table} WHEN {moved}", [*self._stale("OLD"), *self._write("OLD", is_move=True)]
            ),
            self._trigger(
                "_d",
                f"AFTER DELETE ON {table}",
                [f"DELETE FROM {quote(self.name)} WHERE {self._is_here(quote(self.name), 'OLD')}"],
            ),
        ]

    def drop(self) -> list[str]:
        """Return the statements that drop the triggers, if they are there."""
        return [f"DROP TRIGGER IF EXISTS {quote(self.name + suffix)}" for suffix in _SUFFIXES]

    def copy(self) -> str:
        """Return the statement that copies the rows of a range that are not there yet."""
        names, sources = ", ".join(self._pairs), ", ".join(self._pairs.values())
        return (
            f"INSERT OR IGNORE INTO {quote(self.name)} ({names}) SELECT {sources} FROM {quote(self.live.name)} AS o"
            f" WHERE {RANGE}"
        )

    def clear(self) -> str:
        """Return the statement that empties a range of the twin."""
        return f"DELETE FROM {quote(self.name)} WHERE {RANGE}"

    def sweep(self) -> str:
        """Return the statement that deletes rows of a range of the twin that the table has no more."""
        return f"{self.clear()} AND NOT EXISTS ({self._rows(quote(self.name))})"

    def compare(self) -> str:
        """Return the query for the number of rows in a range that differ."""
        terms = [self.link.same("n", "o"), *map(self._equal, self._compared)]
        return (
            f"SELECT (SELECT count(*) FROM {quote(self.live.name)} AS o WHERE {RANGE} AND NOT EXISTS"
            f" (SELECT 1 FROM {quote(self.name)} AS n WHERE {' AND '.join(terms)}))"
            f" + (SELECT count(*) FROM {quote(self.name)} AS n WHERE {RANGE} AND NOT EXISTS ({self._rows('n')}))"
        )

    def mark(self) -> str:
        """Return the statement that notes the rows of a range of the twin which break its definition."""
        keys = ", ".join(self.link.columns)
        return (
            f"INSERT INTO {quote(self.suspects)} SELECT {keys} FROM {quote(self.name)} AS {quote(self.twin.name)}"
            f" WHERE {RANGE} AND ({self.broken})"
        )

    def count_suspects(self) -> str:
        """Return the query for the number of noted rows that the twin's definition does not allow or hold."""
        here = " AND ".join(f"o.{c} = z.k{i}" for i, c in enumerate(self.link.columns))
        wrong = [f"NOT EXISTS (SELECT 1 FROM {quote(self.name)} AS n WHERE {self._all_equal()})"]
        if self.broken:
            row = quote(self.twin.name)
            mine = " AND ".join(f"{row}.{c} = z.k{i}" for i, c in enumerate(self.link.columns))
            wrong.append(f"EXISTS (SELECT 1 FROM {quote(self.name)} AS {row} WHERE {mine} AND ({self.broken}))")
        return (
            f"SELECT count(*) FROM {quote(self.suspects)} AS z JOIN {quote(self.live.name)} AS o ON {here}"
            f" WHERE {' OR '.join(wrong)}"
        )

    def create_suspects(self) -> str:
        """Return the statement that creates the table of noted rows."""
        columns = ", ".join(f"k{i}" for i in range(len(self.link.columns)))
        return f"CREATE TABLE {quote(self.suspects)} ({columns})"

    def _all_equal(self) -> str:
        return " AND ".join([self.link.same("n", "o"), *map(self._equal, self._compared)])

    def _trigger(self, suffix: str, event: str, body: list[str]) -> str:
        statements = " ".join(f"{sql};" for sql in body)
        return f"CREATE TRIGGER {quote(self.name + suffix)} {event} BEGIN {statements} END"

    def _is_here(self, one: str, other: str) -> str:
        return self.link.same(one, other)

    def _rows(self, row: str) -> str:
        return f"SELECT 1 FROM {quote(self.live.name)} AS o WHERE {self.link.same('o', row)}"

    @property
    def _compared(self) -> list[str]:
        """The twin's columns whose values come from a column of the table."""
        return [t for t, source in self._pairs.items() if source.startswith("o.") and t.startswith('"')]

    def _is_alike(self, target: str) -> bool:
        """Tell whether a column holds a value just as the table does."""
        column, was = find_column(self.twin, unquote(target)), find_column(self.live, unquote(target))
        return column is not None and was is not None and holds_same(self.twin, column, self.live, was)

    def _equal(self, target: str) -> str:
        source, column = self._pairs[target], find_column(self.twin, unquote(target))
        plain = f"n.{target} COLLATE BINARY IS {source}"
        if column is None or self._is_alike(target) or column_affinity(self.twin, column) == "BLOB":
            return plain
        return f"({plain} OR n.{target} COLLATE BINARY IS CAST({source} AS {column_affinity(self.twin, column)}))"

    def _is_followed(self, key: UniqueKey) -> bool:
        return is_indexed(self.twin, key.names, self.live)

    def _stale(self, at: str) -> list[str]:
        """Return the statements that delete rows which OR REPLACE has just deleted from the table.

        The row that is written, still found as ``at``, is none of them.
        """
        twin, found = quote(self.name), []
        for key in unique_keys(self.live, self.link):
            if self._is_followed(key):
                terms = [*stale_terms(self.twin, key.names, self.live), self.link.other(twin, at)]
                found.append(f"DELETE FROM {twin} WHERE {' AND '.join(terms)} AND NOT EXISTS ({self._rows(twin)})")
        return found

    def _terms(self, key: UniqueKey) -> list[str]:
        """Return the conditions that another row ``x`` of the twin has the key of the row ``o``."""
        terms = []
        for part in key.parts:
            if part.column is None:
                continue
            target, column = quote(part.column), find_column(self.twin, part.column)
            source = self._pairs.get(target)
            if source is None or column is None:
                continue
            collate = f" COLLATE {quote(part.collation)}" if part.collation else ""
            same = f"x.{target} = {source}{collate}"
            if not self._is_alike(target) and column_affinity(self.twin, column) != "BLOB":
                same = f"({same} OR x.{target} = CAST({source} AS {column_affinity(self.twin, column)}){collate})"
            terms.append(same)
        return terms

    def _is_taken(self, key: UniqueKey, row: str) -> str:
        terms = [*self._terms(key), self.link.other("x", row)]
        return f"EXISTS (SELECT 1 FROM {quote(self.name)} AS x WHERE {' AND '.join(terms)})"

    def _write(self, at: str, *, is_insert: bool = False, is_move: bool = False) -> list[str]:
        """Return the statements that write the row ``NEW`` to the twin, where it is found as ``at``."""
        found = [self._keep(key, column, at, is_insert) for key, column in self._contested]
        found.append(self._update(at, is_all=is_insert, is_move=is_move))
        if is_insert:
            found.append(self._insert())
        if self.suspects and self.broken:
            twin, row = quote(self.name), quote(self.twin.name)
            keys = ", ".join(f"{row}.{c}" for c in self.link.columns)
            found.append(
                f"INSERT INTO {quote(self.suspects)} SELECT {keys} FROM {twin} AS {row}"
                f" WHERE {self._is_here(row, 'NEW')} AND ({self.broken})"
            )
        return [sql for sql in found if sql]

    def _values(self, row: str) -> dict[str, str]:
        """Return where the columns come from when keys that are taken are left out."""
        values = dict(self._pairs)
        for key, column in self._contested:
            target = quote(column)
            values[target] = f"CASE WHEN {self._is_taken(key, row)} THEN NULL ELSE {values[target]} END"
        return values

    def _update(self, at: str, *, is_all: bool, is_move: bool) -> str:
        twin, contested = quote(self.name), {fold(column) for _, column in self._contested}
        sets, sources = [], []
        values = self._values(at)
        for i, target in enumerate(self._compared):
            name = unquote(target)
            if self.link.is_part(name) or (self.link.is_rowid and name == rowid_column(self.twin)):
                continue
            sources.append(f"{values[target]} AS v{i}")
            is_plain = is_all or (self._is_alike(target) and fold(name) not in contested)
            sets.append(f"{target} = n.v{i}" if is_plain else self._if_changed(target, twin, f"n.v{i}"))
        if is_move:
            sets += [f"{c} = NEW.{c}" for c in self.link.columns]
        if not sets:
            return ""
        sources = sources or ["1"]
        rows = f"SELECT {', '.join(sources)} FROM {quote(self.live.name)} AS o WHERE {self._is_here('o', 'NEW')}"
        return f"UPDATE {twin} SET {', '.join(sets)} FROM ({rows}) AS n WHERE {self._is_here(twin, at)}"

    def _if_changed(self, target: str, twin: str, value: str) -> str:
        """Return an assignment that leaves what the twin holds where the table's value is the same as before.

        Else an update of another column would turn the '007' that is kept there into the 7 it became.
        """
        return f"{target} = CASE WHEN {self._is_changed(target)} THEN {value} ELSE {twin}.{target} END"

    @staticmethod
    def _is_changed(target: str) -> str:
        return f"(NEW.{target} COLLATE BINARY IS NOT OLD.{target} OR typeof(NEW.{target}) IS NOT typeof(OLD.{target}))"

    def _insert(self) -> str:
        values = self._values("o")
        return (
            f"INSERT INTO {quote(self.name)} ({', '.join(values)}) SELECT {', '.join(values.values())}"
            f" FROM {quote(self.live.name)} AS o WHERE {self._is_here('o', 'NEW')} AND NOT EXISTS"
            f" (SELECT 1 FROM {quote(self.name)} AS n WHERE {self._is_here('n', 'o')})"
        )

    def _keep(self, key: UniqueKey, column: str, at: str, is_insert: bool) -> str:
        """Return the statement that notes a row whose key is taken in the twin, or keeps its value."""
        target = quote(column)
        value = self._pairs[target]
        changed = "" if is_insert else f" AND {self._is_changed(target)}"
        rows = (
            f"FROM {quote(self.live.name)} AS o WHERE {self._is_here('o', 'NEW')}{changed}"
            f" AND {value} IS NOT NULL AND {self._is_taken(key, at)}"
        )
        if self.suspects:
            return f"INSERT INTO {quote(self.suspects)} SELECT {', '.join('o.' + c for c in self.link.columns)} {rows}"
        alias = rowid_column(self.live) if self.link.is_rowid else None
        names = [alias] if alias else [c.strip('"') for c in self.link.columns]
        keys = ", ".join(
            f"{literal(name)}, {_text(f'o.{c}')}" for name, c in zip(names, self.link.columns, strict=True)
        )
        values = [
            literal(self.name),
            literal(self.live.name),
            f"json_object({keys})",
            literal(column),
            _text(value, is_text=True),
            "NULL",
            "'duplicate'",
        ]
        return f"INSERT INTO lockgate_salvage ({_SALVAGE}) SELECT {', '.join(values)} {rows}"


_SALVAGE = "mirror, table_name, row_key, column_name, value_text, stand_in, reason"


def _text(value: str, *, is_text: bool = False) -> str:
    rest = f"CAST({value} AS TEXT)" if is_text else value
    return f"CASE typeof({value}) WHEN 'blob' THEN quote({value}) ELSE {rest} END"
