"""One connection to an SQLite file; it never creates a missing file and never lets a cascade fire in a step."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote as url_quote

from lockgate.engine.base import Blocker
from lockgate.engine.sqlite import foreign_keys, lease
from lockgate.engine.sqlite.errors import translate, translate_open
from lockgate.errors import ConnectError, InputError, StatementFailed
from lockgate.model.schema import Key
from lockgate.model.target import Target

_DEFAULT_LOCK_MS = 5000
_PROGRESS_STEPS = 10_000


class SqliteSession:
    """A session; see `lockgate.engine.base.Session`. Statements outside ``begin`` commit by themselves."""

    def __init__(self, target: Target, connection: sqlite3.Connection) -> None:
        self.target = target
        self.tag = ""
        self._connection = connection
        self._statement_ms = 0
        self._lock_ms = _DEFAULT_LOCK_MS
        self._deadline = 0.0
        self._leases: dict[str, lease.Lease] = {}
        self._watch: foreign_keys.Watch | None = None
        self._is_catalog_open = False

    @property
    def session_id(self) -> str:
        """The process and the connection in it; SQLite itself numbers no connections."""
        return f"{os.getpid()}-{id(self._connection):x}"

    def query(self, sql: str, params: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Run one statement with ``%s`` placeholders; return its rows."""
        if params:
            sql = _question_marks(sql)
        cursor = self._run(sql, params)
        with self._translated(sql):
            return cursor.fetchall()

    def execute(self, sql: str) -> int:
        """Send one statement exactly as it is; return the number of rows it changed."""
        if self._watch is not None:
            self._watch.look_before(self, sql)
        self._is_catalog_open = self._is_catalog_open or sql.startswith("PRAGMA writable_schema")
        cursor = self._run(sql, ())
        if cursor.description is not None:
            with self._translated(sql):
                cursor.fetchall()
        return max(cursor.rowcount, 0)

    def scan(self, sql: str) -> Iterator[tuple[Any, ...]]:
        """Yield a query's rows one by one, text that is not UTF-8 told apart; for whole tables."""
        cursor = self._run(sql, ())
        self._connection.text_factory = _read_exactly
        try:
            with self._translated(sql):
                yield from cursor
        finally:
            self._connection.text_factory = _read_text

    def begin(self, *, is_chunk: bool = False) -> None:
        """BEGIN IMMEDIATE; for a step foreign keys are off, and what its statements do to references is watched."""
        if is_chunk:
            self._run("BEGIN IMMEDIATE", ())
            return
        self._run("PRAGMA foreign_keys=OFF", ())
        try:
            self._run("BEGIN IMMEDIATE", ())
            self._watch = foreign_keys.Watch()
        except BaseException:
            self.rollback()
            raise

    def commit(self) -> None:
        """Refuse when a reference that held before is broken now; else commit. Foreign keys are on afterwards."""
        if self._watch is not None and self._connection.in_transaction:
            worse = self._watch.find_worse(self)
            if worse:
                raise StatementFailed(
                    "the step would leave rows without their parent row",
                    where="PRAGMA foreign_key_check",
                    cause="; ".join(worse),
                    code="SQLITE_CONSTRAINT_FOREIGNKEY",
                )
        if self._connection.in_transaction:
            self._run("COMMIT", ())
        self._after_transaction()

    def rollback(self) -> None:
        """Roll the open transaction back; nothing when none is open."""
        if self._connection.in_transaction:
            self._run("ROLLBACK", ())
        self._after_transaction()

    def _after_transaction(self) -> None:
        self._watch = None
        if self._is_catalog_open:
            # What this connection knows of the schema may be what was rolled back.
            self._is_catalog_open = False
            self._run("PRAGMA writable_schema=RESET", ())
        self._run("PRAGMA legacy_alter_table=OFF", ())
        self._run("PRAGMA ignore_check_constraints=OFF", ())
        self._run("PRAGMA foreign_keys=ON", ())

    def set_limits(self, lock_timeout_ms: int, statement_timeout_ms: int) -> None:
        """Set the busy timeout and the statement limit; 0 means no limit (a day for the lock)."""
        self._lock_ms = lock_timeout_ms or 86_400_000
        self._statement_ms = statement_timeout_ms
        self._run(f"PRAGMA busy_timeout={self._lock_ms}", ())

    def cancel(self) -> None:
        """Interrupt the running statement; callable from another thread."""
        self._connection.interrupt()

    def blockers(self, table: Key | None) -> tuple[Blocker, ...]:
        """Return nothing: SQLite does not tell who holds the file's lock."""
        return ()

    def end_session(self, session_id: str) -> bool:
        """Return False: another process's connection cannot be ended."""
        return False

    def orphans(self) -> tuple[Blocker, ...]:
        """Return nothing: a statement ends with its process."""
        return ()

    def take_notes(self) -> tuple[str, ...]:
        """Return nothing."""
        return ()

    def acquire_lease(self, name: str) -> bool:
        """Take the side-car file's lock without waiting; False when another process or session holds it."""
        if name in self._leases:
            return True
        held = lease.take(self.target.path, name)
        if held is None:
            return False
        self._leases[name] = held
        return True

    def release_lease(self, name: str) -> None:
        """Free the lock."""
        held = self._leases.pop(name, None)
        if held is not None:
            held.free()

    def is_alive(self) -> bool:
        """Tell whether the connection still answers."""
        try:
            self._connection.execute("SELECT 1").fetchall()
        except sqlite3.Error:
            return False
        return True

    def close(self) -> None:
        """Close the connection and free its leases; never raises."""
        for name in list(self._leases):
            self.release_lease(name)
        try:
            self._connection.close()
        except sqlite3.Error:
            pass

    @contextmanager
    def set_aside(self) -> Iterator[None]:
        """Close the connection while the block runs and open it again afterwards; the leases stay."""
        self._connection.close()
        try:
            yield
        finally:
            self._connection = open_file(self.target.path, is_read_only=False)

    def _run(self, sql: str, params: Sequence[Any]) -> sqlite3.Cursor:
        self._deadline = time.monotonic() + self._statement_ms / 1000 if self._statement_ms else 0.0
        with self._translated(sql):
            # The file may be gone for good after it was set aside: a closed connection refuses this too.
            self._connection.set_progress_handler(self._is_over if self._statement_ms else None, _PROGRESS_STEPS)
            return self._connection.execute(sql, tuple(params))

    @contextmanager
    def _translated(self, sql: str) -> Iterator[None]:
        """Turn the driver's errors into ours; a query runs while its rows are read, not only where it begins."""
        started = time.monotonic()
        try:
            yield
        except sqlite3.Error as error:
            waited_ms = int((time.monotonic() - started) * 1000)
            raise translate(error, sql, waited_ms=waited_ms, is_timed_out=self._is_over() == 1) from None

    def _is_over(self) -> int:
        return 1 if self._deadline and time.monotonic() > self._deadline else 0


