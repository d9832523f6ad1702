"""A PostgreSQL connection that was interrupted in the middle of a statement."""

from __future__ import annotations

import time

from lockgate.engine.postgres.session import connect
from lockgate.model.target import parse_target


def test_a_rollback_in_the_middle_of_a_statement_ends_the_session_and_the_server_rolls_back(postgres_url: str) -> None:
    session, other = (connect(parse_target(postgres_url), is_read_only=False) for _ in range(2))
    session.execute("CREATE TABLE kept (id int)")
    session.begin()
    session.execute("INSERT INTO kept VALUES (1)")
    session._connection.pgconn.send_query(b"SELECT pg_sleep(60)")  # as a signal between sending and reading leaves it

    started = time.monotonic()
    session.rollback()

    assert time.monotonic() - started < 20
    alive = "SELECT count(*) FROM pg_stat_activity WHERE pid = %s"
    until = time.monotonic() + 20
    while other.query(alive, (int(session.session_id),))[0][0] and time.monotonic() < until:
        time.sleep(0.05)
    assert other.query(alive, (int(session.session_id),)) == [(0,)]
    assert other.query("SELECT count(*) FROM kept") == [(0,)]
    session.close()
    other.close()
