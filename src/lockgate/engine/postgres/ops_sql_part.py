"""Statements about indexes and constraints: their comments, settings and marks; pure."""

from __future__ import annotations

from lockgate.engine.postgres.locks import statement
from lockgate.engine.postgres.ops_sql import name_of, set_and_reset
from lockgate.engine.postgres.quote import qualify, quote_ident
from lockgate.engine.postgres.render import option, options_with, render_comment, render_index
from lockgate.engine.postgres.render_table import render_marks, render_table_index
from lockgate.model.op import Statement
from lockgate.model.schema import Constraint, Index, Options, PrimaryKey, Table, Unique


def constraint_extras(table: Table, constraint: Constraint) -> list[str]:
    """Return the comments of a constraint just made, and the marks of the table that point at its index."""
    found = []
    if constraint.comment is not None:
        found.append(
            render_comment(f"CONSTRAINT {quote_ident(constraint.name)} ON {name_of(table)}", constraint.comment)
        )
    text = option(constraint.options, "index_comment")
    if text:
        found.append(comment_on_index(table, constraint.name, text))
    return found + _marks_at(table, constraint.name)


def _marks_at(table: Table, index: str) -> list[str]:
    return [
        m
        for m in render_marks(table)
        if m.endswith((f"CLUSTER ON {quote_ident(index)}", f"USING INDEX {quote_ident(index)}"))
    ]


def comment_on_index(table: Table, index: str, text: str | None) -> str:
    """Return COMMENT ON INDEX."""
    return render_comment(f"INDEX {qualify(table.namespace, index)}", text)


def create_index(table: Table, index: Index, is_concurrent: bool) -> list[str]:
    """Return CREATE INDEX and the statements for what it cannot say."""
    _, *rest = render_table_index(table, index)
    first = render_index(index, table.namespace, table.name, is_concurrent=is_concurrent)
    comment = [comment_on_index(table, index.name, index.comment)] if index.comment is not None else []
    return [first, *rest, *comment, *_marks_at(table, index.name)]


def alter_index(table: Table, before: Index, after: Index) -> tuple[Statement, ...]:
    """Return what changes an index's settings and comment."""
    name = f"ALTER INDEX {qualify(table.namespace, after.name)}"
    found = _index_settings(name, before.options, after.options)
    was, now = options_with(before.options, "statistics:"), options_with(after.options, "statistics:")
    for number in sorted(was.keys() | now.keys()):
        if was.get(number) != now.get(number):
            found.append(
                statement(f"{name} ALTER COLUMN {number} SET STATISTICS {now.get(number, '-1')}", "statistics")
            )
    old, new = option(before.options, "extension_dependency"), option(after.options, "extension_dependency")
    for extension in old.split(", ") if old else ():
        if extension not in new.split(", "):
            found.append(statement(f"{name} NO DEPENDS ON EXTENSION {quote_ident(extension)}", "catalogue"))
    for extension in new.split(", ") if new else ():
        if extension not in old.split(", "):
            found.append(statement(f"{name} DEPENDS ON EXTENSION {quote_ident(extension)}", "catalogue"))
    if before.comment != after.comment:
        found.append(statement(comment_on_index(table, after.name, after.comment), "comment"))
    return tuple(found)


def _index_settings(name: str, before: Options, after: Options) -> list[Statement]:
    found = set_and_reset(name, "reloption:", before, after, "reloptions")
    if option(before, "tablespace") != option(after, "tablespace"):
        target = quote_ident(option(after, "tablespace") or "pg_default")
        found.append(statement(f"{name} SET TABLESPACE {target}", "rewrite_table"))
    return found


def alter_constraint(table: Table, before: Constraint, after: Constraint) -> tuple[Statement, ...]:
    """Return what changes a constraint's comments and the settings of its index."""
    found: list[Statement] = []
    if isinstance(after, PrimaryKey | Unique) or hasattr(after, "definition"):
        found += _index_settings(f"ALTER INDEX {qualify(table.namespace, after.name)}", before.options, after.options)
    if before.comment != after.comment:
        target = f"CONSTRAINT {quote_ident(after.name)} ON {name_of(table)}"
        found.append(statement(render_comment(target, after.comment), "comment"))
    old, new = option(before.options, "index_comment"), option(after.options, "index_comment")
    if old != new:
        found.append(statement(comment_on_index(table, after.name, new or None), "comment"))
    return tuple(found)
