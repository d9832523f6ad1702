"""Who waits for whom on a MySQL or MariaDB server, the oldest transaction, connections, deadlocks and lag.

Source: MySQL 8.4 manual, performance_schema.data_lock_waits and metadata_locks, INNODB_TRX, INNODB_METRICS
(lock_deadlocks is on by default), IS_USED_LOCK; MariaDB manual, INNODB_LOCK_WAITS, METADATA_LOCK_INFO (a plugin),
Innodb_deadlocks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lockgate.engine.activity import Activity, Blocked
from lockgate.engine.base import Session
from lockgate.engine.mysql.load import load
from lockgate.engine.mysql.server import has_statement_time_in_seconds
from lockgate.engine.mysql.session import MysqlSession, lock_name
from lockgate.errors import StatementFailed

_ROWS_MARIADB = """
SELECT r.trx_mysql_thread_id, TIMESTAMPDIFF(MICROSECOND, r.trx_wait_started, NOW(6)) / 1000000, b.trx_mysql_thread_id
FROM information_schema.INNODB_LOCK_WAITS w
JOIN information_schema.INNODB_TRX r ON r.trx_id = w.requesting_trx_id
JOIN information_schema.INNODB_TRX b ON b.trx_id = w.blocking_trx_id"""
_ROWS_MYSQL = """
SELECT r.trx_mysql_thread_id, TIMESTAMPDIFF(MICROSECOND, r.trx_wait_started, NOW(6)) / 1000000, b.trx_mysql_thread_id
FROM performance_schema.data_lock_waits w
JOIN information_schema.INNODB_TRX r ON r.trx_id = w.REQUESTING_ENGINE_TRANSACTION_ID
JOIN information_schema.INNODB_TRX b ON b.trx_id = w.BLOCKING_ENGINE_TRANSACTION_ID"""
_META_MYSQL = """
SELECT wt.PROCESSLIST_ID, p.TIME, ht.PROCESSLIST_ID
FROM performance_schema.metadata_locks w JOIN performance_schema.threads wt ON wt.THREAD_ID = w.OWNER_THREAD_ID
JOIN performance_schema.metadata_locks h ON h.OBJECT_TYPE = w.OBJECT_TYPE AND h.OBJECT_SCHEMA = w.OBJECT_SCHEMA
     AND h.OBJECT_NAME = w.OBJECT_NAME AND h.OWNER_THREAD_ID <> w.OWNER_THREAD_ID
