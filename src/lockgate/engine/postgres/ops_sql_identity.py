"""Statements that make, change and end the identity of a column; pure."""

from __future__ import annotations

from msgspec.structs import replace

from lockgate.engine.postgres.acl import decode_acl, render_grants
from lockgate.engine.postgres.inspect_columns import make_object_name
from lockgate.engine.postgres.locks import statement
from lockgate.engine.postgres.ops_sql import ANY_VERSION, name_of
from lockgate.engine.postgres.quote import qualify, quote_ident, quote_literal
from lockgate.engine.postgres.render import option, render_column, render_comment, table_clause
from lockgate.engine.postgres.render_table import render_table_descriptions
from lockgate.model.op import Statement
from lockgate.model.schema import Column, Table

_LIMITS = {"smallint": 2**15, "integer": 2**31, "bigint": 2**63}


def identity_sequence(table: Table, column: Column) -> str:
    """Return the name of an identity column's sequence."""
    given = option(column.identity.options, "sequence") if column.identity is not None else ""
    return given or make_object_name(table.name, column.name, "seq")


def add_identity(table: Table, column: Column) -> tuple[Statement, ...]:
    """Return what makes a column an identity that goes on after the values it has."""
    assert column.identity is not None
    identity = render_column(
        replace(column, default=None, is_nullable=True, collation=None, options=()), namespace=table.namespace
    )
    clause = identity[identity.index("GENERATED ") :]
    name = quote_ident(column.name)
    head = f"ALTER {table_clause(table)} {name_of(table)} ALTER COLUMN {name}"
    sequence = quote_literal(qualify(table.namespace, identity_sequence(table, column)))
    advance = (
        f"SELECT pg_catalog.setval({sequence}, max({name})) FROM {name_of(table)} HAVING max({name}) >= "
        f"(SELECT seqstart FROM pg_catalog.pg_sequence WHERE seqrelid = {sequence}::pg_catalog.regclass)"
    )
    only = replace(
        table, columns=(replace(column, comment=None, options=()),), comment=None, primary_key=None, uniques=()
    )
    only = replace(only, checks=(), exclusions=(), foreign_keys=(), indexes=(), options=())
    extras = [statement(t, "comment") for t in render_table_descriptions(only, ANY_VERSION)]
    ascending = not option(column.identity.options, "increment").startswith("-")
    found = [statement(f"{head} ADD {clause}", "identity")]
    return (*found, *([statement(advance, "sequence")] if ascending else []), *extras)


def drop_identity(table: Table, column: Column) -> tuple[Statement, ...]:
    """Return what makes an identity column an ordinary one."""
    head = f"ALTER {table_clause(table)} {name_of(table)} ALTER COLUMN {quote_ident(column.name)}"
    return (statement(f"{head} DROP IDENTITY", "identity"),)


def alter_identity(table: Table, before: Column, after: Column) -> tuple[Statement, ...]:
    """Return what changes an identity's generation, sequence name and attributes."""
    assert before.identity is not None and after.identity is not None
    head = f"ALTER {table_clause(table)} {name_of(table)} ALTER COLUMN {quote_ident(after.name)}"
    found: list[Statement] = []
    old, new = identity_sequence(table, before), identity_sequence(table, after)
    if old != new:
        text = f"ALTER SEQUENCE {qualify(table.namespace, old)} RENAME TO {quote_ident(new)}"
        found.append(statement(text, "rename"))
    sets: list[str] = []
    if before.identity.generation != after.identity.generation:
        sets.append(f"SET GENERATED {after.identity.generation.upper()}")
    was, now = dict(before.identity.options), dict(after.identity.options)
    names = ("type", "increment", "min_value", "max_value", "start", "cache", "cycle")
    if before.type != after.type or any(was.get(n) != now.get(n) for n in names):
        found.append(statement(_sequence_text(table, new, after), "sequence"))
    if sets:
        found.append(statement(f"{head} {' '.join(sets)}", "identity"))
    target = f"SEQUENCE {qualify(table.namespace, new)}"
    if was.get("comment") != now.get("comment"):
        found.append(statement(render_comment(target, now.get("comment")), "comment"))
    if was.get("acl") != now.get("acl"):
        pair = decode_acl(was.get("acl"), "sequence"), decode_acl(now.get("acl"), "sequence")
        found += [statement(t, "grant") for t in render_grants(target, *pair, "sequence")]
    if was.get("persistence") != now.get("persistence"):
        word = (now.get("persistence") or ("unlogged" if option(table.options, "persistence") else "logged")).upper()
        found.append(statement(f"ALTER {target} SET {word}", "sequence"))
    return tuple(found)


def _sequence_text(table: Table, name: str, column: Column) -> str:
    assert column.identity is not None
    options = dict(column.identity.options)
    kind = options.get("type") or column.type
    step = int(options.get("increment", "1"))
    size = _LIMITS.get(kind, 2**63)
    low, high = (1, size - 1) if step > 0 else (-size, -1)
    low, high = int(options.get("min_value", low)), int(options.get("max_value", high))
    start = options.get("start") or (low if step > 0 else high)
    cycle = "CYCLE" if options.get("cycle") else "NO CYCLE"
    return (
        f"ALTER SEQUENCE {qualify(table.namespace, name)} AS {kind} INCREMENT BY {step} MINVALUE {low}"
        f" MAXVALUE {high} START WITH {start} CACHE {options.get('cache', '1')} {cycle}"
    )
