"""PostgreSQL's log for backups: committed changes decoded from a slot, and played back as statements on a copy."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from datetime import UTC, datetime

from msgspec.structs import replace

from lockgate.engine.backup import BackupFiles, DumpOptions, LoadOptions, OpenSink, Snapshot, What
from lockgate.engine.base import Session
from lockgate.engine.client.child import run_client
from lockgate.engine.logs import LogDialect
from lockgate.engine.postgres.backup_dump import Moment, export_moment, lsn_number
from lockgate.engine.postgres.backup_dump import open_snapshot as open_dump_snapshot
from lockgate.engine.postgres.client import need_program, open_login
from lockgate.engine.postgres.quote import qualify
from lockgate.engine.postgres.session import connect
from lockgate.engine.postgres.wal_changes import LoggedTable, literal, statements_of
from lockgate.engine.postgres.wal_slot import (
    KIND,
    PREFIX,
    create_slot,
    held_slots,
    lsn_text,
    read_columns,
    release_slot,
)
from lockgate.errors import LockgateError, LogUnusable
from lockgate.model.backup import BackupKind, Manifest, Position
from lockgate.model.server import Server
from lockgate.model.target import Target

ROLE, FILE = "log", "log/0001.changes.sql"
_FORMS = (
    ("client_encoding", "UTF8"), ("search_path", ""), ("DateStyle", "ISO, MDY"), ("IntervalStyle", "postgres"),
    ("TimeZone", "UTC"), ("extra_float_digits", "1"), ("bytea_output", "hex"), ("lc_monetary", "C"),
    ("xmloption", "content"), ("standard_conforming_strings", "on"), ("row_security", "off"),
    ("statement_timeout", "0"), ("lock_timeout", "0"),
)  # fmt: skip
_READY = """
SELECT pg_catalog.current_setting('wal_level'),
       (SELECT rolreplication OR rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user),
       pg_catalog.current_setting('max_replication_slots')::int
         - (SELECT pg_catalog.count(*) FROM pg_catalog.pg_replication_slots),
       pg_catalog.pg_is_in_recovery(), pg_catalog.current_setting('max_wal_senders')::int
