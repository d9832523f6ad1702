"""Questions to the rows of one changed table before its keys and types change; pure."""

from __future__ import annotations

from lockgate.engine.mysql import checks
from lockgate.engine.mysql.table_job import TableJob
from lockgate.model.op import Precheck
from lockgate.model.schema import Column, Table


def key_checks(job: TableJob, a: Table, b: Table) -> list[Precheck]:
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


def backward_checks(
    job: TableJob, changed: list[tuple[Column, Column]], lossy: list[tuple[Column, Column]]
) -> list[Precheck]:
    """Return the questions before values are converted back; what is kept beside needs none."""
    return [
        precheck
        for pair in changed
        if pair not in lossy
        for precheck in checks.check_conversion(job.way.fixed, pair[1], pair[0])
    ]


def key_checks_back(job: TableJob) -> list[Precheck]:
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
