"""Translate psycopg's errors to Lockgate's, by SQLSTATE; a password never reaches a message."""

from __future__ import annotations

import psycopg

from lockgate.errors import (
    ConnectError,
    ConnectionLost,
    Interrupted,
    LockgateError,
    LockTimeout,
    StatementFailed,
    StatementTimeout,
)
from lockgate.model.target import Target

_LOCK_NOT_AVAILABLE = "55P03"
_QUERY_CANCELED = "57014"
_LOST_CLASSES = ("08",)
_LOST_CODES = ("57P01", "57P02", "57P03", "57P05", "25P03", "25P04")
_CONNECT_CAUSES = (
    (("password authentication failed", "no password supplied", "fe_sendauth"), "the server refuses the login",
     "check user and password; a password may stand in PGPASSFILE or ~/.pgpass instead of the URL"),
    (("role ", "is not permitted to log in"), "the server refuses the login", "check the user name"),
    (("pg_hba.conf",), "the server refuses this host, user or database", "ask for an entry in pg_hba.conf"),
    (("database ",), "the database is not there or does not admit connections", "check the database name"),
    (("could not translate host name", "Name or service not known", "failed to resolve"), "the host name is unknown",
     "check the host in the URL"),
    (("Connection refused", "timeout", "No route", "unreachable"), "the server cannot be reached",
     "check host and port, and that the server runs"),
    (("too many clients", "remaining connection slots"), "the server has no free connection", "try again later"),
)  # fmt: skip


def shorten(statement: str, limit: int = 300) -> str:
    """Return a statement on one line, cut for a message."""
    text = " ".join(statement.split())
    return text if len(text) <= limit else text[: limit - 1] + "…"


def translate_error(
    error: psycopg.Error, statement: str, *, is_cancelled: bool, waited_ms: int, blockers: tuple[str, ...]
) -> LockgateError:
    """Return our error for a driver's.

    Args:
        error: What psycopg raised while ``statement`` ran.
        statement: For the message.
        is_cancelled: We asked for the cancel ourselves.
        waited_ms: How long the statement ran.
        blockers: Who was seen holding the lock.
    """
    code, where = error.sqlstate or "", shorten(statement)
    cause = _primary(error)
    if code == _LOCK_NOT_AVAILABLE:
        return LockTimeout("a lock was not had in time", where=where, waited_ms=waited_ms, blockers=blockers)
    if code == _QUERY_CANCELED and is_cancelled:
        return Interrupted("a statement was cancelled on request", where=where)
    if code == _QUERY_CANCELED:
        return StatementTimeout("a statement ran longer than its limit and was cancelled", where=where, cause=cause)
    is_lost = not code and isinstance(error, psycopg.OperationalError)
    if is_lost or code[:2] in _LOST_CLASSES or code in _LOST_CODES:
        return ConnectionLost("the connection to the server broke", where=where, cause=cause)
    return StatementFailed("the server refused a statement", where=where, cause=cause, code=code)


def translate_connect_error(error: psycopg.Error, target: Target) -> ConnectError:
    """Return a ConnectError that says why a connection could not be made."""
    text = _without_password(" ".join(str(error).split()), target)
    what, hint = "the connection failed", ""
    for marks, meaning, advice in _CONNECT_CAUSES:
        if any(mark in text for mark in marks):
            what, hint = meaning, advice
            break
    return ConnectError(f"{what} ({target.display})", cause=text, state="nothing was touched", hint=hint)


def _primary(error: psycopg.Error) -> str:
    parts = [error.diag.message_primary or " ".join(str(error).split())]
    if error.diag.message_detail:
        parts.append(error.diag.message_detail)
    if error.diag.message_hint:
        parts.append(error.diag.message_hint)
    text = " — ".join(parts)
    return f"{text} (SQLSTATE {error.sqlstate})" if error.sqlstate else text


def _without_password(text: str, target: Target) -> str:
    for secret in (target.password, target.param("password")):
        if secret:
            text = text.replace(secret, "***")
    return text
