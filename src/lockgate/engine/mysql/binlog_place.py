"""Where the binary log of MySQL or MariaDB is."""

from __future__ import annotations

from lockgate.engine.base import Session
from lockgate.errors import LockgateError
from lockgate.model.backup import Position

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
