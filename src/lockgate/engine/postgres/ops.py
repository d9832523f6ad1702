"""Propose ops for the differences of two PostgreSQL schemas; pure. Everything starts here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lockgate.engine.base import NO_STRATEGIES, ParkNames
from lockgate.engine.postgres.disturb import Decisions
from lockgate.engine.postgres.ops_column import add_column_ops
from lockgate.engine.postgres.ops_constraint import add_constraint_ops
from lockgate.engine.postgres.ops_context import Context
from lockgate.engine.postgres.ops_graph import Graph
from lockgate.engine.postgres.ops_objects import add_object_ops
from lockgate.engine.postgres.ops_rename import add_rename_ops
from lockgate.engine.postgres.ops_table import add_table_ops
from lockgate.model.change import Change
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
    return propose_ops(changes, before, after, server, names, False)


def propose_ops(
    changes: Sequence[Change], before: Schema, after: Schema, server: Server, names: ParkNames, is_lenient: bool
) -> tuple[Op, ...]:
    """Do what `plan_ops` does; a lenient conversion keeps values aside that do not fit, instead of failing."""
    old, new = Graph(before), Graph(after)
    decisions = Decisions(old, new, server)
    decisions.decide(changes)
    context = Context(old, new, decisions, server, names, is_lenient=is_lenient)
    context.settle()
    add_object_ops(context)
    add_table_ops(context)
    add_column_ops(context)
    add_constraint_ops(context)
    add_rename_ops(context)
    return tuple(context.ops)
