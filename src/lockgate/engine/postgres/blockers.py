"""Who holds what a PostgreSQL session waits for, asked over a connection of its own that is opened when it is needed.

Source: PostgreSQL manual 13–18, pg_blocking_pids (0 stands for a prepared transaction), pg_locks ("virtualtransaction"
of a prepared one is ``-1/xid``).
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any

import psycopg

from lockgate.engine.base import Blocker
from lockgate.model.schema import Key

_RELATION_KINDS = ("table", "view", "materialized_view", "sequence", "index")

_WHO = """
SELECT a.pid::text, 'pid ' || a.pid || ' ' || coalesce(a.usename, '?') || coalesce('@' || host(a.client_addr), '') ||
       coalesce(' (' || nullif(a.application_name, '') || ')', '') || ' ' || coalesce(a.state, 'unknown state'),
       extract(epoch FROM clock_timestamp() - coalesce(a.xact_start, a.state_change))::float8,
       CASE WHEN a.state LIKE 'idle in transaction%%'
            THEN extract(epoch FROM clock_timestamp() - a.state_change)::float8 ELSE -1 END,
       left(a.query, 80)
FROM pg_catalog.pg_stat_activity a
WHERE a.pid = ANY({pids}) AND a.pid <> {own} AND a.pid <> pg_catalog.pg_backend_pid()
UNION ALL
SELECT '', 'prepared transaction ' || pg_catalog.quote_literal(x.gid) || ' of ' || x.owner,
       extract(epoch FROM clock_timestamp() - x.prepared)::float8, -1, NULL
FROM pg_catalog.pg_prepared_xacts x
WHERE x.database = current_database() AND EXISTS (
    SELECT 1 FROM pg_catalog.pg_locks l WHERE l.granted AND l.locktype = 'relation'
    AND l.virtualtransaction = '-1/' || x.transaction AND l.relation = ANY({relations}))
ORDER BY 1
"""
_TAGGED = """
ARRAY(SELECT pid FROM pg_catalog.pg_stat_activity WHERE state = 'active' AND datname = current_database()
      AND query LIKE '/* lockgate:%%')"""
_BLOCKING = "pg_catalog.pg_blocking_pids({own})"
_WAITED_FOR = "ARRAY(SELECT w.relation FROM pg_catalog.pg_locks w WHERE w.pid = {own} AND NOT w.granted)"
_RELATION = """
ARRAY(SELECT c.oid FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      WHERE n.nspname = %(namespace)s AND c.relname = %(name)s)"""
_HOLDING = f"""
ARRAY(SELECT l.pid FROM pg_catalog.pg_locks l
      WHERE l.granted AND l.locktype = 'relation' AND l.relation = ANY({_RELATION})
      AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database()))"""


class Side:
    """A second connection for questions about the first; errors on it answer nothing. Safe to use from any thread."""

    def __init__(self, connect: Callable[[], psycopg.Connection[tuple[Any, ...]]], own_pid: int) -> None:
        self._connect = connect
        self._own = own_pid
        self._connection: psycopg.Connection[tuple[Any, ...]] | None = None
        self._lock = threading.Lock()

    def blockers(self, table: Key | None) -> tuple[Blocker, ...]:
        """Return who blocks the first session; with a table, who holds any lock on it."""
        if table is None or table.kind not in _RELATION_KINDS:
            text = _WHO.format(pids=_BLOCKING, relations=_WAITED_FOR, own=self._own).replace("{own}", str(self._own))
            rows = self._ask(text, {})
        else:
            text = _WHO.format(pids=_HOLDING, relations=_RELATION, own=self._own)
            rows = self._ask(text, {"namespace": table.namespace, "name": table.name})
        return tuple(
            Blocker(pid, _describe(who, age, query), float(age or 0), float(idle))
            for pid, who, age, idle, query in rows
        )

    def tagged(self) -> tuple[Blocker, ...]:
        """Return who runs a statement of ours on this database, by its tag; the first session left out."""
        text = _WHO.format(pids=_TAGGED, relations="ARRAY[]::oid[]", own=self._own)
        return tuple(Blocker(pid, _describe(who, age, query)) for pid, who, age, _, query in self._ask(text, {}))

    def close(self) -> None:
        """Close the connection; never raises."""
        with self._lock:
            self._drop()

    def _ask(self, sql: str, params: dict[str, str]) -> Sequence[tuple[Any, ...]]:
        with self._lock:
            try:
                if self._connection is None or self._connection.closed:
                    self._connection = self._connect()
                return self._connection.execute(sql.encode(), params).fetchall()
            except psycopg.Error:
                self._drop()
                return ()

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        try:
            if connection is not None:
                connection.close()
        except psycopg.Error:
            pass


def _describe(who: str, age_s: float | None, query: str | None) -> str:
    age = "" if age_s is None else f" for {age_s / 60:.0f} min" if age_s >= 120 else f" for {age_s:.0f} s"
    text = f"{who}{age}"
    return f"{text}: {' '.join(query.split())}" if query else text
