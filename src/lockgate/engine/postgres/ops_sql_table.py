"""Statements that make a table and change its own settings; pure."""

from __future__ import annotations

import re

from msgspec.structs import replace

from lockgate.engine.postgres.locks import statement
from lockgate.engine.postgres.ops_sql import ANY_VERSION, fdw_changes, name_of, set_and_reset, unquote
from lockgate.engine.postgres.ops_sql_column import alter_column_options
from lockgate.engine.postgres.quote import quote_ident
from lockgate.engine.postgres.render import render_comment, render_constraint, table_clause
from lockgate.engine.postgres.render_objects import render_grant_change
from lockgate.engine.postgres.render_table import (
    render_attach,
    render_inherited,
    render_marks,
    render_table,
    render_table_descriptions,
    render_table_index,
    render_trigger_states,
)
from lockgate.model import keys
from lockgate.model.op import HazardKind, Statement
from lockgate.model.schema import Check, Column, Exclusion, Index, Key, PrimaryKey, Table, Unique

_SETTINGS = ("storage", "compression", "statistics", "attoption")
_TRIGGER_STATES = {"disabled": "DISABLE", "replica": "ENABLE REPLICA", "always": "ENABLE ALWAYS", "origin": "ENABLE"}


def with_parts(table: Table, folded: set[Key]) -> Table:
    """Return the table with only the parts that are created together with it."""
    key = keys.table_key(table)

    def has(part: Column | Index | PrimaryKey | Unique | Check | Exclusion) -> bool:
        return keys.child_key(key, part) in folded

    def column(value: Column) -> Column:
        is_late = value.default is not None and Key("default", key.namespace, key.name, value.name) not in folded
        return replace(value, default=None) if is_late and value.generated is None else value

    return replace(
        table,
        columns=tuple(column(c) for c in table.columns if has(c)),
        primary_key=table.primary_key if table.primary_key and has(table.primary_key) else None,
        uniques=tuple(filter(has, table.uniques)),
        checks=tuple(filter(has, table.checks)),
        exclusions=tuple(filter(has, table.exclusions)),
        indexes=tuple(filter(has, table.indexes)),
        foreign_keys=(),
    )


def create_table(table: Table, parents: list[Table], extra_checks: tuple[Check, ...]) -> list[str]:
    """Return all statements that make a table as it shall be, without its foreign keys."""
    texts = render_table(table, extra_checks=extra_checks)
    if table.inherits:
        texts += render_inherited(table, parents)
    for index in table.indexes:
        texts += render_table_index(table, index)
    if table.partition_of is not None:
        texts.append(render_attach(table))
    marks = _marks_with(table)
    return [*texts, *marks, *render_trigger_states(table), *render_table_descriptions(table, ANY_VERSION)]


def create_partition(table: Table, parent: Table) -> list[str]:
    """Return all statements that make a partition like a parent that is there, with whatever columns it has parked."""
    own = replace(table, columns=(), primary_key=None, uniques=(), checks=(), exclusions=(), indexes=(), options=())
    head = render_table(replace(own, options=table.options, partitioning=table.partitioning))[0]
    like = f"LIKE {name_of(parent)} INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING GENERATED INCLUDING STORAGE"
    texts = [head.replace(" ()", f" ({like})", 1)]
    above = {c.name: c for c in parent.columns}
    for column in table.columns:
        was = above.get(column.name, column)
        clause = f"ALTER {table_clause(table)} ONLY {name_of(table)} ALTER COLUMN {quote_ident(column.name)}"
        if column.default != was.default and column.generated is None:
            texts.append(
                f"{clause} DROP DEFAULT" if column.default is None else f"{clause} SET DEFAULT {column.default}"
            )
        if not column.is_nullable and was.is_nullable:
            texts.append(f"{clause} SET NOT NULL")
        texts += [s.sql for s in alter_column_options(table, _copied(was, ("storage",)), _copied(column, _SETTINGS))]
    for constraint in (table.primary_key, *table.uniques, *table.checks, *table.exclusions):
        if constraint is not None:
            texts.append(f"ALTER TABLE {name_of(table)} ADD {render_constraint(constraint)}")
    for index in table.indexes:
        texts += render_table_index(table, index)
    texts.append(render_attach(table))
    return [*texts, *_marks_with(table), *render_trigger_states(table), *render_table_descriptions(table, ANY_VERSION)]


