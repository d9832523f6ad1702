"""Write tables as PostgreSQL's DDL, in the pieces a plan or a rebuild needs; pure, reused by the planner."""

from __future__ import annotations

from collections.abc import Callable

from lockgate.engine.postgres.acl import decode_acl, render_grants
from lockgate.engine.postgres.quote import qualify, quote_ident
from lockgate.engine.postgres.render import (
    is_inherited,
    join_lines,
    option,
    options_with,
    render_column,
    render_column_settings,
    render_comment,
    render_constraint,
    render_fdw_options,
    render_index,
    render_reloptions,
    table_clause,
)
from lockgate.engine.postgres.render_objects import render_grant_change
from lockgate.model.keys import constraints_of
from lockgate.model.schema import Check, Column, Constraint, Identity, Index, Table

_TRIGGER_STATES = {"disabled": "DISABLE", "replica": "ENABLE REPLICA", "always": "ENABLE ALWAYS", "origin": "ENABLE"}


def render_table(
    table: Table,
    *,
    extra_checks: tuple[Check, ...] = (),
    is_inline: Callable[[Constraint], bool] = lambda constraint: True,
    has_default: Callable[[Column], bool] = lambda column: True,
) -> list[str]:
    """Return CREATE TABLE and the settings of its columns.

    A partition is made as a table of its own; `render_attach` makes it one. Left for later: foreign keys, indexes,
    marks (`render_marks`), comments and grants (`render_table_descriptions`).

    Args:
        table: The table.
        extra_checks: Checks of the partitioned ancestors, which a partition needs before it is attached.
        is_inline: Tells which constraints (never foreign keys) stand inside; the caller adds the others.
        has_default: Tells which defaults stand inside.
    """
    name = qualify(table.namespace, table.name)
    constraints = [c for c in constraints_of(table) if c not in table.foreign_keys]
    inline = [render_constraint(c) for c in (*constraints, *extra_checks) if _may_be_inline(c) and is_inline(c)]
    of_type = option(table.options, "of_type")
    if of_type:
        columns = [line for c in table.columns if (line := _typed_column(c))]
    else:
        own = [c for c in table.columns if not (is_inherited(c) and table.inherits)]
        columns = [render_column(c, with_default=has_default(c), namespace=table.namespace) for c in own]
    body = join_lines([*columns, *inline])
    head = f"CREATE {_persistence(table)}{table_clause(table)} {name}"
    if of_type:
        head += f" OF {of_type}" + (f" (\n{body}\n)" if body else "")
    else:
        head += f" (\n{body}\n)" if body else " ()"
    late = [f"ALTER TABLE ONLY {name} ADD {render_constraint(c)}" for c in extra_checks if not c.is_validated]
    return [head + _tail(table), *render_settings(table, is_inline), *late]


def _may_be_inline(constraint: Constraint) -> bool:
    return not isinstance(constraint, Check) or constraint.is_validated


def _typed_column(column: Column) -> str:
    text = render_column(column)
    head = f"{quote_ident(column.name)} {column.type}"
    rest = text.removeprefix(head).strip()
    return f"{quote_ident(column.name)} WITH OPTIONS {rest}" if rest else ""


def _persistence(table: Table) -> str:
    return "UNLOGGED " if option(table.options, "persistence") == "unlogged" else ""


def _tail(table: Table) -> str:
    text = ""
    if table.inherits:
        text += f"\nINHERITS ({', '.join(qualify(k.namespace, k.name) for k in table.inherits)})"
    if table.partitioning is not None:
        text += f"\nPARTITION BY {table.partitioning.by}"
    method, tablespace = option(table.options, "access_method"), option(table.options, "tablespace")
    if method:
        text += f"\nUSING {quote_ident(method)}"
    parameters = render_reloptions(table.options)
    if parameters:
        text += f"\nWITH ({parameters})"
    if tablespace:
        text += f"\nTABLESPACE {quote_ident(tablespace)}"
    server = option(table.options, "server")
    if server:
        text += f"\nSERVER {quote_ident(server)}"
        fdw = options_with(table.options, "fdw_option:")
        text += f"\nOPTIONS ({render_fdw_options(fdw)})" if fdw else ""
    return text


def render_settings(table: Table, is_wanted: Callable[[Constraint], bool] = lambda constraint: True) -> list[str]:
    """Return what CREATE TABLE cannot say: storage, statistics, inherited defaults, checks that are not valid."""
    name, clause = qualify(table.namespace, table.name), f"ALTER {table_clause(table)} ONLY"
    statements: list[str] = []
    for column in table.columns:
        statements += render_column_settings(name, column, clause=clause)
        if option(column.options, "not_null_not_valid"):
            constraint = option(column.options, "not_null_name") or f"{table.name}_{column.name}_not_null"
            body = f"NOT NULL {quote_ident(column.name)} NOT VALID"
            statements.append(f"{clause} {name} ADD CONSTRAINT {quote_ident(constraint)} {body}")
    statements += [
        f"{clause} {name} ADD {render_constraint(c)}" for c in table.checks if not c.is_validated and is_wanted(c)
    ]
    return statements


