"""Ops for tables: created, taken through their states, parked; each with its exact inverse; pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from msgspec.structs import replace

from lockgate.engine.base import ParkNames
from lockgate.engine.mysql import checks
from lockgate.engine.mysql.conversions import convert, zero_of
from lockgate.engine.mysql.draft import Draft, ddl, dml, setting
from lockgate.engine.mysql.lexer import quote_name, quote_string
from lockgate.engine.mysql.locks import algorithm_suffix, lock_of
from lockgate.engine.mysql.render import render_table
from lockgate.engine.mysql.render_alter import alter_clauses, alter_statement
from lockgate.engine.mysql.server import has_invisible_columns, has_schema_wide_check_names
from lockgate.engine.mysql.states import Way
from lockgate.model.change import Change
from lockgate.model.keys import table_key
from lockgate.model.op import CONTRACT, EXPAND, FIX, Hazard, HazardKind, Op, Parked, Precheck, Statement
from lockgate.model.schema import Column, Key, Table
from lockgate.model.server import Server


@dataclass(frozen=True)
class TableJob:
    """One changed table: its way, its changes, and where the reserved names come from."""

    way: Way
    changes: tuple[Change, ...]
    server: Server
    names: ParkNames

    @property
    def name(self) -> str:
        """The table's name."""
        return self.way.after.name

    @property
    def quoted(self) -> str:
        """The table's name, quoted."""
        return quote_name(self.name)

    @property
    def key(self) -> Key:
        """The table's key."""
        return table_key(self.way.after)


def finalize_column(table: str, column: str) -> Statement:
    """Return the statement that really drops a parked column."""
    hazard = Hazard(kind=HazardKind.DELETES_DATA, message=f"drops the kept values {table}.{column}")
    return ddl(f"ALTER TABLE {quote_name(table)} DROP COLUMN {quote_name(column)}", hazards=[hazard])


def finalize_table(name: str) -> Statement:
    """Return the statement that really drops a parked table."""
    hazard = Hazard(kind=HazardKind.DELETES_DATA, message=f"drops the kept table {name}")
    return ddl(f"DROP TABLE IF EXISTS {quote_name(name)}", hazards=[hazard])


def create_table_op(table: Table, changes: tuple[Change, ...], server: Server, names: ParkNames) -> Op:
    """Create a table without its foreign keys; the way back parks it, for it may hold rows by then."""
    parked = names.next(table.name)
    quoted = quote_name(table.name)
    backward = [*_drop_check_names(table, server), ddl(f"RENAME TABLE {quoted} TO {quote_name(parked)}")]
    return Op(
        title=f"create table {table.name}",
        stage=EXPAND,
        table=table_key(table),
        changes=changes,
        forward=in_mode(server, (table,), (ddl(render_table(table, server)),)),
        backward=tuple(backward),
        backward_parks=(Parked(original=table_key(table), parked=parked, finalize=(finalize_table(parked),)),),
    )


def _drop_check_names(table: Table, server: Server) -> list[Statement]:
    """Free the names of a table's checks where they are the whole database's."""
    if not table.checks or not has_schema_wide_check_names(server):
        return []
    clauses = ", ".join(f"DROP CONSTRAINT {quote_name(check.name)}" for check in table.checks)
    return [ddl(f"ALTER TABLE {quote_name(table.name)} {clauses}")]


def free_checks_op(table: Table, server: Server, stage: int) -> Op | None:
    """Drop the checks of a table to be parked where their names are the whole database's; None when there are none."""
    bare = replace(table, foreign_keys=(), checks=())
    full = replace(table, foreign_keys=())
    if not _drop_check_names(table, server):
        return None
    return Op(
        title=f"free the names of the checks of {table.name}",
        stage=stage,
        table=table_key(table),
        forward=(ddl(alter_statement(full, bare, server)),),
        backward=(ddl(alter_statement(bare, full, server)),),
    )


