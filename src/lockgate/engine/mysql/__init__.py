"""MySQL and MariaDB (a flavor of it), as one engine record."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from lockgate.engine.base import Engine, Scratch, ScratchOptions, Session, StateDialect
from lockgate.engine.mysql.dump import dump_schema
from lockgate.engine.mysql.inspect import inspect_schema
from lockgate.engine.mysql.lexer import quote_name
from lockgate.engine.mysql.ops import plan_ops
from lockgate.engine.mysql.own import list_own, next_park_number
from lockgate.engine.mysql.render_programs import render_schema
from lockgate.engine.mysql.server import identify
from lockgate.engine.mysql.sizes import checksum_rows, count_rows, table_sizes
from lockgate.engine.mysql.split import find_opaque, split_sql, statement_problem
from lockgate.model.server import Server
from lockgate.model.target import Target

if TYPE_CHECKING:
    from lockgate.engine.defects import DefectDialect
    from lockgate.model.ddl import DdlDialect


def connect(target: Target, *, is_read_only: bool = False) -> Session:
    """Open a session; the driver is imported now. See `lockgate.engine.mysql.session`."""
    from lockgate.engine.mysql.session import connect as open_session

    return open_session(target, is_read_only=is_read_only)


@contextmanager
def open_scratch(server: Server, target: Target, options: ScratchOptions) -> Iterator[Scratch]:
    """Open a private scratch of the server's version; see `lockgate.engine.mysql.scratch`."""
    from lockgate.engine.mysql import scratch

    with scratch.open_scratch(server, target, options) as opened:
        yield opened


def ddl() -> DdlDialect:
    """Return how statements are read; see `lockgate.engine.mysql.read_ddl`."""
    from lockgate.engine.mysql.read_ddl import DDL

    return DDL


def defects() -> DefectDialect:
    """Return what the checks for defects need; see `lockgate.engine.mysql.defects`."""
    from lockgate.engine.mysql.defects import DEFECTS

    return DEFECTS


STATE = StateDialect(
    prefix="lockgate_",
    setup=(),
    text="longtext CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
    short_text="varchar(190) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
    bigint="bigint",
    serial_key="bigint NOT NULL AUTO_INCREMENT PRIMARY KEY",
    table_suffix=" ENGINE=InnoDB DEFAULT CHARSET=utf8mb4",
    is_ddl_transactional=False,
)

ENGINE = Engine(
    name="mysql",
    state=STATE,
    connect=connect,
    identify=identify,
    inspect=inspect_schema,
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
    quote=quote_name,
    defects=defects,
    ddl=ddl,
)

__all__ = ["ENGINE"]
