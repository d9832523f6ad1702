"""MySQL and MariaDB (a flavor of it), as one engine record."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lockgate.engine.base import Engine, LockLimits, ProgramDialect, RowTransfer, StateDialect
from lockgate.engine.late import Late
from lockgate.engine.mysql.lexer import quote_name
from lockgate.engine.mysql.server import identify

if TYPE_CHECKING:
    from lockgate.engine.defects import DefectDialect
    from lockgate.model.ddl import DdlDialect


def ddl() -> DdlDialect:
    """Return how statements are read; see `lockgate.engine.mysql.read_ddl`."""
    from lockgate.engine.mysql.read_ddl import DDL

    return DDL


def transfer() -> RowTransfer:
    """Return how rows are copied; see `lockgate.engine.mysql.transfer`."""
    from lockgate.engine.mysql.transfer import TRANSFER

    return TRANSFER


def programs() -> ProgramDialect:
    """Return how pt-online-schema-change is driven; see `lockgate.engine.mysql.pt_osc`."""
    from lockgate.engine.mysql.pt_osc import PROGRAMS

    return PROGRAMS


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
    # Every DDL takes an exclusive metadata lock at its end, and all later statements queue behind one who waits for it.
    # Source: MySQL 8.4 manual, "Metadata Locking", "Online DDL Operations".
    locks=LockLimits(
        attempt_ms=60,
        peek_ms=20,
        peeks=3,
        free_ms=60,
        queued=frozenset({"nothing", "ddl", "writes", "reads_and_writes"}),
        # Builds and copies ask for it when their work is done.
        peeked=frozenset({"nothing", "reads_and_writes"}),
    ),
)

ENGINE = Engine(
    name="mysql",
    state=STATE,
    connect=Late("lockgate.engine.mysql.session:connect"),
    identify=identify,
    inspect=Late("lockgate.engine.mysql.inspect:inspect_schema"),
    prime=Late("lockgate.engine.mysql.known:prime"),
    texts_of=Late("lockgate.engine.mysql.known:texts_of"),
    plan_ops=Late("lockgate.engine.mysql.ops:plan_ops"),
    render_schema=Late("lockgate.engine.mysql.render_programs:render_schema"),
    find_opaque=Late("lockgate.engine.mysql.split:find_opaque"),
    split_sql=Late("lockgate.engine.mysql.split:split_sql"),
    statement_problem=Late("lockgate.engine.mysql.split:statement_problem"),
    open_scratch=Late("lockgate.engine.mysql.scratch:open_scratch"),
    probe=Late("lockgate.engine.mysql.probe:probe"),
    free_bytes=Late("lockgate.engine.mysql.probe:free_bytes"),
    dump_schema=Late("lockgate.engine.mysql.dump:dump_schema"),
    table_sizes=Late("lockgate.engine.mysql.sizes:table_sizes"),
    count_rows=Late("lockgate.engine.mysql.sizes:count_rows"),
    checksum_rows=Late("lockgate.engine.mysql.sizes:checksum_rows"),
    next_park_number=Late("lockgate.engine.mysql.own:next_park_number"),
    list_own=Late("lockgate.engine.mysql.own:list_own"),
    quote=quote_name,
    defects=defects,
    ddl=ddl,
    transfer=transfer,
    load=Late("lockgate.engine.mysql.load:load"),
    backup=Late("lockgate.engine.mysql.backup:backup"),
    logs=Late("lockgate.engine.mysql.binlog:logs"),
    swap=Late("lockgate.engine.mysql.swap:swap"),
    activity=Late("lockgate.engine.mysql.activity:activity"),
    readiness=Late("lockgate.engine.mysql.readiness:readiness"),
    programs=programs,
)

__all__ = ["ENGINE"]
