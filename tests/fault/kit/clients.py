"""A database as an application talks to it: one plain driver connection, and its errors in a few classes."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
import pymysql

from lockgate.model.target import parse_target

DEADLOCK, LOCKED, SCHEMA, TYPE, PLAN, CONSTRAINT, DISK, CONNECTION, OTHER = (
    "deadlock",
    "locked",
    "schema",
    "type",
    "cached plan",
    "constraint",
    "disk full",
    "connection",
    "other",
)
# SQLSTATE of PostgreSQL (manual, appendix A).
_POSTGRES = {
    "40P01": DEADLOCK,
    "40001": DEADLOCK,
    "55P03": LOCKED,
    "57014": LOCKED,
    "42P01": SCHEMA,
    "42703": SCHEMA,
    "42804": TYPE,
    "22003": TYPE,
    "0A000": PLAN,
    "53100": DISK,
    "57P01": CONNECTION,
    "57P02": CONNECTION,
    "57P03": CONNECTION,
}
# Error numbers of MySQL and MariaDB (server error message reference); 2006, 2013 and 0 are the client's.
_MYSQL = {
    1213: DEADLOCK,
    1205: LOCKED,
    1146: SCHEMA,
    1054: SCHEMA,
    1136: SCHEMA,
    1412: SCHEMA,
    1264: TYPE,
    1366: TYPE,
    1406: TYPE,
    1062: CONSTRAINT,
    1048: CONSTRAINT,
    1451: CONSTRAINT,
    1452: CONSTRAINT,
    3819: CONSTRAINT,
    4025: CONSTRAINT,
    1021: DISK,
    1114: DISK,
    1053: CONNECTION,
    2003: CONNECTION,
    2006: CONNECTION,
    2013: CONNECTION,
    0: CONNECTION,
}


@dataclass
class Failure(Exception):
    """A statement that failed: its class, whether it may have been done all the same, and the driver's words."""

    kind: str
    is_unknown: bool
    text: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.text}"


class Client:
    """One connection in autocommit; statements are written with ``?``."""

    def __init__(self, url: str, timeout_s: float = 120.0) -> None:
        """Connect.

        Raises:
            Failure: No connection was had; nothing was done.
        """
        target = parse_target(url)
        self.scheme = target.engine
        try:
            self._connection: Any = _connect(url, timeout_s)
        except (psycopg.Error, pymysql.MySQLError, sqlite3.Error, OSError) as error:
            raise Failure(CONNECTION, False, str(error)) from None

    def execute(self, sql: str, parameters: Sequence[Any] = ()) -> int:
        """Run a statement and return the number of rows it matched.

        Raises:
            Failure: It failed; `is_unknown` when the connection was lost before an answer came.
        """
        return self._cursor(sql, parameters)[0]

    def query(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Run a query and return its rows."""
        return self._cursor(sql, parameters)[1]

    def stream(self, sql: str, size: int = 20000) -> Iterator[tuple[Any, ...]]:
        """Give the rows of a query that is too big for memory, in one snapshot."""
        if self.scheme == "postgres":
            with self._connection.transaction(), self._connection.cursor(name="kit") as cursor:
                cursor.itersize = size
                yield from cursor.execute(sql)
            return
        cursor = (
            self._connection.cursor(pymysql.cursors.SSCursor) if self.scheme == "mysql" else self._connection.cursor()
        )
        try:
            cursor.execute(sql)
            while rows := cursor.fetchmany(size):
                yield from rows
        finally:
            cursor.close()

    def close(self) -> None:
        """Close it; a lost one is closed already."""
        try:
            self._connection.close()
        except (psycopg.Error, pymysql.MySQLError, sqlite3.Error, OSError):
            pass

    def _cursor(self, sql: str, parameters: Sequence[Any]) -> tuple[int, list[tuple[Any, ...]]]:
        text = sql if self.scheme == "sqlite" or not parameters else sql.replace("?", "%s")
        try:
            cursor = self._connection.cursor()
            try:
                values = tuple(parameters) if parameters else (() if self.scheme == "sqlite" else None)
                cursor.execute(text, values, **self._options(text))
                rows = cursor.fetchall() if cursor.description else []
                return int(cursor.rowcount), list(rows)
            finally:
                cursor.close()
        except (psycopg.Error, pymysql.MySQLError, sqlite3.Error, OSError) as error:
            raise _failure(error, self._is_lost()) from None

    def _options(self, text: str) -> dict[str, bool]:
        """Queries are not prepared on PostgreSQL: a prepared one fails once a column of its result changes its type.

        Source: PostgreSQL's plan cache, "cached plan must not change result type".
        """
        return {"prepare": False} if self.scheme == "postgres" and text.startswith("SELECT") else {}

    def _is_lost(self) -> bool:
        if self.scheme == "postgres":
            return bool(self._connection.closed)
        return self.scheme == "mysql" and not self._connection.open


def _connect(url: str, timeout_s: float) -> Any:
    target = parse_target(url)
    if target.engine == "sqlite":
        connection = sqlite3.connect(target.path, timeout=timeout_s, isolation_level=None, check_same_thread=False)
        connection.execute("PRAGMA foreign_keys = ON")
        return connection
    if target.engine == "postgres":
        return psycopg.connect(url, autocommit=True, connect_timeout=10)
    return pymysql.connect(
        host=target.host,
        port=target.port,
        user=target.user,
        password=target.password or "",
        database=target.database or None,
        autocommit=True,
        connect_timeout=10,
        read_timeout=timeout_s,
        charset="utf8mb4",
        client_flag=pymysql.constants.CLIENT.FOUND_ROWS,
    )


def _failure(error: Exception, is_lost: bool) -> Failure:
    text = " ".join(str(error).split())[:300]
    if isinstance(error, psycopg.Error):
        state = error.sqlstate or ""
        kind = _POSTGRES.get(state) or (CONSTRAINT if state.startswith("23") else OTHER)
    elif isinstance(error, pymysql.MySQLError):
        kind = _MYSQL.get(error.args[0] if error.args else 0, OTHER)
    elif isinstance(error, sqlite3.Error):
        return Failure(_sqlite_kind(error, text), False, text)
    else:
        kind = CONNECTION
    if is_lost or kind == CONNECTION:
        return Failure(CONNECTION, True, text)
    return Failure(kind, False, text)


def _sqlite_kind(error: sqlite3.Error, text: str) -> str:
    if isinstance(error, sqlite3.IntegrityError):
        return CONSTRAINT
    for words, kind in (("locked", LOCKED), ("no such", SCHEMA), ("has no column", SCHEMA), ("full", DISK)):
        if words in text:
            return kind
    return OTHER