def render_inherited(child: Table, parents: list[Table]) -> list[str]:
    """Return what makes a child's inherited columns differ from its parents': defaults and NOT NULL."""
    name = qualify(child.namespace, child.name)
    statements: list[str] = []
    for column in child.columns:
        if not is_inherited(column):
            continue
        source = next((c for parent in parents for c in parent.columns if c.name == column.name), None)
        if source is None:
            continue
        head = f"ALTER TABLE ONLY {name} ALTER COLUMN {quote_ident(column.name)}"
        if column.default != source.default and column.generated is None:
            statements.append(
                f"{head} DROP DEFAULT" if column.default is None else f"{head} SET DEFAULT {column.default}"
            )
        if not column.is_nullable and source.is_nullable:
            statements.append(f"{head} SET NOT NULL")
        if column.is_nullable and not source.is_nullable:
            statements.append(f"{head} DROP NOT NULL")
        if option(column.options, "compression") != option(source.options, "compression"):
            statements.append(f"{head} SET COMPRESSION {option(column.options, 'compression') or 'default'}")
    return statements


def render_attach(table: Table) -> str:
    """Return ALTER TABLE … ATTACH PARTITION for a partition."""
    part = table.partition_of
    if part is None:
        raise ValueError(f"{table.name} is no partition")
    parent, child = qualify(part.namespace, part.name), qualify(table.namespace, table.name)
    return f"ALTER TABLE ONLY {parent} ATTACH PARTITION {child} {part.bound}"


def render_table_index(table: Table, index: Index) -> list[str]:
    """Return CREATE INDEX and the statistics targets of its expressions."""
    name = qualify(table.namespace, index.name)
    statements = [render_index(index, table.namespace, table.name)]
    for number, value in options_with(index.options, "statistics:").items():
        statements.append(f"ALTER INDEX {name} ALTER COLUMN {number} SET STATISTICS {value}")
    dependencies = option(index.options, "extension_dependency")
    for extension in dependencies.split(", ") if dependencies else ():
        statements.append(f"ALTER INDEX {name} DEPENDS ON EXTENSION {quote_ident(extension)}")
    return statements


def render_marks(table: Table) -> list[str]:
    """Return what points at indexes, and row security: after indexes and constraints are there."""
    name, options = qualify(table.namespace, table.name), table.options
    statements = []
    clustered, identity = option(options, "clustered_on"), option(options, "replica_identity")
    if clustered:
        statements.append(f"ALTER TABLE {name} CLUSTER ON {quote_ident(clustered)}")
    if identity:
        statements.append(f"ALTER TABLE ONLY {name} REPLICA IDENTITY {_replica_identity(identity)}")
    if option(options, "row_security"):
        statements.append(f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY")
    if option(options, "force_row_security"):
        statements.append(f"ALTER TABLE ONLY {name} FORCE ROW LEVEL SECURITY")
    return statements


def _replica_identity(value: str) -> str:
    word, _, index = value.partition(" ")
    return f"USING INDEX {index}" if index else word.upper()


def render_trigger_states(table: Table) -> list[str]:
    """Return the states of a partition's cloned triggers that are not the parent's."""
    name = qualify(table.namespace, table.name)
    return [
        f"ALTER TABLE {name} {_TRIGGER_STATES[state]} TRIGGER {quote_ident(trigger)}"
        for trigger, state in options_with(table.options, "trigger:").items()
    ]


def render_table_descriptions(table: Table, version: tuple[int, ...]) -> list[str]:
    """Return comments and grants of a table just made, of its columns, constraints and indexes."""
    name = qualify(table.namespace, table.name)
    statements = []
    if table.comment is not None:
        statements.append(render_comment(f"{table_clause(table)} {name}", table.comment))
    for column in table.columns:
        statements += _column_descriptions(table, column)
    for constraint in constraints_of(table):
        if constraint.comment is not None:
            target = f"CONSTRAINT {quote_ident(constraint.name)} ON {name}"
            statements.append(render_comment(target, constraint.comment))
        text = option(constraint.options, "index_comment")
        if text:
            statements.append(render_comment(f"INDEX {qualify(table.namespace, constraint.name)}", text))
    for index in table.indexes:
        if index.comment is not None:
            statements.append(render_comment(f"INDEX {qualify(table.namespace, index.name)}", index.comment))
    statements += render_grant_change(table, None, table.options, version)
    for column in table.columns:
        acl = option(column.options, "acl")
        if acl:
            statements += render_grants(f"TABLE {name}", {}, decode_acl(acl, "column"), "column", column=column.name)
    return statements


def _column_descriptions(table: Table, column: Column) -> list[str]:
    name = qualify(table.namespace, table.name)
    statements = []
    if column.comment is not None:
        statements.append(render_comment(f"COLUMN {name}.{quote_ident(column.name)}", column.comment))
    text = option(column.options, "not_null_comment")
    if text:
        constraint = option(column.options, "not_null_name") or f"{table.name}_{column.name}_not_null"
        statements.append(render_comment(f"CONSTRAINT {quote_ident(constraint)} ON {name}", text))
    if column.identity is not None:
        statements += _identity_descriptions(table, column, column.identity)
    return statements


def _identity_descriptions(table: Table, column: Column, identity: Identity) -> list[str]:
    sequence = option(identity.options, "sequence") or identity_sequence_name(table.name, column.name)
    name = f"SEQUENCE {qualify(table.namespace, sequence)}"
    statements = []
    text, acl = option(identity.options, "comment"), option(identity.options, "acl")
    if text:
        statements.append(render_comment(name, text))
    if acl:
        statements += render_grants(name, {}, decode_acl(acl, "sequence"), "sequence")
    return statements


def identity_sequence_name(table: str, column: str) -> str:
    """Return the name PostgreSQL gives an identity column's sequence."""
    from lockgate.engine.postgres.inspect_columns import make_object_name

    return make_object_name(table, column, "seq")
