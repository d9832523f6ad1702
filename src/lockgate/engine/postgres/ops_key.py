"""Ops of keys that take over an index: one that is there, or one built without blocking writes; pure."""

from __future__ import annotations

from lockgate.engine.postgres import ops_sql_part as part_sql
from lockgate.engine.postgres.disturb import Doing
from lockgate.engine.postgres.locks import statement
from lockgate.engine.postgres.ops_constraint_needs import create_needs
from lockgate.engine.postgres.ops_constraint_sql import (
    drop_statement,
    form_of_extra,
    index_drop,
    is_plain_table,
    using_index,
)
from lockgate.engine.postgres.ops_context import Context, resources_of
from lockgate.engine.postgres.ops_graph import Fact
from lockgate.engine.postgres.render import option, render_index
from lockgate.model import keys
from lockgate.model.op import FIX, HazardKind, Op, Precheck
from lockgate.model.schema import Index, Key, PrimaryKey, Table, Unique


def find_adopted(context: Context) -> dict[Key, Key]:
    """Return unique indexes of before that become the index of a new constraint of the same name."""
    found: dict[Key, Key] = {}
    for key, fact in context.after.facts.items():
        value = fact.value
        if not isinstance(value, PrimaryKey | Unique) or context.doing(key) is not Doing.CREATE or fact.table is None:
            continue
        index_key = key._replace(kind="index")
        old = context.before.get(index_key)
        if old is None or context.doing(index_key) is not Doing.DROP or fact.table.partitioning is not None:
            continue
        index = old.value
        if isinstance(index, Index) and _fits(index, value) and not option(value.options, "attached_to"):
            found[index_key] = key
    return found


def _fits(index: Index, key: PrimaryKey | Unique) -> bool:
    if not index.is_unique or index.where is not None or (index.method or "btree") != "btree":
        return False
    plain = [p.column for p in index.parts]
    is_plain = all(
        not p.is_descending and not p.nulls and not p.operator_class and not p.collation for p in index.parts
    )
    distinct = index.nulls_not_distinct == getattr(key, "nulls_not_distinct", False)
    is_option_free = not option(key.options, "without_overlaps")
    return (
        is_plain
        and distinct
        and is_option_free
        and plain == [p.column for p in key.parts]
        and index.include == key.include
    )


def add_adoption_op(context: Context, old: Fact, fact: Fact) -> None:
    """Add the op that makes a unique index that is there the index of a constraint."""
    index, key, table = old.value, fact.value, fact.table
    assert isinstance(index, Index) and isinstance(key, PrimaryKey | Unique) and table is not None
    forward = [statement(using_index(table, key, index.name), "add_key_using_index")]
    forward += [statement(text, form_of_extra(text)) for text in part_sql.constraint_extras(table, key)]
    if index.comment is not None and not option(key.options, "index_comment"):
        forward.append(statement(part_sql.comment_on_index(table, index.name, None), "comment"))
    backward = [drop_statement(table, key)]
    backward += [statement(text, "create_index") for text in part_sql.create_index(table, index, is_concurrent=False)]
    context.add(
        Op(
            title=f"make index {key.name} the constraint of {table.name}",
            stage=FIX,
            table=keys.table_key(table),
            changes=context.changes_of(fact.key) + context.changes_of(old.key),
            forward=tuple(forward),
            backward=tuple(backward),
            creates=frozenset({fact.key}) | resources_of(fact),
            removes=frozenset({old.key}),
            needs=create_needs(context, fact),
            releases=frozenset(d for d in old.deps if context.decisions.is_gone(d)),
            rank=22,
        )
    )


def can_build_online(context: Context, value: PrimaryKey | Unique, table: Table) -> bool:
    """Tell whether a key's index can be built before the key, without blocking writes."""
    if context.is_new_table(keys.table_key(table)) or not is_plain_table(table):
        return False
    is_special = option(value.options, "without_overlaps") or option(value.options, "attached_to")
    return not is_special and table.partition_of is None


def add_online_key_ops(
    context: Context, fact: Fact, value: PrimaryKey | Unique, table: Table, prechecks: tuple[Precheck, ...]
) -> None:
    """Build the index without blocking writes, then make it the constraint's in an instant."""
    key = keys.table_key(table)
    index = Index(
        name=value.name,
        parts=value.parts,
        is_unique=True,
        include=value.include,
        nulls_not_distinct=getattr(value, "nulls_not_distinct", False),
        options=tuple((n, v) for n, v in value.options if n.startswith(("reloption", "tablespace"))),
    )
    built = Key("built", *fact.key[1:])
    text = render_index(index, table.namespace, table.name, is_concurrent=True)
    hazard = (HazardKind.MAY_FAIL_ON_DATA, f"equal values in {table.name} are refused")
    context.add(
        Op(
            title=f"build the index of {fact.key}",
            stage=FIX,
            table=key,
            changes=context.changes_of(fact.key),
            forward=(statement(text, "create_index_concurrently", hazard, is_transactional=False),),
            backward=(index_drop(table, index),),
            prechecks=prechecks,
            creates=frozenset({built}) | resources_of(fact),
            needs=frozenset(d for d in create_needs(context, fact) if d.kind != "not_null"),
            rank=20,
        )
    )
    extras = [statement(t, form_of_extra(t)) for t in part_sql.constraint_extras(table, value)]
    # What was built goes back to being a mere index, so that undoing both leaves what was there before both.
    context.add(
        Op(
            title=f"add {fact.key}",
            stage=FIX,
            table=key,
            changes=context.changes_of(fact.key),
            forward=(statement(using_index(table, value, value.name), "add_key_using_index"), *extras),
            backward=(
                drop_statement(table, value),
                statement(render_index(index, table.namespace, table.name), "create_index"),
            ),
            creates=frozenset({fact.key}),
            needs=create_needs(context, fact) | {built},
            rank=22,
        )
    )
