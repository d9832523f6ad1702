"""The side table of a rebuild: what the new table cannot hold, by the key of the new table's row; pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from lockgate.engine.base import ParkNames
from lockgate.engine.sqlite.normalize import rowid_column
from lockgate.engine.sqlite.park import bare_rowid, is_autoincrement
from lockgate.engine.sqlite.shape import identity_columns, rowid_name
from lockgate.engine.sqlite.tokens import fold, literal, quote
from lockgate.engine.sqlite.uniques import NO_LINK, UniqueKey, is_kept
from lockgate.engine.sqlite.values import column_affinity, find_column, has_rowid, is_constant, is_null, is_strict
from lockgate.errors import UnsupportedChange
from lockgate.model.schema import Column, Table


@dataclass(frozen=True)
class Side:
    """A side table beside ``new`` for what ``old`` held more than it.

    ``lost``: columns that go; ``replaced``: columns that are computed from now on; ``changed``: columns whose values
    may change in the copy, kept with the value they became.
    ``counter``: name of the table that keeps an AUTOINCREMENT counter that goes, or empty. ``is_back``: it keeps what a
    way back takes away, for the way there to be gone once more: rows it does not hold get the default, so that it
    holds every row whose value is another. ``is_by_number``: rows are told apart by their rowid although ``new`` has a
    key, because others' rows may break that key by then.
    """

    name: str
    old: Table | None
    new: Table | None
    lost: tuple[Column, ...] = ()
    replaced: tuple[Column, ...] = ()
    changed: tuple[Column, ...] = ()
    keeps_rowid: bool = False
    counter: str = ""
    is_back: bool = False
    is_by_number: bool = False

    rowid = "lockgate_old_rowid"

    def holds(self, column: str) -> bool:
        """Tell whether a column's old values are kept here."""
        return any(fold(c.name) == fold(column) for c in self._kept)

    @property
    def _kept(self) -> tuple[Column, ...]:
        return (*self.lost, *self.replaced, *self.changed)

    @property
    def _is_for_every_row(self) -> bool:
        return self.keeps_rowid or bool(self.replaced)

    def create(self) -> list[str]:
        """Return the statement that creates it, and the counter's keeper."""
        statements: list[str] = []
        if self.name:
            columns = [*self._key_definitions(), *(quote(c.name) for c in self._kept)]
            columns += [f"{self._became(i)} {self._type_of(c)}".rstrip() for i, c in enumerate(self.changed)]
            columns += [f"{self.rowid} INTEGER"] if self.keeps_rowid else []
            body = ", ".join(columns)
            if not self._is_by_rowid():
                # WITHOUT ROWID, or an INTEGER key would be a rowid and take no other values
                body += f", PRIMARY KEY ({', '.join(self._keys())})) WITHOUT ROWID"
            statements.append(f"CREATE TABLE {quote(self.name)} ({body}" + (")" if self._is_by_rowid() else ""))
        return statements

    def fill(self, shelf: str, rows: str, keys: Sequence[str], became: Sequence[str], rowid: str) -> list[str]:
        """Return the statements that fill it.

        Args:
            shelf: The old table's name now.
            rows: The FROM of the copy; ``o`` is the old row.
            keys: The new row's key, as the copy makes it.
            became: What each changed column's value becomes, as the copy makes it.
            rowid: The old row's number, where it is kept.
        """
        statements: list[str] = []
        if self.counter:
            statements.append(
                f"CREATE TABLE {quote(self.counter)} AS SELECT seq FROM sqlite_sequence WHERE name = {literal(shelf)}"
            )
        if not self.name:
            return statements
        old = [f"o.{quote(c.name)}" for c in self._kept]
        values = [*keys, *old, *became] + ([rowid] if self.keeps_rowid else [])
        is_all = bool(self.changed) or self._is_for_every_row
        where = "" if is_all else f" WHERE {' OR '.join(map(self._worth_keeping, self.lost))}"
        statements.append(f"INSERT INTO {quote(self.name)} SELECT {', '.join(values)} FROM {rows}{where}")
        if self.changed and not self._is_for_every_row:
            same = [
                f"{quote(c.name)} IS {self._became(i)} AND typeof({quote(c.name)}) = typeof({self._became(i)})"
                for i, c in enumerate(self.changed)
            ]
            empty = [f"NOT ({self._worth_keeping(c, '')})" for c in self.lost]
            statements.append(f"DELETE FROM {quote(self.name)} WHERE {' AND '.join([*empty, *same])}")
        return statements

    def _worth_keeping(self, column: Column, row: str = "o.") -> str:
        """Return the condition under which a lost value is kept."""
        name = f"{row}{quote(column.name)}"
        if not self.is_back or is_null(column.default):
            return f"{name} IS NOT NULL"
        default = column.default or "NULL"
        if not is_constant(default):
            return "1 = 1"  # it would be another one by then
        return f"NOT ({name} COLLATE BINARY IS {default} AND typeof({name}) = typeof({default}))"

    @property
    def is_missing(self) -> str:
        """The condition that a row has no entry, after `join`."""
        return f"s.{self._keys()[0]} IS NULL"

    def join(self, keys: Sequence[str] | None, rowid: Callable[[], str]) -> str:
        """Return the join that finds a row's old values; ``keys`` are the columns that identify it, else its number."""
        if not self.name:
            return ""
        pairs = zip(self._keys(), keys or [rowid()], strict=True)
        return f" LEFT JOIN {quote(self.name)} AS s ON " + " AND ".join(f"{column} = s.{key}" for key, column in pairs)

    def value(self, column: str, current: str | None) -> str:
        """Return the expression of a column's old value; a changed one counts only where nobody changed it since."""
        for i, changed in enumerate(self.changed):
            if fold(changed.name) == fold(column) and current is not None:
                key, became = f"s.{self._keys()[0]}", f"s.{self._became(i)}"
                same = f"{current} COLLATE BINARY IS {became} AND typeof({current}) = typeof({became})"
                return f"CASE WHEN {key} IS NOT NULL AND {same} THEN s.{quote(changed.name)} ELSE {current} END"
        kept = next(c for c in self._kept if fold(c.name) == fold(column))
        if current is not None:
            return f"CASE WHEN s.{self._keys()[0]} IS NOT NULL THEN s.{quote(kept.name)} ELSE {current} END"
        return f"s.{quote(kept.name)}"

    def track(self) -> list[str]:
        """Return triggers that follow deleted and renumbered rows, so that a re-used key gets no stranger's values."""
        if not self.name or self.new is None:
            return []
        table, columns = quote(self.new.name), [f"{{row}}.{c}" for c in self._row_keys()]
        where = " AND ".join(f"{k} IS {c.format(row='OLD')}" for k, c in zip(self._keys(), columns, strict=True))
        sets = ", ".join(f"{k} = {c.format(row='NEW')}" for k, c in zip(self._keys(), columns, strict=True))
        moved = " OR ".join(f"{c.format(row='OLD')} IS NOT {c.format(row='NEW')}" for c in columns)
        side = quote(self.name)
        return [
            *self._hold_rowids(),
            f"CREATE TRIGGER {quote(self.name + '_d')} AFTER DELETE ON {table} BEGIN"
            f" DELETE FROM {side} WHERE {where}; END",
            f"CREATE TRIGGER {quote(self.name + '_u')} AFTER UPDATE ON {table} WHEN {moved} BEGIN"
            f" UPDATE OR REPLACE {side} SET {sets} WHERE {where}; END",
        ]

    def untrack(self) -> list[str]:
        """Return statements that drop the triggers of `track`."""
        if not self.name:
            return []
        drops = [f"DROP TRIGGER IF EXISTS {quote(self.name + suffix)}" for suffix in ("_d", "_u")]
        return [*drops, *(f"DROP INDEX IF EXISTS {quote(self.name + '_v')}" for _ in self._hold_rowids())]

    def _hold_rowids(self) -> list[str]:
        """Return an index without entries: VACUUM renumbers the rows of a table that has neither key nor index.

        Source: sqlite.org/lang_vacuum.html ("may change the ROWIDs"); tests/engine/test_sqlite_changes.py measures it.
        """
        new = self.new
        if new is None or not self._is_by_rowid() or new.indexes or new.uniques or new.primary_key:
            return []
        return [f"CREATE INDEX {quote(self.name + '_v')} ON {quote(new.name)} ({quote(new.columns[0].name)}) WHERE 0"]

    def drop(self) -> list[str]:
        """Return the statements that drop it after its values are back."""
        return [f"DROP TABLE {quote(name)}" for name in (self.name, self.counter) if name]

    def restore_counter(self, table: str) -> list[str]:
        """Return statements that set the AUTOINCREMENT counter back, never below what is in use now."""
        name = literal(table)
        seen = f"SELECT seq FROM {quote(self.counter)} UNION ALL SELECT seq FROM sqlite_sequence WHERE name = {name}"
        return [
            f"CREATE TABLE lockgate_counter AS SELECT max(seq) AS seq FROM ({seen})",
            f"DELETE FROM sqlite_sequence WHERE name = {name}",
            f"INSERT INTO sqlite_sequence (name, seq) SELECT {name}, seq FROM lockgate_counter WHERE seq IS NOT NULL",
            "DROP TABLE lockgate_counter",
        ]

    def _is_by_rowid(self) -> bool:
        return self.new is not None and not self._identity()

    def _identity(self) -> tuple[Column, ...]:
        return () if self.new is None or self.is_by_number else identity_columns(self.new)

    def _keys(self) -> list[str]:
        return [f"lockgate_key{i}" for i in range(max(1, len(self._identity())))]

    def _row_keys(self) -> list[str]:
        """Return the key's columns in the new table."""
        if self.new is None:
            return []
        identity = self._identity()
        return [quote(c.name) for c in identity] if identity else [_bare(rowid_name(self.new))]

    def _key_definitions(self) -> list[str]:
        identity = self._identity()
        if not identity:
            return ["lockgate_key0 INTEGER PRIMARY KEY"]
        return [
            f"{key} {self._type_of(c)}{' COLLATE ' + quote(c.collation) if c.collation else ''}"
            for key, c in zip(self._keys(), identity, strict=True)
        ]

    def _type_of(self, column: Column) -> str:
        """Return a type that converts a value just as the new table's column does."""
        if self.new is None:
            return ""
        now = find_column(self.new, column.name)
        return "" if now is None or column_affinity(self.new, now) == "BLOB" else column_affinity(self.new, now)

    @staticmethod
    def _became(i: int) -> str:
        return f"lockgate_new{i}"


