"""Who waits for whom on a PostgreSQL server, the oldest transaction, connections, deadlocks and lag.

Source: PostgreSQL manual 13–18, pg_stat_activity (states and texts of other users are empty without pg_read_all_stats),
pg_blocking_pids, pg_stat_database.deadlocks, pg_stat_wal_receiver.
"""

from __future__ import annotations

from lockgate.engine.activity import Activity, Blocked
from lockgate.engine.base import Session
from lockgate.engine.postgres.load import load

_WHO = """'pid ' || {a}.pid || ' ' || coalesce({a}.usename, '?') || coalesce('@' || host({a}.client_addr), '') ||
       coalesce(' (' || nullif({a}.application_name, '') || ')', '') || ' ' || coalesce({a}.state, 'unknown state') ||
       coalesce(': ' || left(regexp_replace({a}.query, '\\s+', ' ', 'g'), 100), '')"""
_OURS = "({a}.application_name = 'lockgate' OR {a}.query LIKE '/* lockgate:%')"
_SEEN = """
SELECT current_setting('is_superuser') = 'on' OR pg_catalog.pg_has_role(current_user, 'pg_read_all_stats', 'USAGE')
       OR NOT EXISTS (SELECT 1 FROM pg_catalog.pg_stat_activity a WHERE a.datname = current_database()
                      AND a.usename <> current_user AND a.backend_type = 'client backend')
"""
_BLOCKED = f"""
SELECT a.pid::text, {_WHO.format(a="a")}, extract(epoch FROM clock_timestamp() - coalesce(
           (SELECT min((to_jsonb(l) ->> 'waitstart')::timestamptz) FROM pg_catalog.pg_locks l
            WHERE l.pid = a.pid AND NOT l.granted), a.query_start))::float8,
       ARRAY(SELECT {_WHO.format(a="b")} FROM pg_catalog.pg_stat_activity b
             WHERE b.pid = ANY(pg_catalog.pg_blocking_pids(a.pid)) ORDER BY b.pid),
       EXISTS (SELECT 1 FROM pg_catalog.pg_stat_activity b
               WHERE b.pid = ANY(pg_catalog.pg_blocking_pids(a.pid)) AND {_OURS.format(a="b")})
FROM pg_catalog.pg_stat_activity a
WHERE a.wait_event_type = 'Lock' AND a.datname = current_database() AND a.pid <> pg_catalog.pg_backend_pid()
AND NOT {_OURS.format(a="a")} ORDER BY 3 DESC LIMIT 50
"""
_LONGEST = f"""
SELECT extract(epoch FROM clock_timestamp() - a.xact_start)::float8, {_WHO.format(a="a")}
FROM pg_catalog.pg_stat_activity a
WHERE a.xact_start IS NOT NULL AND a.backend_type = 'client backend' AND a.datname = current_database()
AND a.pid <> pg_catalog.pg_backend_pid() AND NOT {_OURS.format(a="a")} ORDER BY a.xact_start LIMIT 1
"""
_COUNTS = """
SELECT (SELECT count(*) FROM pg_catalog.pg_stat_activity WHERE backend_type = 'client backend'),
       current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int,
       (SELECT deadlocks FROM pg_catalog.pg_stat_database WHERE datname = current_database())
"""
_IS_REPLICA = """
SELECT pg_catalog.pg_is_in_recovery() OR EXISTS (SELECT 1 FROM pg_catalog.pg_stat_replication)
"""
_HIDDEN = "sessions of other users are hidden from this one: GRANT pg_read_all_stats TO it"


def activity(session: Session, lease: str = "") -> Activity:
    """Look once; our sessions are known by their application name and the tag of their statements.

    Raises:
        LockgateError: The server cannot be asked.
    """
    is_seen = bool(session.query(_SEEN)[0][0])
    blocked = tuple(
        Blocked(str(pid), str(who), float(waited or 0.0), tuple(map(str, by)), bool(is_ours))
        for pid, who, waited, by, is_ours in session.query(_BLOCKED)
    )
    longest = session.query(_LONGEST)
    used, allowed, deadlocks = session.query(_COUNTS)[0]
    lags, why = _lags(session)
    untold = {} if is_seen else dict.fromkeys(("blocked", "longest_s"), _HIDDEN)
    return Activity(
        blocked=blocked if is_seen else None,
        longest_s=(float(longest[0][0]) if longest else 0.0) if is_seen else None,
        longest=str(longest[0][1]) if longest else "",
        used=int(used),
        allowed=int(allowed),
        deadlocks=int(deadlocks),
        lags=lags,
        untold=untold if lags is not None else {**untold, "lags": why},
    )


def _lags(session: Session) -> tuple[tuple[tuple[str, float], ...] | None, str]:
    if not session.query(_IS_REPLICA)[0][0]:
        return None, "the server has no replicas and is none"
    here = load().lag_here(session)
    lags = load().lag_of_replicas(session)
    if here is not None:
        lags += (("this server", here),)
    return (lags, "") if lags else (None, "replication stands still")
