"""Ops of whole tables: where they are told apart, and how one is created and altered; pure."""

from __future__ import annotations

from msgspec.structs import replace

from lockgate.engine.postgres import ops_sql as sql
from lockgate.engine.postgres import ops_sql_table as table_sql
from lockgate.engine.postgres.disturb import Doing
from lockgate.engine.postgres.locks import statement
from lockgate.engine.postgres.ops_context import Context, names_and_key
from lockgate.engine.postgres.ops_graph import TYPE_KINDS, Fact
from lockgate.engine.postgres.ops_parents import add_bounds_op, add_parent_ops, bounds_of, leave_and_join, parent_needs
from lockgate.engine.postgres.ops_table_park import copy_away, park_op, park_table
from lockgate.engine.postgres.ops_table_rebuild import copy_op
from lockgate.model import keys
from lockgate.model.op import EXPAND, FIX, Op
from lockgate.model.schema import Check, ForeignKey, Key, Table


def add_table_ops(context: Context) -> None:
    """Add the ops of every table that is created, dropped, rebuilt or altered as a whole."""
    for key, table in sorted(context.before.tables.items()):
        if context.doing(key) in (Doing.DROP, Doing.REPLACE):
            context.add(park_op(context, key, table))
    for key, table in sorted(context.after.tables.items()):
        doing = context.doing(key)
        if doing in (Doing.CREATE, Doing.REPLACE):
            context.add(_create_op(context, key, table))
            is_root = not any(context.doing(p) is Doing.REPLACE for p in context.parents(table))
            if doing is Doing.REPLACE and is_root:
                context.add(copy_op(context, key, table))
        elif doing is Doing.ALTER:
            _add_alter_ops(context, context.before.tables[key], table)
    for parent in sorted(context.after.tables):
        add_bounds_op(context, parent)


def _create_op(context: Context, key: Key, table: Table) -> Op:
    folded = [f for f in context.after.parts_of(key) if context.doing(f.key) is Doing.WITH_TABLE]
    body = table_sql.with_parts(table, {f.key for f in folded}) if context.doing(key) is Doing.CREATE else table
    if context.doing(key) is Doing.REPLACE:
        folded = [f for f in context.after.parts_of(key) if not isinstance(f.value, ForeignKey)]
        body = replace(table, foreign_keys=())
    fact = context.after.facts[key]
    needs = set(fact.deps)
    for part in folded:
        needs |= part.deps
    needs |= parent_needs(context, table) | {Key("rebound", *k[1:3]) for k in context.parents(table)}
    needs -= {f.key for f in folded} | {key}
    forward = tuple(statement(text, "create") for text in _create_texts(context, body))
    if context.copies_back(key):
        move = copy_away(context, table)
    else:
        move = park_table(context, table, context.after, context.names.next(table.name))
    detach, attach = leave_and_join(context, table, is_before=False)
    is_kept = _can_come_back(context, key)
    return Op(
        title=f"create table {key.path}",
        stage=EXPAND,
        table=key,
        changes=context.changes_of(key),
        forward=forward,
        backward=(*detach, *move.away),
        backward_parks=(move.parked,),
        revert=(*detach, *move.away) if is_kept else None,
        redo=(*move.back, *attach) if is_kept else None,
        creates=names_and_key([fact, *folded]) | bounds_of(table),
        needs=frozenset(needs),
        rank=0,
    )


def _can_come_back(context: Context, key: Key) -> bool:
    """Tell whether a new table that was parked on the way back can be taken from there when it is made once more."""
    if context.copies_back(key) or context.doing(key) is not Doing.CREATE or _loses_type(context, key):
        return False
    parents = [p for p in context.parents(context.after.tables[key]) if p in context.after.tables]
    return all(context.doing(p) in (None, Doing.ALTER) or _can_come_back(context, p) for p in parents)


def _loses_type(context: Context, key: Key) -> bool:
    """Tell whether a new table uses a type that is another one after the way back."""
    types = {dep for part in context.after.parts_of(key) for dep in part.deps if dep.kind in TYPE_KINDS}
    return any(
        context.doing(dep) is Doing.REPLACE or (dep.kind == "enum" and context.doing(dep) is Doing.ALTER)
        for dep in types
    )


def _create_texts(context: Context, table: Table) -> list[str]:
    tables = context.after.tables
    parent = table.partition_of
    if parent is not None and context.doing(key := Key("table", parent.namespace, parent.name)) not in (
        Doing.CREATE,
        Doing.REPLACE,
    ):
        return table_sql.create_partition(table, tables[key])
    parents = [tables[k] for k in table.inherits if k in tables]
    checks: list[Check] = []
    part = table.partition_of
    while part is not None and (above := tables.get(Key("table", part.namespace, part.name))) is not None:
        checks += [c for c in above.checks if not c.is_no_inherit]
        part = above.partition_of
    return table_sql.create_table(table, parents, tuple(checks))


def _add_alter_ops(context: Context, before: Table, after: Table) -> None:
    key = keys.table_key(after)
    add_parent_ops(context, before, after)
    forward = table_sql.alter_table_options(before, after)
    if not forward:
        return
    backward = table_sql.alter_table_options(after, before)
    stage = FIX
    marks = [dict(t.options) for t in (before, after)]
    needs: set[Key] = set()
    releases: set[Key] = set()
    for name in ("clustered_on", "replica_identity"):
        for options, into in ((marks[0], releases), (marks[1], needs)):
            index = options.get(name, "")
            index = sql.unquote(index.removeprefix("index ")) if name == "replica_identity" else index
            into.update(f.key for f in _index_facts(context, key, index))
    context.add(
        Op(
            title=f"alter table {key.path}",
            stage=stage,
            table=key,
            changes=context.changes_of(key),
            forward=forward,
            backward=backward,
            needs=frozenset(needs | {key}),
            releases=frozenset(releases),
            rank=30,
        )
    )


def _index_facts(context: Context, table: Key, name: str) -> list[Fact]:
    found = []
    for graph in (context.before, context.after):
        for kind in ("index", "primary_key", "unique", "exclusion"):
            fact = graph.get(Key(kind, table.namespace, table.name, name))
            if fact is not None:
                found.append(fact)
    return found
