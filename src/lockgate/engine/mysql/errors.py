"""Driver errors become ours: a table of errno; nothing of the driver leaves the engine."""

from __future__ import annotations

import pymysql

from lockgate.errors import (
    ConnectError,
    ConnectionLost,
    LockgateError,
    LockTimeout,
    StatementFailed,
    StatementTimeout,
)

# Source: MySQL 8.4 error reference (server 1xxx/3xxx, client 2xxx); MariaDB error codes (19xx).
_LOCK_TIMEOUT = {1205, 3572, 1213}
_STATEMENT_TIMEOUT = {3024, 1969, 1907}
_INTERRUPTED = {1317}
_LOST = {2006, 2013, 2055, 1053, 1927, 4031, 1077, 1079}
_HINTS = {
    1044: "grant the user the rights on this database",
    1045: "check user and password (URL, ~/.my.cnf)",
    1049: "create the database, or correct its name in the URL",
    2002: "is the server running, and host and port right?",
    2003: "is the server running, and host and port right?",
    2005: "check the host's name",
    1040: "the server has no free connections",
    1129: "the server blocks this host; FLUSH HOSTS frees it",
    1130: "the server does not accept this host",
    1142: "grant the user the missing right",
    1227: "the user lacks a privilege the statement needs",
    1290: "the server is read-only or restricted",
    1836: "the server is read-only",
}


def errno_of(error: pymysql.MySQLError) -> int:
    """Return the error's number, 0 when it has none."""
    first = error.args[0] if error.args else 0
    return first if isinstance(first, int) else 0


def text_of(error: pymysql.MySQLError) -> str:
    """Return the server's words without the number."""
    if len(error.args) > 1:
        return str(error.args[1])
    return str(error) or type(error).__name__


def connect_error(error: Exception, display: str) -> ConnectError:
    """Translate what went wrong while connecting; the password is in none of it."""
    code = errno_of(error) if isinstance(error, pymysql.MySQLError) else 0
    cause = text_of(error) if isinstance(error, pymysql.MySQLError) else str(error)
    return ConnectError(
        f"cannot connect to {display}", cause=cause, state="nothing was touched", hint=_HINTS.get(code, "")
    )


def statement_error(
    error: pymysql.MySQLError,
    sql: str,
    *,
    waited_ms: int = 0,
    blockers: tuple[str, ...] = (),
    is_given_up: bool = False,
) -> LockgateError:
    """Translate the error of one statement.

    Args:
        waited_ms: How long it waited, or ran.
        blockers: Who was seen holding the lock.
        is_given_up: We cancelled it ourselves because it had waited long enough.
    """
    code, cause, where = errno_of(error), text_of(error), _short(sql)
    if code in _LOCK_TIMEOUT or (code in _INTERRUPTED and is_given_up):
        what = "a deadlock ended the statement" if code == 1213 else "a lock was not had in time"
        return LockTimeout(what, where=where, waited_ms=waited_ms, blockers=blockers)
    if code in _STATEMENT_TIMEOUT:
        return StatementTimeout("a statement ran longer than its limit", where=where, cause=cause)
    if code in _INTERRUPTED:
        return StatementTimeout("a statement was cancelled", where=where, cause=cause)
    if code in _LOST or isinstance(error, pymysql.err.InterfaceError):
        return ConnectionLost("the connection to the server broke", where=where, cause=cause)
    return StatementFailed(
        "the server refused a statement", where=where, cause=cause, code=str(code), hint=_HINTS.get(code, "")
    )


def _short(sql: str, limit: int = 400) -> str:
    flat = " ".join(sql.split())
    return flat if len(flat) <= limit else flat[: limit - 1] + "…"