def park_table_op(table: Table, changes: tuple[Change, ...], names: ParkNames) -> Op:
    """Park a table: rename it; foreign keys, checks and triggers are gone before."""
    parked = names.next(table.name)
    quoted, reserved = quote_name(table.name), quote_name(parked)
    hazards = [
        Hazard(kind=HazardKind.DELETES_DATA, message=f"table {table.name} goes, its rows are kept until finalize"),
        Hazard(kind=HazardKind.BREAKS_OLD_CLIENTS, message=f"clients that use {table.name} fail"),
    ]
    return Op(
        title=f"park table {table.name}",
        stage=CONTRACT,
        table=table_key(table),
        changes=changes,
        forward=(ddl(f"RENAME TABLE {quoted} TO {reserved}", hazards=hazards),),
        backward=(ddl(f"RENAME TABLE {reserved} TO {quoted}"),),
        parks=(Parked(original=table_key(table), parked=parked, finalize=(finalize_table(parked),)),),
    )


def _alter(a: Table, b: Table, server: Server, renames: dict[str, str], hazards: Sequence[Hazard] = ()) -> Statement:
    """Return the ALTER between two states with what it blocks."""
    clauses = alter_clauses(a, b, server, renames)
    kinds = [clause.kind for clause in clauses]
    if a.partitioning != b.partitioning:
        kinds.append("partitioning")
    lock = lock_of(kinds, server)
    found = list(hazards)
    if lock.rewrites:
        found.append(Hazard(kind=HazardKind.REWRITES_TABLE, message=f"the server may rewrite {b.name}"))
    sql = alter_statement(a, b, server, renames)
    suffix = "" if a.partitioning != b.partitioning else algorithm_suffix(clauses, b)
    return ddl(sql + suffix, blocks=lock.blocks, lock=lock.name, rewrites=lock.rewrites, hazards=found)


def updates_rows(way: Way) -> bool:
    """Tell whether the ops of a table, or their way back, update rows."""
    old = {c.name: c for c in way.expanded.columns}
    is_lossy = any(convert(a, b).is_lossy for a, b in _changed_columns(way.expanded, way.fixed))
    is_relaxed = any(c.name in old and c.is_nullable and not old[c.name].is_nullable for c in way.fixed.columns)
    is_unparked = any(not c.is_nullable for c in way.before.columns if c.name in way.parked)
    return bool(way.volatile or way.filled or way.sources or is_lossy or is_relaxed or is_unparked)


def expand_ops(job: TableJob, draft: Draft) -> None:
    """Add columns and indexes that are in nobody's way."""
    way = job.way
    if not alter_statement(way.before, way.expanded, job.server, way.renames):
        return
    back = {new: old for old, new in way.renames.items()}
    old = {c.name for c in way.before.columns} | set(back)
    fresh = [c for c in way.expanded.columns if c.name not in old]
    salvage, parks = _salvage_values(job, way.expanded, fresh)
    forward = _alter(way.before, way.expanded, job.server, way.renames)
    backward = _alter(way.expanded, way.before, job.server, back)
    draft.add(
        Op(
            title=f"expand table {job.name}",
            stage=EXPAND,
            table=job.key,
            changes=job.changes,
            forward=in_mode(job.server, (way.expanded,), (forward,)),
            backward=in_mode(job.server, (way.expanded,), (*salvage, backward)),
            backward_parks=parks,
        ),
        {job.name},
    )


def _salvage_values(
    job: TableJob, table: Table, columns: Sequence[Column]
) -> tuple[tuple[Statement, ...], tuple[Parked, ...]]:
    """Keep what was written to new columns in a side table before they are dropped."""
    values = [c for c in columns if c.generated is None]
    if not values:
        return (), ()
    conditions = [
        f"NOT ({quote_name(c.name)} <=> {c.default})" if _is_constant(c) else f"{quote_name(c.name)} IS NOT NULL"
        for c in values
    ]
    parked = job.names.next(values[0].name if len(values) == 1 else job.name)
    sql = _side_table(parked, table, [c.name for c in values], " OR ".join(conditions))
    original = Key("column", "", job.name, values[0].name)
    return (ddl(sql),), (Parked(original=original, parked=parked, finalize=(finalize_table(parked),)),)


