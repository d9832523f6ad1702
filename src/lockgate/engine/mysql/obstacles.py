"""What rows may keep from coming back: NOT NULL, keys, checks, each with a soft form; pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from msgspec.structs import replace

from lockgate.engine.mysql.conversions import convert
from lockgate.engine.mysql.guards import Guard, guard_check, guard_not_null, guard_unique, list_rows, value_of
from lockgate.engine.mysql.lexer import quote_name
from lockgate.engine.mysql.parking import rename_in
from lockgate.engine.mysql.table_job import TableJob, alter_between
from lockgate.model.op import Precheck, Soft, Statement
from lockgate.model.schema import Check, Column, Index, IndexPart, PrimaryKey, Table


class Obstacle(NamedTuple):
    """A constraint that comes back, which rows may violate by then.

    ``name``, ``question`` and ``message`` are the question; ``rows`` lists the rows in the way. ``ease`` leaves the
    constraint out of a table. ``guard`` stands in for it, where anything can.
    """

    name: str
    question: str
    message: str
    rows: str
    ease: Callable[[Table], Table]
    guard: Guard


def find_obstacles(job: TableJob, target: Table, end: Table, renames: Mapping[str, str]) -> list[Obstacle]:
    """Return the constraints that ``target`` has and ``end`` has not, or not as strictly.

    Args:
        target: What the way back leads to.
        renames: Names in ``target`` → names in ``end``.
    """
    return [
        *_not_nulls(job, target, end, renames),
        *_primary_key(job, target, end, renames),
        *_uniques(job, target, end, renames),
        *_checks(job, target, end, renames),
    ]


def ease(table: Table, obstacles: Sequence[Obstacle]) -> Table:
    """Return a table without these constraints."""
    for obstacle in obstacles:
        table = obstacle.ease(table)
    return table


def restore(job: TableJob, target: Table, obstacles: Sequence[Obstacle], number: int) -> Statement:
    """Return the statement that brings back one constraint, when those before it are back."""
    without = ease(target, obstacles[number:])
    return alter_between(without, ease(target, obstacles[number + 1 :]), job.server, {})


def remove(job: TableJob, target: Table, obstacles: Sequence[Obstacle], number: int) -> Statement:
    """Return the inverse of `restore`."""
    without = ease(target, obstacles[number:])
    return alter_between(ease(target, obstacles[number + 1 :]), without, job.server, {})


def precheck(job: TableJob, target: Table, obstacle: Obstacle, number: int, redo_number: int) -> Precheck:
    """Return the question about one obstacle, with its soft form.

    Args:
        target: What the way back of the op leads to.
        number: Of the statement that brings it back, within the way back.
        redo_number: Of the statement that removes it again, within the redo.
    """
    before = {c.name: c for c in job.way.before.columns}
    exact = replace(target, columns=tuple(before.get(c.name, c) for c in target.columns))
    settle = alter_between(obstacle.ease(exact), exact, job.server, {})
    soft = Soft(
        first=number,
        last=number,
        instead=obstacle.guard.put,
        rows=obstacle.rows,
        settle=(settle, *obstacle.guard.drop),
        message=obstacle.message,
        lift=obstacle.guard.drop,
        lift_first=redo_number,
        lift_last=redo_number,
    )
    return Precheck(name=obstacle.name, sql=obstacle.question, message=obstacle.message, soft=soft)


def _not_nulls(job: TableJob, target: Table, end: Table, renames: Mapping[str, str]) -> Iterator[Obstacle]:
    now = {c.name: c for c in end.columns}
    in_key = {p.column for p in target.primary_key.parts} if target.primary_key is not None else set()
    for column in target.columns:
        there = now.get(renames.get(column.name, column.name))
        if there is None or column.is_nullable or not there.is_nullable or column.generated or there.generated:
            continue
        if column.is_auto_increment or column.name in in_key:
            continue
        yield Obstacle(
            name="nulls",
            question=f"SELECT COUNT(*) FROM {job.quoted} WHERE {quote_name(there.name)} IS NULL",
            message=f"rows of {job.name} hold NULL in {column.name}, which must not be NULL again",
            rows=list_rows(job.way.before, "NULL", f"{quote_name(column.name)} IS NULL"),
            ease=_nullable(column.name),
            guard=guard_not_null(target, column, job.names),
        )


def _nullable(name: str) -> Callable[[Table], Table]:
    def change(column: Column) -> Column:
        if column.name != name:
            return column
        return replace(column, is_nullable=True, default="NULL" if column.default is None else column.default)

    return lambda table: replace(table, columns=tuple(map(change, table.columns)))


def _uniques(job: TableJob, target: Table, end: Table, renames: Mapping[str, str]) -> Iterator[Obstacle]:
    before = {c.name: c for c in target.columns}
    now = {c.name: c for c in end.columns}
    for index in target.indexes:
        if not index.is_unique or any(p.column is not None and p.column not in before for p in index.parts):
            continue
        moved = tuple(_moved(part, renames) for part in index.parts)
        if any(p.column is not None and p.column not in now for p in moved):
            continue
        is_same = any(i.is_unique and i.parts == moved for i in end.indexes)
        pairs = [
            (now[m.column], before[p.column]) for p, m in zip(index.parts, moved, strict=True) if p.column and m.column
        ]
        if is_same and not any(_may_fall_together(*pair) for pair in pairs):
            continue
        values = [_as_was(part, was, before, now) for was, part in zip(index.parts, moved, strict=True)]
        own = [value_of(part) for part in index.parts]
        yield Obstacle(
            name="duplicates",
            question=f"SELECT COUNT(*) FROM ({_groups(job.quoted, values)}) AS doubled",
            message=f"values of {job.name} are doubled under {index.name}, which is unique again",
            rows=list_rows(job.way.before, _shown(own), _is_doubled(job, own)),
            ease=_without_index(index.name),
            guard=guard_unique(target, index, job.names, job.server),
        )


def _primary_key(job: TableJob, target: Table, end: Table, renames: Mapping[str, str]) -> Iterator[Obstacle]:
    """Yield the old primary key, where the new one (or none) can stay until it is back."""
    key, now = target.primary_key, end.primary_key
    if key is None or any(p.column is None for p in key.parts):
        return
    moved = tuple(_moved(part, renames) for part in key.parts)
    known = {c.name for c in end.columns}
    if (now is not None and now.parts == moved) or any(p.column not in known for p in moved):
        return
    back = {new: old for old, new in renames.items()}
    stays = None if now is None else replace(now, parts=tuple(_moved(part, back) for part in now.parts))
    if stays is not None and not {p.column for p in stays.parts} <= {c.name for c in target.columns}:
        return
    values = [value_of(part) for part in moved]
    own = [value_of(part) for part in key.parts]
    missing = " OR ".join(f"{value} IS NULL" for value in values)
    gone = " OR ".join(f"{value} IS NULL" for value in own)
    columns = [c for c in target.columns if c.name in {p.column for p in key.parts}]
    was = {c.name: c for c in end.columns}
    loose = {c.name for c in columns if was[renames.get(c.name, c.name)].is_nullable}
    guards = [guard_not_null(target, c, job.names) for c in columns if c.name in loose]
    index = Index(name="primary", parts=key.parts, is_unique=True)
    guards.append(guard_unique(replace(target, primary_key=stays), index, job.names, job.server))
    yield Obstacle(
        name="duplicates",
        question=f"SELECT (SELECT COUNT(*) FROM ({_groups(job.quoted, values)}) AS doubled)"
        f" + (SELECT COUNT(*) FROM {job.quoted} WHERE {missing})",
        message=f"values of {job.name} are doubled or NULL under the primary key that comes back",
        rows=list_rows(job.way.before, _shown(own), f"{_is_doubled(job, own)} OR {gone}"),
        ease=_with_key(stays, loose, {c.name for c in columns}, {back.get(c.name, c.name): c for c in end.columns}),
        guard=Guard(tuple(s for g in guards for s in g.put), tuple(s for g in guards for s in g.drop)),
    )


def _with_key(
    key: PrimaryKey | None, loose: set[str], names: set[str], end: Mapping[str, Column]
) -> Callable[[Table], Table]:
    """Return what leaves a primary key out for another, and lets go of what needs it.

    Args:
        end: The columns as they are now, by their names in the table.
    """
    staying = {part.column for part in key.parts} if key is not None else set()

    def change(column: Column) -> Column:
        if column.name in staying:
            default = None if column.default == "NULL" else column.default
            is_numbered = end[column.name].is_auto_increment
            return replace(column, is_auto_increment=is_numbered, is_nullable=False, default=default)
        if column.name not in names:
            return column
        is_nullable = column.is_nullable or column.name in loose
        default = "NULL" if is_nullable and column.default is None else column.default
        return replace(column, is_auto_increment=False, is_nullable=is_nullable, default=default)

    return lambda table: replace(table, primary_key=key, columns=tuple(map(change, table.columns)))


def _may_fall_together(now: Column, before: Column) -> bool:
    """Tell whether values that differ now may be the same once the column is as it was."""
    return now.collation != before.collation or convert(now, before).is_lossy


def _moved(part: IndexPart, renames: Mapping[str, str]) -> IndexPart:
    if part.expression is not None:
        return replace(part, expression=rename_in(part.expression, renames))
    return replace(part, column=renames.get(part.column or "", part.column))


def _as_was(part: IndexPart, was: IndexPart, before: Mapping[str, Column], now: Mapping[str, Column]) -> str:
    """Return an index part's value as it will compare once the column has its old collation."""
    value = value_of(part)
    if part.column is None or was.column is None:
        return value
    old, new = before[was.column], now[part.column]
    if old.collation is None or old.charset is None or old.collation == new.collation:
        return value
    return f"CONVERT({value} USING {old.charset}) COLLATE {old.collation}"


