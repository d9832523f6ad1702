"""Dump one moment of a PostgreSQL database: pg_dump in a snapshot of ours, each of its files stored when it ends."""

from __future__ import annotations

import os
import queue
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from lockgate.engine.backup import DumpOptions, OpenSink, Sink, What
from lockgate.engine.base import Session
from lockgate.engine.client.child import Group, run_client
from lockgate.engine.client.find import ClientProgram
from lockgate.engine.postgres.backup_database import FILE as DATABASE_FILE
from lockgate.engine.postgres.backup_database import render_database
from lockgate.engine.postgres.backup_preflight import globals_call
from lockgate.engine.postgres.backup_toc import Entry, LiveTable, find_missing, list_archive, live_tables
from lockgate.engine.postgres.client import Login, find_program, need_beside, need_program, open_login
from lockgate.engine.postgres.quote import qualify
from lockgate.engine.postgres.session import connect
from lockgate.errors import BackupFailed
from lockgate.model.backup import Consistency, Position
from lockgate.model.server import Server
from lockgate.model.target import Target

FOLDER = "dump"
"""Where pg_dump's files are in a backup, under the names pg_restore wants."""
_CHUNK = 1 << 20
_TRAILER = b"\\.\n\n\n"
"""What pg_dump ends the rows of a table with; a file without it was cut short."""
_DONE = re.compile(r"finished item (\d+) TABLE DATA (.+)")
_LOCKS_AT_ONCE = 500
_MOMENT = """
SELECT pg_catalog.pg_export_snapshot(), pg_catalog.clock_timestamp(),
       CASE WHEN pg_catalog.pg_is_in_recovery() THEN pg_catalog.pg_last_wal_replay_lsn()
            ELSE pg_catalog.pg_current_wal_lsn() END::text
"""
_ROLES = """
SELECT r.rolname FROM pg_catalog.pg_roles r WHERE r.rolname !~ '^pg_' AND (
    r.oid = 10 OR r.rolname = current_user OR EXISTS (
        SELECT FROM pg_catalog.pg_shdepend s JOIN pg_catalog.pg_database d ON d.oid = s.dbid
        WHERE d.datname = pg_catalog.current_database() AND s.refclassid = 'pg_catalog.pg_authid'::regclass
          AND s.refobjid = r.oid)
    OR r.oid IN (SELECT a.grantee FROM pg_catalog.pg_database d, pg_catalog.aclexplode(d.datacl) a
                 WHERE d.datname = pg_catalog.current_database())
    OR r.oid IN (SELECT s.setrole FROM pg_catalog.pg_db_role_setting s
                 JOIN pg_catalog.pg_database d ON d.oid = s.setdatabase
                 WHERE d.datname = pg_catalog.current_database())) ORDER BY 1
"""


@dataclass
class PostgresSnapshot:
    """See `lockgate.engine.backup.Snapshot`."""

    target: Target
    server: Server
    options: DumpOptions
    sessions: tuple[Session, ...]
    name: str
    taken_at: str
    position: Position
    roles: tuple[str, ...]
    method: str
    consistency: Consistency = Consistency.SHARED_SNAPSHOT
    lock_held_ms: int = 0
    _missing: tuple[str, ...] = ("the dump itself",)

    def dump(self, what: What, raw: Path, open_sink: OpenSink) -> None:
        """Run pg_dump and store its files; then the schema as text, and roles and tablespaces where they can be read.

        Raises:
            BackupFailed: A program failed, or a file has no end.
        """
        with ExitStack() as stack:
            login = stack.enter_context(open_login(self.target))
            session = connect(self.target, is_read_only=True)
            stack.callback(session.close)
            _join(session, self.name)
            tables = live_tables(session)
            entries = _Dumping(self, what, raw / FOLDER, open_sink, login, tables).run()
            self._missing = find_missing(session, entries)
            if not self._missing:
                self._write_texts(raw / FOLDER, open_sink, login)
                with open_sink(DATABASE_FILE, "globals") as sink:
                    sink.write(render_database(session).encode())

    def check_complete(self) -> None:
        """Refuse a dump that lacks what the catalogue holds; that no file was cut short was seen when it was stored."""
        if self._missing:
            more = f" and {len(self._missing) - 5} more" if len(self._missing) > 5 else ""
            raise BackupFailed(
                "the dump is not whole",
                where=self.target.display,
                cause=f"it lacks {', '.join(self._missing[:5])}{more}",
                state="nothing was published",
                hint="something was made or dropped meanwhile: repeat the command when nobody changes the schema",
            )

    def _write_texts(self, folder: Path, open_sink: OpenSink, login: Login) -> None:
        """Write the schema as statements, which also decodes the whole table of contents; and the server's globals."""
        pg_restore = need_beside(self.program, "pg_restore")
        with open_sink("schema.sql", "schema") as sink:
            run_client(login.call(pg_restore, "--schema-only", "-f", "-", str(folder)), into=sink)
        pg_dumpall = find_program("pg_dumpall", self.server.version[0], self.target)
        if pg_dumpall is not None:
            try:
                with open_sink("globals.sql", "globals") as sink:
                    run_client(globals_call(pg_dumpall, login, self.target), into=sink)
            except BackupFailed:  # the preflight has warned of it
                return

    @property
    def program(self) -> ClientProgram:
        """The pg_dump that is used."""
        return need_program("pg_dump", self.server.version[0], self.target)


