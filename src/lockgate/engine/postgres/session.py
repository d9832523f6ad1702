"""One PostgreSQL connection under limits: autocommit, explicit transactions, advisory lease, who blocks whom.

Source for behaviour: PostgreSQL manual 13–18, "Client Connection Defaults", "Explicit Locking", pg_blocking_pids.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeVar

import psycopg

from lockgate.engine.base import Blocker
from lockgate.engine.postgres.blockers import Side
from lockgate.engine.postgres.errors import translate_connect_error, translate_error
from lockgate.errors import ConnectError, LockgateError, StatementFailed
from lockgate.model.schema import Key
from lockgate.model.target import Target

T = TypeVar("T")
_CONNECT_TIMEOUT_S = "10"
_PROBE_AFTER = 0.5
_ROUND_TRIPS = 8  # a pooler may hand out the same process a few times
_HELD = (
    "EXISTS (SELECT 1 FROM pg_catalog.pg_locks WHERE locktype = 'advisory' AND granted"
    " AND pid = pg_catalog.pg_backend_pid())"
)


class PostgresSession:
    """A session (see `lockgate.engine.base.Session`) over one psycopg connection."""

    def __init__(self, target: Target, connection: psycopg.Connection[tuple[Any, ...]]) -> None:
        self.target = target
        self.tag = ""
        self._connection = connection
        self._pid = connection.info.backend_pid
        self._lock_timeout_ms = 0
        self._is_cancelled = False
        self._seen_blockers: tuple[str, ...] = ()
        self._side = Side(lambda: _open(target), self._pid)

    @property
    def session_id(self) -> str:
        """The server's process id of this connection."""
        return str(self._pid)

    @property
    def is_in_transaction(self) -> bool:
        """Whether a transaction is open."""
        return self._connection.info.transaction_status != psycopg.pq.TransactionStatus.IDLE

    def query(self, sql: str, params: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Run one statement and return its rows (none for a statement without a result)."""

        def fetch() -> list[tuple[Any, ...]]:
            cursor = self._connection.execute(sql.encode(), tuple(params) if params else None)
            return cursor.fetchall() if cursor.description is not None else []

        return self._run(sql, fetch)

    def execute(self, sql: str) -> int:
        """Send one statement unchanged and return the number of rows it changed, 0 when unknown."""
        return self._run(sql, lambda: max(self._connection.execute((self.tag + sql).encode()).rowcount, 0))

    def give_rows(self, sql: str) -> Iterator[bytes]:
        """Yield the blocks of a COPY … TO STDOUT."""
        try:
            with self._connection.cursor().copy(sql.encode()) as out:
                for block in out:
                    yield bytes(block)
        except psycopg.Error as error:
            raise translate_error(error, sql, is_cancelled=False, waited_ms=0, blockers=()) from None

    def take_rows(self, blocks: Iterable[bytes], sql: str) -> int:
        """Feed blocks to a COPY … FROM STDIN; return the number of rows it put in."""
        cursor = self._connection.cursor()
        try:
            with cursor.copy(sql.encode()) as into:
                for block in blocks:
                    into.write(block)
        except psycopg.Error as error:
            raise translate_error(error, sql, is_cancelled=False, waited_ms=0, blockers=()) from None
        return max(cursor.rowcount, 0)

    def begin(self, *, is_chunk: bool = False) -> None:
        """Open a transaction."""
        self.execute("BEGIN")

    def commit(self) -> None:
        """Commit it. A transaction that failed cannot be committed and is reported as such."""
        if self._connection.info.transaction_status == psycopg.pq.TransactionStatus.INERROR:
            self.rollback()
            raise LockgateError("a failed transaction cannot be committed", state="it was rolled back")
        self.execute("COMMIT")

    def rollback(self) -> None:
        """Roll the open transaction back; nothing when none is open.

        Of a connection that was interrupted in the middle of a statement nothing can be asked any more: it is ended,
        and the server rolls back.
        """
        if self._connection.info.transaction_status == psycopg.pq.TransactionStatus.ACTIVE:
            self.cancel()
            self._connection.close()
        elif self.is_in_transaction:
            self.execute("ROLLBACK")

    def set_limits(self, lock_timeout_ms: int, statement_timeout_ms: int) -> None:
        """Set the limits of what follows in this session; 0 means no limit."""
        self.execute(f"SET lock_timeout = {int(lock_timeout_ms)}")
        self.execute(f"SET statement_timeout = {int(statement_timeout_ms)}")
        self._lock_timeout_ms = lock_timeout_ms

    def cancel(self) -> None:
        """Cancel the running statement; callable from another thread or a signal handler."""
        self._is_cancelled = True
        try:
            self._connection.cancel()
        except psycopg.Error:
            pass

    def blockers(self, table: Key | None) -> tuple[Blocker, ...]:
        """Return who holds locks on a table, or blocks this session; asked over a connection of its own."""
        return self._side.blockers(table)

    def end_session(self, session_id: str) -> bool:
        """End somebody else's session, who asked for it by name; False when the server refuses."""
        try:
            return bool(
                session_id and self.query("SELECT pg_catalog.pg_terminate_backend(%s)", (int(session_id),))[0][0]
            )
        except StatementFailed:
            return False

    def orphans(self) -> tuple[Blocker, ...]:
        """Return other sessions in which a statement of ours (by its tag) still runs on this database."""
        return self._side.tagged()

    def take_notes(self) -> tuple[str, ...]:
        """Return nothing: the server keeps the limits by itself."""
        return ()

    def listen(self, take: Callable[[str], None]) -> None:
        """Give every message the server sends from now on, also at level DEBUG1, to a function."""
        self.execute("SET lc_messages = 'C'")
        self.execute("SET client_min_messages = debug1")
        self._connection.add_notice_handler(lambda notice: take(notice.message_primary or ""))

    def acquire_lease(self, name: str) -> bool:
        """Take the advisory lock of this name in this very session without waiting.

        Raises:
            ConnectError: The server's process changed under us: a transaction pooler stands between.
        """
        rows = self.query(f"SELECT pg_catalog.pg_backend_pid(), pg_catalog.pg_try_advisory_lock({_lock_id(name)})")
        if rows[0][0] != self._pid:
            raise _pooled(self.target)
        for _ in range(_ROUND_TRIPS if rows[0][1] else 0):
            self._check_process(_HELD)
        return bool(rows[0][1])

    def release_lease(self, name: str) -> None:
        """Free the advisory lock."""
        self.query(f"SELECT pg_catalog.pg_advisory_unlock({_lock_id(name)})")

    def is_alive(self) -> bool:
        """Tell whether the connection still answers."""
        if self._connection.closed:
            return False
        if self._connection.info.transaction_status == psycopg.pq.TransactionStatus.INERROR:
            return True
        try:
            self._connection.execute("SELECT 1")
        except psycopg.Error:
            return False
        return True

    def close(self) -> None:
        """Close the connection; never raises."""
        self._side.close()
        try:
            self._connection.close()
        except psycopg.Error:
            pass

    def _check_process(self, also: str = "true") -> None:
        """Refuse when the server's process is another one now, or a condition does not hold in it."""
        pid, is_so = self.query(f"SELECT pg_catalog.pg_backend_pid(), {also}")[0]
        if pid != self._pid or not is_so:
            raise _pooled(self.target)

    def _run(self, sql: str, call: Callable[[], T]) -> T:
        self._is_cancelled, self._seen_blockers = False, ()
        started = time.monotonic()
        probe = self._start_probe()
        try:
            return call()
        except psycopg.Error as error:
            if probe is not None and error.sqlstate == "55P03":
                probe.join(timeout=5)
            waited_ms = int((time.monotonic() - started) * 1000)
            if error.sqlstate == "55P03" and self._lock_timeout_ms:
                waited_ms = min(waited_ms, self._lock_timeout_ms)  # the rest was work, which holds nobody up
            raise translate_error(
                error, sql, is_cancelled=self._is_cancelled, waited_ms=waited_ms, blockers=self._seen_blockers
            ) from None
        finally:
            if probe is not None:
                probe.cancel()

    def _start_probe(self) -> threading.Timer | None:
        """Look who blocks us shortly before the lock timeout: afterwards the server does not tell any more."""
        if self._lock_timeout_ms <= 0:
            return None
        probe = threading.Timer(self._lock_timeout_ms * _PROBE_AFTER / 1000, self._note_blockers)
        probe.daemon = True
        probe.start()
        return probe

    def _note_blockers(self) -> None:
        self._seen_blockers = tuple(blocker.description for blocker in self._side.blockers(None))


def connect(target: Target, *, is_read_only: bool = False) -> PostgresSession:
    """Open a session; a read-only one is kept so by the server.

    Raises:
        ConnectError: The server cannot be reached, refuses the login, or stands behind a pooler.
    """
    try:
        connection = _open(target)
    except psycopg.Error as error:
        raise translate_connect_error(error, target) from None
    try:
        return _prepare(PostgresSession(target, connection), is_read_only)
    except LockgateError:
        connection.close()
        raise


def _prepare(session: PostgresSession, is_read_only: bool) -> PostgresSession:
    session._check_process()
    session.query(
        "SELECT pg_catalog.set_config(name, '500ms', false) FROM pg_catalog.pg_settings"
        " WHERE name = 'client_connection_check_interval' AND version() LIKE '%linux%'"
    )
    session.execute("SET client_min_messages = warning")
    if is_read_only:
        session.execute("SET default_transaction_read_only = on")
    return session


def open_replication(target: Target) -> psycopg.Connection[tuple[Any, ...]]:
    """Open a connection that takes replication commands too (manual, "Streaming Replication Protocol").

    Raises:
        ConnectError: The server cannot be reached or refuses.
    """
    try:
        return _open(target, replication="database")
    except psycopg.Error as error:
        raise translate_connect_error(error, target) from None


def _open(target: Target, **more: str) -> psycopg.Connection[tuple[Any, ...]]:
    arguments: dict[str, Any] = {"connect_timeout": _CONNECT_TIMEOUT_S, "application_name": "lockgate"}
    arguments.update(dict(target.params), **more)
    arguments.update(host=arguments.get("host", target.host), port=arguments.get("port", str(target.port)))
    arguments["client_encoding"] = "utf8"
    if target.user:
        arguments["user"] = target.user
    if target.password:
        arguments["password"] = target.password
    if target.database:
        arguments["dbname"] = target.database
    return psycopg.connect(autocommit=True, prepare_threshold=None, **arguments)


def _pooled(target: Target) -> ConnectError:
    return ConnectError(
        f"{target.display} is behind a connection pooler",
        cause="locks, limits and transactions must stay on one server process",
        state="nothing was touched",
        hint="use the address of the server itself",
    )


def _lock_id(name: str) -> int:
    """Return the 64-bit advisory key of a lease name."""
    return int.from_bytes(hashlib.sha256(f"lockgate:{name}".encode()).digest()[:8], "big", signed=True)
