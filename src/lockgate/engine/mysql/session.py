"""One connection: statements under their limits, the lease, and who blocks whom; it must never show a password."""

from __future__ import annotations

import configparser
import contextlib
import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pymysql
import pymysql.cursors

from lockgate.engine.base import Blocker
from lockgate.engine.mysql.errors import connect_error, statement_error
from lockgate.engine.mysql.server import has_statement_time_in_seconds, has_zero_lock_wait, parse_version
from lockgate.model.schema import Key
from lockgate.model.server import Server
from lockgate.model.target import Target

_LOST_WAIT_S = 31_536_000


class MysqlSession:
    """A session on MySQL or MariaDB. Autocommit; not thread-safe, but for ``cancel``."""

    def __init__(self, connection: Any, target: Target, arguments: dict[str, Any], *, is_read_only: bool) -> None:
        self.target = target
        self._connection = connection
        self._arguments = arguments
        self._is_read_only = is_read_only
        text = str(connection.get_server_info())
        flavor = "mariadb" if "mariadb" in text.lower() else "mysql"
        self._server = Server(engine="mysql", flavor=flavor, version=parse_version(text), version_text=text)

    @property
    def session_id(self) -> str:
        """The server's connection id."""
        return str(self._connection.thread_id())

    @property
    def server(self) -> Server:
        """Flavor and version, as the server's greeting says."""
        return self._server

    def query(self, sql: str, params: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Run one statement with ``%s`` placeholders and return its rows."""
        try:
            with self._connection.cursor() as cursor:
                cursor.execute(sql, tuple(params) if params else None)
                return list(cursor.fetchall() or ())
        except pymysql.MySQLError as error:
            raise statement_error(error, sql) from None

    def execute(self, sql: str) -> int:
        """Send one statement exactly as it is; return the number of rows it changed."""
        try:
            with self._connection.cursor() as cursor:
                return int(cursor.execute(sql))
        except pymysql.MySQLError as error:
            raise statement_error(error, sql) from None

    def scan(self, sql: str) -> Iterator[tuple[Any, ...]]:
        """Yield a query's rows as the server sends them, for whole tables; nothing else runs until the last one."""
        try:
            with self._connection.cursor(pymysql.cursors.SSCursor) as cursor:
                cursor.execute(sql)
                yield from cursor
        except pymysql.MySQLError as error:
            raise statement_error(error, sql) from None

    def begin(self) -> None:
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

        MySQL counts lock waits in whole seconds, at least one; a limit above 0 is rounded up. MySQL limits only
        SELECT by time (manual, max_execution_time).
        """
        wait_s = max(1, -(-lock_timeout_ms // 1000)) if lock_timeout_ms else _LOST_WAIT_S
        if lock_timeout_ms and lock_timeout_ms < 1000 and has_zero_lock_wait(self._server):
            wait_s = 0
        row_wait_s = max(1, wait_s) if lock_timeout_ms else 50
        self.execute(f"SET SESSION lock_wait_timeout = {wait_s}, SESSION innodb_lock_wait_timeout = {row_wait_s}")
        if has_statement_time_in_seconds(self._server):
            self.execute(f"SET SESSION max_statement_time = {statement_timeout_ms / 1000:.3f}")
        else:
            self.execute(f"SET SESSION max_execution_time = {statement_timeout_ms}")

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
        name = table.name if table else ""
        for sql, params in self._blocker_queries(name):
            with contextlib.suppress(pymysql.MySQLError):
                with self._connection.cursor() as cursor:
                    cursor.execute(sql, params)
                    rows = cursor.fetchall()
                if rows:
                    return tuple(Blocker(str(row[0]), _describe(row)) for row in rows)
        return ()

    def _blocker_queries(self, name: str) -> tuple[tuple[str, tuple[Any, ...]], ...]:
        columns = "p.ID, p.USER, p.HOST, p.COMMAND, p.TIME, LEFT(COALESCE(p.INFO, ''), 120)"
        transactions = (
            f"SELECT DISTINCT {columns} FROM information_schema.INNODB_TRX x"
            " JOIN information_schema.PROCESSLIST p ON p.ID = x.trx_mysql_thread_id"
            " WHERE p.ID <> CONNECTION_ID() ORDER BY p.ID LIMIT 20"
        )
        mine = (self.target.database, name, name)
        if has_statement_time_in_seconds(self._server):
            locks = (
                f"SELECT DISTINCT {columns} FROM information_schema.METADATA_LOCK_INFO m"
                " JOIN information_schema.PROCESSLIST p ON p.ID = m.THREAD_ID"
                " WHERE m.TABLE_SCHEMA = %s AND (%s = '' OR m.TABLE_NAME = %s) AND p.ID <> CONNECTION_ID()"
                " ORDER BY p.ID LIMIT 20"
            )
        else:
            locks = (
                f"SELECT DISTINCT {columns} FROM performance_schema.metadata_locks m"
                " JOIN performance_schema.threads t ON t.THREAD_ID = m.OWNER_THREAD_ID"
                " JOIN performance_schema.processlist p ON p.ID = t.PROCESSLIST_ID"
                " WHERE m.OBJECT_SCHEMA = %s AND (%s = '' OR m.OBJECT_NAME = %s) AND m.LOCK_STATUS = 'GRANTED'"
                " AND p.ID <> CONNECTION_ID() ORDER BY p.ID LIMIT 20"
            )
        return (locks, mine), (transactions, ())

    def acquire_lease(self, name: str) -> bool:
        """Take the advisory lock in this session without waiting (GET_LOCK); it ends with the session."""
        return bool(self.query("SELECT GET_LOCK(%s, 0)", (_lock_name(name),))[0][0] == 1)

    def release_lease(self, name: str) -> None:
        """Free the advisory lock."""
        self.query("SELECT RELEASE_LOCK(%s)", (_lock_name(name),))

    def is_alive(self) -> bool:
        """Tell whether the connection still answers."""
        try:
            self._connection.ping(reconnect=False)
        except (pymysql.MySQLError, OSError):
            return False
        return True

    def close(self) -> None:
        """Close the connection; never raises."""
        with contextlib.suppress(pymysql.MySQLError, OSError):
            self._connection.close()


def _lock_name(name: str) -> str:
    """Lock names may have 64 characters; longer ones keep their end, which tells databases apart."""
    return name[-64:]


def _describe(row: Sequence[Any]) -> str:
    identifier, user, host, command, seconds, info = row
    text = f"connection {identifier} {user}@{host} {str(command).lower()} for {seconds} s"
    return f"{text}: {' '.join(str(info).split())}" if info else text


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
