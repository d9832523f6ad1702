"""The SQLite engine, on the standard library's driver; changes SQLite cannot make in place are table rebuilds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lockgate.engine.base import Engine, LockLimits, RowTransfer, StateDialect
from lockgate.engine.late import Late
from lockgate.engine.sqlite.inspect import inspect
from lockgate.engine.sqlite.normalize import prime
from lockgate.engine.sqlite.server import identify
from lockgate.engine.sqlite.session import connect
from lockgate.engine.sqlite.tokens import find_opaque, quote

if TYPE_CHECKING:
    from lockgate.engine.defects import DefectDialect
    from lockgate.model.ddl import DdlDialect


def ddl() -> DdlDialect:
    """Return how statements are read; see `lockgate.engine.sqlite.read_ddl`."""
    from lockgate.engine.sqlite.read_ddl import DDL

    return DDL


def transfer() -> RowTransfer:
    """Return how rows are copied; see `lockgate.engine.sqlite.transfer`."""
    from lockgate.engine.sqlite.transfer import TRANSFER

    return TRANSFER


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
        # Nobody queues behind one who waits for the file's lock.
        for_update="",
        locks=LockLimits(attempt_ms=1000, peek_ms=1000, peeks=0, free_ms=1000, queued=frozenset()),
        has_one_writer=True,
    ),
    connect=connect,
    identify=identify,
    inspect=inspect,
    prime=prime,
    plan_ops=Late("lockgate.engine.sqlite.ops:plan_ops"),
    render_schema=Late("lockgate.engine.sqlite.render:render_schema"),
    find_opaque=find_opaque,
    split_sql=Late("lockgate.engine.sqlite.split:split_sql"),
    statement_problem=Late("lockgate.engine.sqlite.split:statement_problem"),
    open_scratch=Late("lockgate.engine.sqlite.scratch:open_scratch"),
    probe=Late("lockgate.engine.sqlite.probe:probe"),
    free_bytes=Late("lockgate.engine.sqlite.probe:free_bytes"),
    dump_schema=Late("lockgate.engine.sqlite.dump:dump_schema"),
    table_sizes=Late("lockgate.engine.sqlite.sizes:table_sizes"),
    count_rows=Late("lockgate.engine.sqlite.sizes:count_rows"),
    checksum_rows=Late("lockgate.engine.sqlite.sizes:checksum_rows"),
    next_park_number=Late("lockgate.engine.sqlite.own:next_park_number"),
    list_own=Late("lockgate.engine.sqlite.own:list_own"),
    quote=quote,
    defects=defects,
    ddl=ddl,
    transfer=transfer,
    load=Late("lockgate.engine.sqlite.load:load"),
    backup=Late("lockgate.engine.sqlite.backup:backup"),
    swap=Late("lockgate.engine.sqlite.swap:swap"),
    activity=Late("lockgate.engine.sqlite.activity:activity"),
    readiness=Late("lockgate.engine.sqlite.readiness:readiness"),
)
