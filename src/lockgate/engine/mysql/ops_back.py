"""How a done op on a table is undone and done again: nothing is dropped, and no row is in the way; pure.

The way back (`revert`) parks what came instead of dropping it, and brings back what rows may violate by then in
statements of their own, each with a soft form. Its exact inverse (`redo`) brings the parked things back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from msgspec.structs import replace

from lockgate.engine.mysql.obstacles import Obstacle, ease, find_obstacles, precheck, remove, restore
from lockgate.engine.mysql.parking import fresh_columns, park_column, with_parked
from lockgate.engine.mysql.render_alter import alter_statement
from lockgate.engine.mysql.server import has_invisible_columns
from lockgate.engine.mysql.side import number_rows, parked_column
from lockgate.engine.mysql.staying import stay_wide
from lockgate.engine.mysql.table_job import TableJob, alter_between, mode_settings
from lockgate.model.op import Op, Parked, Precheck, Statement
from lockgate.model.schema import Column, Table


@dataclass(frozen=True)
class Extra:
    """Statements on rows around the ALTER of a way back (``before``, ``after``) and around that of its inverse.

    ``firm``: columns (as they were, as they are) whose values nothing can stand in for.
    """

    before: tuple[Statement, ...] = ()
    after: tuple[Statement, ...] = ()
    redo_before: tuple[Statement, ...] = ()
    redo_after: tuple[Statement, ...] = ()
    parks: tuple[Parked, ...] = ()
    prechecks: tuple[Precheck, ...] = ()
    firm: tuple[tuple[Column, Column], ...] = ()


def add_ways(
    op: Op, job: TableJob, start: Table, end: Table, renames: Mapping[str, str], extra: Extra | None = None
) -> Op:
    """Return an op that leads from ``start`` to ``end`` with its ``revert`` and ``redo``, where these keep more.

    Args:
        renames: Names of columns in ``start`` → names in ``end``; those that are parked among them.
    """
    extra = extra or Extra()
    if not has_invisible_columns(job.server):
        return op
    fresh = fresh_columns(start, end, renames)
    parked = {c.name: park_column(_with_default(job, c), job.names.next(c.name), end, job.server) for c in fresh}
    target = with_parked(start, end, renames, parked)
    there = {**renames, **{column.name: name for name, column in parked.items()}}
    obstacles = find_obstacles(job, target, end, there)
    if not (fresh or obstacles or extra != Extra()):
        return op
    eased = ease(target, obstacles)
    modes = mode_settings(job.server, (start, end))
    undo = (*modes[0], *extra.before, *_alter(job, end, eased, _inverse(there)), *extra.after)
    numbers = tuple(s for c in fresh if c.is_auto_increment for s in number_rows(job, start, parked[c.name].name))
    redo = (*numbers, *extra.redo_before, *_alter(job, eased, end, there), *extra.redo_after, *modes[1])
    at = len(modes[0]) + len(extra.before), len(modes[0]) + len(obstacles) + len(numbers) + len(extra.redo_before)
    firm = stay_wide(job, extra.firm, (end, eased, target), _inverse(there), at)
    prechecks = _prechecks(job, target, obstacles, len(undo), len(modes[0]))
    back = tuple(restore(job, target, obstacles, n) for n in range(len(obstacles)))
    off = tuple(remove(job, target, obstacles, n) for n in reversed(range(len(obstacles))))
    return replace(
        op,
        revert=(*undo, *back, *modes[1]),
        redo=(*modes[0], *off, *redo),
        backward_prechecks=(*extra.prechecks, *firm, *prechecks),
        backward_parks=(*(parked_column(job, name, column.name) for name, column in parked.items()), *extra.parks),
    )


def _with_default(job: TableJob, column: Column) -> Column:
    """Return a new column with the default that it is given later on: rows that come while it is parked get it."""
    if column.name not in job.way.volatile:
        return column
    return replace(column, default=next(c.default for c in job.way.after.columns if c.name == column.name))


def _inverse(names: Mapping[str, str]) -> dict[str, str]:
    return {new: old for old, new in names.items()}


def _alter(job: TableJob, a: Table, b: Table, renames: Mapping[str, str]) -> tuple[Statement, ...]:
    names = dict(renames)
    return (alter_between(a, b, job.server, names),) if alter_statement(a, b, job.server, names) else ()


def _prechecks(job: TableJob, target: Table, obstacles: list[Obstacle], first: int, first_off: int) -> list[Precheck]:
    last = len(obstacles) - 1
    return [precheck(job, target, o, first + n, first_off + last - n) for n, o in enumerate(obstacles)]
