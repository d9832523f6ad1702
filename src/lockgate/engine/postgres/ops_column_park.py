"""How a new column is kept on the way back: under a reserved name, with every value, ready to come back; pure."""

from __future__ import annotations

from typing import NamedTuple

from lockgate.engine.postgres import checks
from lockgate.engine.postgres import ops_compare as compare
from lockgate.engine.postgres import ops_sql_column as column_sql
from lockgate.engine.postgres import ops_sql_identity as identity_sql
from lockgate.engine.postgres.convert import zero_value
from lockgate.engine.postgres.disturb import Doing
from lockgate.engine.postgres.locks import statement
from lockgate.engine.postgres.ops_context import Context
from lockgate.engine.postgres.ops_graph import Fact, table_of
from lockgate.engine.postgres.quote import qualify, quote_ident
from lockgate.model import keys
from lockgate.model.op import Parked, Precheck, Statement
from lockgate.model.schema import Column

_PLAIN_KINDS = frozenset({"table", "column", "namespace", "collation"})


class NewColumn(NamedTuple):
    """The ways of a new column: back from half-way, what stays parked, back once done, and forth again."""

    backward: tuple[Statement, ...]
    parks: tuple[Parked, ...]
    revert: tuple[Statement, ...] | None = None
    redo: tuple[Statement, ...] | None = None
    redo_prechecks: tuple[Precheck, ...] | None = None


def can_park_new(context: Context, fact: Fact) -> bool:
    """Tell whether a new column can stay in its table under a reserved name.

    Not where the values are generated, where tables below or above have the column, or where type or default use
    something that this plan makes or changes: that goes on the way back.
    """
    column, table = fact.value, table_of(fact)
    assert isinstance(column, Column)
    default = context.after.get(fact.key._replace(kind="default"))
    deps = set(fact.deps) | (set(default.deps) if default is not None else set())
    was = context.before.tables.get(keys.table_key(table), table)
    is_part = any(t.partitioning or t.partition_of or t.inherits for t in (was, table))
    is_plain = "server" not in dict(table.options) and not is_part
    is_settled = all(d.kind in _PLAIN_KINDS or context.doing(d) is None for d in deps)
    is_new_table = context.is_new_table(keys.table_key(table))
    return (
        column.generated is None
        and is_plain
        and is_settled
        and not is_new_table
        and not context.heirs(context.after, fact)
        and context.doing(fact.key) is Doing.CREATE
    )


def park_new(context: Context, fact: Fact, column: Column) -> NewColumn:
    """Return the ways of a new column that stays in its table under a reserved name.

    ``column`` is as the op adds it. Rows inserted while it is parked get its default, or where it takes no NULL and has
    no default the value that existing rows got.
    """
    table = table_of(fact)
    on, name = qualify(table.namespace, table.name), quote_ident(column.name)
    free = quote_ident(context.names.next(column.name))
    away = [statement(f"ALTER TABLE {on} RENAME COLUMN {name} TO {free}", "rename")]
    back = [statement(f"ALTER TABLE {on} RENAME COLUMN {free} TO {name}", "rename")]
    prechecks: tuple[Precheck, ...] = ()
    if column.identity is not None:
        old = identity_sql.identity_sequence(table, column)
        new = context.names.next(old)
        away.append(_rename_sequence(table.namespace, old, new))
        back.append(_rename_sequence(table.namespace, new, old))
    elif not column.is_nullable and column.default is None:
        kind = compare.column_type(column, context.after)
        zero = zero_value(kind)
        head = f"ALTER TABLE {on} ALTER COLUMN {name}"
        if getattr(kind.user, "default", None):
            pass
        elif zero is not None:
            away.insert(0, statement(f"{head} SET DEFAULT {zero}", "default"))
            back.append(statement(f"{head} DROP DEFAULT", "default"))
        else:
            away.insert(0, statement(f"{head} DROP NOT NULL", "drop_not_null"))
            back.append(statement(column_sql.set_not_null(table, column), "set_not_null"))
            asked = checks.nulls(table, free.strip('"'))
            prechecks = (asked,)
    drop = statement(f"ALTER TABLE {on} DROP COLUMN IF EXISTS {free}", "drop_column", is_idempotent=True)
    return NewColumn(
        backward=(statement(column_sql.drop_column(table, column), "drop_column"),),
        parks=(Parked(original=fact.key, parked=f"{on}.{free}", finalize=(drop,)),),
        revert=tuple(away),
        redo=tuple(back),
        redo_prechecks=prechecks,
    )


def _rename_sequence(namespace: str, old: str, new: str) -> Statement:
    return statement(f"ALTER SEQUENCE {qualify(namespace, old)} RENAME TO {quote_ident(new)}", "rename")