"""
_USERS = "n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'"
_OBSTACLES = f"""
SELECT 'the unlogged table ' || n.nspname || '.' || c.relname FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relpersistence = 'u' AND c.relkind = 'r' AND {_USERS}
UNION ALL
SELECT 'the materialized view ' || n.nspname || '.' || c.relname FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = 'm' AND c.relispopulated AND {_USERS}
UNION ALL
SELECT 'large objects' WHERE EXISTS (SELECT FROM pg_catalog.pg_largeobject_metadata)
UNION ALL
SELECT 'the trigger ' || t.tgname || ', which fires on replicas,' FROM pg_catalog.pg_trigger t
WHERE NOT t.tgisinternal AND t.tgenabled IN ('A', 'R')
UNION ALL
SELECT 'the rule ' || r.rulename || ', which works on replicas,' FROM pg_catalog.pg_rewrite r
WHERE r.ev_enabled IN ('A', 'R')
LIMIT 1
"""
_SLOT = """
SELECT confirmed_flush_lsn::text, active, wal_status, plugin FROM pg_catalog.pg_replication_slots
WHERE slot_name = %s AND database = pg_catalog.current_database()
"""
_TABLES = f"""
SELECT n.nspname, c.relname, c.relkind = 'p',
  ARRAY(SELECT a.attname::text FROM pg_catalog.pg_index i
    JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY (i.indkey)
    WHERE i.indrelid = c.oid AND CASE c.relreplident WHEN 'i' THEN i.indisreplident WHEN 'n' THEN false
      ELSE i.indisprimary END),
  ARRAY(SELECT a.attname::text FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid AND a.attgenerated <> ''),
  ARRAY(SELECT a.attname::text FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid AND a.attidentity = 'a')
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p') AND {_USERS}
"""
_SEQUENCES = """
SELECT schemaname, sequencename, coalesce(last_value, start_value)::text, last_value IS NOT NULL
FROM pg_catalog.pg_sequences ORDER BY 1, 2
"""
_AT_ONCE = 500


def read_position(session: Session) -> Position:
    """Return where the log is now, nearly: other commits may be under way."""
    return export_moment(session).position


def problem(session: Session, since: Position) -> str:
    """Say why the log since a position cannot be had or played back exactly; see `LogDialect`."""
    level, may, free, is_standby, senders = session.query(_READY)[0]
    if level != "logical":
        return f"wal_level is {level}; a log of changes needs logical (and a restart of the server)"
    if is_standby:
        return "the server is a standby; the log is kept on the primary"
    if not may:
        return "the user may not read the log; give its role REPLICATION"
    if free < 1 or senders < 1:
        return "the server has no free replication slot or sender (max_replication_slots, max_wal_senders)"
    if found := session.query(_OBSTACLES):
        return f"{found[0][0]} cannot be brought back from the log"
    return _gone(session, since) if since.is_known else ""


def _gone(session: Session, since: Position) -> str:
    if since.kind != KIND or not since.file.startswith(PREFIX):
        return "the earlier backup was taken without the server keeping its log for later ([backup] log)"
    found = session.query(_SLOT, (since.file,))
    if not found:
        return f"the server keeps no log for it any more (the slot {since.file} is gone)"
    place, is_active, status, plugin = found[0]
    if status in ("lost", "unreserved"):
        return f"the server gave up the log it kept for it (max_slot_wal_keep_size; the slot is {status})"
    if plugin != "test_decoding" or lsn_number(str(place)) != since.offset:
        return f"somebody else has read from the slot {since.file}"
    if is_active:
        return f"somebody is reading from the slot {since.file}"
    if since.set and read_columns(session) != since.set:
        return "columns of tables were changed since, which this server's log does not tell"
    return ""


def warnings(session: Session) -> tuple[str, ...]:
    """Say what a slot may do to the server's disk."""
    limit = str(session.query("SELECT pg_catalog.current_setting('max_slot_wal_keep_size', true)")[0][0])
    if limit != "-1":
        return ()
    return (
        "the server keeps its log until the next backup has taken it, without a limit"
        " (max_slot_wal_keep_size = -1): take backups regularly and watch its disk",
    )


@contextmanager
def open_snapshot(target: Target, server: Server, what: What, options: DumpOptions) -> Iterator[Snapshot]:
    """Open the backup's snapshot at the very place where a new slot begins."""
    with create_slot_later(target, options) as take, open_dump_snapshot(target, server, what, options, take) as found:
        yield found


@contextmanager
def open_moment(target: Target, server: Server, options: DumpOptions, kind: BackupKind) -> Iterator[Snapshot]:
    """Open a moment without a dump: for a log at the beginning of a new slot, for a mark as it is."""
    if kind is BackupKind.LOG:
        with open_snapshot(target, server, What(), options) as snapshot:
            snapshot.method = "logical decoding, test_decoding"
            yield snapshot
        return
    with open_dump_snapshot(target, server, What(), options) as snapshot:
        snapshot.method = "write-ahead log, restore point"
        yield snapshot


@contextmanager
def create_slot_later(target: Target, options: DumpOptions) -> Iterator[Callable[[Session], Moment]]:
    """Yield what makes the slot when it is called, and keeps its snapshot until the block ends."""
    with ExitStack() as stack:

        def take(session: Session) -> Moment:
            name, position = stack.enter_context(create_slot(target, options.holder, options.lock_ms))
            session.execute(f"SET TRANSACTION SNAPSHOT {literal(name)}")
            return Moment(name, datetime.now(UTC), replace(position, set=read_columns(session)))

        yield take


