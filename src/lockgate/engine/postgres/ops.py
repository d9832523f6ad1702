"""Propose ops for the differences of two PostgreSQL schemas; pure. Everything starts here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from lockgate.engine.base import NO_STRATEGIES, ParkNames
from lockgate.engine.postgres.disturb import Decisions
from lockgate.engine.postgres.mirror_choose import Choice, choose_pairs
from lockgate.engine.postgres.mirror_op import add_mirror_ops
from lockgate.engine.postgres.ops_column import add_column_ops
from lockgate.engine.postgres.ops_constraint import add_constraint_ops
from lockgate.engine.postgres.ops_context import Context
from lockgate.engine.postgres.ops_graph import Graph
from lockgate.engine.postgres.ops_objects import add_object_ops
from lockgate.engine.postgres.ops_rename import add_rename_ops
from lockgate.engine.postgres.ops_table import add_table_ops
from lockgate.engine.postgres.recipe_add import add_online
from lockgate.model.change import AlterColumn, Change
from lockgate.model.op import Op, Strategy
from lockgate.model.schema import Key, Schema
from lockgate.model.server import Server


def plan_ops(
    changes: Sequence[Change],
    before: Schema,
    after: Schema,
    server: Server,
    names: ParkNames,
    strategies: Mapping[Key, Strategy] = NO_STRATEGIES,
) -> tuple[Op, ...]:
    """Propose ops that lead from ``before`` to ``after`` and back, unordered but with every edge.

    Raises:
        UnsupportedChange: Something cannot be done without losing rows, or not at all.
    """
    return propose_ops(changes, before, after, server, names, False, strategies)


def propose_ops(
    changes: Sequence[Change],
    before: Schema,
    after: Schema,
    server: Server,
    names: ParkNames,
    is_lenient: bool,
    strategies: Mapping[Key, Strategy] = NO_STRATEGIES,
) -> tuple[Op, ...]:
    """Do what `plan_ops` does; a lenient conversion keeps values aside that do not fit, instead of failing."""
    old, new = Graph(before), Graph(after)
    choice = choose_pairs(changes, old, new, strategies)
    decisions = Decisions(old, new, server, choice.mirrored)
    decisions.decide(changes)
    context = Context(old, new, decisions, server, names, is_lenient=is_lenient)
    context.settle()
    add_object_ops(context)
    add_table_ops(context)
    add_column_ops(context)
    add_constraint_ops(context)
    add_rename_ops(context)
    add_mirror_ops(context, choice.columns)
    return tuple(add_online(context, _with_reasons(op, choice), strategies) for op in context.ops)


def _with_reasons(op: Op, choice: Choice) -> Op:
    """Return the op that converts a column under a lock with the reason why it is not done otherwise."""
    reasons = choice.reasons.get(op.table, []) if op.table is not None else []
    own = tuple(
        text
        for text in reasons
        for change in op.changes
        if isinstance(change, AlterColumn) and text.startswith(f"{change.table.path}.{change.after.name} is ")
    )
    return replace(op, notices=(*op.notices, *own)) if own and op.title.startswith("change the type") else op