def _is_constant(column: Column) -> bool:
    return column.default is not None and column.default != "NULL" and "(" not in column.default


def _side_table(parked: str, table: Table, columns: Sequence[str], condition: str) -> str:
    """Return CREATE TABLE … SELECT of the primary key (all columns when there is none) and the columns given."""
    key = table.primary_key
    names = [p.column for p in key.parts if p.column] if key is not None else [c.name for c in table.columns]
    chosen = list(dict.fromkeys([*names, *columns]))
    listed = ", ".join(map(quote_name, chosen))
    return f"CREATE TABLE {quote_name(parked)} AS SELECT {listed} FROM {quote_name(table.name)} WHERE {condition}"


def fix_ops(job: TableJob, draft: Draft) -> None:
    """Change types, defaults, constraints; what a conversion may change is kept beside."""
    way = job.way
    renames = {name: way.parked[name] for name in (*way.swapped, *way.sources.keys() & way.parked.keys())}
    if not alter_statement(way.expanded, way.fixed, job.server, renames):
        return
    changed = _changed_columns(way.expanded, way.fixed)
    lossy = [(a, b) for a, b in changed if convert(a, b).is_lossy]
    keep = _Keeping(job, lossy)
    keep.add_before(draft)
    back = {new: old for old, new in renames.items()}
    hazards, prechecks = _fix_hazards(job, changed, lossy, renames)
    start, end = keep.wrap(way.expanded, way.fixed)
    fresh = [c for c in way.fixed.columns if c.name not in {x.name for x in way.expanded.columns} - set(renames)]
    fresh = [c for c in fresh if c.name not in renames.values()]
    salvage, parks = _salvage_values(job, way.fixed, fresh)
    undo = _alter(end, start, job.server, back)
    relax = _unrelax(job, way.expanded, way.fixed)
    data = {old: new for old, new in renames.items() if old not in way.sources}
    fill = _fill_before_unparking(job, data, way.expanded, way.fixed)
    draft.add(
        Op(
            title=f"fix table {job.name}",
            stage=FIX,
            table=job.key,
            changes=job.changes,
            forward=in_mode(job.server, (start, end), (_alter(start, end, job.server, renames, hazards),)),
            backward=in_mode(job.server, (start, end), (*salvage, *relax[0], *fill, *keep.leniently(undo))),
            prechecks=tuple(prechecks),
            backward_prechecks=tuple(_backward_checks(job, changed, lossy)),
            parks=tuple(_parked_column(job, old, new) for old, new in renames.items() if old not in way.sources),
            backward_parks=(*parks, *relax[1]),
        ),
        {job.name},
    )
    keep.add_after(draft)
    _fill_from_generated(job, draft)
    _fill_volatile(job, draft)


def in_mode(server: Server, tables: Sequence[Table], statements: tuple[Statement, ...]) -> tuple[Statement, ...]:
    """Run statements in strict mode, so that nothing is cut silently, and with zero dates where a default has one."""
    mode = server.setting("sql_mode")
    words = mode.split(",") if mode else []
    wanted = list(words)
    if not {"STRICT_TRANS_TABLES", "STRICT_ALL_TABLES"} & set(words):
        wanted.append("STRICT_ALL_TABLES")
    defaults = [c.default or "" for table in tables for c in table.columns]
    if any("-00" in default or "'0000" in default for default in defaults):
        wanted = [word for word in wanted if word not in ("NO_ZERO_DATE", "NO_ZERO_IN_DATE", "TRADITIONAL")]
    if wanted == words or not statements:
        return statements
    return (
        setting(f"SET SESSION sql_mode = {quote_string(','.join(wanted))}"),
        *statements,
        setting(f"SET SESSION sql_mode = {quote_string(mode)}"),
    )


def _changed_columns(a: Table, b: Table) -> list[tuple[Column, Column]]:
    """Return stored columns whose type differs between two states."""
    old = {c.name: c for c in a.columns}
    pairs = [(old[c.name], c) for c in b.columns if c.name in old]
    return [
        (x, y)
        for x, y in pairs
        if x.generated is None and y.generated is None and (x.type, x.charset) != (y.type, y.charset)
    ]


