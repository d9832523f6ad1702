"""What a rebuild back does when rows written since break the old definition: the rows stay, new ones may not; pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from msgspec.structs import replace

from lockgate.engine.base import ParkNames
from lockgate.engine.sqlite import checks
from lockgate.engine.sqlite.catalog import Body, retext
from lockgate.engine.sqlite.guards import drop_guards, guards, list_broken, row_key, taken
from lockgate.engine.sqlite.locks import note
from lockgate.engine.sqlite.rebuild import Rebuild
from lockgate.engine.sqlite.relax import relaxed_text
from lockgate.engine.sqlite.render import index_sql, table_sql, table_sql_from_model
from lockgate.engine.sqlite.tokens import fold, quote
from lockgate.engine.sqlite.uniques import NO_LINK, UniqueKey, is_kept, unique_keys
from lockgate.engine.sqlite.values import column_affinity, find_column, has_rowid
from lockgate.engine.sqlite.violations import Violation, any_of, slack_for, violations
from lockgate.model.op import Precheck, Soft, Statement
from lockgate.model.schema import Index, Table


@dataclass(frozen=True)
class StandIns:
    """The way back ``back`` with its statements ``revert``; ``name`` is a reserved one for what stands in."""

    back: Rebuild
    revert: tuple[Statement, ...]
    name: str

    @property
    def current(self) -> Table:
        """The table whose rows are in the way."""
        return self.back.old

    @property
    def target(self) -> Table:
        """The table as it was."""
        return self.back.new

    @property
    def broken(self) -> tuple[Violation, ...]:
        """What single rows may break."""
        return violations(self.current, self.target)

    @property
    def shared(self) -> tuple[UniqueKey, ...]:
        """The keys that rows may share."""
        keys = unique_keys(self.target, NO_LINK)
        own = self.target.primary_key if not has_rowid(self.target) else None
        return tuple(
            key
            for key in keys
            if not is_kept(key, self.target, self.current, NO_LINK) and not (own and key.parts == own.parts)
        )

    def precheck(self) -> tuple[Precheck, ...]:
        """Return the question before the way back; it goes on all the same."""
        if not (self.broken or self.shared):
            return ()
        row, rows = quote(self.target.name), self._beside().rows()
        counts = [f"(SELECT count(*) FROM ({rows}) AS {row} WHERE {any_of(self.broken)})"] if self.broken else []
        counts += [self._count_shared(key, rows) for key in self.shared]
        name = self.target.name
        message = f"rows of {name} break its old definition"
        return (
            Precheck(name="old_definition", sql=f"SELECT {' + '.join(counts)}", message=message, soft=self._soft()),
        )

    def _beside(self) -> Rebuild:
        back = self.back
        return Rebuild(back.old, back.new, keep=back.keep, restore=back.restore, is_back=True, is_beside=True)

    def _count_shared(self, key: UniqueKey, rows: str) -> str:
        terms = [self._term(part.column, part.expression, part.collation) for part in key.parts]
        known = [f"{quote(name)} IS NOT NULL" for name in key.names] + ([f"({key.where})"] if key.where else [])
        where = f" WHERE {' AND '.join(known)}" if known else ""
        return (
            f"(SELECT count(*) FROM (SELECT 1 FROM ({rows}) AS {quote(self.target.name)}{where}"
            f" GROUP BY {', '.join(terms)} HAVING count(*) > 1))"
        )

    def _term(self, name: str | None, expression: str | None, collation: str | None) -> str:
        """Return a part of a key as it will be compared: with the column's type and collation."""
        if name is None:
            return f"({expression})" + (f" COLLATE {quote(collation)}" if collation else "")
        column, was = find_column(self.target, name), find_column(self.current, name)
        assert column is not None
        text = quote(name)
        affinity = column_affinity(self.target, column)
        if affinity != "BLOB" and was is not None and column_affinity(self.current, was) != affinity:
            text = _stored(text, affinity)
        return f"{text} COLLATE {quote(collation or column.collation or 'binary')}"

    @property
    def _guarded(self) -> tuple[Violation, ...]:
        return (*self.broken, *(taken(self.target, key) for key in self.shared))

    @property
    def _row_key(self) -> tuple[str, ...]:
        return row_key(self.target)

    def _relaxed(self) -> str:
        if not any(not key.index for key in self.shared):
            return relaxed_text(self.target, self.target.name, slack_for(self.broken))
        return table_sql_from_model(self._relaxed_model())

    def _relaxed_model(self) -> Table:
        target, nulls = self.target, {fold(v.columns[0]) for v in self.broken if v.kind == "not_null"}
        checks_gone = {v.expression for v in self.broken if v.kind == "check"}
        is_strict_gone = any(v.kind == "strict" for v in self.broken)
        shared = {key.parts for key in self.shared}
        key = target.primary_key
        return replace(
            target,
            text="",
            columns=tuple(replace(c, is_nullable=c.is_nullable or fold(c.name) in nulls) for c in target.columns),
            uniques=tuple(u for u in target.uniques if u.parts not in shared),
            primary_key=None if key is not None and key.parts in shared else key,
            checks=tuple(c for c in target.checks if c.expression not in checks_gone),
            options=tuple(o for o in target.options if not (is_strict_gone and o[0] == "strict")),
        )

    def _soft(self) -> Soft:
        first = next(i for i, s in enumerate(self.revert) if s.sql == table_sql(self.target))
        swapped = {table_sql(self.target): self._relaxed()}
        for index in self._shared_indexes():
            swapped[index_sql(index, self.target.name)] = index_sql(
                replace(index, is_unique=False, text=""), self.target.name
            )
        instead = [replace(s, sql=swapped.get(s.sql, s.sql)) for s in self.revert[first:]]
        instead += [note(sql) for sql in self._stand_in()]
        names = ", ".join(dict.fromkeys(name for one in self._guarded for name in one.columns))
        return Soft(
            first=first,
            last=len(self.revert) - 1,
            instead=tuple(instead),
            rows=self._list(),
            settle=tuple(note(sql) for sql in self._settle()),
            message=f"rows of {self.target.name} break what its old definition says of {names}; new rows may not",
        )

    def _shared_indexes(self) -> list[Index]:
        names = {key.index for key in self.shared if key.index}
        return [index for index in self.target.indexes if index.name in names]

    def _helpers(self) -> list[str]:
        """Return the statements that create indexes by which the guards of lost keys find rows."""
        found = []
        for number, key in enumerate(self.shared):
            if not key.index:
                columns = ", ".join(quote(name) for name in key.names)
                found.append(f"CREATE INDEX {quote(f'{self.name}_{number}')} ON {quote(self.target.name)} ({columns})")
        return found

    def _stand_in(self) -> list[str]:
        return [*self._helpers(), *guards(self.target, self._guarded, self.name, self._row_key)]

    def unguard(self) -> list[str]:
        """Return the statements that drop the guards, if they are there."""
        return drop_guards(self.name, len(self._guarded))

    def _settle(self) -> list[str]:
        """Return the statements that put the exact definition in place: by its text where the keys are whole."""
        if any(not key.index for key in self.shared):
            exact = Rebuild(
                self._relaxed_model(), self.target, self.back.new_triggers, self.back.new_triggers
            ).statements()
            # No effect in the transaction of a step, where they are off; on a scratch copy each stands alone.
            return ["PRAGMA foreign_keys=OFF", *self.unguard(), *exact, "PRAGMA foreign_keys=ON"]
        found = self.unguard()
        for index in self._shared_indexes():
            found += [f"DROP INDEX {quote(index.name)}", index_sql(index, self.target.name)]
        if self.broken:
            found = [*retext(Body(self.target, "", ())), *found]
        return found

    def _list(self) -> str:
        return list_broken(self.target, self._guarded)