class Moment(NamedTuple):
    """A snapshot by the name that other sessions take it by, when it was, and its place in the log."""

    name: str
    at: datetime
    position: Position


def export_moment(session: Session) -> Moment:
    """Take the moment that begins with this very query; its place in the log is near, not exact."""
    name, at, position = session.query(_MOMENT)[0]
    return Moment(str(name), at, Position(kind="wal", file=str(position), offset=lsn_number(str(position))))


@contextmanager
def open_snapshot(
    target: Target,
    server: Server,
    what: What,
    options: DumpOptions,
    take: Callable[[Session], Moment] = export_moment,
) -> Iterator[PostgresSnapshot]:
    """Take a moment (``take`` does, or joins it) and hold it in a session for each job.

    All tables are locked (ACCESS SHARE, as pg_dump does) before the moment is taken: otherwise a TRUNCATE or ALTER
    between it and pg_dump's own locks would show. Nobody's reads or writes wait for these locks.

    Raises:
        LockTimeout: Somebody holds a table exclusively for longer than ``options.lock_ms``.
    """
    with ExitStack() as stack:
        sessions = []
        for _ in range(max(1, options.jobs)):
            session = connect(target, is_read_only=True)
            stack.callback(session.close)
            _be_patient(session, options.lock_ms)
            sessions.append(session)
        first = sessions[0]
        tables = live_tables(first) if what.has_rows else {}
        roles = tuple(str(row[0]) for row in first.query(_ROLES))
        first.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        _lock(first, tables.values())
        moment = take(first)
        for other in sessions[1:]:
            _begin_in(other, moment.name)
        jobs = f" -j{options.jobs}" if options.jobs > 1 else ""
        yield PostgresSnapshot(
            target=target,
            server=server,
            options=options,
            sessions=tuple(sessions),
            name=moment.name,
            taken_at=moment.at.astimezone(UTC).isoformat(timespec="milliseconds"),
            position=moment.position,
            roles=roles,
            method=f"pg_dump -Fd{jobs} --snapshot",
        )


def _be_patient(session: Session, lock_ms: int) -> None:
    """No limit of the server's or the user's settings may end the session while it only holds the moment."""
    session.query(
        "SELECT pg_catalog.set_config(name, '0', false) FROM pg_catalog.pg_settings WHERE name IN"
        " ('statement_timeout', 'idle_in_transaction_session_timeout', 'idle_session_timeout', 'transaction_timeout')"
    )
    session.execute("SET row_security = off")
    session.set_limits(lock_ms, 0)


def _lock(session: Session, tables: Iterable[LiveTable]) -> None:
    names = [f"ONLY {qualify(table.namespace, table.name)}" for table in tables]
    for at in range(0, len(names), _LOCKS_AT_ONCE):
        session.execute(f"LOCK TABLE {', '.join(names[at : at + _LOCKS_AT_ONCE])} IN ACCESS SHARE MODE")


def _begin_in(session: Session, name: str) -> None:
    session.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
    session.execute(f"SET TRANSACTION SNAPSHOT '{name}'")


def _join(session: Session, name: str) -> None:
    _be_patient(session, 0)
    _begin_in(session, name)


def lsn_number(position: str) -> int:
    """Return a place in the log, ``16/B374D848``, as a number."""
    high, _, low = position.partition("/")
    return (int(high, 16) << 32) + int(low, 16)