def _fix_hazards(
    job: TableJob,
    changed: list[tuple[Column, Column]],
    lossy: list[tuple[Column, Column]],
    renames: dict[str, str],
) -> tuple[list[Hazard], list[Precheck]]:
    way = job.way
    hazards: list[Hazard] = []
    prechecks: list[Precheck] = []
    for a, b in changed:
        found = checks.check_conversion(way.before, a, b)
        prechecks += found
        if (a, b) in lossy:
            text = f"{job.name}.{a.name} from {a.type} to {b.type} may change values; the old ones are kept"
            hazards.append(Hazard(kind=HazardKind.LOSSY_CONVERSION, message=text))
        if found:
            text = f"values of {job.name}.{a.name} may not fit {b.type}"
            hazards.append(Hazard(kind=HazardKind.MAY_FAIL_ON_DATA, message=text))
    for name in renames:
        if name not in way.sources:
            text = f"the values of {job.name}.{name} go, they are kept until finalize"
            hazards.append(Hazard(kind=HazardKind.DELETES_DATA, message=text))
    added = _key_checks(job, way.expanded, way.fixed)
    if added:
        text = f"rows of {job.name} may violate a new key or check"
        hazards.append(Hazard(kind=HazardKind.MAY_FAIL_ON_DATA, message=text))
    return hazards, prechecks + added


def _key_checks(job: TableJob, a: Table, b: Table) -> list[Precheck]:
    """Return the questions before unique keys and checks that come between two states."""
    before = job.way.before
    result: list[Precheck] = []
    for index in b.indexes:
        if index.is_unique and not any(i.is_unique and i.parts == index.parts for i in a.indexes):
            result += checks.check_duplicates(job.way.after, before, index.parts, index.name)
    key = b.primary_key
    if key is not None and (a.primary_key is None or a.primary_key.parts != key.parts):
        result += checks.check_duplicates(job.way.after, before, key.parts, "the primary key")
    old = {(check.expression, check.is_enforced) for check in a.checks}
    for check in b.checks:
        if (check.expression, check.is_enforced) not in old:
            result += checks.check_violations(job.way.after, before, check)
    return result


def _backward_checks(
    job: TableJob, changed: list[tuple[Column, Column]], lossy: list[tuple[Column, Column]]
) -> list[Precheck]:
    """Return the questions before values are converted back; what is kept beside needs none."""
    return [
        precheck
        for pair in changed
        if pair not in lossy
        for precheck in checks.check_conversion(job.way.fixed, pair[1], pair[0])
    ]


def _parked_column(job: TableJob, old: str, new: str) -> Parked:
    return Parked(
        original=Key("column", "", job.name, old),
        parked=f"{job.name}.{new}",
        finalize=(finalize_column(job.name, new),),
    )


def _unrelax(job: TableJob, a: Table, b: Table) -> tuple[tuple[Statement, ...], tuple[Parked, ...]]:
    """On the way back to NOT NULL: note which rows hold NULL in a side table, then fill them with the zero value."""
    old = {c.name: c for c in a.columns}
    relaxed = [
        c for c in b.columns if c.name in old and c.is_nullable and not old[c.name].is_nullable and c.generated is None
    ]
    if not relaxed:
        return (), ()
    parked = job.names.next(job.name)
    condition = " OR ".join(f"{quote_name(c.name)} IS NULL" for c in relaxed)
    statements = [ddl(_side_table(parked, b, [c.name for c in relaxed], condition))]
    for column in relaxed:
        name = quote_name(column.name)
        statements.append(
            dml(f"UPDATE {job.quoted} SET {_assign(b, {column.name: zero_of(column)})} WHERE {name} IS NULL")
        )
    original = Key("column", "", job.name, relaxed[0].name)
    return tuple(statements), (Parked(original=original, parked=parked, finalize=(finalize_table(parked),)),)


