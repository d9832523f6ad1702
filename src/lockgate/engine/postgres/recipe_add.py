"""Add a NOT NULL column with a volatile default without writing the table under a lock; pure."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from lockgate.engine.postgres import ops_sql_column as column_sql
from lockgate.engine.postgres.locks import statement
from lockgate.engine.postgres.mirror_choose import find_key, fires_on_update, triggers_of
from lockgate.engine.postgres.ops_context import Context
from lockgate.engine.postgres.quote import qualify, quote_ident
from lockgate.model import keys
from lockgate.model.change import AddColumn
from lockgate.model.op import RANGE, Chunked, ChunkKind, Op, Parked, Statement, Strategy
from lockgate.model.schema import Column, Key, Table


def add_online(context: Context, op: Op, strategies: Mapping[Key, Strategy]) -> Op:
    """Return the op that adds a column with its rows filled range by range, where the strategy and the column allow."""
    change = op.changes[0] if len(op.changes) == 1 else None
    if not isinstance(change, AddColumn) or not any(s.rewrites for s in op.forward):
        return op
    if strategies.get(change.table, Strategy.PLAIN) is Strategy.PLAIN or change.table not in context.before.tables:
        return op
    table, column = context.before.tables[change.table], change.column
    why = _reason(context, table, column)
    if why:
        name = f"{change.table.path}.{column.name}"
        return replace(op, notices=(*op.notices, f"{name} is added with a rewrite under a lock: {why}"))
    head, name = f"ALTER TABLE {qualify(table.namespace, table.name)}", quote_ident(column.name)
    drop = statement(f"{head} DROP COLUMN IF EXISTS {name}", "drop_column", is_idempotent=True)
    reserved = quote_ident(context.names.next(column.name))
    finalize = statement(f"{head} DROP COLUMN IF EXISTS {reserved}", "drop_column", is_idempotent=True)
    parked = f"{qualify(table.namespace, table.name)}.{reserved}"
    # The parked column keeps its default, so that rows written meanwhile get a value of their own, too.
    return replace(
        op,
        forward=_forward(context, table, column),
        backward=(drop,),
        revert=(statement(f"{head} RENAME COLUMN {name} TO {reserved}", "rename"),),
        redo=(statement(f"{head} RENAME COLUMN {reserved} TO {name}", "rename"),),
        backward_parks=(Parked(original=keys.child_key(change.table, column), parked=parked, finalize=(finalize,)),),
        strategy=Strategy.ONLINE,
        notices=(*op.notices, f"rows of {table.name} that are there are filled range by range"),
    )


def _reason(context: Context, table: Table, column: Column) -> str:
    if column.identity is not None or column.generated is not None or column.default is None:
        return "its value comes from an identity or from other columns"
    if column.depends_on:
        return "its type or default uses what may go on the way back"
    if column.is_nullable:
        return "it may be NULL, and a NULL written meanwhile could not be told from a row that is not filled yet"
    if table.partitioning or table.partition_of or table.inherits:
        return f"{table.name} is partitioned or inherits"
    if any(keys.table_key(table) in other.inherits for other in context.before.tables.values()):
        return f"{table.name} has tables that inherit from it"
    if find_key(table) is None:
        return f"{table.name} has no key without NULL to walk along"
    if any(fires_on_update(trigger) for trigger in triggers_of(context.before, table)):
        return f"a trigger of {table.name} would fire for every row that is filled"
    return ""


def _forward(context: Context, table: Table, column: Column) -> tuple[Statement, ...]:
    head, name = f"ALTER TABLE {qualify(table.namespace, table.name)}", quote_ident(column.name)
    proof = quote_ident(context.names.next(f"{column.name}_not_null"))
    bare = replace(column, default=None, is_nullable=True)
    begin = [statement(text, "add_column") for text in column_sql.add_column(table, bare)]
    begin.append(statement(f"{head} ALTER COLUMN {name} SET DEFAULT {column.default}", "default"))
    add = f"{head} ADD CONSTRAINT {proof} CHECK ({name} IS NOT NULL) NOT VALID"
    validate = statement(f"{head} VALIDATE CONSTRAINT {proof}", "validate", is_transactional=False, is_idempotent=True)
    drop = statement(f"{head} DROP CONSTRAINT {proof}", "drop_constraint")
    return (
        *(replace(s, is_joined=number > 0) for number, s in enumerate(begin)),
        _fill(table, name),
        statement(add, "add_check_not_valid"),
        validate,
        statement(column_sql.set_not_null(table, column), "set_not_null"),
        replace(drop, is_joined=True),
    )


def _fill(table: Table, name: str) -> Statement:
    key = find_key(table)
    assert key is not None
    on = qualify(table.namespace, table.name)
    chunked = Chunked(
        kind=ChunkKind.WRITE,
        table=keys.table_key(table),
        source=on,
        columns=key[1],
        literals=key[2],
        locks=(f"SELECT FROM {on} WHERE {RANGE} AND {name} IS NULL FOR UPDATE NOWAIT",),
    )
    text = f"UPDATE {on} SET {name} = DEFAULT WHERE {RANGE} AND {name} IS NULL"
    return replace(statement(text, "update_rows", is_transactional=False, is_idempotent=True), chunked=chunked)