def _copied(column: Column, settings: tuple[str, ...]) -> Column:
    """Return a column as a copy has it: only some settings, and a NOT NULL that keeps the parent's name."""
    options = (("inherited", "true"), *(o for o in column.options if o[0].startswith(settings)))
    return replace(column, comment=None, options=options)


def _marks_with(table: Table) -> list[str]:
    names = (
        {i.name for i in table.indexes}
        | {u.name for u in table.uniques}
        | ({table.primary_key.name} if table.primary_key else set())
    )
    return [m for m in render_marks(table) if not _points_elsewhere(m, names)]


def _points_elsewhere(mark: str, names: set[str]) -> bool:
    match = re.search(r" (?:CLUSTER ON|USING INDEX) (.+)$", mark)
    return match is not None and unquote(match[1]) not in names


def alter_table_options(before: Table, after: Table) -> tuple[Statement, ...]:
    """Return what changes a table's own settings, comment and grants."""
    name, words = name_of(after), table_clause(after)
    was, now = dict(before.options), dict(after.options)
    found: list[Statement] = []

    def changes(key: str) -> bool:
        return was.get(key) != now.get(key)

    if changes("persistence"):
        word = "UNLOGGED" if now.get("persistence") else "LOGGED"
        hazard = (HazardKind.WEAKENS_PROTECTION, f"{name} is emptied after a crash")
        found.append(
            statement(f"ALTER TABLE {name} SET {word}", "rewrite_table", *([hazard] if word == "UNLOGGED" else []))
        )
    if changes("access_method"):
        found.append(
            statement(f"ALTER TABLE {name} SET ACCESS METHOD {now.get('access_method', 'heap')}", "rewrite_table")
        )
    if changes("tablespace"):
        found.append(
            statement(f"ALTER TABLE {name} SET TABLESPACE {now.get('tablespace', 'pg_default')}", "rewrite_table")
        )
    found += set_and_reset(f"ALTER {words} {name}", "reloption:", before.options, after.options, "reloptions")
    found += fdw_changes(f"ALTER {words} {name}", before.options, after.options)
    found += _marks(name, was, now)
    for key in sorted({k for k in (*was, *now) if k.startswith("validated:")}):
        if changes(key) and key in now:
            text = f"ALTER TABLE ONLY {name} VALIDATE CONSTRAINT {quote_ident(key.removeprefix('validated:'))}"
            found.append(statement(text, "validate"))
    for key in sorted({k for k in (*was, *now) if k.startswith("trigger:")}):
        if changes(key):
            text = f"ALTER TABLE {name} {_TRIGGER_STATES[now.get(key, 'origin')]} TRIGGER {quote_ident(key[8:])}"
            found.append(statement(text, "trigger"))
    if changes("of_type"):
        kind = now.get("of_type")
        found.append(
            statement(f"ALTER TABLE {name} OF {kind}" if kind else f"ALTER TABLE {name} NOT OF", "alter_table")
        )
    if before.comment != after.comment:
        found.append(statement(render_comment(f"{words} {name}", after.comment), "comment"))
    if changes("acl"):
        texts = render_grant_change(after, before.options, after.options, ANY_VERSION)
        found += [statement(t, "grant") for t in texts]
    return tuple(found)


def _marks(name: str, was: dict[str, str], now: dict[str, str]) -> list[Statement]:
    found = []
    if was.get("clustered_on") != now.get("clustered_on"):
        index = now.get("clustered_on")
        text = f"CLUSTER ON {quote_ident(index)}" if index else "SET WITHOUT CLUSTER"
        found.append(statement(f"ALTER TABLE {name} {text}", "cluster_on"))
    if was.get("replica_identity") != now.get("replica_identity"):
        word, _, index = now.get("replica_identity", "default").partition(" ")
        text = f"USING INDEX {index}" if index else word.upper()
        found.append(statement(f"ALTER TABLE ONLY {name} REPLICA IDENTITY {text}", "alter_table"))
    if was.get("row_security") != now.get("row_security"):
        is_on = bool(now.get("row_security"))
        hazard = (HazardKind.WEAKENS_PROTECTION, f"row security of {name} is turned off")
        text = f"ALTER TABLE {name} {'ENABLE' if is_on else 'DISABLE'} ROW LEVEL SECURITY"
        found.append(statement(text, "alter_table", *([] if is_on else [hazard])))
    if was.get("force_row_security") != now.get("force_row_security"):
        word = "FORCE" if now.get("force_row_security") else "NO FORCE"
        found.append(statement(f"ALTER TABLE ONLY {name} {word} ROW LEVEL SECURITY", "alter_table"))
    return found
