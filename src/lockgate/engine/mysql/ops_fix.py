"""The second stage of a changed table: types, defaults, constraints; pure."""

from __future__ import annotations

from lockgate.engine.mysql import checks
from lockgate.engine.mysql.conversions import convert, zero_of
from lockgate.engine.mysql.draft import Draft, ddl, dml
from lockgate.engine.mysql.keeping import Keeping
from lockgate.engine.mysql.lexer import quote_name
from lockgate.engine.mysql.ops_back import Extra, add_ways
from lockgate.engine.mysql.parking import keeps_default
from lockgate.engine.mysql.render_alter import alter_statement
from lockgate.engine.mysql.salvage import is_firm, needs_salvage, salvage_unfit
from lockgate.engine.mysql.side import (
    assign,
    fill_before_unparking,
    finalize_table,
    number_parked,
    parked_column,
    salvage_values,
    side_table,
)
from lockgate.engine.mysql.table_checks import backward_checks, key_checks
from lockgate.engine.mysql.table_job import TableJob, alter_between, changed_columns, in_mode
from lockgate.engine.mysql.walking import walk_rows
from lockgate.model.op import FIX, RANGE, Hazard, HazardKind, Op, Parked, Precheck, Statement
from lockgate.model.schema import Column, Key, Table


def fix_ops(job: TableJob, draft: Draft) -> None:
    """Change types, defaults, constraints; what a conversion may change is kept beside."""
    way = job.way
    renames = {name: way.parked[name] for name in (*way.swapped, *way.sources.keys() & way.parked.keys())}
    if not alter_statement(way.expanded, way.fixed, job.server, renames):
        return
    changed = changed_columns(way.expanded, way.fixed)
    lossy = [(a, b) for a, b in changed if convert(a, b).is_lossy]
    keep = Keeping(job, lossy)
    keep.add_before(draft)
    back = {new: old for old, new in renames.items()}
    hazards, prechecks = _fix_hazards(job, changed, lossy, renames)
    start, end = keep.wrap(way.expanded, way.fixed)
    fresh = [c for c in way.fixed.columns if c.name not in {x.name for x in way.expanded.columns} - set(renames)]
    fresh = [c for c in fresh if c.name not in renames.values()]
    salvage, parks = salvage_values(job, way.fixed, fresh)
    undo = alter_between(end, start, job.server, back)
    relax = _unrelax(job, way.expanded, way.fixed)
    data = {old: new for old, new in renames.items() if old not in way.sources}
    fill = fill_before_unparking(job, data, way.expanded, way.fixed)
    op = Op(
        title=f"fix table {job.name}",
        stage=FIX,
        table=job.key,
        changes=job.changes,
        forward=in_mode(job.server, (start, end), (alter_between(start, end, job.server, renames, hazards),)),
        backward=in_mode(job.server, (start, end), (*salvage, *relax[0], *fill, *keep.leniently(undo))),
        prechecks=tuple(prechecks),
        backward_prechecks=tuple(backward_checks(job, changed, lossy)),
        parks=tuple(parked_column(job, old, new) for old, new in renames.items() if old not in way.sources),
        backward_parks=(*parks, *relax[1]),
    )
    around = keep.around()
    numbers = number_parked(job, data, way.expanded, way.fixed)
    unfit = [pair for pair in changed if pair not in lossy and needs_salvage(*pair)]
    firm = [pair for pair in unfit if is_firm(end, pair[1]) or is_firm(start, pair[0])]
    kept = salvage_unfit(job, end, [pair for pair in unfit if pair not in firm])
    extra = Extra(
        before=(*numbers, *kept.before, *around[0]),
        after=around[1],
        redo_after=kept.redo_after,
        parks=kept.parks,
        prechecks=tuple(backward_checks(job, [pair for pair in firm if pair[0].name in job.linked], [])),
        firm=tuple(pair for pair in firm if pair[0].name not in job.linked),
    )
    draft.add(add_ways(op, job, start, end, renames, extra), {job.name})
    keep.add_after(draft)
    _fill_from_generated(job, draft)
    _fill_volatile(job, draft)


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
    added = key_checks(job, way.expanded, way.fixed)
    if added:
        text = f"rows of {job.name} may violate a new key or check"
        hazards.append(Hazard(kind=HazardKind.MAY_FAIL_ON_DATA, message=text))
    return hazards, prechecks + added


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
    statements = [ddl(side_table(parked, b, [c.name for c in relaxed], condition))]
    for column in relaxed:
        name = quote_name(column.name)
        statements.append(
            dml(f"UPDATE {job.quoted} SET {assign(b, {column.name: zero_of(column)})} WHERE {name} IS NULL")
        )
    original = Key("column", "", job.name, relaxed[0].name)
    return tuple(statements), (Parked(original=original, parked=parked, finalize=(finalize_table(parked),)),)


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
            forward=(
                walk_rows(way.fixed, f"UPDATE {job.quoted} SET {assign(way.fixed, values)} WHERE {RANGE}", job.server),
            ),
            revert=(),
            redo=tuple(
                walk_rows(way.fixed, _fill_null(job, name, value), job.server) for name, value in values.items()
            ),
        ),
        {job.name},
    )


def _fill_volatile(job: TableJob, draft: Draft) -> None:
    """Give rows that are there the default that differs from row to row.

    Rows that come while the column is parked get it by themselves, so that a redo leaves a NULL that somebody wrote.
    """
    way = job.way
    fills = {
        column: walk_rows(way.fixed, _fill_null(job, column.name, column.default or "NULL"), job.server)
        for column in way.after.columns
        if column.name in way.volatile
    }
    if not fills:
        return
    op = Op(
        title=f"fill the new columns of {job.name} with their defaults",
        stage=FIX,
        table=job.key,
        forward=tuple(fills.values()),
        revert=(),
        redo=tuple(fill for column, fill in fills.items() if not keeps_default(column, way.after)),
    )
    draft.add(op, {job.name})


def _fill_null(job: TableJob, name: str, value: str) -> str:
    assigned = assign(job.way.fixed, {name: value})
    return f"UPDATE {job.quoted} SET {assigned} WHERE {RANGE} AND {quote_name(name)} IS NULL"
