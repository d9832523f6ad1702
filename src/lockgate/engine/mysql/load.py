"""How busy a MySQL or MariaDB server is: running threads, and how far it is behind as a replica.

Source: MySQL 8.4 manual, "Server Status Variables" (Threads_running counts the asking one), SHOW REPLICA STATUS
(Seconds_Behind_Source is NULL while replication stands still); MariaDB manual, SHOW REPLICA STATUS (10.5).
"""

from __future__ import annotations

from lockgate.engine.base import LoadDialect, Session
from lockgate.engine.mysql.session import MysqlSession
from lockgate.errors import StatementFailed

_SHOW = ("SHOW REPLICA STATUS", "SHOW SLAVE STATUS")
_SECONDS = ("seconds_behind_source", "seconds_behind_master")


def load() -> LoadDialect:
    """Return how load and lag are measured; a source does not know how far its replicas are."""
    return LoadDialect(count_active=_count_active, lag_of_replicas=lambda session: (), lag_here=_lag_here)


def _count_active(session: Session) -> int:
    return max(int(session.query("SHOW GLOBAL STATUS LIKE 'Threads_running'")[0][1]) - 1, 0)


def _lag_here(session: Session) -> float | None:
    for statement in _SHOW:
        try:
            assert isinstance(session, MysqlSession)
            names, rows = session.query_named(statement)
        except StatementFailed:
            continue
        values = [value for row in rows for name, value in zip(names, row, strict=True) if name.lower() in _SECONDS]
        if not values or any(value is None for value in values):
            return None
        return max(float(value) for value in values)
    return None
