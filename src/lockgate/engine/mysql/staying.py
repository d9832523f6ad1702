"""Columns of keys that keep their wider type on the way back while values are in them that the old type lacks; pure.

Nothing can stand in for a value that must be unique and not NULL. The column stays as it is, triggers refuse further
such values, and the exact type is put in place once they are gone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from lockgate.engine.mysql.conversions import convert
from lockgate.engine.mysql.guards import guard_values, list_rows
from lockgate.engine.mysql.lexer import quote_name
from lockgate.engine.mysql.render_alter import alter_statement
from lockgate.engine.mysql.salvage import unfit_rows
from lockgate.engine.mysql.table_job import TableJob, alter_between
from lockgate.model.op import Precheck, Soft, Statement
from lockgate.model.schema import Column, Table

Pairs = Sequence[tuple[Column, Column]]


def stay_wide(
    job: TableJob,
    pairs: Pairs,
    way: tuple[Table, Table, Table],
    back: Mapping[str, str],
    numbers: tuple[int, int],
) -> list[Precheck]:
    """Return the question about values that the columns' old types lack, with what is done instead.

    Args:
        pairs: The columns as they were and as they are.
        way: The table before the way back, right behind its ALTER, and at its end.
        back: Names of columns before the way back → behind it.
        numbers: Of the ALTER within the way back, and of its inverse within the redo.
    """
    found = [(old, new, condition) for old, new in pairs if (condition := unfit_rows(convert(new, old)))]
    if not found:
        return []
    end, eased, target = way
    wide = _widen(eased, pairs)
    there = {new: old for old, new in back.items()}
    guards = [guard_values(target, old.name, condition, job.names) for old, _, condition in found]
    drops = tuple(s for guard in guards for s in guard.drop)
    before = {c.name: c for c in job.way.before.columns}
    exact = replace(target, columns=tuple(before.get(c.name, c) for c in target.columns))
    counts = [f"(SELECT COUNT(*) FROM {job.quoted} WHERE {condition})" for *_, condition in found]
    rows = [
        list_rows(job.way.before, f"CAST({quote_name(old.name)} AS CHAR)", condition) for old, _, condition in found
    ]
    names = ", ".join(old.name for old, *_ in found)
    message = f"values of {job.name} in {names} are none of the old type; it stays as it is and takes no further ones"
    soft = Soft(
        first=numbers[0],
        last=numbers[0],
        instead=(*_alter(job, end, wide, back), *(s for guard in guards for s in guard.put)),
        rows=" UNION ALL ".join(rows),
        settle=(alter_between(_widen(exact, pairs), exact, job.server, {}), *drops),
        message=message,
        lift=(*drops, *_alter(job, wide, end, there)),
        lift_first=numbers[1],
        lift_last=numbers[1],
    )
    return [Precheck(name="conversion", sql=f"SELECT {' + '.join(counts)}", message=message, soft=soft)]


def _widen(table: Table, pairs: Pairs) -> Table:
    new = {old.name: (now.type, now.charset, now.collation, now.options) for old, now in pairs}

    def change(column: Column) -> Column:
        if column.name not in new:
            return column
        type_, charset, collation, options = new[column.name]
        return replace(column, type=type_, charset=charset, collation=collation, options=options)

    return replace(table, columns=tuple(map(change, table.columns)))


def _alter(job: TableJob, a: Table, b: Table, renames: Mapping[str, str]) -> tuple[Statement, ...]:
    names = dict(renames)
    return (alter_between(a, b, job.server, names),) if alter_statement(a, b, job.server, names) else ()
