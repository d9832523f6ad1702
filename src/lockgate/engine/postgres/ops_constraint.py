"""Ops that add, drop, rename and alter indexes and constraints of tables that stay; pure."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from lockgate.engine.postgres import ops_sql_part as part_sql
from lockgate.engine.postgres.disturb import Doing
from lockgate.engine.postgres.inspect_columns import make_object_name
from lockgate.engine.postgres.locks import statement
from lockgate.engine.postgres.ops_constraint_needs import create_needs, prechecks_of
from lockgate.engine.postgres.ops_constraint_sql import part_statements
from lockgate.engine.postgres.ops_context import Context, resources_of
from lockgate.engine.postgres.ops_graph import Fact, Graph
from lockgate.engine.postgres.ops_key import add_adoption_op, add_online_key_ops, can_build_online, find_adopted
from lockgate.engine.postgres.ops_soft import soft_unique, soft_validation
from lockgate.engine.postgres.quote import qualify, quote_ident
from lockgate.engine.postgres.render import option
from lockgate.model import keys
from lockgate.model.op import CONTRACT, EXPAND, FIX, HazardKind, Op, Precheck, Statement
from lockgate.model.schema import Check, Exclusion, ForeignKey, Index, Key, PrimaryKey, Unique

_PARTS = (Index, PrimaryKey, Unique, Check, Exclusion, ForeignKey)


def add_constraint_ops(context: Context) -> None:
    """Add the ops of all indexes and constraints that do not come or go with their table."""
    adopted = find_adopted(context)
    for key, fact in context.before.facts.items():
        is_gone = isinstance(fact.value, _PARTS) and context.decisions.is_gone(key)
        if is_gone and not _goes_with_table(context, fact) and key not in adopted:
            _add_drop(context, fact)
    for key, fact in context.after.facts.items():
        if not isinstance(fact.value, _PARTS) or _goes_with_table(context, fact):
            continue
        doing = context.doing(key)
        if doing in (Doing.CREATE, Doing.REPLACE):
            index = next((i for i, owner in adopted.items() if owner == key), None)
            if index is not None:
                add_adoption_op(context, context.before.facts[index], fact)
            else:
                _add_create(context, fact)
        elif doing is Doing.ALTER:
            _add_alter(context, context.before.facts[key], fact)


def _goes_with_table(context: Context, fact: Fact) -> bool:
    assert fact.table is not None
    return context.doing(keys.table_key(fact.table)) is Doing.REPLACE and not isinstance(fact.value, ForeignKey)


def _add_drop(context: Context, fact: Fact) -> None:
    value, table = fact.value, fact.table
    assert table is not None
    if _add_renamed_copy(context, fact, context.before):
        return
    create, validate, drop = part_statements(context, context.before, fact)
    create += _validated_copies(context, context.before, fact)
    is_replaced = context.doing(fact.key) is Doing.REPLACE
    hazards: tuple[tuple[HazardKind, str], ...] = ()
    if not isinstance(value, Index) or value.is_unique:
        hazards = ((HazardKind.WEAKENS_PROTECTION, f"{fact.key.child} no longer guards {table.name}"),)
    forward = tuple(replace(s, hazards=s.hazards + statement("", "comment", *hazards).hazards) for s in drop)
    releases = set(fact.deps) - {keys.table_key(table)}
    releases.add(keys.table_key(table))
    if isinstance(value, PrimaryKey):
        releases |= {Key("not_null", *fact.key[1:3], p.column or "") for p in value.parts}
    context.add(
        Op(
            title=f"drop {fact.key}",
            stage=FIX if is_replaced else CONTRACT,
            table=keys.table_key(table),
            changes=context.changes_of(fact.key),
            forward=forward,
            backward=tuple(create + validate),
            backward_prechecks=_soft(context, fact, create, validate, len(forward)),
            removes=frozenset({fact.key}) | resources_of(fact) | context.copies_below(context.before, fact),
            releases=frozenset(releases),
            rank=-4 if isinstance(value, ForeignKey) else -3,
        )
    )


def _soft(
    context: Context, fact: Fact, create: list[Statement], validate: list[Statement], forth: int
) -> tuple[Precheck, ...]:
    """Return what is asked before a constraint comes back, with what stands in when rows break it."""
    value, table = fact.value, fact.table
    assert table is not None
    if context.doing(fact.key) is not Doing.DROP or context.doing(keys.table_key(table)) not in (None, Doing.ALTER):
        return ()
    if isinstance(value, Check | ForeignKey):
        return soft_validation(context, table, value, create, validate)
    if isinstance(value, PrimaryKey | Unique | Index):
        return soft_unique(context, table, value, create, forth)
    return ()


def _add_create(context: Context, fact: Fact) -> None:
    value, table = fact.value, fact.table
    assert table is not None
    if _add_renamed_copy(context, fact, context.after):
        return
    create, validate, drop = part_statements(context, context.after, fact)
    create += _validated_copies(context, context.after, fact)
    prechecks = prechecks_of(context, fact)
    is_index = isinstance(value, Index)
    if isinstance(value, PrimaryKey | Unique) and can_build_online(context, value, table):
        add_online_key_ops(context, fact, value, table, prechecks)
        return
    context.add(
        Op(
            title=f"add {fact.key}",
            stage=EXPAND if is_index else FIX,
            table=keys.table_key(table),
            changes=context.changes_of(fact.key),
            forward=tuple(create),
            backward=tuple(drop),
            prechecks=prechecks,
            creates=frozenset({fact.key}) | resources_of(fact) | context.copies_below(context.after, fact),
            needs=create_needs(context, fact),
            rank=24 if isinstance(value, ForeignKey) else 20,
        )
    )
    if validate:
        context.add(
            Op(
                title=f"validate {fact.key}",
                stage=FIX,
                table=keys.table_key(table),
                changes=context.changes_of(fact.key),
                forward=tuple(validate),
                creates=frozenset({Key("validated", *fact.key[1:])}),
                needs=frozenset({fact.key}),
                rank=26,
            )
        )


def _add_renamed_copy(context: Context, fact: Fact, graph: Graph) -> bool:
    """A partition's part that its parent's index holds on to only changes its name, from or to the automatic one."""
    value, table = fact.value, fact.table
    assert table is not None
    if not isinstance(value, Index | PrimaryKey | Unique) or table.partition_of is None:
        return False
    holder = option(value.options, "attached_to")
    part = table.partition_of
    if not holder:
        return False
    above = [
        k
        for k in (Key(kind, part.namespace, part.name, holder) for kind in ("index", "primary_key", "unique"))
        if k in context.before.facts and k in context.after.facts and context.doing(k) in (None, Doing.ALTER)
    ]
    if not above or any(p.column is None for p in value.parts):
        return False
    columns = "" if isinstance(value, PrimaryKey) else "_".join(p.column or "" for p in value.parts)
    suffix = "idx" if isinstance(value, Index) else "pkey" if isinstance(value, PrimaryKey) else "key"
    automatic = make_object_name(table.name, columns, suffix)
    is_before = graph is context.before
    old, new = (value.name, automatic) if is_before else (automatic, value.name)

    def rename(one: str, other: str) -> Statement:
        return statement(f"ALTER INDEX {qualify(table.namespace, one)} RENAME TO {quote_ident(other)}", "rename_index")

    names = [Key("relation", table.namespace, n) for n in (old, new)]
    context.add(
        Op(
            title=f"rename {old} of {table.name} to {new}",
            stage=FIX,
            table=keys.table_key(table),
            changes=context.changes_of(fact.key),
            forward=(rename(old, new),),
            backward=(rename(new, old),),
            removes=frozenset({names[0]} | ({fact.key} if is_before else set())),
            creates=frozenset({names[1]} | (set() if is_before else {fact.key})),
            rank=19,
        )
    )
    return True


def _validated_copies(context: Context, graph: Graph, fact: Fact) -> list[Statement]:
    """Return what validates the copies of a check that is not valid, on the children where they were valid."""
    value, table = fact.value, fact.table
    if not isinstance(value, Check) or value.is_validated or table is None:
        return []
    found = []
    for child in graph.tables.values():
        if option(child.options, f"validated:{value.name}"):
            text = (
                f"ALTER TABLE ONLY {qualify(child.namespace, child.name)} VALIDATE CONSTRAINT {quote_ident(value.name)}"
            )
            found.append(statement(text, "validate"))
    return found


def _add_alter(context: Context, was: Fact, fact: Fact) -> None:
    table = fact.table
    before, after = was.value, fact.value
    assert table is not None
    key = keys.table_key(table)
    forward: Sequence[Statement]
    if isinstance(before, Index) and isinstance(after, Index):
        forward, backward = part_sql.alter_index(table, before, after), part_sql.alter_index(table, after, before)
    else:
        assert isinstance(before, PrimaryKey | Unique | Check | Exclusion | ForeignKey)
        assert isinstance(after, PrimaryKey | Unique | Check | Exclusion | ForeignKey)
        forward, backward = (
            part_sql.alter_constraint(table, before, after),
            part_sql.alter_constraint(table, after, before),
        )
    context.add(
        Op(
            title=f"alter {fact.key}",
            stage=FIX,
            table=key,
            changes=context.changes_of(fact.key),
            forward=tuple(forward),
            backward=tuple(backward),
            needs=frozenset({fact.key}),
            rank=28,
        )
    )