def _assign(table: Table, values: dict[str, str]) -> str:
    """Return SET assignments that leave columns with ON UPDATE as they are."""
    pairs = [f"{quote_name(name)} = {value}" for name, value in values.items()]
    for column in table.columns:
        if column.on_update is not None and column.name not in values:
            pairs.append(f"{quote_name(column.name)} = {quote_name(column.name)}")
    return ", ".join(pairs)


def _fill_before_unparking(job: TableJob, renames: dict[str, str], target: Table, current: Table) -> list[Statement]:
    """Give rows that came while a NOT NULL column was parked a value: its default, else the type's zero."""
    statements: list[Statement] = []
    old = {c.name: c for c in target.columns}
    for name, parked in renames.items():
        column = old[name]
        if column.is_nullable or column.generated is not None:
            continue
        quoted = quote_name(parked)
        if column.is_auto_increment:
            statements.append(setting(f"SELECT @lockgate_n := COALESCE(MAX({quoted}), 0) FROM {job.quoted}"))
            value = "(@lockgate_n := @lockgate_n + 1)"
        else:
            value = (
                column.default
                if column.default not in (None, "NULL") and column.default is not None
                else zero_of(column)
            )
        assigned = _assign(current, {parked: value})
        statements.append(dml(f"UPDATE {job.quoted} SET {assigned} WHERE {quoted} IS NULL"))
    return statements


def _fill_from_generated(job: TableJob, draft: Draft) -> None:
    """Fill columns that were generated and are plain now with the values they had."""
    way = job.way
    values = {name: quote_name(parked) for name, parked in way.sources.items()}
    if not values:
        return
    draft.add(
        Op(
            title=f"keep the generated values of {job.name}",
            stage=FIX,
            table=job.key,
            forward=(dml(f"UPDATE {job.quoted} SET {_assign(way.fixed, values)}"),),
        ),
        {job.name},
    )


def _fill_volatile(job: TableJob, draft: Draft) -> None:
    """Give rows that are there the default that differs from row to row."""
    defaults = {c.name: c.default or "NULL" for c in job.way.after.columns if c.name in job.way.volatile}
    statements = [
        dml(f"UPDATE {job.quoted} SET {_assign(job.way.fixed, {name: value})} WHERE {quote_name(name)} IS NULL")
        for name, value in defaults.items()
    ]
    if statements:
        title = f"fill the new columns of {job.name} with their defaults"
        draft.add(Op(title=title, stage=FIX, table=job.key, forward=tuple(statements)), {job.name})


def contract_ops(job: TableJob, draft: Draft) -> None:
    """Fill and forbid NULL, change the primary key, park columns, drop indexes and checks."""
    way = job.way
    renames = {old: new for old, new in way.parked.items() if old not in way.swapped and old not in way.sources}
    if not alter_statement(way.fixed, way.after, job.server, renames):
        return
    back = {new: old for old, new in renames.items()}
    forward: list[Statement] = []
    new = {c.name: c for c in way.after.columns}
    for name in way.filled:
        if name in way.late:
            continue
        value = zero_of(new[name])
        text = f"rows there are get {value} in the new column {job.name}.{name}"
        sql = f"UPDATE {job.quoted} SET {_assign(way.fixed, {name: value})} WHERE {quote_name(name)} IS NULL"
        forward.append(dml(sql, hazards=[Hazard(kind=HazardKind.FILLS_ROWS, message=text)]))
    hazards, prechecks = _contract_hazards(job, renames)
    forward.append(_alter(way.fixed, way.after, job.server, renames, hazards))
    late = [c for c in way.after.columns if c.name in way.late]
    salvage, parks = _salvage_values(job, way.after, late)
    fill = _fill_before_unparking(job, renames, way.fixed, way.after)
    backward = (*salvage, *fill, _alter(way.after, way.fixed, job.server, back))
    draft.add(
        Op(
            title=f"contract table {job.name}",
            stage=CONTRACT,
            table=job.key,
            changes=job.changes,
            forward=in_mode(job.server, (way.fixed, way.after), tuple(forward)),
            backward=in_mode(job.server, (way.fixed, way.after), backward),
            prechecks=tuple(prechecks),
            backward_prechecks=tuple(_key_checks_back(job)),
            parks=tuple(_parked_column(job, old, name) for old, name in renames.items()),
            backward_parks=parks,
        ),
        {job.name},
    )


