"""Ops that set and drop the defaults of columns; pure."""

from __future__ import annotations

from lockgate.engine.postgres import ops_sql as sql
from lockgate.engine.postgres.disturb import Doing
from lockgate.engine.postgres.locks import statement
from lockgate.engine.postgres.ops_context import Context
from lockgate.engine.postgres.ops_graph import Default, Fact, Graph, table_of
from lockgate.engine.postgres.quote import qualify, quote_ident
from lockgate.model import keys
from lockgate.model.op import FIX, Op


def add_old_default_op(context: Context, fact: Fact) -> None:
    """Add the op that drops a default of before, unless it goes with its column."""
    doing = context.doing(fact.key)
    if doing not in (Doing.DROP, Doing.REPLACE) or _default_goes_with_column(context, fact, context.before):
        return
    if context.is_absorbed(fact.key):
        return
    assert isinstance(fact.value, Default)
    context.add(
        Op(
            title=f"drop the default of {fact.key.path}",
            stage=FIX,
            table=keys.table_key(table_of(fact)),
            changes=context.changes_of(fact.key._replace(kind="column")),
            forward=(statement(_default_sql(fact, None), "default"),),
            backward=(statement(_default_sql(fact, fact.value.text), "default"),),
            removes=frozenset({fact.key}),
            releases=fact.deps,
            rank=-2,
        )
    )


def add_new_default_op(context: Context, fact: Fact) -> None:
    """Add the op that sets a default of after, unless it comes with its column."""
    doing = context.doing(fact.key)
    was = context.before.get(fact.key)
    if _default_goes_with_column(context, fact, context.after) or context.is_absorbed(fact.key):
        return
    assert isinstance(fact.value, Default)
    old = was.value.text if was is not None and isinstance(was.value, Default) and doing is Doing.ALTER else None
    context.add(
        Op(
            title=f"set the default of {fact.key.path}",
            stage=FIX,
            table=keys.table_key(table_of(fact)),
            changes=context.changes_of(fact.key._replace(kind="column")),
            forward=(statement(_default_sql(fact, fact.value.text), "default"),),
            backward=(statement(_default_sql(fact, old), "default"),),
            creates=frozenset({fact.key}),
            needs=fact.deps,
            releases=was.deps - fact.deps if was is not None and doing is Doing.ALTER else frozenset(),
            rank=15,
        )
    )


def _default_sql(fact: Fact, text: str | None) -> str:
    table = table_of(fact)
    on, name = qualify(table.namespace, table.name), quote_ident(fact.key.child)
    words = sql.table_words(table)
    only = "ONLY " if words == "TABLE" else ""
    action = "DROP DEFAULT" if text is None else f"SET DEFAULT {text}"
    return f"ALTER {words} {only}{on} ALTER COLUMN {name} {action}"


def _default_goes_with_column(context: Context, fact: Fact, graph: Graph) -> bool:
    column = fact.key._replace(kind="column")
    table = keys.table_key(table_of(fact))
    if context.doing(table) is Doing.REPLACE:
        return True
    return context.doing(column) is Doing.REPLACE and context.doing(fact.key) is not Doing.DROP
