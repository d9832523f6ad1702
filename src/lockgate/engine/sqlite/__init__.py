"""The SQLite engine, on the standard library's driver; changes SQLite cannot make in place are table rebuilds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lockgate.engine.base import Engine, StateDialect
from lockgate.engine.sqlite.dump import dump_schema
from lockgate.engine.sqlite.inspect import inspect
from lockgate.engine.sqlite.ops import plan_ops
from lockgate.engine.sqlite.own import list_own, next_park_number
from lockgate.engine.sqlite.render import render_schema
from lockgate.engine.sqlite.scratch import open_scratch
from lockgate.engine.sqlite.server import identify
from lockgate.engine.sqlite.session import connect
from lockgate.engine.sqlite.sizes import checksum_rows, count_rows, table_sizes
from lockgate.engine.sqlite.split import split_sql, statement_problem
from lockgate.engine.sqlite.tokens import find_opaque, quote

if TYPE_CHECKING:
    from lockgate.engine.defects import DefectDialect
    from lockgate.model.ddl import DdlDialect


def ddl() -> DdlDialect:
    """Return how statements are read; see `lockgate.engine.sqlite.read_ddl`."""
    from lockgate.engine.sqlite.read_ddl import DDL

    return DDL


def defects() -> DefectDialect:
    """Return what the checks for defects need; see `lockgate.engine.sqlite.defects`."""
    from lockgate.engine.sqlite.defects import DEFECTS

    return DEFECTS


ENGINE = Engine(
    name="sqlite",
    state=StateDialect(
        prefix="lockgate_",
        setup=(),
        text="TEXT",
        short_text="TEXT",
        bigint="INTEGER",
        serial_key="INTEGER PRIMARY KEY AUTOINCREMENT",
        table_suffix="",
        is_ddl_transactional=True,
    ),
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
    quote=quote,
    defects=defects,
    ddl=ddl,
)
