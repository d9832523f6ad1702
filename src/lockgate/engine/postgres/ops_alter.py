"""Statements that alter objects that are not tables in place; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lockgate.engine.postgres.acl import decode_acl, render_grants
from lockgate.engine.postgres.locks import statement
from lockgate.engine.postgres.ops_graph import ROUTINE_KINDS
from lockgate.engine.postgres.ops_sql import set_and_reset
from lockgate.engine.postgres.quote import qualify, quote_ident, quote_literal
from lockgate.engine.postgres.render import option, options_with, render_comment, render_constraint
from lockgate.engine.postgres.render_objects import (
    definition_name,
    reference,
    render_enabled,
    render_grant_change,
    render_sequence_attributes,
)
from lockgate.model.op import Statement
from lockgate.model.schema import Composite, Definition, Domain, Extension, Namespace, SchemaObject, Sequence

if TYPE_CHECKING:
    from lockgate.engine.postgres.ops_context import Context


def alter_object(before: SchemaObject, after: SchemaObject, context: Context) -> tuple[Statement, ...]:
    """Return the statements from one state of an object to another; empty when nothing is to do."""
    found: list[Statement] = []
    match before, after:
        case Domain(), Domain():
            found += _alter_domain(before, after)
        case Composite(), Composite():
            found += _alter_composite(before, after)
        case Sequence(), Sequence():
            found += _alter_sequence(before, after)
        case Extension(), Extension():
            found += _alter_extension(before, after)
        case Definition(), Definition():
            found += _alter_definition(before, after)
    if before.comment != after.comment:
        found.append(statement(render_comment(reference(after), after.comment), "comment"))
    if not isinstance(after, Extension) and not isinstance(before, Extension):
        old, new = option(before.options, "acl"), option(after.options, "acl")
        if old != new:
            texts = render_grant_change(after, before.options, after.options, context.server.version)
            found += [statement(t, "grant") for t in texts]
    if isinstance(after, Namespace) and after.name == "public" and before.comment != after.comment:
        found[0] = statement(_public_comment(after.comment), "comment")
    return tuple(found)


def _public_comment(comment: str | None) -> str:
    """The schema public has a comment of its own in a new database; '' means that it was taken away."""
    text = "standard public schema" if comment is None else comment or None
    return render_comment("SCHEMA public", text)


def _alter_domain(before: Domain, after: Domain) -> list[Statement]:
    head = f"ALTER DOMAIN {qualify(after.namespace, after.name)}"
    found: list[Statement] = []
    old, new = {c.name: c for c in before.checks}, {c.name: c for c in after.checks}
    for name, check in old.items():
        if name not in new or _bare(new[name]) != _bare(check):
            found.append(statement(f"{head} DROP CONSTRAINT {quote_ident(name)}", "catalogue"))
    if before.default != after.default:
        action = "DROP DEFAULT" if after.default is None else f"SET DEFAULT {after.default}"
        found.append(statement(f"{head} {action}", "catalogue"))
    if before.is_nullable != after.is_nullable:
        found.append(statement(f"{head} {'DROP' if after.is_nullable else 'SET'} NOT NULL", "add_check"))
    for name, check in new.items():
        is_new = name not in old or _bare(old[name]) != _bare(check)
        if is_new:
            found.append(statement(f"{head} ADD {render_constraint(check)}", "add_check"))
        if check.comment != (None if is_new else old[name].comment):
            target = f"CONSTRAINT {quote_ident(name)} ON DOMAIN {qualify(after.namespace, after.name)}"
            found.append(statement(render_comment(target, check.comment), "comment"))
    return found


def _bare(check: object) -> tuple[object, ...]:
    return getattr(check, "expression", ""), getattr(check, "is_validated", True)


def _alter_composite(before: Composite, after: Composite) -> list[Statement]:
    head = f"ALTER TYPE {qualify(after.namespace, after.name)}"
    found: list[Statement] = []
    old, new = {a.name: a for a in before.attributes}, {a.name: a for a in after.attributes}
    for name in old:
        if name not in new:
            found.append(statement(f"{head} DROP ATTRIBUTE {quote_ident(name)}", "catalogue"))
    for name, attribute in new.items():
        collation = f" COLLATE {attribute.collation}" if attribute.collation else ""
        kind = f"{attribute.type}{collation}"
        if name not in old:
            found.append(statement(f"{head} ADD ATTRIBUTE {quote_ident(name)} {kind}", "catalogue"))
        elif (old[name].type, old[name].collation) != (attribute.type, attribute.collation):
            found.append(statement(f"{head} ALTER ATTRIBUTE {quote_ident(name)} TYPE {kind}", "catalogue"))
        if attribute.comment != (old[name].comment if name in old else None):
            target = f"COLUMN {qualify(after.namespace, after.name)}.{quote_ident(name)}"
            found.append(statement(render_comment(target, attribute.comment), "comment"))
    return found


def _alter_sequence(before: Sequence, after: Sequence) -> list[Statement]:
    head = f"ALTER SEQUENCE {qualify(after.namespace, after.name)}"
    found: list[Statement] = []
    old, new = render_sequence_attributes(before), render_sequence_attributes(after)
    if old != new:
        found.append(statement(f"{head} {' '.join(new)}", "sequence"))
    if option(before.options, "persistence") != option(after.options, "persistence"):
        word = "UNLOGGED" if option(after.options, "persistence") else "LOGGED"
        found.append(statement(f"{head} SET {word}", "sequence"))
    return found


def _alter_extension(before: Extension, after: Extension) -> list[Statement]:
    head = f"ALTER EXTENSION {quote_ident(after.name)}"
    found: list[Statement] = []
    if before.namespace != after.namespace:
        found.append(statement(f"{head} SET SCHEMA {quote_ident(after.namespace)}", "catalogue"))
    if before.version != after.version:
        found.append(statement(f"{head} UPDATE TO {quote_literal(after.version)}", "catalogue"))
    return found


def _alter_definition(before: Definition, after: Definition) -> list[Statement]:
    found: list[Statement] = []
    if before.sql != after.sql and after.kind in ROUTINE_KINDS:
        found.append(statement("SET LOCAL check_function_bodies = off", "catalogue", is_idempotent=True))
        found.append(statement(after.sql, "catalogue"))
    was, now = dict(before.options), dict(after.options)
    if was.get("enabled") != now.get("enabled"):
        found.append(statement(render_enabled(after, now.get("enabled", "")), "trigger"))
    if after.kind == "statistics" and was.get("statistics") != now.get("statistics"):
        found.append(statement(f"ALTER {reference(after)} SET STATISTICS {now.get('statistics', '-1')}", "catalogue"))
    if was.get("populated") != now.get("populated"):
        word = "WITH NO DATA" if now.get("populated") == "false" else "WITH DATA"
        found.append(statement(f"REFRESH MATERIALIZED VIEW {definition_name(after)} {word}", "view"))
    found += _column_texts(before, after)
    if after.kind == "index":
        found += set_and_reset(f"ALTER {reference(after)}", "reloption:", before.options, after.options, "reloptions")
    elif after.kind == "materialized_view":
        found += set_and_reset(f"ALTER {reference(after)}", "reloption:", before.options, after.options, "reloptions")
        if was.get("clustered_on") != now.get("clustered_on"):
            index = now.get("clustered_on")
            text = f"CLUSTER ON {quote_ident(index)}" if index else "SET WITHOUT CLUSTER"
            found.append(statement(f"ALTER {reference(after)} {text}", "cluster_on"))
    return found


def _column_texts(before: Definition, after: Definition) -> list[Statement]:
    """Return the changes of comments, grants, defaults and statistics of a view's columns."""
    name = definition_name(after)
    found: list[Statement] = []
    if after.kind not in ("view", "materialized_view"):
        return found
    old, new = options_with(before.options, "comment:"), options_with(after.options, "comment:")
    for column in sorted(old.keys() | new.keys()):
        if old.get(column) != new.get(column):
            found.append(statement(render_comment(f"COLUMN {name}.{quote_ident(column)}", new.get(column)), "comment"))
    old, new = options_with(before.options, "acl:"), options_with(after.options, "acl:")
    for column in sorted(old.keys() | new.keys()):
        pair = [decode_acl(o[column], "column") if column in o else {} for o in (old, new)]
        texts = render_grants(f"TABLE {name}", pair[0], pair[1], "column", column=column)
        found += [statement(t, "grant") for t in texts]
    head = f"ALTER {reference(after)} ALTER COLUMN"
    for prefix, words, none in (
        ("default:", "SET DEFAULT {}", "DROP DEFAULT"),
        ("statistics:", "SET STATISTICS {}", "SET STATISTICS -1"),
    ):
        old, new = options_with(before.options, prefix), options_with(after.options, prefix)
        for column in sorted(old.keys() | new.keys()):
            if old.get(column) != new.get(column):
                action = words.format(new[column]) if column in new else none
                found.append(statement(f"{head} {quote_ident(column)} {action}", "view"))
    return found
