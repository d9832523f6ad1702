"""A private scratch: temporary files of this very library, which is the target's library too."""

from __future__ import annotations

import os
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lockgate.engine.base import ScratchOptions, Session
from lockgate.engine.sqlite.session import SqliteSession, prepare
from lockgate.engine.sqlite.tokens import literal
from lockgate.model.server import Server
from lockgate.model.target import Target


class SqliteScratch:
    """A directory of empty database files; see `lockgate.engine.base.Scratch`."""

    def __init__(self, server: Server, directory: Path) -> None:
        self.server, self.is_private = server, True
        self._directory = directory
        self._count = 0

    def create_database(self, name: str) -> Session:
        """Create an empty database with the target's encoding and return a session in it."""
        self._count += 1
        path = self._directory / f"{self._count}.db"
        connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        connection.execute(f"PRAGMA encoding={literal(self.server.setting('encoding', 'UTF-8'))}")
        for pragma in ("journal_mode=MEMORY", "synchronous=OFF"):
            connection.execute(f"PRAGMA {pragma}").fetchall()
        prepare(connection, str(path), is_read_only=False)
        connection.set_authorizer(_stay_inside)
        return SqliteSession(Target(engine="sqlite", scheme="sqlite", path=str(path)), connection)


def _stay_inside(action: int, first: str | None, second: str | None, database: str | None, source: str | None) -> int:
    """Refuse what leaves the scratch's own file: ATTACH (also by VACUUM INTO) and loading code."""
    if action == sqlite3.SQLITE_ATTACH and first:
        return sqlite3.SQLITE_DENY
    if action == sqlite3.SQLITE_FUNCTION and second in ("load_extension", "writefile", "fts3_tokenizer"):
        return sqlite3.SQLITE_DENY
    return sqlite3.SQLITE_OK


@contextmanager
def open_scratch(
    server: Server, target: Target | None = None, options: ScratchOptions | None = None
) -> Iterator[SqliteScratch]:
    """Open a scratch in the system's temporary directory; it is gone at the end.

    A shared-memory directory is preferred where the system has one, unless rows come into the scratch.
    """
    memory = "/dev/shm"
    is_small = options is None or not options.holds_rows
    parent = memory if is_small and os.path.isdir(memory) and os.access(memory, os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="lockgate-", dir=parent, ignore_cleanup_errors=True) as directory:
        yield SqliteScratch(server, Path(directory))
