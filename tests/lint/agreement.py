"""Compares what lint says a planned statement locks with what the planner says."""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.engine import load_engine
from lockgate.model.ddl import ROW_KINDS, Kind
from lockgate.model.op import Blocks, Statement
from lockgate.model.plan import Plan
from lockgate.workflow.lint_plan import server_of

_ORDER = list(Blocks)


def find_disagreements(plan: Plan) -> list[str]:
    """Return the statements of a plan, forward and backward, of which lint and the planner claim different locks.

    Lint knows the text alone: where it is not certain it must claim the worse. On tables that the plan itself
    creates it may claim what nobody can feel.
    """
    server, read = server_of(plan), load_engine(plan.engine).ddl().read
    statements = [s for step in plan.steps for s in (*step.statements, *step.backward)]
    acts = [act for s in statements for act in read(s.sql, server).acts]
    new = {act.table for act in acts if act.kind in (Kind.CREATE_TABLE, Kind.CREATE_VIEW)}
    new |= {act.other for act in acts if act.kind is Kind.RENAME_TABLE}
    return list(_compare(plan, statements, new))


def _compare(plan: Plan, statements: list[Statement], new: set[str]) -> Iterator[str]:
    server, dialect = server_of(plan), load_engine(plan.engine).ddl()
    for statement in statements:
        ddl = dialect.read(statement.sql, server)
        if ddl.unread:
            yield f"not read: {statement.sql}: {ddl.unread}"
            continue
        if all(act.kind is Kind.COMMENT for act in ddl.acts) and statement.blocks is Blocks.NOTHING:
            continue  # on an object that the step creates: nobody waits for it
        if "setval(" in statement.sql:
            continue  # holds ROW EXCLUSIVE on the sequence; the plan says more
        tables = {act.table for act in ddl.acts}
        lock, is_rows = ddl.lock, all(act.kind in ROW_KINDS for act in ddl.acts)
        mine, theirs = _ORDER.index(lock.blocks), _ORDER.index(statement.blocks)
        worse_is_fine = not lock.is_certain or (tables & new and theirs == 0)
        if mine != theirs and not (worse_is_fine and mine > theirs):
            yield f"lint says {lock.blocks.value}, the plan {statement.blocks.value}: {statement.sql}"
        if not is_rows and lock.rewrites != statement.rewrites and not (not lock.is_certain and lock.rewrites):
            yield f"lint says rewrites={lock.rewrites}, the plan {statement.rewrites}: {statement.sql}"