def _key_checks_back(job: TableJob) -> list[Precheck]:
    """Return the questions before dropped unique keys and checks come back."""
    way = job.way
    result: list[Precheck] = []
    gone = set(way.parked)
    for index in way.fixed.indexes:
        used = {p.column for p in index.parts}
        if (
            index.is_unique
            and not used & gone
            and not any(i.is_unique and i.parts == index.parts for i in way.after.indexes)
        ):
            result += checks.check_duplicates(way.after, way.after, index.parts, index.name)
    return result


def _contract_hazards(job: TableJob, renames: dict[str, str]) -> tuple[list[Hazard], list[Precheck]]:
    way = job.way
    hazards: list[Hazard] = []
    prechecks: list[Precheck] = []
    for name in renames:
        text = f"column {job.name}.{name} goes, its values are kept until finalize"
        hazards.append(Hazard(kind=HazardKind.DELETES_DATA, message=text))
        hazards.append(Hazard(kind=HazardKind.BREAKS_OLD_CLIENTS, message=f"clients that use {job.name}.{name} fail"))
    old = {c.name: c for c in way.before.columns}
    for column in way.after.columns:
        was = old.get(column.name)
        if was is None or column.is_nullable or not was.is_nullable or column.generated or column.name in way.added:
            continue
        prechecks.append(checks.check_nulls(way.before, column))
        text = f"{job.name}.{column.name} may hold NULL"
        hazards.append(Hazard(kind=HazardKind.MAY_FAIL_ON_DATA, message=text))
        hazards.append(Hazard(kind=HazardKind.BREAKS_OLD_CLIENTS, message=f"clients that leave {column.name} out fail"))
    prechecks += _key_checks(job, way.fixed, way.after)
    return hazards, prechecks


class _Keeping:
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
        statements = [ddl(_side_table(self.side, end, list(self.old), " OR ".join(changed.values())))]
        for name, condition in changed.items():
            assigned = _assign(end, {self.old[name]: quote_name(name)})
            statements.append(dml(f"UPDATE IGNORE {job.quoted} SET {assigned} WHERE {condition}"))
        self._add(draft, "new", start, end, self.new, tuple(statements))

    def _add(
        self, draft: Draft, word: str, start: Table, end: Table, names: dict[str, str], back: tuple[Statement, ...]
    ) -> None:
        job = self.job
        values = {parked: quote_name(name) for name, parked in names.items()}
        listed = ", ".join(names)
        side = Parked(original=job.key, parked=self.side, finalize=(finalize_table(self.side),))
        draft.add(
            Op(
                title=f"keep the {word} values of {job.name}.{listed}",
                stage=FIX,
                table=job.key,
                forward=in_mode(
                    job.server,
                    (end,),
                    (
                        _alter(start, end, job.server, {}),
                        dml(f"UPDATE {job.quoted} SET {_assign(end, values)}"),
                    ),
                ),
                backward=in_mode(job.server, (end,), (*back, _alter(end, start, job.server, {}))),
                parks=tuple(_parked_column(job, name, parked) for name, parked in names.items()),
                backward_parks=(side,) if back else (),
            ),
            {job.name},
        )

    def leniently(self, undo: Statement) -> tuple[Statement, ...]:
        """Return the conversion back, and what gives every row its kept value."""
        if not self.pairs:
            return (undo,)
        job = self.job
        mode = job.server.setting("sql_mode")
        statements = [setting("SET SESSION sql_mode = 'ALLOW_INVALID_DATES'"), undo]
        target = job.way.expanded
        for name, parked in self.old.items():
            assigned = _assign(target, {name: quote_name(parked)})
            different = f"NOT (BINARY {quote_name(name)} <=> BINARY {quote_name(parked)})"
            statements.append(dml(f"UPDATE {job.quoted} SET {assigned} WHERE {different}"))
        statements.append(setting(f"SET SESSION sql_mode = {quote_string(mode)}"))
        return tuple(statements)
