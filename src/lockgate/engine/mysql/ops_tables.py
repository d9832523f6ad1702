"""Ops that create and park whole tables, each with its exact inverse; pure."""

from __future__ import annotations

from msgspec.structs import replace

from lockgate.engine.base import ParkNames
from lockgate.engine.mysql.draft import ddl
from lockgate.engine.mysql.lexer import quote_name
from lockgate.engine.mysql.render import render_table
from lockgate.engine.mysql.render_alter import alter_statement
from lockgate.engine.mysql.server import has_schema_wide_check_names
from lockgate.engine.mysql.side import finalize_table
from lockgate.engine.mysql.table_job import in_mode
from lockgate.model.change import Change
from lockgate.model.keys import table_key
from lockgate.model.op import CONTRACT, EXPAND, Hazard, HazardKind, Op, Parked, Statement
from lockgate.model.schema import Table
from lockgate.model.server import Server


def create_table_op(table: Table, changes: tuple[Change, ...], server: Server, names: ParkNames) -> Op:
    """Create a table without its foreign keys; the way back parks it, for it may hold rows by then."""
    parked = names.next(table.name)
    quoted = quote_name(table.name)
    revert = [*_drop_check_names(table, server), ddl(f"RENAME TABLE {quoted} TO {quote_name(parked)}")]
    redo = [ddl(f"RENAME TABLE {quote_name(parked)} TO {quoted}"), *_add_check_names(table, server)]
    return Op(
        title=f"create table {table.name}",
        stage=EXPAND,
        table=table_key(table),
        changes=changes,
        forward=in_mode(server, (table,), (ddl(render_table(table, server)),)),
        backward=tuple(revert),
        backward_parks=(Parked(original=table_key(table), parked=parked, finalize=(finalize_table(parked),)),),
        revert=tuple(revert),
        redo=tuple(redo),
    )


def free_checks_op(table: Table, server: Server, stage: int) -> Op | None:
    """Drop the checks of a table to be parked where their names are the whole database's; None when there are none."""
    bare = replace(table, foreign_keys=(), checks=())
    full = replace(table, foreign_keys=())
    if not _drop_check_names(table, server):
        return None
    return Op(
        title=f"free the names of the checks of {table.name}",
        stage=stage,
        table=table_key(table),
        forward=(ddl(alter_statement(full, bare, server)),),
        backward=(ddl(alter_statement(bare, full, server)),),
    )


def _drop_check_names(table: Table, server: Server) -> list[Statement]:
    """Free the names of a table's checks where they are the whole database's."""
    if not table.checks or not has_schema_wide_check_names(server):
        return []
    clauses = ", ".join(f"DROP CONSTRAINT {quote_name(check.name)}" for check in table.checks)
    return [ddl(f"ALTER TABLE {quote_name(table.name)} {clauses}")]


def _add_check_names(table: Table, server: Server) -> list[Statement]:
    """Return the inverse of `_drop_check_names`: rows that a parked table holds were under its checks."""
    if not table.checks or not has_schema_wide_check_names(server):
        return []
    full = replace(table, foreign_keys=())
    return [ddl(alter_statement(replace(full, checks=()), full, server))]


def park_table_op(table: Table, changes: tuple[Change, ...], names: ParkNames) -> Op:
    """Park a table: rename it; foreign keys, checks and triggers are gone before."""
    parked = names.next(table.name)
    quoted, reserved = quote_name(table.name), quote_name(parked)
    hazards = [
        Hazard(kind=HazardKind.DELETES_DATA, message=f"table {table.name} goes, its rows are kept until finalize"),
        Hazard(kind=HazardKind.BREAKS_OLD_CLIENTS, message=f"clients that use {table.name} fail"),
    ]
    return Op(
        title=f"park table {table.name}",
        stage=CONTRACT,
        table=table_key(table),
        changes=changes,
        forward=(ddl(f"RENAME TABLE {quoted} TO {reserved}", hazards=hazards),),
        backward=(ddl(f"RENAME TABLE {reserved} TO {quoted}"),),
        parks=(Parked(original=table_key(table), parked=parked, finalize=(finalize_table(parked),)),),
    )
