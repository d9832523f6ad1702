"""Ops that alter columns: NOT NULL, identity, generation and settings; pure."""

from __future__ import annotations

from msgspec.structs import replace

from lockgate.engine.postgres import checks
from lockgate.engine.postgres import ops_compare as compare
from lockgate.engine.postgres import ops_sql as sql
from lockgate.engine.postgres import ops_sql_column as column_sql
from lockgate.engine.postgres import ops_sql_identity as identity_sql
from lockgate.engine.postgres.convert import zero_value
from lockgate.engine.postgres.disturb import Doing
from lockgate.engine.postgres.locks import statement
from lockgate.engine.postgres.ops_column_save import save_values
from lockgate.engine.postgres.ops_context import Context, resources_of
from lockgate.engine.postgres.ops_graph import Fact, table_of
from lockgate.engine.postgres.ops_retype import add_retype_op
from lockgate.engine.postgres.ops_soft import is_softenable, soft_not_null
from lockgate.engine.postgres.quote import qualify, quote_ident
from lockgate.model import keys
from lockgate.model.op import CONTRACT, FIX, HazardKind, Op, Statement
from lockgate.model.schema import Column, Key


def add_alter_ops(context: Context, fact: Fact) -> None:
    """Add the ops of a column that stays and changes."""
    was = context.before.get(fact.key)
    if was is None or context.doing(keys.table_key(table_of(fact))) is Doing.REPLACE:
        return
    before, after = was.value, fact.value
    assert isinstance(before, Column) and isinstance(after, Column)
    from_parent = context.comes_from_parent(context.after, fact)
    if fact.key in context.decisions.retyped and not from_parent and fact.key not in context.decisions.mirrored:
        add_retype_op(context, was, fact)
    if before.generated is not None and after.generated is None and not from_parent:
        _add_ungenerate(context, was, fact, before)
    if before.is_nullable != after.is_nullable and not (from_parent and _parent_agrees(context, fact)):
        _add_nullability(context, fact, before, after)
    if before.identity != after.identity:
        _add_identity(context, fact, before, after)
    _add_attributes(context, fact, before, after)


def _parent_agrees(context: Context, fact: Fact) -> bool:
    """Tell whether a parent's NOT NULL changes in the same way."""
    table = table_of(fact)
    parents = list(table.inherits)
    if table.partition_of is not None:
        parents.append(Key("table", table.partition_of.namespace, table.partition_of.name))
    for parent in parents:
        key = Key("column", parent.namespace, parent.name, fact.key.child)
        old, new = context.before.get(key), context.after.get(key)
        if old and new and getattr(old.value, "is_nullable", 0) != getattr(new.value, "is_nullable", 0):
            return True
    return False


def _add_ungenerate(context: Context, was: Fact, fact: Fact, before: Column) -> None:
    table = table_of(fact)
    on = qualify(table.namespace, table.name)
    name = quote_ident(before.name)
    saved = save_values(context, table, replace(before, generated=None), context.after, "{c} IS DISTINCT FROM NULL")
    backward = [*saved[0], statement(column_sql.drop_column(table, before), "drop_column")]
    backward += [statement(text, "add_column_rewrite") for text in column_sql.add_column(table_of(was), before)]
    context.add(
        Op(
            title=f"make generated column {fact.key.path} an ordinary one",
            stage=FIX,
            table=keys.table_key(table),
            changes=context.changes_of(fact.key),
            forward=(statement(f"ALTER TABLE {on} ALTER COLUMN {name} DROP EXPRESSION", "alter_table"),),
            backward=tuple(backward),
            backward_parks=saved[1],
            creates=frozenset({Key("plain", *fact.key[1:])}),
            releases=was.deps - fact.deps,
            rank=5,
        )
    )


def _add_nullability(context: Context, fact: Fact, before: Column, after: Column) -> None:
    table = table_of(fact)
    key = keys.table_key(table)
    on, name = qualify(table.namespace, table.name), quote_ident(after.name)
    words = sql.table_words(table)
    flag = Key("not_null", *fact.key[1:])
    if after.is_nullable:
        back = statement(column_sql.set_not_null(table, before), "set_not_null")
        soft = is_softenable(context, table)
        fill = () if soft else _refill(context, fact, before)
        context.add(
            Op(
                title=f"let {fact.key.path} be NULL",
                stage=FIX,
                table=key,
                changes=context.changes_of(fact.key),
                forward=(statement(f"ALTER {words} {on} ALTER COLUMN {name} DROP NOT NULL", "drop_not_null"),),
                backward=(*fill, back),
                backward_prechecks=(soft_not_null(context, table, after.name, after.name, back, 0, 0),) if soft else (),
                removes=frozenset({flag}),
                needs=frozenset({fact.key}),
                rank=12,
            )
        )
        return
    _add_not_null(context, fact, flag)


def _refill(context: Context, fact: Fact, before: Column) -> tuple[Statement, ...]:
    zero = zero_value(compare.column_type(before, context.before))
    if zero is None:
        return ()
    table = table_of(fact)
    name = quote_ident(before.name)
    text = f"UPDATE {qualify(table.namespace, table.name)} SET {name} = {zero} WHERE {name} IS NULL"
    message = f"NULLs written meanwhile become {zero} in {fact.key.path}"
    return (statement(text, "update_rows", (HazardKind.FILLS_ROWS, message)),)


