"""A moment of a MySQL or MariaDB database together with its exact place in the binary log."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from lockgate.engine.backup import DumpOptions, OpenSink, What
from lockgate.engine.base import Session
from lockgate.engine.mysql.session import connect
from lockgate.errors import BackupFailed, LockgateError, LockTimeout, StatementFailed
from lockgate.model.backup import BackupKind, Consistency, Position
from lockgate.model.server import Server
from lockgate.model.target import Target

KIND = "binlog"


def read_position(session: Session) -> Position:
    """Return where the log is now; unknown when none is kept or the user may not see it."""
    for statement in ("SHOW BINARY LOG STATUS", "SHOW MASTER STATUS"):
        try:
            rows = session.query(statement)
        except LockgateError:
            continue
        return position_at(session, str(rows[0][0]), int(rows[0][1])) if rows else Position()
    return Position()


def position_at(session: Session, file: str, offset: int) -> Position:
    """Return a place in the log with what tells later whether it is still the same log."""
    is_mariadb = "mariadb" in str(session.query("SELECT VERSION()")[0][0]).lower()
    sets = "@@GLOBAL.gtid_binlog_pos" if is_mariadb else "@@GLOBAL.gtid_executed"
    who = "CONCAT(@@server_id, '@', @@hostname)" if is_mariadb else "@@server_uuid"
    executed, server, now = session.query(f"SELECT {sets}, {who}, UNIX_TIMESTAMP()")[0]
    return Position(
        kind=KIND, file=file, offset=offset, set=str(executed).replace("\n", ""), server=str(server), time=int(now)
    )


@dataclass
class Moment:
    """See `lockgate.engine.backup.Snapshot`; it has nothing to dump."""

    sessions: tuple[Session, ...]
    position: Position
    taken_at: str
    lock_held_ms: int
    method: str = "binary log"
    consistency: Consistency = Consistency.SINGLE_SNAPSHOT
    roles: tuple[str, ...] = ()

    def dump(self, what: What, raw: Path, open_sink: OpenSink) -> None:
        """Nothing is dumped."""

    def check_complete(self) -> None:
        """Nothing was dumped."""


@contextmanager
def open_moment(target: Target, server: Server, options: DumpOptions, kind: BackupKind) -> Iterator[Moment]:
    """Open a session in a snapshot whose place in the log is exact.

    MariaDB tells it for the snapshot itself (Binlog_snapshot_position; manual, "START TRANSACTION WITH CONSISTENT
    SNAPSHOT"); on MySQL nothing is committed for the moment it takes.

    Raises:
        BackupFailed: The user may not keep commits out, or somebody's statement keeps the lock from us.
    """
    with closing(connect(target)) as session:
        session.execute("SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        session.execute("SET SESSION wait_timeout = 86400")
        if server.flavor == "mariadb":
            session.execute("START TRANSACTION WITH CONSISTENT SNAPSHOT")
            told = {str(name).lower(): str(value) for name, value in session.query("SHOW STATUS LIKE 'binlog_snap%'")}
            position = position_at(session, told["binlog_snapshot_file"], int(told["binlog_snapshot_position"]))
            held = 0
        else:
            position, held = _hold_commits(session, target, options)
        yield Moment((session,), position, datetime.now(UTC).isoformat(timespec="milliseconds"), held)


def _hold_commits(session: Session, target: Target, options: DumpOptions) -> tuple[Position, int]:
    with closing(connect(target)) as other:
        other.execute(f"SET SESSION lock_wait_timeout = {max(1, options.lock_ms // 1000)}")
        try:
            other.execute("FLUSH TABLES WITH READ LOCK")
        except (StatementFailed, LockTimeout) as error:
            raise BackupFailed(
                "the place in the log could not be taken",
                where=target.display,
                cause=str(error),
                state="nothing was published",
                hint="grant the user RELOAD, or wait for the statement that is in the way",
            ) from None
        began = time.monotonic()
        session.execute("START TRANSACTION WITH CONSISTENT SNAPSHOT")
        position = read_position(other)
        other.execute("UNLOCK TABLES")
        return position, int((time.monotonic() - began) * 1000)