def _stored(value: str, affinity: str) -> str:
    """Return what a column of an affinity makes of a value. Source: sqlite.org/datatype3.html, section 3."""
    if affinity == "TEXT":
        return f"CASE typeof({value}) WHEN 'blob' THEN {value} ELSE CAST({value} AS TEXT) END"
    is_number = f"{value} GLOB '*[0-9]*' AND {value} NOT GLOB '*[^-+.0-9eE ]*'"
    return f"CASE WHEN typeof({value}) = 'text' AND {is_number} THEN CAST({value} AS {affinity}) ELSE {value} END"


def loosens(old: Table, new: Table) -> bool:
    """Tell whether rows that ``new`` allows may break ``old``, so that something may stand in for it."""
    ways = StandIns(Rebuild(new, old, is_back=True), (), "")
    return bool(ways.broken or ways.shared)


def plan_stand_ins(
    back: Rebuild, revert: Sequence[Statement], names: ParkNames
) -> tuple[tuple[Precheck, ...], list[str]]:
    """Return the questions before a rebuild back, and the statements that take away what stood in for an answer."""
    if not loosens(back.new, back.old):
        return checks.for_way_back(back.old, back.new), []
    found = StandIns(back, tuple(revert), names.next(back.new.name))
    return (*checks.for_way_back(back.old, back.new), *found.precheck()), found.unguard()
