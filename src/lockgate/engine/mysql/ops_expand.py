"""The first stage of a changed table: what is in nobody's way; pure."""

from __future__ import annotations

from lockgate.engine.mysql.draft import Draft
from lockgate.engine.mysql.ops_back import add_ways
from lockgate.engine.mysql.render_alter import alter_statement
from lockgate.engine.mysql.side import salvage_values
from lockgate.engine.mysql.table_job import TableJob, alter_between, in_mode
from lockgate.model.op import EXPAND, Op


def expand_ops(job: TableJob, draft: Draft) -> None:
    """Add columns and indexes that are in nobody's way."""
    way = job.way
    if not alter_statement(way.before, way.expanded, job.server, way.renames):
        return
    back = {new: old for old, new in way.renames.items()}
    old = {c.name for c in way.before.columns} | set(back)
    fresh = [c for c in way.expanded.columns if c.name not in old]
    salvage, parks = salvage_values(job, way.expanded, fresh)
    forward = alter_between(way.before, way.expanded, job.server, way.renames)
    backward = alter_between(way.expanded, way.before, job.server, back)
    op = Op(
        title=f"expand table {job.name}",
        stage=EXPAND,
        table=job.key,
        changes=job.changes,
        forward=in_mode(job.server, (way.expanded,), (forward,)),
        backward=in_mode(job.server, (way.expanded,), (*salvage, backward)),
        backward_parks=parks,
    )
    draft.add(add_ways(op, job, way.before, way.expanded, way.renames), {job.name})
