"""Ops of the columns of tables that stay: where they are told apart, and how one is added; pure."""

from __future__ import annotations

from msgspec.structs import replace

from lockgate.engine.postgres import checks
from lockgate.engine.postgres import ops_compare as compare
from lockgate.engine.postgres import ops_sql as sql
from lockgate.engine.postgres import ops_sql_column as column_sql
from lockgate.engine.postgres.convert import zero_value
from lockgate.engine.postgres.disturb import Doing
from lockgate.engine.postgres.locks import statement
from lockgate.engine.postgres.ops_column_alter import add_alter_ops
from lockgate.engine.postgres.ops_column_drop import add_drop_op
from lockgate.engine.postgres.ops_column_park import NewColumn, can_park_new, park_new
from lockgate.engine.postgres.ops_column_save import save_values
from lockgate.engine.postgres.ops_context import Context, resources_of
from lockgate.engine.postgres.ops_default import add_new_default_op, add_old_default_op
from lockgate.engine.postgres.ops_graph import Default, Fact, table_of
from lockgate.engine.postgres.quote import qualify, quote_ident
from lockgate.model import keys
from lockgate.model.op import EXPAND, HazardKind, Op, Parked, Precheck, Statement
from lockgate.model.schema import Column, PrimaryKey, Table, Unique


def add_column_ops(context: Context) -> None:
    """Add the ops of all columns and defaults whose table stays."""
    for key, fact in context.before.facts.items():
        if isinstance(fact.value, Column) and context.doing(key) in (Doing.DROP, Doing.REPLACE):
            add_drop_op(context, fact)
        elif isinstance(fact.value, Default):
            add_old_default_op(context, fact)
    for key, fact in context.after.facts.items():
        doing = context.doing(key)
        if isinstance(fact.value, Column):
            if doing in (Doing.CREATE, Doing.REPLACE):
                _add_create(context, fact)
            elif doing is Doing.ALTER:
                add_alter_ops(context, fact)
        elif isinstance(fact.value, Default) and doing in (Doing.CREATE, Doing.REPLACE, Doing.ALTER):
            add_new_default_op(context, fact)


def _add_create(context: Context, fact: Fact) -> None:
    table = table_of(fact)
    table_key = keys.table_key(table)
    if context.doing(table_key) is Doing.REPLACE or context.comes_from_parent(context.after, fact):
        return
    column = fact.value
    assert isinstance(column, Column)
    default_key = fact.key._replace(kind="default")
    default = context.after.get(default_key)
    is_together = default is not None and context.doing(default_key) is Doing.WITH_TABLE
    needs = set(fact.deps) | (set(default.deps) if default and is_together else set())
    heirs = context.heirs(context.after, fact)
    created = {fact.key, *resources_of(fact)}
    for other in heirs:
        created |= {other.key, *resources_of(other)}
    if is_together:
        created.add(default_key)
    forward, prechecks = _add_statements(context, fact, column if is_together else replace(column, default=None))
    if can_park_new(context, fact):
        way = park_new(context, fact, column if is_together else replace(column, default=None))
    else:
        way = NewColumn(*_unadd_statements(context, fact, column))
    context.add(
        Op(
            title=f"add column {fact.key.path}",
            stage=EXPAND,
            table=table_key,
            changes=context.changes_of(fact.key),
            forward=forward,
            backward=way.backward,
            prechecks=prechecks,
            backward_parks=way.parks,
            revert=way.revert,
            redo=way.redo,
            redo_prechecks=way.redo_prechecks,
            creates=frozenset(created),
            needs=frozenset(needs) - {fact.key},
            rank=10,
        )
    )


def _add_statements(context: Context, fact: Fact, column: Column) -> tuple[tuple[Statement, ...], tuple[Precheck, ...]]:
    table = table_of(fact)
    table_key = keys.table_key(table)
    is_filled = (
        not column.is_nullable and column.default is None and column.generated is None and column.identity is None
    )
    form = "add_column_rewrite" if _is_volatile(column) else "add_column"
    domain = compare.column_type(column, context.after).user
    if is_filled and getattr(domain, "default", None):
        is_filled = False
    if not is_filled or context.is_new_table(table_key):
        return tuple(statement(text, form) for text in column_sql.add_column(table, column)), ()
    zero = zero_value(compare.column_type(column, context.after))
    if zero is None:
        texts = column_sql.add_column(table, column)
        return tuple(statement(t, form) for t in texts), (checks.has_rows(table, column.name),)
    first, *rest = column_sql.add_column(table, replace(column, default=zero))
    hazard = (HazardKind.FILLS_ROWS, f"existing rows get {zero} in {fact.key.path}")
    drop = (
        f"ALTER {sql.table_words(table)} {qualify(*fact.key[1:3])} ALTER COLUMN {quote_ident(column.name)} DROP DEFAULT"
    )
    prechecks = (checks.has_many_rows(table, column.name),) if _is_key(table, column) else ()
    return (
        statement(first, form, hazard),
        statement(drop, "default"),
        *(statement(text, "comment") for text in rest),
    ), prechecks


def _is_volatile(column: Column) -> bool:
    if column.identity is not None or (column.generated is not None and column.generated.is_stored):
        return True
    text = (column.default or "").lower()
    return any(word in text for word in ("nextval(", "random", "uuid", "clock_timestamp("))


def _is_key(table: Table, column: Column) -> bool:
    """Tell whether a filled column alone has to be unique."""
    found: list[PrimaryKey | Unique] = [*table.uniques]
    if table.primary_key is not None:
        found.append(table.primary_key)
    return any([p.column for p in key.parts] == [column.name] for key in found)


def _unadd_statements(context: Context, fact: Fact, column: Column) -> tuple[tuple[Statement, ...], tuple[Parked, ...]]:
    table = table_of(fact)
    drop = statement(column_sql.drop_column(table, column), "drop_column")
    is_foreign = "server" in dict(table.options)
    if column.generated is not None or is_foreign:
        return (drop,), ()
    saved = save_values(context, table, column, context.after, only_where=f"{{c}} IS DISTINCT FROM {_constant(column)}")
    return (*saved[0], drop), saved[1]


def _constant(column: Column) -> str:
    """Return the constant every old row holds, or NULL when the default is not a constant."""
    text = column.default or "NULL"
    is_constant = text.startswith("'") or text.replace(".", "", 1).lstrip("-").isdigit() or text in ("true", "false")
    if column.type in (
        "json",
        "xml",
        "point",
        "polygon",
        "line",
        "lseg",
        "path",
        "box",
        "circle",
    ) or column.type.endswith("]"):
        return "NULL"
    return text if is_constant else "NULL"