def _groups(source: str, values: Sequence[str]) -> str:
    filled = " AND ".join(f"{value} IS NOT NULL" for value in values)
    listed = ", ".join(values)
    return f"SELECT {listed} FROM {source} WHERE {filled} GROUP BY {listed} HAVING COUNT(*) > 1"


def _is_doubled(job: TableJob, values: Sequence[str]) -> str:
    return f"({', '.join(values)}) IN (SELECT * FROM ({_groups(job.quoted, values)}) AS doubled)"


def _shown(values: Sequence[str]) -> str:
    return f"CONCAT_WS(', ', {', '.join(values)})"


def _without_index(name: str) -> Callable[[Table], Table]:
    return lambda table: replace(table, indexes=tuple(i for i in table.indexes if i.name != name))


def _checks(job: TableJob, target: Table, end: Table, renames: Mapping[str, str]) -> Iterator[Obstacle]:
    kept = {(check.expression, check.is_enforced) for check in end.checks}
    for check in target.checks:
        moved = rename_in(check.expression, renames)
        if not check.is_enforced or (moved, True) in kept:
            continue
        yield Obstacle(
            name="violations",
            question=f"SELECT COUNT(*) FROM {job.quoted} WHERE NOT ({moved})",
            message=f"rows of {job.name} violate {check.name}, which comes back",
            rows=list_rows(job.way.before, "NULL", f"NOT ({check.expression})"),
            ease=_without_check(check),
            guard=guard_check(target, check, job.names, job.server),
        )


def _without_check(check: Check) -> Callable[[Table], Table]:
    return lambda table: replace(table, checks=tuple(c for c in table.checks if c.name != check.name))