@dataclass
class _Dumping:
    """One run of pg_dump. Each finished file is stored and removed at once, so the raw dump is never whole on disk."""

    snapshot: PostgresSnapshot
    what: What
    folder: Path
    open_sink: OpenSink
    login: Login
    tables: dict[int, LiveTable]
    stored: set[str] = field(default_factory=set)
    waiting: queue.Queue[tuple[str, tuple[str, ...]] | None] = field(default_factory=queue.Queue)
    group: Group = field(default_factory=Group)

    def run(self) -> tuple[Entry, ...]:
        """Dump and store everything; return the table of contents."""
        jobs = max(1, self.snapshot.options.jobs)
        self.by_name = _unique_names(self.tables)
        self.entries: tuple[Entry, ...] = ()
        self.group.run([self._run_program, *[self._store_waiting] * jobs], jobs + 1)
        return self.entries

    def _run_program(self) -> None:
        """Run pg_dump, telling the others what is finished; then give them what is left."""
        try:
            with self.open_sink(f"{FOLDER}/toc.dat", "toc") as toc:
                call = self.login.call(self.snapshot.program, *self._arguments(), idle_s=self.snapshot.options.idle_s)
                run_client(
                    replace(call, has_workers=True, on_line=self._take_line, sign=self._sign(toc)), group=self.group
                )
                _copy(self.folder / "toc.dat", toc)
            self.entries = list_archive(need_beside(self.snapshot.program, "pg_restore"), self.folder, self.login)
            self._store_rest()
        finally:
            for _ in range(max(1, self.snapshot.options.jobs)):
                self.waiting.put(None)

    def _arguments(self) -> list[str]:
        options = self.snapshot.options
        words = ["-v", "-Fd", "-Z0", f"-j{max(1, options.jobs)}", f"--snapshot={self.snapshot.name}", "--no-password"]
        words += [f"--lock-wait-timeout={options.lock_ms}", "-f", str(self.folder)]
        if not self.what.has_rows or self.what.tables is not None:
            # --schema-only would leave out the values of sequences and that materialised views were filled
            wanted = {key.path for key in self.what.tables or ()}
            words.append("-B")
            words += [
                f"--exclude-table-data={_pattern(table)}"
                for table in self.tables.values()
                if wanted.isdisjoint(table.paths)
            ]
        return [*words, "-d", self.login.connection]

    def _take_line(self, line: str) -> None:
        match = _DONE.search(line)
        if match is not None and (table := self.by_name.get(match[2])) is not None:
            self._offer(f"{match[1]}.dat", table.paths)

    def _offer(self, name: str, paths: tuple[str, ...]) -> None:
        if name not in self.stored:
            self.stored.add(name)
            self.waiting.put((name, paths))

    def _sign(self, toc: Sink) -> Callable[[], object]:
        def look() -> object:
            toc.write(b"")  # lets a wish to stop through while one large table is being dumped
            return _used(self.folder)

        return look

    def _store_rest(self) -> None:
        """Offer what was not told of while it ran; every table's file must be there."""
        by_file = {
            f"{entry.number}.dat": self.tables.get(entry.oid) for entry in self.entries if entry.kind == "TABLE DATA"
        }
        for name, table in by_file.items():
            self._offer(name, table.paths if table is not None else ())
        for path in sorted(self.folder.iterdir()):
            if path.name != "toc.dat":
                self._offer(path.name, ())

    def _store_waiting(self) -> None:
        while (item := self.waiting.get()) is not None and not self.group.stop.is_set():
            name, paths = item
            self._store(name, paths)

    def _store(self, name: str, paths: tuple[str, ...]) -> None:
        is_rows = name[:1].isdigit() and name.endswith(".dat")
        path = self.folder / name
        role = "rows" if is_rows or name.startswith("blob") else "toc"
        with self.open_sink(f"{FOLDER}/{name}", role, paths) as sink:
            tail = _copy(path, sink)
        if is_rows and tail != _TRAILER:
            raise BackupFailed(
                "a dumped table has no end",
                where=", ".join(paths) or name,
                cause="pg_dump's file was cut short",
                state="nothing was published",
                hint="repeat the command",
            )
        path.unlink()


def _unique_names(tables: dict[int, LiveTable]) -> dict[str, LiveTable]:
    found: dict[str, LiveTable] = {}
    twice = set()
    for table in tables.values():
        if table.name in found:
            twice.add(table.name)
        found[table.name] = table
    return {name: table for name, table in found.items() if name not in twice}


def _pattern(table: LiveTable) -> str:
    """Write a name as psql's patterns take it literally: in quotes only a quote is special."""
    return ".".join('"' + part.replace('"', '""') + '"' for part in (table.namespace, table.name))


def _copy(path: Path, sink: Sink) -> bytes:
    """Copy a file into a sink; return its last bytes.

    Raises:
        BackupFailed: It is not there or cannot be read.
    """
    tail = b""
    try:
        with open(path, "rb", buffering=0) as source:
            while data := source.read(_CHUNK):
                sink.write(data)
                tail = (tail + data[-len(_TRAILER) :])[-len(_TRAILER) :]
    except FileNotFoundError:
        raise BackupFailed(
            "pg_dump did not write a file it lists", where=path.name, state="nothing was published"
        ) from None
    return tail


def _used(folder: Path) -> int:
    """Return how many bytes lie in a folder."""
    total = 0
    try:
        with os.scandir(folder) as found:
            for entry in found:
                try:
                    total += entry.stat().st_size
                except OSError:
                    continue
    except OSError:
        return total
    return total