def fetch(target: Target, since: Position, until: Position, open_sink: OpenSink) -> tuple[str, ...]:
    """Write the changes of a range as statements; see `LogDialect`."""
    with closing(connect(target)) as session:
        _set_forms(session)
        if since.set != until.set:
            raise LogUnusable(
                "the server's log cannot be played back exactly",
                where=target.display,
                cause="columns of tables were changed meanwhile, which this server's log does not tell",
                state="nothing was published",
                hint="take a full backup: lockgate backup create --kind full",
            )
        tables = {(table.namespace, table.name): table for table in _tables(session)}
        with open_sink(FILE, ROLE) as sink:
            sink.write(_head().encode())
            for statement in statements_of(_changes(session, since, until), tables):
                sink.write(statement.encode())
            sink.write(_tail(session).encode())
    return ()


def _changes(session: Session, since: Position, until: Position) -> Iterator[str]:
    session.execute("BEGIN")
    session.query(
        "DECLARE lockgate_changes NO SCROLL CURSOR FOR SELECT data FROM pg_catalog.pg_logical_slot_peek_changes("
        f"{literal(since.file)}, {literal(lsn_text(until.offset))}, NULL, 'include-xids', '0', 'skip-empty-xacts', '1')"
    )
    while rows := session.query(f"FETCH {_AT_ONCE} FROM lockgate_changes"):
        for (line,) in rows:
            yield str(line)
    session.execute("ROLLBACK")


def _tables(session: Session) -> Iterator[LoggedTable]:
    for namespace, name, is_partitioned, key, generated, always in session.query(_TABLES):
        yield LoggedTable(
            str(namespace), str(name), tuple(key), frozenset(generated), frozenset(always), bool(is_partitioned)
        )


def _set_forms(session: Session) -> None:
    for name, value in _FORMS:
        session.query("SELECT pg_catalog.set_config(%s, %s, false)", (name, value))


def _head() -> str:
    lines = [f"SET {name} = {literal(value)};\n" for name, value in _FORMS]
    return "".join([*lines, "SET session_replication_role = replica;\n", "SET synchronous_commit = off;\n"])


def _tail(session: Session) -> str:
    """Set all sequences as they are now; they do not take part in transactions."""
    return "".join(
        f"SELECT pg_catalog.setval({literal(qualify(namespace, name))}, {value}, {str(is_called).lower()});\n"
        for namespace, name, value, is_called in session.query(_SEQUENCES)
    )


def replay(backups: Sequence[BackupFiles], target: Target, options: LoadOptions) -> None:
    """Run the statements of log backups, in order, with psql; the first error ends it."""
    with closing(connect(target)) as session:
        major = int(session.query("SELECT pg_catalog.current_setting('server_version_num')::int / 10000")[0][0])
    psql = need_program("psql", major, target)
    words = ("-X", "-q", "-v", "ON_ERROR_STOP=1", "-o", "/dev/null", "-f", "-")
    for files in backups:
        for file in files.manifest.files:
            if file.role != ROLE:
                continue
            with open_login(target) as login, files.open(file) as source:
                run_client(login.call(psql, *words, "-d", login.connection, idle_s=options.idle_s), source=source)


def commands(manifest: Manifest) -> tuple[str, ...]:
    """Return the stock commands that play a log backup's unpacked files back."""
    place = FILE.rpartition("/")[2]
    return (f'psql -X -q -v ON_ERROR_STOP=1 -o /dev/null -d {shlex.quote(manifest.database)} -f "$plain"/{place}',)


def mark(session: Session, name: str) -> str:
    """Make a restore point in the log; empty when the user may not."""
    try:
        session.query("SELECT pg_catalog.pg_create_restore_point(%s)", (name,))
    except LockgateError:
        return ""
    return name


def logs() -> LogDialect:
    """Return how PostgreSQL's log is used for backups."""
    return LogDialect(
        position=read_position,
        problem=problem,
        open_snapshot=open_snapshot,
        open_moment=open_moment,
        release=release_slot,
        held=held_slots,
        fetch=fetch,
        replay=replay,
        commands=commands,
        mark=mark,
        warnings=warnings,
        holds_ddl=False,
    )
