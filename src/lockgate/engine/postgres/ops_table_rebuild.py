"""What a table that is rebuilt needs beside being parked and created; pure."""

from __future__ import annotations

from lockgate.engine.postgres import checks
from lockgate.engine.postgres.disturb import Doing
from lockgate.engine.postgres.locks import statement
from lockgate.engine.postgres.ops_context import Context, refuse
from lockgate.engine.postgres.quote import qualify, quote_ident
from lockgate.model import keys
from lockgate.model.op import EXPAND, HazardKind, Op, Precheck
from lockgate.model.schema import Key, Table


def copy_op(context: Context, key: Key, table: Table) -> Op:
    """Return the op that copies the rows of a rebuilt table from the parked one."""
    old = context.before.tables[key]
    known = {c.name: c for c in old.columns if c.generated is None}
    both = [c for c in table.columns if c.generated is None and c.name in known]
    if any(known[c.name].type != c.type for c in both):
        raise refuse(f"table {key.path} would be rebuilt and its columns converted", "change the types in a first plan")
    names = ", ".join(quote_ident(c.name) for c in both)
    parked = f"lockgate.{quote_ident(context.reserved[key])}"
    insert = (
        f"INSERT INTO {qualify(key.namespace, key.name)} ({names}) OVERRIDING SYSTEM VALUE SELECT {names} FROM {parked}"
    )
    children = _partitions_of(context, key)
    return Op(
        title=f"copy the rows of {key.path}",
        stage=EXPAND,
        table=key,
        forward=(statement(insert, "update_rows", (HazardKind.LONG_LOCK, "all rows are copied")),),
        needs=frozenset({key, *(keys.table_key(t) for t in children)}),
        creates=frozenset({Key("rows", key.namespace, key.name)}),
        rank=40,
    )


def rebuild_prechecks(context: Context, key: Key, table: Table) -> tuple[Precheck, ...]:
    """Ask, before a table is rebuilt with partitions, whether each row has one to go to."""
    new = context.after.tables.get(key)
    if context.doing(key) is not Doing.REPLACE or new is None or new.partitioning is None:
        return ()
    return checks.outside(table, new.partitioning.by, _partitions_of(context, key))


def _partitions_of(context: Context, key: Key) -> list[Table]:
    return [t for t in context.after.tables.values() if t.partition_of and key in context.parents(t)]
