"""The PostgreSQL engine, versions 13 to 18: its record of functions."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from lockgate.engine.base import Engine, ParkNames, Scratch, ScratchOptions, Session, StateDialect
from lockgate.engine.postgres.data import checksum_rows, count_rows, list_own, next_park_number, table_sizes
from lockgate.engine.postgres.dump import dump_schema
from lockgate.engine.postgres.inspect import inspect
from lockgate.engine.postgres.opaque import find_opaque
from lockgate.engine.postgres.quote import quote_ident
from lockgate.engine.postgres.render_schema import render_schema
from lockgate.engine.postgres.server import identify
from lockgate.engine.postgres.split import split_sql, statement_problem
from lockgate.model.change import Change
from lockgate.model.op import Op
from lockgate.model.schema import Schema
from lockgate.model.server import Server
from lockgate.model.target import Target

if TYPE_CHECKING:
    from lockgate.engine.defects import DefectDialect
    from lockgate.model.ddl import DdlDialect


def connect(target: Target, *, is_read_only: bool = False) -> Session:
    """Open a session; the driver is imported now. See `lockgate.engine.postgres.session`."""
    from lockgate.engine.postgres.session import connect as open_session

    return open_session(target, is_read_only=is_read_only)


def plan_ops(
    changes: Sequence[Change], before: Schema, after: Schema, server: Server, names: ParkNames
) -> tuple[Op, ...]:
    """Propose ops for changes; see `lockgate.engine.postgres.ops`."""
    from lockgate.engine.postgres.ops import plan_ops as plan

    return plan(changes, before, after, server, names)


def open_scratch(server: Server, target: Target, options: ScratchOptions) -> AbstractContextManager[Scratch]:
    """Open a scratch server; see `lockgate.engine.postgres.scratch`."""
    from lockgate.engine.postgres.scratch import open_scratch as open_place

    return open_place(server, target, options)


def ddl() -> DdlDialect:
    """Return how statements are read; see `lockgate.engine.postgres.read_ddl`."""
    from lockgate.engine.postgres.read_ddl import DDL

    return DDL


def defects() -> DefectDialect:
    """Return what the checks for defects need; see `lockgate.engine.postgres.defects`."""
    from lockgate.engine.postgres.defects import DEFECTS

    return DEFECTS


STATE = StateDialect(
    prefix="lockgate.",
    setup=("CREATE SCHEMA IF NOT EXISTS lockgate",),
    text="text",
    short_text="text",
    bigint="bigint",
    serial_key="bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
    table_suffix="",
    is_ddl_transactional=True,
)

ENGINE = Engine(
    name="postgres",
    state=STATE,
    connect=connect,
    identify=identify,
    inspect=inspect,
    plan_ops=plan_ops,
    render_schema=render_schema,
    find_opaque=find_opaque,
    split_sql=split_sql,
    statement_problem=statement_problem,
    open_scratch=open_scratch,
    dump_schema=dump_schema,
    table_sizes=table_sizes,
    count_rows=count_rows,
    checksum_rows=checksum_rows,
    next_park_number=next_park_number,
    list_own=list_own,
    quote=quote_ident,
    defects=defects,
    ddl=ddl,
)
