"""The PostgreSQL engine, versions 13 to 18: its record of functions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lockgate.engine.base import Engine, LockLimits, RowTransfer, StateDialect
from lockgate.engine.late import Late
from lockgate.engine.postgres.quote import quote_ident
from lockgate.engine.postgres.server import identify

if TYPE_CHECKING:
    from lockgate.engine.defects import DefectDialect
    from lockgate.model.ddl import DdlDialect


def ddl() -> DdlDialect:
    """Return how statements are read; see `lockgate.engine.postgres.read_ddl`."""
    from lockgate.engine.postgres.read_ddl import DDL

    return DDL


def transfer() -> RowTransfer:
    """Return how rows are copied; see `lockgate.engine.postgres.transfer`."""
    from lockgate.engine.postgres.transfer import TRANSFER

    return TRANSFER


def defects() -> DefectDialect:
    """Return what the checks for defects need; see `lockgate.engine.postgres.defects`."""
    from lockgate.engine.postgres.defects import DEFECTS

    return DEFECTS


_LOCKING = frozenset({"writes", "reads_and_writes"})
STATE = StateDialect(
    prefix="lockgate.",
    setup=("CREATE SCHEMA IF NOT EXISTS lockgate",),
    text="text",
    short_text="text",
    bigint="bigint",
    serial_key="bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
    table_suffix="",
    is_ddl_transactional=True,
    # A lock that blocks neither reads nor writes holds up neither while it is waited for (manual, "Table-Level Locks").
    locks=LockLimits(attempt_ms=40, peek_ms=10, peeks=3, free_ms=10_000, queued=_LOCKING, peeked=_LOCKING),
)

ENGINE = Engine(
    name="postgres",
    state=STATE,
    connect=Late("lockgate.engine.postgres.session:connect"),
    identify=identify,
    inspect=Late("lockgate.engine.postgres.inspect:inspect"),
    plan_ops=Late("lockgate.engine.postgres.ops:plan_ops"),
    render_schema=Late("lockgate.engine.postgres.render_schema:render_schema"),
    find_opaque=Late("lockgate.engine.postgres.opaque:find_opaque"),
    split_sql=Late("lockgate.engine.postgres.split:split_sql"),
    statement_problem=Late("lockgate.engine.postgres.split:statement_problem"),
    open_scratch=Late("lockgate.engine.postgres.scratch:open_scratch"),
    probe=Late("lockgate.engine.postgres.probe:probe"),
    free_bytes=Late("lockgate.engine.postgres.probe:free_bytes"),
    dump_schema=Late("lockgate.engine.postgres.dump:dump_schema"),
    table_sizes=Late("lockgate.engine.postgres.data:table_sizes"),
    count_rows=Late("lockgate.engine.postgres.data:count_rows"),
    checksum_rows=Late("lockgate.engine.postgres.data:checksum_rows"),
    next_park_number=Late("lockgate.engine.postgres.data:next_park_number"),
    list_own=Late("lockgate.engine.postgres.data:list_own"),
    quote=quote_ident,
    defects=defects,
    ddl=ddl,
    transfer=transfer,
    load=Late("lockgate.engine.postgres.load:load"),
    backup=Late("lockgate.engine.postgres.backup:backup"),
    logs=Late("lockgate.engine.postgres.wal_log:logs"),
    swap=Late("lockgate.engine.postgres.swap:swap"),
    activity=Late("lockgate.engine.postgres.activity:activity"),
    readiness=Late("lockgate.engine.postgres.readiness:readiness"),
)