NO_SIDE = Side(name="", old=None, new=None)


def _bare(rowid: str | None) -> str:
    if rowid is None:
        raise UnsupportedChange(
            "a table has no key and no reachable rowid, so its rows cannot be told apart",
            cause="columns named rowid, _rowid_ and oid hide it",
            state="nothing was touched",
        )
    return bare_rowid(rowid)


def plan_side(old: Table, new: Table, names: ParkNames, *, is_back: bool = False) -> Side:
    """Return the side table a rebuild from ``old`` to ``new`` needs, or `NO_SIDE`; a reserved name only if needed."""
    lost = tuple(c for c in old.columns if c.generated is None and find_column(new, c.name) is None)
    replaced = tuple(c for c in old.columns if c.generated is None and _is_generated(find_column(new, c.name)))
    changed = tuple(c for c in old.columns if c.generated is None and _may_change(old, c, new))
    keeps_rowid = _loses_rowid(old, new)
    has_rows = bool(lost or replaced or changed or keeps_rowid)
    name = names.next(old.name) if has_rows else ""
    counter = names.next(old.name + "_sequence") if is_autoincrement(old) and not is_autoincrement(new) else ""
    if not (name or counter):
        return NO_SIDE
    return Side(
        name, old, new, lost, replaced, changed, keeps_rowid, counter, is_back, is_back and may_share_key(old, new)
    )


def may_share_key(current: Table, target: Table) -> bool:
    """Tell whether rows that ``current`` allows may have the same primary key in ``target``, and have a rowid there."""
    key = target.primary_key
    if key is None or not has_rowid(target) or rowid_column(target) is not None or rowid_name(target) is None:
        return False
    return not is_kept(UniqueKey(key.parts), target, current, NO_LINK)


def _is_generated(column: Column | None) -> bool:
    return column is not None and column.generated is not None


def _may_change(old: Table, column: Column, new: Table) -> bool:
    """Tell whether the copy may change a value: the column has another affinity."""
    now = find_column(new, column.name)
    if now is None or now.generated is not None:
        return False
    same = column_affinity(old, column) == column_affinity(new, now)
    return not same or (is_strict(old) != is_strict(new) and column_affinity(old, column) != "BLOB")


def _loses_rowid(old: Table, new: Table) -> bool:
    """Tell whether the old rowid, unseen by any column, is not the new one."""
    if not has_rowid(old) or rowid_column(old) is not None or rowid_name(old) is None:
        return False
    alias = rowid_column(new)
    return not has_rowid(new) or (alias is not None and find_column(old, alias) is not None)
