"""How busy a PostgreSQL server is: active sessions, and how far its replicas are behind.

Source: PostgreSQL manual 13–18, pg_stat_replication (replay_lag is empty when a replica has replayed all there is),
pg_last_wal_receive_lsn, pg_last_xact_replay_timestamp.
"""

from __future__ import annotations

from lockgate.engine.base import LoadDialect, Session

_ACTIVE = """
SELECT count(*) FROM pg_catalog.pg_stat_activity
WHERE state = 'active' AND backend_type = 'client backend' AND pid <> pg_catalog.pg_backend_pid()
"""
_REPLICAS = """
SELECT coalesce(nullif(application_name, ''), 'replica') || coalesce('@' || host(client_addr), ''),
       coalesce(extract(epoch FROM replay_lag), 0)::float8
FROM pg_catalog.pg_stat_replication WHERE state IN ('streaming', 'catchup')
"""
_HERE = """
SELECT CASE WHEN NOT pg_catalog.pg_is_in_recovery() THEN NULL
            WHEN NOT EXISTS (SELECT 1 FROM pg_catalog.pg_stat_wal_receiver) THEN NULL
            WHEN pg_catalog.pg_last_wal_receive_lsn() = pg_catalog.pg_last_wal_replay_lsn() THEN 0
            ELSE extract(epoch FROM clock_timestamp() - pg_catalog.pg_last_xact_replay_timestamp()) END::float8
"""


def load() -> LoadDialect:
    """Return how load and lag are measured."""
    return LoadDialect(count_active=_count_active, lag_of_replicas=_lag_of_replicas, lag_here=_lag_here)


def _count_active(session: Session) -> int:
    return int(session.query(_ACTIVE)[0][0])


def _lag_of_replicas(session: Session) -> tuple[tuple[str, float], ...]:
    return tuple((str(name), float(seconds)) for name, seconds in session.query(_REPLICAS))


def _lag_here(session: Session) -> float | None:
    value = session.query(_HERE)[0][0]
    return None if value is None else float(value)
