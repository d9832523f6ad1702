"""Translate the driver's errors to ours; nothing of ``sqlite3`` leaves the engine."""

from __future__ import annotations

import sqlite3

from lockgate.errors import ConnectError, FailedError, LockTimeout, StatementFailed, StatementTimeout

_BUSY = ("SQLITE_BUSY", "SQLITE_LOCKED")
_NOT_A_DATABASE = ("SQLITE_NOTADB", "SQLITE_CORRUPT", "SQLITE_CANTOPEN", "SQLITE_PERM", "SQLITE_AUTH")
_HINTS = {
    "SQLITE_READONLY": "the file or its directory is read-only for this user",
    "SQLITE_FULL": "the disk is full; nothing of the step was kept",
    "SQLITE_IOERR": "the disk reported an error; check the file with PRAGMA integrity_check",
}


def error_code(error: sqlite3.Error) -> str:
    """Return SQLite's symbolic result code, such as ``SQLITE_BUSY``; empty when the driver gives none."""
    return str(getattr(error, "sqlite_errorname", "") or "")


def is_busy(error: sqlite3.Error) -> bool:
    """Tell whether another connection holds the lock."""
    return error_code(error).startswith(_BUSY)


def translate(error: sqlite3.Error, sql: str, *, waited_ms: int, is_timed_out: bool) -> FailedError:
    """Return our error for a failed statement.

    Args:
        sql: The statement; a long one is shortened.
        waited_ms: How long the statement ran or waited.
        is_timed_out: It was interrupted because its time was over.
    """
    code = error_code(error)
    where = sql if len(sql) <= 500 else sql[:500] + " …"
    if is_busy(error):
        return LockTimeout("the database is locked by another connection", where=where, waited_ms=waited_ms)
    if code == "SQLITE_INTERRUPT" and is_timed_out:
        return StatementTimeout("the statement ran longer than its limit and was stopped", where=where)
    hint = next((text for name, text in _HINTS.items() if code.startswith(name)), "")
    return StatementFailed("SQLite refused a statement", where=where, cause=str(error), code=code, hint=hint)


def translate_open(error: sqlite3.Error, path: str) -> ConnectError | LockTimeout:
    """Return our error for a database that cannot be opened."""
    if is_busy(error):
        return LockTimeout("the database is locked by another connection", where=path)
    what = (
        "the file is not an SQLite database"
        if error_code(error) == "SQLITE_NOTADB"
        else "the database cannot be opened"
    )
    return ConnectError(what, where=path, cause=str(error), state="nothing was touched")
