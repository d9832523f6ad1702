"""Indexes and constraints of mirrored columns: built on the shadows beforehand, exchanged by name in the swap; pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from msgspec.structs import replace

from lockgate.engine.postgres import ops_sql_part as part_sql
from lockgate.engine.postgres.disturb import Doing
from lockgate.engine.postgres.locks import statement
from lockgate.engine.postgres.mirror_keys import refers_to_mirrored
from lockgate.engine.postgres.mirror_pair import rename_in
from lockgate.engine.postgres.ops_constraint_sql import form_of_extra, using_index
from lockgate.engine.postgres.ops_context import Context
from lockgate.engine.postgres.ops_graph import Fact
from lockgate.engine.postgres.quote import qualify, quote_ident
from lockgate.engine.postgres.render import render_constraint, render_index
from lockgate.model import keys
from lockgate.model.op import HazardKind, Statement
from lockgate.model.schema import Check, ForeignKey, Index, IndexPart, Key, Table, Unique


class Carried(NamedTuple):
    """A part of the table that is there twice: how the copy is built and taken away, and how both change names."""

    key: Key
    build: tuple[Statement, ...]
    remove: tuple[Statement, ...]
    exchange: tuple[Statement, ...]


def carry_parts(context: Context, table: Table, shadows: Mapping[str, str]) -> list[Carried]:
    """Return all parts of a table that are bound to its mirrored columns and stay, indexes first.

    Args:
        shadows: The mirrored columns' names and what their shadows are called.
    """
    table_key = keys.table_key(table)
    columns = {Key("column", table.namespace, table.name, name) for name in shadows}
    found = []
    for fact in context.before.parts_of(table_key):
        if not fact.deps & columns or context.doing(fact.key) not in (None, Doing.ALTER):
            continue
        if isinstance(fact.value, ForeignKey) and refers_to_mirrored(context, fact.value):
            continue
        carried = _carry(context, table, fact, shadows)
        if carried is not None:
            found.append(carried)
    return sorted(found, key=lambda item: item.key.kind not in ("index", "unique"))


def _carry(context: Context, table: Table, fact: Fact, shadows: Mapping[str, str]) -> Carried | None:
    value = fact.value
    if isinstance(value, Index):
        return _carry_index(context, table, fact.key, value, shadows)
    if isinstance(value, Unique):
        return _carry_unique(context, table, fact.key, value, shadows)
    if isinstance(value, Check):
        text = value.expression
        for name, shadow in shadows.items():
            text = rename_in(text, name, shadow)
        copy = replace(value, name=context.names.next(value.name), expression=text, is_validated=False)
        return _carry_constraint(context, table, fact.key, value, copy, "add_check_not_valid")
    if isinstance(value, ForeignKey):
        names = tuple(shadows.get(name, name) for name in value.columns)
        copy_key = replace(value, name=context.names.next(value.name), columns=names, is_validated=False)
        return _carry_constraint(context, table, fact.key, value, copy_key, "add_fk_not_valid")
    return None


def _part(part: IndexPart, shadows: Mapping[str, str]) -> IndexPart:
    expression = part.expression
    for name, shadow in shadows.items():
        expression = rename_in(expression, name, shadow) if expression is not None else None
    return replace(part, column=shadows.get(part.column or "", part.column), expression=expression)


def _copy_of(index: Index, name: str, shadows: Mapping[str, str]) -> Index:
    where = index.where
    for column, shadow in shadows.items():
        where = rename_in(where, column, shadow) if where is not None else None
    return replace(
        index,
        name=name,
        parts=tuple(_part(part, shadows) for part in index.parts),
        include=tuple(shadows.get(column, column) for column in index.include),
        where=where,
    )


def _build_index(table: Table, copy: Index) -> list[Statement]:
    first, *rest = part_sql.create_index(table, copy, is_concurrent=True)
    hazard = (HazardKind.MAY_FAIL_ON_DATA, f"equal values in {table.name} are refused")
    hazards = (hazard,) if copy.is_unique else ()
    return [
        statement(first, "create_index_concurrently", *hazards, is_transactional=False),
        *(statement(text, form_of_extra(text)) for text in rest),
    ]


def _drop_index(table: Table, name: str) -> Statement:
    text = f"DROP INDEX CONCURRENTLY IF EXISTS {qualify(table.namespace, name)}"
    return statement(text, "drop_index_concurrently", is_transactional=False, is_idempotent=True)


def _carry_index(context: Context, table: Table, key: Key, index: Index, shadows: Mapping[str, str]) -> Carried:
    copy = _copy_of(index, context.names.next(index.name), shadows)
    names = index.name, copy.name, context.names.next(index.name)
    exchange = tuple(
        statement(f"ALTER INDEX {qualify(table.namespace, old)} RENAME TO {quote_ident(new)}", "rename_index")
        for old, new in _turn(*names)
    )
    return Carried(key, tuple(_build_index(table, copy)), (_drop_index(table, copy.name),), exchange)


def _carry_unique(context: Context, table: Table, key: Key, unique: Unique, shadows: Mapping[str, str]) -> Carried:
    reserved = context.names.next(unique.name)
    index = Index(
        name=reserved,
        parts=unique.parts,
        is_unique=True,
        include=unique.include,
        nulls_not_distinct=unique.nulls_not_distinct,
        options=tuple((n, v) for n, v in unique.options if n.startswith(("reloption", "tablespace"))),
    )
    copy = _copy_of(index, reserved, shadows)
    text = render_index(copy, table.namespace, table.name, is_concurrent=True)
    hazard = (HazardKind.MAY_FAIL_ON_DATA, f"equal values in {table.name} are refused")
    parts = tuple(_part(part, shadows) for part in unique.parts)
    constraint = replace(unique, name=reserved, parts=parts, include=copy.include)
    build = (
        statement(text, "create_index_concurrently", hazard, is_transactional=False),
        statement(using_index(table, constraint, reserved), "add_key_using_index"),
        *(statement(t, form_of_extra(t)) for t in part_sql.constraint_extras(table, constraint)),
    )
    remove = (_drop_constraint(table, reserved), _drop_index(table, reserved))
    return Carried(key, build, remove, _exchange(context, table, unique.name, reserved))


def _carry_constraint(
    context: Context, table: Table, key: Key, value: Check | ForeignKey, copy: Check | ForeignKey, form: str
) -> Carried:
    on = qualify(table.namespace, table.name)
    build = [statement(f"ALTER TABLE {on} ADD {render_constraint(copy)}", form)]
    build += [statement(text, form_of_extra(text)) for text in part_sql.constraint_extras(table, copy)]
    if value.is_validated:
        build.append(statement(f"ALTER TABLE {on} VALIDATE CONSTRAINT {quote_ident(copy.name)}", "validate"))
    return Carried(
        key, tuple(build), (_drop_constraint(table, copy.name),), _exchange(context, table, value.name, copy.name)
    )


def _drop_constraint(table: Table, name: str) -> Statement:
    text = f"ALTER TABLE {qualify(table.namespace, table.name)} DROP CONSTRAINT IF EXISTS {quote_ident(name)}"
    return statement(text, "drop_constraint", is_idempotent=True)


def _exchange(context: Context, table: Table, name: str, reserved: str) -> tuple[Statement, ...]:
    on = qualify(table.namespace, table.name)
    turn = _turn(name, reserved, context.names.next(name))
    return tuple(
        statement(f"ALTER TABLE {on} RENAME CONSTRAINT {quote_ident(old)} TO {quote_ident(new)}", "rename")
        for old, new in turn
    )


def _turn(name: str, reserved: str, spare: str) -> tuple[tuple[str, str], ...]:
    """Return the three renamings by which two things change names."""
    return (name, spare), (reserved, name), (spare, reserved)