def _question_marks(sql: str) -> str:
    return sql.replace("%%", "\0").replace("%s", "?").replace("\0", "%")


def connect(target: Target, *, is_read_only: bool = False) -> SqliteSession:
    """Open a database file that exists.

    Raises:
        InputError: The target names no file, or memory.
        ConnectError: The file does not exist, is a directory, not readable, or not a database.
        LockTimeout: Another connection holds it exclusively.
    """
    path = target.path
    if not path or path == ":memory:" or path.startswith("file:"):
        raise InputError(
            "a database in memory cannot be a target",
            where=target.display,
            cause="it is empty at the start and gone at the end of this process",
            state="nothing was touched",
            hint="use a file: sqlite:///app.db",
        )
    file = Path(path)
    try:
        is_there = file.exists()
    except OSError as error:
        raise ConnectError(
            "the database file cannot be looked at",
            where=path,
            cause=error.strerror or str(error),
            state="nothing was touched",
            hint="correct the rights of its folder",
        ) from None
    if not is_there:
        raise ConnectError(
            "the database file does not exist",
            where=path,
            state="nothing was touched",
            hint="create an empty database first (an empty file is one), or correct the path",
        )
    if file.is_dir():
        raise ConnectError("the path is a directory, not a database file", where=path, state="nothing was touched")
    return SqliteSession(target, open_file(path, is_read_only=is_read_only))


def open_file(path: str, *, is_read_only: bool) -> sqlite3.Connection:
    """Open a file through a URI that never creates it, and read its first page to know that it is a database."""
    mode = "ro" if is_read_only else "rw"
    uri = f"file:{url_quote(os.path.abspath(path))}?mode={mode}"
    try:
        connection = sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False)
    except sqlite3.Error as error:
        raise translate_open(error, path) from None
    return prepare(connection, path, is_read_only=is_read_only)


def prepare(connection: sqlite3.Connection, path: str, *, is_read_only: bool) -> sqlite3.Connection:
    """Set a new connection up: limits, foreign keys on, text that is not UTF-8 kept readable."""
    connection.text_factory = _read_text
    try:
        connection.execute(f"PRAGMA busy_timeout={_DEFAULT_LOCK_MS}")
        connection.execute("SELECT count(*) FROM sqlite_schema").fetchall()
        connection.execute("PRAGMA foreign_keys=ON")
        if is_read_only:
            connection.execute("PRAGMA query_only=ON")
    except sqlite3.Error as error:
        connection.close()
        raise translate_open(error, path) from None
    return connection


def _read_exactly(data: bytes) -> str:
    return data.decode("utf-8", errors="surrogateescape")


def _read_text(data: bytes) -> str:
    return data.decode("utf-8", errors="replace")
