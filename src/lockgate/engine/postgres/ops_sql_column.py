"""Statements that add and drop a column and change its settings; pure."""

from __future__ import annotations

from msgspec.structs import replace

from lockgate.engine.postgres.acl import Acl, decode_acl, render_grants
from lockgate.engine.postgres.convert import parse_type
from lockgate.engine.postgres.inspect_columns import make_object_name
from lockgate.engine.postgres.locks import statement
from lockgate.engine.postgres.ops_sql import ANY_VERSION, fdw_changes, name_of, set_and_reset
from lockgate.engine.postgres.quote import quote_ident
from lockgate.engine.postgres.render import (
    is_inherited,
    option,
    render_column,
    render_column_settings,
    render_comment,
    table_clause,
)
from lockgate.engine.postgres.render_table import render_table_descriptions
from lockgate.model.op import Statement
from lockgate.model.schema import Column, Table

_PLAIN = frozenset(
    [
        "smallint",
        "integer",
        "bigint",
        "real",
        "boolean",
        "date",
        "oid",
        "uuid",
        "money",
        "point",
        "lseg",
        "box",
        "circle",
        "line",
        "macaddr",
        "macaddr8",
        "interval",
    ]
) | {"double precision", "timestamp without time zone", "timestamp with time zone", "time without time zone"}
_MAIN = frozenset(["numeric", "inet", "cidr"])


def add_column(table: Table, column: Column) -> list[str]:
    """Return ALTER TABLE … ADD COLUMN and the statements for what it cannot say."""
    bare = replace(column, options=tuple(o for o in column.options if o[0] != "inherited"))
    text = f"ALTER {table_clause(table)} {name_of(table)} ADD COLUMN {render_column(bare, namespace=table.namespace)}"
    clause = f"ALTER {table_clause(table)} ONLY"
    only = replace(table, columns=(bare,), comment=None, primary_key=None, uniques=(), checks=(), exclusions=())
    only = replace(only, foreign_keys=(), indexes=(), options=())
    return [
        text,
        *render_column_settings(name_of(table), bare, clause=clause),
        *render_table_descriptions(only, ANY_VERSION),
    ]


def drop_column(table: Table, column: Column) -> str:
    """Return ALTER TABLE … DROP COLUMN."""
    return f"ALTER {table_clause(table)} {name_of(table)} DROP COLUMN {quote_ident(column.name)}"


def set_not_null(table: Table, column: Column) -> str:
    """Return what makes a column NOT NULL again, under the name its constraint had (PostgreSQL 18)."""
    name = option(column.options, "not_null_name")
    head = f"ALTER {table_clause(table)} {name_of(table)}"
    if name:
        inherit = " NO INHERIT" if option(column.options, "not_null_no_inherit") else ""
        return f"{head} ADD CONSTRAINT {quote_ident(name)} NOT NULL {quote_ident(column.name)}{inherit}"
    return f"{head} ALTER COLUMN {quote_ident(column.name)} SET NOT NULL"


def alter_column_options(table: Table, before: Column, after: Column) -> tuple[Statement, ...]:
    """Return what changes storage, compression, statistics, attribute options, comment, grants, NOT NULL's name."""
    clause = f"ALTER {table_clause(table)} ONLY"
    head = f"{clause} {name_of(table)} ALTER COLUMN {quote_ident(after.name)}"
    was, now = dict(before.options), dict(after.options)
    is_retyped = before.type != after.type
    found: list[Statement] = []
    if now.get("storage") if is_retyped else was.get("storage") != now.get("storage"):
        found.append(
            statement(f"{head} SET STORAGE {(now.get('storage') or _default_storage(after)).upper()}", "storage")
        )
    if was.get("compression") != now.get("compression"):
        found.append(statement(f"{head} SET COMPRESSION {now.get('compression', 'default')}", "storage"))
    if was.get("statistics") != now.get("statistics"):
        found.append(statement(f"{head} SET STATISTICS {now.get('statistics', '-1')}", "statistics"))
    found += set_and_reset(head, "attoption:", before.options, after.options, "statistics")
    found += fdw_changes(head, before.options, after.options)
    column = f"COLUMN {name_of(table)}.{quote_ident(after.name)}"
    if before.comment != after.comment:
        found.append(statement(render_comment(column, after.comment), "comment"))
    if was.get("acl") != now.get("acl"):
        pair = _column_acl(was), _column_acl(now)
        texts = render_grants(f"TABLE {name_of(table)}", *pair, "column", column=after.name)
        found += [statement(t, "grant") for t in texts]
    return tuple(found + _not_null_changes(table, before, after))


def _column_acl(options: dict[str, str]) -> Acl:
    return decode_acl(options["acl"], "column") if "acl" in options else {}


def _default_storage(column: Column) -> str:
    kind = parse_type(column.type)
    if kind.is_array:
        return "extended"
    return "plain" if kind.base in _PLAIN else "main" if kind.base in _MAIN else "extended"


def _not_null_changes(table: Table, before: Column, after: Column) -> list[Statement]:
    """Return what changes the NOT NULL constraint's name, reach and comment (PostgreSQL 18)."""
    if after.is_nullable or (is_inherited(before) and is_inherited(after)):
        return []
    standard = make_object_name(table.name, after.name, "not_null")
    old = (option(before.options, "not_null_name") if not before.is_nullable else "") or standard
    new = option(after.options, "not_null_name") or standard
    found = []
    if old != new:
        text = f"ALTER TABLE {name_of(table)} RENAME CONSTRAINT {quote_ident(old)} TO {quote_ident(new)}"
        found.append(statement(text, "rename"))
    if option(before.options, "not_null_no_inherit") != option(after.options, "not_null_no_inherit"):
        word = "NO INHERIT" if option(after.options, "not_null_no_inherit") else "INHERIT"
        found.append(
            statement(f"ALTER TABLE {name_of(table)} ALTER CONSTRAINT {quote_ident(new)} {word}", "alter_table")
        )
    old_text = option(before.options, "not_null_comment") if not before.is_nullable else ""
    text = option(after.options, "not_null_comment")
    if old_text != text:
        target = f"CONSTRAINT {quote_ident(new)} ON {name_of(table)}"
        found.append(statement(render_comment(target, text or None), "comment"))
    return found