JOIN performance_schema.threads ht ON ht.THREAD_ID = h.OWNER_THREAD_ID
JOIN information_schema.PROCESSLIST p ON p.ID = wt.PROCESSLIST_ID
WHERE w.LOCK_STATUS = 'PENDING' AND w.OBJECT_TYPE = 'TABLE'"""
_META_STATES = """
SELECT ID, TIME_MS / 1000, NULL FROM information_schema.PROCESSLIST
WHERE STATE LIKE 'Waiting for %metadata lock%' AND DB = DATABASE() AND ID <> CONNECTION_ID()"""
_SESSIONS = """
SELECT ID, USER, HOST, COMMAND, STATE, LEFT(COALESCE(INFO, ''), 100), DB = DATABASE()
FROM information_schema.PROCESSLIST"""
_LONGEST = """
SELECT trx_mysql_thread_id, TIMESTAMPDIFF(SECOND, trx_started, NOW()) FROM information_schema.INNODB_TRX
WHERE trx_mysql_thread_id NOT IN (0, CONNECTION_ID()) ORDER BY trx_started"""
_STATUS = "SHOW GLOBAL STATUS WHERE Variable_name IN ('Threads_connected', 'Innodb_deadlocks')"
_DEADLOCKS_MYSQL = (
    "SELECT COUNT FROM information_schema.INNODB_METRICS WHERE NAME = 'lock_deadlocks' AND STATUS = 'enabled'"
)
_NO_RIGHT = "the user lacks the right PROCESS (and SELECT on performance_schema)"


def activity(session: Session, lease: str = "") -> Activity:
    """Look once; our sessions are that which holds the lease and those whose statements bear our tag.

    Raises:
        LockgateError: The server cannot be asked.
    """
    assert isinstance(session, MysqlSession)
    sessions = {int(row[0]): row for row in session.query(_SESSIONS)}
    ours = {number for number, row in sessions.items() if str(row[5]).startswith("/* lockgate:")}
    holder = session.query("SELECT IS_USED_LOCK(%s)", (lock_name(lease),))[0][0] if lease else None
    ours |= {int(holder)} if holder is not None else set()
    untold: dict[str, str] = {}
    blocked = _blocked(session, sessions, ours, untold)
    longest = _ask(session, _LONGEST, untold, "longest_s")
    theirs = [row for row in longest or [] if int(row[0]) not in ours]
    status = {str(name): int(value) for name, value in session.query(_STATUS)}
    lag = load().lag_here(session)
    if lag is None:
        untold["lags"] = "the server is no replica, or its replication stands still"
    return Activity(
        blocked=blocked,
        longest_s=None if longest is None else float(theirs[0][1] or 0) if theirs else 0.0,
        longest=_name(sessions, int(theirs[0][0])) if theirs else "",
        used=status.get("Threads_connected"),
        allowed=int(session.query("SELECT @@GLOBAL.max_connections")[0][0]),
        deadlocks=_deadlocks(session, status, untold),
        lags=None if lag is None else (("this server", lag),),
        untold=untold,
    )


def _blocked(
    session: MysqlSession, sessions: Mapping[int, Sequence[Any]], ours: set[int], untold: dict[str, str]
) -> tuple[Blocked, ...] | None:
    is_mariadb = has_statement_time_in_seconds(session.server)
    rows = _ask(session, _ROWS_MARIADB if is_mariadb else _ROWS_MYSQL, untold, "blocked")
    waits = _ask(session, _META_STATES if is_mariadb else _META_MYSQL, untold, "blocked")
    if rows is None or waits is None:
        return None
    found: dict[int, tuple[float, set[int]]] = {}
    could_be = set(ours) if any(str(sessions[n][3]).lower() != "sleep" for n in ours if n in sessions) else set()
    for waiting, seconds, by in (*rows, *waits):
        waited, blockers = found.setdefault(int(waiting), (0.0, set()))
        known = {int(by)} if by is not None else could_be
        found[int(waiting)] = (max(waited, float(seconds or 0)), blockers | known)
    blocked = [
        Blocked(
            str(number),
            _name(sessions, number),
            waited,
            tuple(_name(sessions, one) for one in sorted(by)),
            bool(by & ours),
        )
        for number, (waited, by) in found.items()
        if number not in ours and number in sessions and (by & ours or sessions[number][6])
    ]
    return tuple(sorted(blocked, key=lambda one: -one.waited_s)[:50])


def _ask(session: Session, sql: str, untold: dict[str, str], what: str) -> list[tuple[Any, ...]] | None:
    try:
        return session.query(sql)
    except StatementFailed as error:
        untold[what] = f"{_NO_RIGHT}: {error.cause or error}"
        return None


def _deadlocks(session: MysqlSession, status: dict[str, int], untold: dict[str, str]) -> int | None:
    if "Innodb_deadlocks" in status:
        return status["Innodb_deadlocks"]
    rows = _ask(session, _DEADLOCKS_MYSQL, untold, "deadlocks")
    if rows == []:
        untold["deadlocks"] = "the server does not count them (innodb_monitor_enable = lock_deadlocks)"
    return int(rows[0][0]) if rows else None


def _name(sessions: Mapping[int, Sequence[Any]], number: int) -> str:
    row = sessions.get(number)
    if row is None:
        return f"connection {number}"
    _, user, host, command, state, info, _ = row
    text = f"connection {number} {user}@{host} {str(command).lower()}{f', {state}' if state else ''}"
    return f"{text}: {' '.join(str(info).split())}" if info else text
