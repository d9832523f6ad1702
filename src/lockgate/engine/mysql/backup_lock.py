"""Stops writers for the moment in which everybody takes the same snapshot; gives up rather than let others wait."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from lockgate.engine.base import Session
from lockgate.engine.mysql.lexer import quote_name
from lockgate.engine.mysql.server import is_mariadb
from lockgate.errors import BackupFailed, LockTimeout, StatementFailed
from lockgate.model.server import Server

_DENIED = {"1044", "1045", "1142", "1227", "1290"}
_UNKNOWN = {"1064", "1193"}


@dataclass
class Held:
    """How writers were stopped: ``words`` for people, empty when nobody could be; for how long."""

    words: str = ""
    lock_held_ms: int = 0


@contextmanager
def hold_writers(session: Session, server: Server, tables: Sequence[str], lock_ms: int) -> Iterator[Held]:
    """Keep all commits out, by the first way the user may take; without one nobody is kept out.

    The ways: MariaDB's BACKUP STAGE, or a global read lock; else read locks on the tables.

    Raises:
        BackupFailed: Others held it off for longer than ``lock_ms``.
    """
    session.set_limits(max(1, lock_ms), 0)  # 0 would be no limit
    held = Held()
    began = 0.0
    try:
        for words, take in _ways(server, tables):
            if _try_lock(session, take):
                held.words, began = words, time.monotonic()
                break
        yield held
    except LockTimeout as error:
        raise BackupFailed(
            "the moment for the backup could not be had: others held the database up",
            cause=f"{error.cause}; waited {lock_ms} ms, for everybody who writes waits meanwhile",
            state="nothing was published; all locks are given back",
            hint="repeat the command when long statements have ended, or raise [backup] lock_timeout",
        ) from None
    finally:
        if held.words:
            _release(session, server)
            held.lock_held_ms = int((time.monotonic() - began) * 1000)


def _ways(server: Server, tables: Sequence[str]) -> list[tuple[str, tuple[str, ...]]]:
    if is_mariadb(server) and server.version >= (10, 4):
        first = ("BACKUP STAGE BLOCK_COMMIT", tuple(f"BACKUP STAGE {stage}" for stage in ("START", "BLOCK_COMMIT")))
    elif is_mariadb(server):
        first = ("FLUSH TABLES WITH READ LOCK", ("FLUSH TABLES WITH READ LOCK",))
    else:
        first = ("FLUSH TABLES WITH READ LOCK", ("?LOCK INSTANCE FOR BACKUP", "FLUSH TABLES WITH READ LOCK"))
    if not tables:
        return [first]
    listed = ", ".join(f"{quote_name(table)} READ" for table in tables)
    return [first, ("LOCK TABLES … READ", (f"LOCK TABLES {listed}",))]


def _try_lock(session: Session, statements: Sequence[str]) -> bool:
    """Take locks; False when the user may not. A statement behind ``?`` may be refused."""
    for statement in statements:
        try:
            session.execute(statement.removeprefix("?"))
        except StatementFailed as error:
            if error.code not in _DENIED | _UNKNOWN:
                raise
            if not statement.startswith("?"):
                return False
    return True


def _release(session: Session, server: Server) -> None:
    session.execute("UNLOCK TABLES")
    if is_mariadb(server):
        if server.version >= (10, 4):
            _quietly(session, "BACKUP STAGE END")
    else:
        _quietly(session, "UNLOCK INSTANCE")


def _quietly(session: Session, statement: str) -> None:
    try:
        session.execute(statement)
    except StatementFailed:
        return


def begin_snapshot(session: Session) -> None:
    """Have a session see this moment from now on, and only read."""
    session.execute("SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ")
    stay_connected(session)
    session.execute("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY")


def stay_connected(session: Session) -> None:
    """Keep the server from ending a session that waits for a long dump."""
    session.execute("SET SESSION wait_timeout = 86400")
