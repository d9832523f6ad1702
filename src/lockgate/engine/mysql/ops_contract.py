"""The last stage of a changed table: NOT NULL, the primary key, what goes; pure."""

from __future__ import annotations

from lockgate.engine.mysql import checks
from lockgate.engine.mysql.conversions import zero_of
from lockgate.engine.mysql.draft import Draft
from lockgate.engine.mysql.lexer import quote_name
from lockgate.engine.mysql.ops_back import Extra, add_ways
from lockgate.engine.mysql.render_alter import alter_statement
from lockgate.engine.mysql.side import assign, fill_before_unparking, number_parked, parked_column, salvage_values
from lockgate.engine.mysql.table_checks import key_checks, key_checks_back
from lockgate.engine.mysql.table_job import TableJob, alter_between, in_mode
from lockgate.engine.mysql.walking import walk_rows
from lockgate.model.op import CONTRACT, RANGE, Hazard, HazardKind, Op, Precheck, Statement


def contract_ops(job: TableJob, draft: Draft) -> None:
    """Fill and forbid NULL, change the primary key, park columns, drop indexes and checks."""
    way = job.way
    renames = {old: new for old, new in way.parked.items() if old not in way.swapped and old not in way.sources}
    if not alter_statement(way.fixed, way.after, job.server, renames):
        return
    back = {new: old for old, new in renames.items()}
    fills: list[Statement] = []
    new = {c.name: c for c in way.after.columns}
    for name in way.filled:
        if name in way.late:
            continue
        value = zero_of(new[name])
        text = f"rows there are get {value} in the new column {job.name}.{name}"
        assigned = assign(way.fixed, {name: value})
        sql = f"UPDATE {job.quoted} SET {assigned} WHERE {RANGE} AND {quote_name(name)} IS NULL"
        hazard = Hazard(kind=HazardKind.FILLS_ROWS, message=text)
        fills.append(walk_rows(way.fixed, sql, job.server, hazards=[hazard]))
    hazards, prechecks = _contract_hazards(job, renames)
    change = alter_between(way.fixed, way.after, job.server, renames, hazards)
    late = [c for c in way.after.columns if c.name in way.late]
    salvage, parks = salvage_values(job, way.after, late)
    fill = fill_before_unparking(job, renames, way.fixed, way.after)
    backward = (*salvage, *fill, alter_between(way.after, way.fixed, job.server, back))
    op = Op(
        title=f"contract table {job.name}",
        stage=CONTRACT,
        table=job.key,
        changes=job.changes,
        forward=in_mode(job.server, (way.fixed, way.after), (*fills, change)),
        backward=in_mode(job.server, (way.fixed, way.after), backward),
        prechecks=tuple(prechecks),
        backward_prechecks=tuple(key_checks_back(job)),
        parks=tuple(parked_column(job, old, name) for old, name in renames.items()),
        backward_parks=parks,
    )
    extra = Extra(before=number_parked(job, renames, way.fixed, way.after), redo_before=tuple(fills))
    draft.add(add_ways(op, job, way.fixed, way.after, renames, extra), {job.name})


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
    prechecks += key_checks(job, way.fixed, way.after)
    return hazards, prechecks
