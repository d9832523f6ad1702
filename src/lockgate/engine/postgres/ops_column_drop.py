"""Ops that park columns and drop generated ones; pure."""

from __future__ import annotations

from lockgate.engine.postgres import ops_compare as compare
from lockgate.engine.postgres import ops_sql as sql
from lockgate.engine.postgres import ops_sql_column as column_sql
from lockgate.engine.postgres import ops_sql_identity as identity_sql
from lockgate.engine.postgres.convert import zero_value
from lockgate.engine.postgres.disturb import Doing
from lockgate.engine.postgres.locks import statement
from lockgate.engine.postgres.ops_context import Context, resources_of
from lockgate.engine.postgres.ops_graph import Fact, Graph, table_of
from lockgate.engine.postgres.ops_soft import is_softenable, soft_not_null
from lockgate.engine.postgres.quote import qualify, quote_ident
from lockgate.model import keys
from lockgate.model.op import CONTRACT, FIX, HazardKind, Op, Parked, Precheck, Statement
from lockgate.model.schema import Column, Key


def add_drop_op(context: Context, fact: Fact) -> None:
    """Add the op that parks a column, or drops it when its values are generated."""
    if _is_rebuilt(context, fact) or context.comes_from_parent(context.before, fact):
        return
    column = fact.value
    assert isinstance(column, Column)
    heirs = context.heirs(context.before, fact)
    if column.generated is not None:
        _add_drop_generated(context, fact, column, heirs)
        return
    table = keys.table_key(table_of(fact))
    on = qualify(table.namespace, table.name)
    reserved = context.names.next(column.name)
    context.reserved[fact.key] = reserved
    name, free = quote_ident(column.name), quote_ident(reserved)
    words = sql.table_words(table_of(fact))
    forward = [
        statement(
            f"ALTER {words} {on} RENAME COLUMN {name} TO {free}",
            "rename",
            (HazardKind.DELETES_DATA, f"the values of {fact.key.path} are kept in {reserved} until finalize"),
            (HazardKind.BREAKS_OLD_CLIENTS, f"statements that name {fact.key.path} fail"),
        )
    ]
    backward: list[Statement] = []
    is_relaxed = not column.is_nullable and column.default is None and column.identity is None
    backward.append(statement(f"ALTER {words} {on} RENAME COLUMN {free} TO {name}", "rename"))
    if is_relaxed:
        forward.append(statement(f"ALTER {words} {on} ALTER COLUMN {free} DROP NOT NULL", "drop_not_null"))
        is_soft = is_softenable(context, table_of(fact)) and not heirs
        backward += [] if is_soft else _fill_again(context, fact, column, name)
        again = statement(column_sql.set_not_null(table_of(fact), column), "set_not_null")
        backward.append(again)
    for old, new in _sequence_names(context, fact, column):
        forward.append(
            statement(f"ALTER SEQUENCE {qualify(table.namespace, old)} RENAME TO {quote_ident(new)}", "rename")
        )
        back = f"ALTER SEQUENCE {qualify(table.namespace, new)} RENAME TO {quote_ident(old)}"
        backward.insert(0, statement(back, "rename"))
    prechecks: tuple[Precheck, ...] = ()
    if is_relaxed and is_soft:
        at = backward.index(again)
        prechecks = (soft_not_null(context, table_of(fact), column.name, reserved, again, at, 1),)
    drop = statement(f"ALTER {words} {on} DROP COLUMN IF EXISTS {free}", "drop_column", is_idempotent=True)
    parked = Parked(original=fact.key, parked=f"{on}.{free}", finalize=(drop,))
    sequences = [f for f in _sequences_of(context.before, fact.key) if context.doing(f.key) is Doing.PARKED]
    removed = {fact.key, *resources_of(fact)}
    for other in (*heirs, *sequences):
        removed |= {other.key, *resources_of(other)}
    context.add(
        Op(
            title=f"park column {fact.key.path}",
            stage=CONTRACT,
            table=table,
            changes=context.changes_of(fact.key),
            forward=tuple(forward),
            backward=tuple(backward),
            backward_prechecks=prechecks,
            parks=(parked,),
            removes=frozenset(removed),
            releases=_released(context, fact),
            needs=frozenset({table}),
            rank=20,
        )
    )


def _is_rebuilt(context: Context, fact: Fact) -> bool:
    return context.doing(keys.table_key(table_of(fact))) in (Doing.REPLACE, Doing.DROP)


def _released(context: Context, fact: Fact) -> frozenset[Key]:
    """What a parked column still uses is parked after it, so that finalize drops it after it."""
    default = context.before.get(fact.key._replace(kind="default"))
    deps = set(fact.deps) | (set(default.deps) if default else set())
    return frozenset(d for d in deps if d.kind not in ("table", "column", "namespace") and context.decisions.is_gone(d))


def _sequences_of(graph: Graph, column: Key) -> list[Fact]:
    return [
        f for f in graph.facts.values() if f.key.kind == "sequence" and getattr(f.value, "owned_by", None) == column
    ]


def _sequence_names(context: Context, fact: Fact, column: Column) -> list[tuple[str, str]]:
    found = []
    if column.identity is not None:
        old = identity_sql.identity_sequence(table_of(fact), column)
        found.append((old, context.names.next(old)))
    for sequence in _sequences_of(context.before, fact.key):
        if context.doing(sequence.key) is Doing.PARKED:
            found.append((sequence.key.name, context.names.next(sequence.key.name)))
    return found


def _fill_again(context: Context, fact: Fact, column: Column, name: str) -> list[Statement]:
    """Return what fills the rows inserted while the column was parked, which hold NULL."""
    kind = compare.column_type(column, context.before)
    zero = zero_value(kind)
    if zero is None:
        return []
    table = keys.table_key(table_of(fact))
    text = f"UPDATE {qualify(table.namespace, table.name)} SET {name} = {zero} WHERE {name} IS NULL"
    message = f"rows inserted meanwhile get {zero} in {fact.key.path}"
    return [statement(text, "update_rows", (HazardKind.FILLS_ROWS, message))]


def _add_drop_generated(context: Context, fact: Fact, column: Column, heirs: list[Fact]) -> None:
    table = keys.table_key(table_of(fact))
    drop = column_sql.drop_column(table_of(fact), column)
    add = column_sql.add_column(table_of(fact), column)
    removed = {fact.key, *resources_of(fact)}
    for other in heirs:
        removed |= {other.key, *resources_of(other)}
    context.add(
        Op(
            title=f"drop generated column {fact.key.path}",
            stage=CONTRACT if context.doing(fact.key) is Doing.DROP else FIX,
            table=table,
            changes=context.changes_of(fact.key),
            forward=(
                statement(
                    drop,
                    "drop_column",
                    (HazardKind.BREAKS_OLD_CLIENTS, f"{fact.key.path} goes"),
                ),
            ),
            backward=tuple(statement(text, "add_column_rewrite") for text in add),
            removes=frozenset(removed),
            releases=fact.deps - {table},
            needs=frozenset({table}),
            rank=20,
        )
    )
