"""Old values of lossy conversions, kept beside the new ones; pure."""

from __future__ import annotations

from msgspec.structs import replace

from lockgate.engine.mysql.conversions import convert
from lockgate.engine.mysql.draft import Draft, ddl, dml, setting
from lockgate.engine.mysql.lexer import quote_name, quote_string
from lockgate.engine.mysql.salvage import key_names, stand_in_of, unfit_rows
from lockgate.engine.mysql.salvage_note import note_kept, note_used
from lockgate.engine.mysql.server import has_invisible_columns
from lockgate.engine.mysql.side import assign, finalize_table, parked_column, side_table
from lockgate.engine.mysql.table_job import TableJob, alter_between, in_mode
from lockgate.engine.mysql.walking import walk_rows
from lockgate.model.op import FIX, RANGE, Op, Parked, Statement
from lockgate.model.schema import Column, Table


class Keeping:
    """Keeps the old values of lossy conversions in parked columns beside the new ones.

    Before the conversion each old value is copied (``old``), after it each new one (``new``). On the way back a value
    that still equals ``new`` is given its old one; any other is converted, and kept in a side table as it was.
    """

    def __init__(self, job: TableJob, lossy: list[tuple[Column, Column]]) -> None:
        self.job = job
        self.pairs = lossy
        self.old = {a.name: job.names.next(a.name) for a, _ in lossy}
        self.new = {a.name: job.names.next(a.name) for a, _ in lossy}
        self.side = job.names.next(job.name) if lossy else ""

    def _copies(self, names: dict[str, str], which: int) -> list[Column]:
        return [self._copy(pair[which], names[pair[0].name]) for pair in self.pairs]

    def _copy(self, column: Column, name: str) -> Column:
        options = tuple((n, v) for n, v in column.options if n in ("srid", "compressed"))
        return replace(
            column,
            name=name,
            is_nullable=True,
            default="NULL",
            on_update=None,
            is_auto_increment=False,
            is_invisible=has_invisible_columns(self.job.server),
            comment=None,
            options=options,
        )

    def wrap(self, start: Table, end: Table) -> tuple[Table, Table]:
        """Return both states with the copies of the old values in them."""
        copies = tuple(self._copies(self.old, 0))
        return replace(start, columns=start.columns + copies), replace(end, columns=end.columns + copies)

    def add_before(self, draft: Draft) -> None:
        """Add the op that copies the old values."""
        if self.pairs:
            start = self.job.way.expanded
            end = replace(start, columns=start.columns + tuple(self._copies(self.old, 0)))
            self._add(draft, "old", start, end, self.old, ())

    def add_after(self, draft: Draft) -> None:
        """Add the op that copies the new values, whose way back says which were changed since."""
        if not self.pairs:
            return
        job = self.job
        _, start = self.wrap(job.way.expanded, job.way.fixed)
        end = replace(start, columns=start.columns + tuple(self._copies(self.new, 1)))
        changed = {n: f"NOT ({quote_name(n)} <=> {quote_name(self.new[n])})" for n in self.old}
        statements = []
        for old, new in self.pairs:
            where, parked = changed[old.name], self.old[old.name]
            unfit, stand_in = unfit_rows(convert(new, old)), stand_in_of(old)
            if unfit and stand_in:
                assigned = assign(end, {parked: stand_in})
                sql = f"UPDATE {job.quoted} SET {assigned} WHERE {RANGE} AND {where} AND ({unfit})"
                statements.append(walk_rows(end, sql, job.server))
                where += f" AND NOT ({unfit})"
            assigned = assign(end, {parked: quote_name(old.name)})
            sql = f"UPDATE IGNORE {job.quoted} SET {assigned} WHERE {RANGE} AND {where}"
            statements.append(walk_rows(end, sql, job.server))
        kept = [*self.old, *self.old.values()]
        statements.append(ddl(side_table(self.side, end, kept, " OR ".join(changed.values()))))
        keys = [n for n in key_names(end, "") if n not in self.old]
        for _, new in self.pairs:
            statements += note_kept(self.side, job.name, keys, new, new.name, self.old[new.name])
        self._add(draft, "new", start, end, self.new, tuple(statements), self._give_back(end))

    def _give_back(self, end: Table) -> tuple[Statement, ...]:
        """Return what gives rows that were not changed since the values which the old type could not hold."""
        statements: list[Statement] = []
        names = [n for n in key_names(end, "") if n not in self.old]
        if end.primary_key is None:
            names = []
        for name, old in self.old.items():
            keys = [f"t.{quote_name(n)} <=> s.{quote_name(n)}" for n in names]
            keys.append(f"BINARY t.{quote_name(old)} <=> BINARY s.{quote_name(old)}")
            kept = [quote_name(c.name) for c in end.columns if c.on_update is not None and c.name != name]
            pairs = [f"t.{quote_name(name)} = s.{quote_name(name)}", *(f"t.{n} = t.{n}" for n in kept)]
            statements.append(
                dml(
                    f"UPDATE {self.job.quoted} AS t JOIN {quote_name(self.side)} AS s ON {' AND '.join(keys)}"
                    f" SET {', '.join(pairs)}"
                )
            )
        return (*statements, *note_used(self.side), ddl(f"DROP TABLE {quote_name(self.side)}"))

    def _add(
        self,
        draft: Draft,
        word: str,
        start: Table,
        end: Table,
        names: dict[str, str],
        back: tuple[Statement, ...],
        again: tuple[Statement, ...] = (),
    ) -> None:
        job = self.job
        values = {parked: quote_name(name) for name, parked in names.items()}
        listed = ", ".join(names)
        side = Parked(original=job.key, parked=self.side, finalize=(finalize_table(self.side),))
        copy = (
            alter_between(start, end, job.server, {}),
            walk_rows(end, f"UPDATE {job.quoted} SET {assign(end, values)} WHERE {RANGE}", job.server),
        )
        undo = in_mode(job.server, (end,), (*back, alter_between(end, start, job.server, {})))
        op = Op(
            title=f"keep the {word} values of {job.name}.{listed}",
            stage=FIX,
            table=job.key,
            forward=in_mode(job.server, (end,), copy),
            backward=undo,
            parks=tuple(parked_column(job, name, parked) for name, parked in names.items()),
            backward_parks=(side,) if back else (),
        )
        if again:
            op = replace(op, revert=undo, redo=in_mode(job.server, (end,), (*copy, *again)))
        draft.add(op, {job.name})

    def leniently(self, undo: Statement) -> tuple[Statement, ...]:
        """Return the conversion back, and what gives every row its kept value."""
        before, after = self.around()
        return (*before, undo, *after)

    def around(self) -> tuple[tuple[Statement, ...], tuple[Statement, ...]]:
        """Return what is run before the conversion back, and behind it to give every row its kept value."""
        if not self.pairs:
            return (), ()
        job = self.job
        mode = job.server.setting("sql_mode")
        before = setting("SET SESSION sql_mode = 'ALLOW_INVALID_DATES'")
        statements = []
        target = job.way.expanded
        for name, parked in self.old.items():
            assigned = assign(target, {name: quote_name(parked)})
            different = f"NOT (BINARY {quote_name(name)} <=> BINARY {quote_name(parked)})"
            sql = f"UPDATE {job.quoted} SET {assigned} WHERE {RANGE} AND {different}"
            statements.append(walk_rows(target, sql, job.server))
        return (before,), (*statements, setting(f"SET SESSION sql_mode = {quote_string(mode)}"))
