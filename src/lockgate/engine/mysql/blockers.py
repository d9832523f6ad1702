"""Who holds what a session waits for: by metadata locks where the server tells them, else who has a transaction open.

Source: MySQL 8.4 manual, performance_schema.metadata_locks (on by default from 8.0); MariaDB manual, plugin
METADATA_LOCK_INFO (not installed by default), INNODB_TRX (times in whole seconds).
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from typing import Any

import pymysql

from lockgate.engine.base import Blocker
from lockgate.engine.mysql.server import has_statement_time_in_seconds
from lockgate.model.server import Server

_AGE = "COALESCE(TIMESTAMPDIFF(SECOND, x.trx_started, NOW()), p.TIME)"
_INFO = "LEFT(COALESCE(p.INFO, ''), 120)"

_TRANSACTIONS = f"""
SELECT DISTINCT p.ID, p.USER, p.HOST, p.COMMAND, p.TIME, {_INFO}, {_AGE}
FROM information_schema.INNODB_TRX x JOIN information_schema.PROCESSLIST p ON p.ID = x.trx_mysql_thread_id
WHERE p.ID <> %s AND p.ID <> CONNECTION_ID() ORDER BY p.ID LIMIT 20"""

_TAGGED = f"""
SELECT p.ID, p.USER, p.HOST, p.COMMAND, p.TIME, {_INFO}, p.TIME FROM information_schema.PROCESSLIST p
WHERE p.ID <> %s AND p.DB = %s AND p.COMMAND <> 'Sleep' AND p.INFO LIKE '/* lockgate:%%'"""

_MARIADB_LOCKS = f"""
SELECT DISTINCT p.ID, p.USER, p.HOST, p.COMMAND, p.TIME, {_INFO}, {_AGE}
FROM information_schema.METADATA_LOCK_INFO m JOIN information_schema.PROCESSLIST p ON p.ID = m.THREAD_ID
LEFT JOIN information_schema.INNODB_TRX x ON x.trx_mysql_thread_id = p.ID
WHERE p.ID <> %s AND p.ID <> CONNECTION_ID() AND m.TABLE_SCHEMA = %s AND (%s = '' OR m.TABLE_NAME = %s)
ORDER BY p.ID LIMIT 20"""

_MYSQL_LOCKS = f"""
SELECT DISTINCT p.ID, p.USER, p.HOST, p.COMMAND, p.TIME, LEFT(COALESCE(p.INFO, s.SQL_TEXT, ''), 120), {_AGE}
FROM performance_schema.metadata_locks m JOIN performance_schema.threads t ON t.THREAD_ID = m.OWNER_THREAD_ID
JOIN performance_schema.processlist p ON p.ID = t.PROCESSLIST_ID
LEFT JOIN information_schema.INNODB_TRX x ON x.trx_mysql_thread_id = p.ID
LEFT JOIN performance_schema.events_statements_current s ON s.THREAD_ID = t.THREAD_ID AND s.NESTING_EVENT_LEVEL = 0
WHERE p.ID <> %s AND p.ID <> CONNECTION_ID() AND m.LOCK_STATUS = 'GRANTED' """

_ON_TABLE = "AND m.OBJECT_SCHEMA = %s AND (%s = '' OR m.OBJECT_NAME = %s) ORDER BY p.ID LIMIT 20"
_WAITED_FOR = """
AND (m.OBJECT_TYPE, m.OBJECT_SCHEMA, m.OBJECT_NAME) IN (
  SELECT w.OBJECT_TYPE, w.OBJECT_SCHEMA, w.OBJECT_NAME FROM performance_schema.metadata_locks w
  JOIN performance_schema.threads o ON o.THREAD_ID = w.OWNER_THREAD_ID
  WHERE o.PROCESSLIST_ID = %s AND w.LOCK_STATUS = 'PENDING')
ORDER BY p.ID LIMIT 20"""


def find_holders(connection: Any, server: Server, own_id: int, database: str, table: str) -> tuple[Blocker, ...]:
    """Return who holds a metadata lock on a table (any table: empty), else who has a transaction open."""
    mine = (own_id, database, table, table)
    if has_statement_time_in_seconds(server):
        found = _ask(connection, _MARIADB_LOCKS, mine)
    else:
        found = _ask(connection, _MYSQL_LOCKS + _ON_TABLE, mine)
    return found or _guess(connection, own_id)


def find_blockers(connection: Any, server: Server, own_id: int, database: str) -> tuple[Blocker, ...]:
    """Return who blocks the statement that connection ``own_id`` runs now, asked over another connection."""
    if has_statement_time_in_seconds(server):
        found = _ask(connection, _MARIADB_LOCKS, (own_id, database, "", ""))
    else:
        found = _ask(connection, _MYSQL_LOCKS + _WAITED_FOR, (own_id, own_id))
    return found or _guess(connection, own_id)


def find_tagged(connection: Any, own_id: int, database: str) -> tuple[Blocker, ...]:
    """Return who runs a statement of ours on this database, by its tag."""
    return _ask(connection, _TAGGED, (own_id, database))


def _guess(connection: Any, own_id: int) -> tuple[Blocker, ...]:
    """Return who has a transaction open: what it holds is not told."""
    return tuple(blocker._replace(is_sure=False) for blocker in _ask(connection, _TRANSACTIONS, (own_id,)))


def _ask(connection: Any, sql: str, params: tuple[Any, ...]) -> tuple[Blocker, ...]:
    with contextlib.suppress(pymysql.MySQLError, OSError), connection.cursor() as cursor:
        cursor.execute(sql, params)
        return tuple(_blocker(row) for row in cursor.fetchall())
    return ()


def _blocker(row: Sequence[Any]) -> Blocker:
    identifier, user, host, command, seconds, info, age = row
    is_idle = str(command).lower() == "sleep"
    doing = "idle in transaction" if is_idle else str(command).lower()
    text = f"connection {identifier} {user}@{host} {doing}, transaction open for {int(age or 0)} s"
    if info:
        text += f": {' '.join(str(info).split())}"
    return Blocker(str(identifier), text, float(age or 0), float(seconds or 0) if is_idle else -1.0)