def _add_not_null(context: Context, fact: Fact, flag: Key) -> None:
    table = table_of(fact)
    key = keys.table_key(table)
    on, column = qualify(table.namespace, table.name), fact.key.child
    name = quote_ident(column)
    proof = quote_ident(context.names.next(f"{column}_not_null"))
    words = sql.table_words(table)
    drop = statement(f"ALTER {words} {on} DROP CONSTRAINT {proof}", "drop_constraint")
    add = statement(
        f"ALTER {words} {on} ADD CONSTRAINT {proof} CHECK ({name} IS NOT NULL) NOT VALID", "add_check_not_valid"
    )
    hazards = (
        (HazardKind.MAY_FAIL_ON_DATA, f"rows with NULL in {fact.key.path} are refused"),
        (HazardKind.BREAKS_OLD_CLIENTS, f"statements that write NULL to {fact.key.path} fail"),
    )
    marks = [Key("proof", *fact.key[1:]), Key("proven", *fact.key[1:])]
    precheck = (checks.nulls(table, column),) if _is_checkable(context, fact.key) else ()
    changes = context.changes_of(fact.key)
    needs = frozenset({fact.key, Key("plain", *fact.key[1:])})
    context.add(
        Op(
            title=f"prepare NOT NULL of {fact.key.path}",
            stage=CONTRACT,
            table=key,
            changes=changes,
            forward=(replace(add, hazards=statement("", "comment", *hazards).hazards),),
            backward=(drop,),
            prechecks=precheck,
            creates=frozenset({marks[0]}),
            needs=needs,
            rank=8,
        )
    )
    context.add(
        Op(
            title=f"prove NOT NULL of {fact.key.path}",
            stage=CONTRACT,
            table=key,
            changes=changes,
            forward=(statement(f"ALTER {words} {on} VALIDATE CONSTRAINT {proof}", "validate"),),
            creates=frozenset({marks[1]}),
            needs=frozenset({marks[0]}),
            rank=9,
        )
    )
    context.add(
        Op(
            title=f"set NOT NULL on {fact.key.path}",
            stage=CONTRACT,
            table=key,
            changes=changes,
            forward=(statement(f"ALTER {words} {on} ALTER COLUMN {name} SET NOT NULL", "set_not_null"), drop),
            backward=(add, statement(f"ALTER {words} {on} ALTER COLUMN {name} DROP NOT NULL", "drop_not_null")),
            creates=frozenset({flag}),
            needs=frozenset({marks[1], fact.key}),
            rank=10,
        )
    )


def _is_checkable(context: Context, column: Key) -> bool:
    """Tell whether a question about a column can be asked before the plan starts."""
    return context.doing(column) in (None, Doing.ALTER) and column not in context.decisions.retyped


def _add_identity(context: Context, fact: Fact, before: Column, after: Column) -> None:
    table = table_of(fact)
    key = keys.table_key(table)
    default = Key("default", *fact.key[1:])
    if before.identity is None:
        forward, backward = identity_sql.add_identity(table, after), identity_sql.drop_identity(table, after)
        creates = {default, Key("identity", *fact.key[1:]), *(resources_of(fact) - {Key("attribute", *fact.key[1:])})}
        needs = {fact.key, Key("not_null", *fact.key[1:])}
        removes: set[Key] = set()
        releases: set[Key] = set()
        title = f"make {fact.key.path} an identity column"
    elif after.identity is None:
        was = context.before.facts[fact.key]
        forward, backward = (
            identity_sql.drop_identity(table_of(was), before),
            identity_sql.add_identity(table_of(was), before),
        )
        creates, needs = set(), set()
        removes = {default, Key("identity", *fact.key[1:]), *(resources_of(was) - {Key("attribute", *fact.key[1:])})}
        releases = {fact.key, Key("not_null", *fact.key[1:])}
        title = f"end the identity of {fact.key.path}"
    else:
        forward, backward = (
            identity_sql.alter_identity(table, before, after),
            identity_sql.alter_identity(table, after, before),
        )
        creates, removes, needs, releases = set(), set(), {fact.key}, set()
        title = f"alter the identity of {fact.key.path}"
    if not forward and not backward:
        return
    context.add(
        Op(
            title=title,
            stage=FIX,
            table=key,
            changes=context.changes_of(fact.key),
            forward=forward,
            backward=backward,
            creates=frozenset(creates),
            removes=frozenset(removes),
            needs=frozenset(needs),
            releases=frozenset(releases),
            rank=14,
        )
    )


def _add_attributes(context: Context, fact: Fact, before: Column, after: Column) -> None:
    table = table_of(fact)
    forward = column_sql.alter_column_options(table, before, after)
    if not forward:
        return
    context.add(
        Op(
            title=f"alter column {fact.key.path}",
            stage=FIX,
            table=keys.table_key(table),
            changes=context.changes_of(fact.key),
            forward=forward,
            backward=column_sql.alter_column_options(table, after, before),
            needs=frozenset({fact.key, Key("not_null", *fact.key[1:])}),
            rank=16,
        )
    )
