"""One connection: statements under their limits, the lease, and who blocks whom; it must never show a password."""

from __future__ import annotations

import configparser
import contextlib
import os
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import pymysql
import pymysql.cursors

from lockgate.engine.base import Blocker
from lockgate.engine.mysql.blockers import find_blockers, find_holders, find_tagged
from lockgate.engine.mysql.errors import connect_error, statement_error
from lockgate.engine.mysql.server import has_statement_time_in_seconds, has_zero_lock_wait, parse_version
from lockgate.engine.mysql.watchdog import Watchdog
from lockgate.errors import ConnectError, LockgateError
from lockgate.model.schema import Key
from lockgate.model.server import Server
from lockgate.model.target import Target

T = TypeVar("T")
_LOST_WAIT_S = 31_536_000
_AT_ONCE_MS = 50


class MysqlSession:
    """A session on MySQL or MariaDB. Autocommit; not thread-safe, but for ``cancel``."""

    def __init__(self, connection: Any, target: Target, arguments: dict[str, Any], *, is_read_only: bool) -> None:
        self.target = target
        self.tag = ""
        self._connection = connection
        self._arguments = arguments
        self._is_read_only = is_read_only
        text = str(connection.get_server_info())
        flavor = "mariadb" if "mariadb" in text.lower() else "mysql"
        self._server = Server(engine="mysql", flavor=flavor, version=parse_version(text), version_text=text)
        own = int(connection.thread_id())
        self._watch_s, self._longest_wait_ms = 0.0, 0
        self._watchdog = Watchdog(
            lambda: pymysql.connect(**arguments),
            own,
            lambda other: find_blockers(other, self._server, own, target.database),
        )

    @property
    def session_id(self) -> str:
        """The server's connection id."""
        return str(self._connection.thread_id())

    @property
    def login(self) -> Mapping[str, Any]:
        """How it was connected, with the password: never to be shown."""
        return self._arguments

    @property
    def server(self) -> Server:
        """Flavor and version, as the server's greeting says."""
        return self._server

    def query(self, sql: str, params: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Run one statement with ``%s`` placeholders and return its rows."""

        def fetch() -> list[tuple[Any, ...]]:
            with self._connection.cursor() as cursor:
                cursor.execute(sql, tuple(params) if params else None)
                return list(cursor.fetchall() or ())

        return self._run(sql, fetch)

    def query_named(self, sql: str) -> tuple[tuple[str, ...], list[tuple[Any, ...]]]:
        """Run one statement and return the names of its columns and its rows."""

        def fetch() -> tuple[tuple[str, ...], list[tuple[Any, ...]]]:
            with self._connection.cursor() as cursor:
                cursor.execute(sql)
                rows = list(cursor.fetchall() or ())
                return tuple(str(column[0]) for column in cursor.description or ()), rows

        return self._run(sql, fetch)

    def execute(self, sql: str) -> int:
        """Send one statement exactly as it is; return the number of rows it changed."""

        def send() -> int:
            with self._connection.cursor() as cursor:
                return int(cursor.execute(self.tag + sql))

        return self._run(sql, send)

    def scan(self, sql: str) -> Iterator[tuple[Any, ...]]:
        """Yield a query's rows as the server sends them, for whole tables; nothing else runs until the last one."""
        try:
            with self._connection.cursor(pymysql.cursors.SSCursor) as cursor:
                cursor.execute(sql)
                yield from cursor
        except pymysql.MySQLError as error:
            raise statement_error(error, sql) from None

    def begin(self, *, is_chunk: bool = False) -> None:
        """Open a transaction (DDL ends it by itself)."""
        self.execute("START TRANSACTION")

    def commit(self) -> None:
        """Commit it."""
        self.execute("COMMIT")

    def rollback(self) -> None:
        """Roll it back; nothing when none is open."""
        self.execute("ROLLBACK")

    def set_limits(self, lock_timeout_ms: int, statement_timeout_ms: int) -> None:
        """Set the limits for the statements that follow; 0 means none.

        The servers count lock waits in whole seconds: below one a watchdog cancels our own statement when it has waited
        so long for a metadata lock. MariaDB can give up at once, as NOWAIT does, and is asked to for what is below
        50 ms. A wait for a row lasts a second at least. MySQL limits only SELECT by time (manual, max_execution_time).
        """
        self._watch_s = 0.0
        wait_s = max(1, -(-lock_timeout_ms // 1000)) if lock_timeout_ms else _LOST_WAIT_S
        if 0 < lock_timeout_ms < _AT_ONCE_MS and has_zero_lock_wait(self._server):
            wait_s = 0
        row_wait_s = max(1, wait_s) if lock_timeout_ms else 50
        self.execute(f"SET SESSION lock_wait_timeout = {wait_s}, SESSION innodb_lock_wait_timeout = {row_wait_s}")
        if has_statement_time_in_seconds(self._server):
            self.execute(f"SET SESSION max_statement_time = {statement_timeout_ms / 1000:.3f}")
        else:
            self.execute(f"SET SESSION max_execution_time = {statement_timeout_ms}")
        if wait_s and 0 < lock_timeout_ms < 1000:
            self._watch_s = lock_timeout_ms / 1000
        self._longest_wait_ms = wait_s * 1000

    def cancel(self) -> None:
        """Cancel the running statement over a second connection."""
        with contextlib.suppress(pymysql.MySQLError, OSError):
            other = pymysql.connect(**self._arguments)
            try:
                with other.cursor() as cursor:
                    cursor.execute(f"KILL QUERY {self.session_id}")
            finally:
                other.close()

    def blockers(self, table: Key | None) -> tuple[Blocker, ...]:
        """Return who holds a metadata lock on the table; else who has an open transaction; empty when not told."""
        return find_holders(
            self._connection, self._server, int(self.session_id), self.target.database, table.name if table else ""
        )

    def end_session(self, session_id: str) -> bool:
        """End somebody else's session, who asked for it by name; False when the server refuses."""
        try:
            self.execute(f"KILL CONNECTION {int(session_id)}")
        except (LockgateError, ValueError):
            return False
        return True

    def orphans(self) -> tuple[Blocker, ...]:
        """Return other sessions in which a statement of ours (by its tag) still runs on this database."""
        return find_tagged(self._connection, int(self.session_id), self.target.database)

    def take_notes(self) -> tuple[str, ...]:
        """Say when the watchdog of metadata locks could not do its work."""
        problem, self._watchdog.problem = self._watchdog.problem, ""
        if not problem:
            return ()
        return (f"no second connection to watch our own lock waits ({problem}); each may hold others up for a second",)

    def acquire_lease(self, name: str) -> bool:
        """Take the advisory lock in this session without waiting (GET_LOCK); it ends with the session."""
        number, is_taken = self.query("SELECT CONNECTION_ID(), GET_LOCK(%s, 0)", (lock_name(name),))[0]
        if str(number) != self.session_id:
            raise ConnectError(
                f"{self.target.display} is behind a proxy that shares connections",
                cause="locks, limits and transactions must stay on one connection of the server",
                state="nothing was touched",
                hint="use the address of the server itself",
            )
        return bool(is_taken == 1)

    def release_lease(self, name: str) -> None:
        """Free the advisory lock."""
        self.query("SELECT RELEASE_LOCK(%s)", (lock_name(name),))

    def is_alive(self) -> bool:
        """Tell whether the connection still answers."""
        try:
            self._connection.ping(reconnect=False)
        except (pymysql.MySQLError, OSError):
            return False
        return True

    def close(self) -> None:
        """Close the connection; never raises."""
        self._watchdog.close()
        with contextlib.suppress(pymysql.MySQLError, OSError):
            self._connection.close()

    def _run(self, sql: str, call: Callable[[], T]) -> T:
        """Send a statement, guarded where its limit is below what the server can count."""
        started = time.monotonic()
        if self._watch_s:
            self._watchdog.watch(self._watch_s)
        killed_after_s, blockers = -1.0, ()  # type: tuple[float, tuple[Blocker, ...]]
        try:
            try:
                return call()
            finally:
                if self._watch_s:
                    killed_after_s, blockers = self._watchdog.release()
        except pymysql.MySQLError as error:
            waited_ms = int(killed_after_s * 1000)
            if killed_after_s < 0:
                waited_ms = min(int((time.monotonic() - started) * 1000), self._longest_wait_ms)
            names = tuple(blocker.description for blocker in blockers)
            raise statement_error(
                error, sql, waited_ms=waited_ms, blockers=names, is_given_up=killed_after_s >= 0
            ) from None


def lock_name(name: str) -> str:
    """Lock names may have 64 characters; longer ones keep their end, which tells databases apart."""
    return name[-64:]


def connect(target: Target, *, is_read_only: bool = False) -> MysqlSession:
    """Open a session; a read-only one cannot write nor run DDL, by the server's own rule.

    User, password, host, port and socket come from ``~/.my.cnf`` where the URL lacks them.

    Raises:
        ConnectError: The server cannot be reached or refuses the login.
    """
    arguments = _arguments(target)
    try:
        connection = pymysql.connect(**arguments)
    except (pymysql.MySQLError, OSError, RuntimeError, UnicodeError) as error:
        raise connect_error(error, target.display) from None
    session = MysqlSession(connection, target, arguments, is_read_only=is_read_only)
    session.execute("SET SESSION sql_quote_show_create = 1, SESSION group_concat_max_len = 1048576")
    if is_read_only:
        session.execute("SET SESSION TRANSACTION READ ONLY")
    return session


def _arguments(target: Target) -> dict[str, Any]:
    file = _option_file()
    arguments: dict[str, Any] = {
        "host": target.host or file.get("host", "127.0.0.1"),
        "port": target.port or int(file.get("port", "3306")),
        "user": target.user or file.get("user", "") or os.environ.get("USER", "root"),
        "password": target.password or file.get("password", ""),
        "database": target.database or None,
        "charset": "utf8mb4",
        "autocommit": True,
        "connect_timeout": int(target.param("connect_timeout", "10")),
    }
    socket = target.param("unix_socket") or target.param("socket")
    if not socket and target.host in ("", "localhost"):
        socket = file.get("socket", "")
    if socket:
        arguments["unix_socket"] = socket
    authority = target.param("ssl_ca") or target.param("ssl-ca")
    if authority:
        arguments["ssl"] = {"ca": authority}
    return arguments


def _option_file() -> dict[str, str]:
    """Read the ``[client]`` group of ``~/.my.cnf``; empty when there is none or it cannot be read."""
    path = Path(os.environ.get("HOME", "~")).expanduser() / ".my.cnf"
    parser = configparser.ConfigParser(allow_no_value=True, strict=False, interpolation=None)
    try:
        text = re.sub(r"^\s*!.*$", "", path.read_text(encoding="utf-8"), flags=re.M)
        parser.read_string(text)
    except (OSError, configparser.Error, UnicodeError):
        return {}
    if not parser.has_section("client"):
        return {}
    return {name: (value or "").strip("\"'") for name, value in parser.items("client")}
