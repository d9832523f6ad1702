"""Copies of a column's values in a side table; pure."""

from __future__ import annotations

from lockgate.engine.postgres.disturb import Doing
from lockgate.engine.postgres.locks import statement
from lockgate.engine.postgres.ops_context import Context
from lockgate.engine.postgres.ops_graph import Graph
from lockgate.engine.postgres.park import own_schema
from lockgate.engine.postgres.quote import qualify, quote_ident
from lockgate.model import keys
from lockgate.model.op import Parked, Statement
from lockgate.model.schema import Column, Key, Table


def save_values(
    context: Context, table: Table, column: Column, graph: Graph, only_where: str
) -> tuple[tuple[Statement, ...], tuple[Parked, ...]]:
    """Return what copies a column's values with their rows' key into a side table; ``{c}`` is the column."""
    reserved = context.names.next(f"{table.name}_{column.name}")
    there = f"lockgate.{quote_ident(reserved)}"
    name = quote_ident(column.name)
    is_simple = not column.depends_on and column.type not in (
        "json",
        "xml",
        "point",
        "polygon",
        "line",
        "lseg",
        "path",
        "circle",
    )
    compared = name if is_simple else f"{name}::text"
    if table.primary_key is not None:
        listed = [p.column or "" for p in table.primary_key.parts]
    else:
        listed = [c.name for c in table.columns if c.generated is None]
    by_name = {c.name: c for c in table.columns}
    wanted = [n for n in listed if n != column.name and n in by_name and _is_settled(context, table, n)]
    parts = [_portable(by_name[n]) for n in (*wanted, column.name)]
    condition = only_where.replace("{c}", compared)
    if not is_simple and "IS DISTINCT FROM NULL" not in condition:
        condition = f"{compared} IS NOT NULL"
    source = f"{qualify(table.namespace, table.name)} WHERE {condition}"
    text = f"CREATE TABLE {there} AS SELECT {', '.join(parts)} FROM {source}"
    key = keys.child_key(keys.table_key(table), column)
    drop = statement(f"DROP TABLE IF EXISTS {there}", "drop_constraint", is_idempotent=True)
    return (own_schema(), statement(text, "save_rows")), (Parked(original=key, parked=there, finalize=(drop,)),)


def _is_settled(context: Context, table: Table, column: str) -> bool:
    """Tell whether a column is there under its name whenever this plan's ops are undone."""
    key = Key("column", table.namespace, table.name, column)
    return context.doing(key) in (None, Doing.ALTER)


def _portable(column: Column) -> str:
    """Return a column for a side table: types of the schema's own as text, so that nothing depends on them."""
    name = quote_ident(column.name)
    return f"{name}::text AS {name}" if column.depends_on else name
