"""What real servers tell of their sessions: who waits for us, the oldest transaction, connections."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from lockgate.engine.activity import Activity
from lockgate.engine.base import Session
from lockgate.store.lease import lease_name
from tests.execute.bench import Bench, make_bench


def look(bench: Bench) -> Activity:
    session = bench.engine.connect(bench.target, is_read_only=True)
    try:
        return bench.engine.activity(session, lease_name(bench.target))
    finally:
        session.close()


def wait_for(bench: Bench, holds: Callable[[Activity], bool]) -> Activity:
    until = time.monotonic() + 60
    while True:
        seen = look(bench)
        if holds(seen):
            return seen
        assert time.monotonic() < until, seen
        time.sleep(0.1)


def wait_until_it_waits(bench: Bench, session: Session) -> None:
    """Until a session stands in line for the table."""
    sql = f"SELECT state FROM information_schema.processlist WHERE id = {session.session_id}"
    until = time.monotonic() + 60
    while "metadata lock" not in str(bench.rows(sql)):
        assert time.monotonic() < until, bench.rows(sql)
        time.sleep(0.05)


def check_that_a_session_blocked_by_ours_is_seen(bench: Bench, theirs: str) -> None:
    """A session with our lease holds rows that another session, of somebody else, wants."""
    bench.run("CREATE TABLE part (id INT PRIMARY KEY, n INT)", "INSERT INTO part VALUES (1, 1)")
    ours, other = bench.connect(), bench.connect()
    if theirs:
        other.execute(theirs)
    assert ours.acquire_lease(lease_name(bench.target))
    ours.begin()
    ours.execute("UPDATE part SET n = 2 WHERE id = 1")
    thread = threading.Thread(target=lambda: other.execute("UPDATE part SET n = 3 WHERE id = 1"), daemon=True)
    thread.start()
    try:
        seen = wait_for(bench, lambda activity: bool(activity.blocked))
        assert seen.blocked is not None
        (waiting,) = seen.blocked
        assert waiting.session_id == other.session_id
        assert waiting.is_ours
        assert any(ours.session_id in one for one in waiting.by)
        assert "UPDATE part" in waiting.description
        assert seen.longest_s is not None
        assert seen.deadlocks is not None
        assert seen.used is not None
        assert seen.allowed is not None
        assert 2 <= seen.used <= seen.allowed
        assert seen.lags is None
        assert "replica" in seen.untold["lags"]
    finally:
        ours.rollback()
        thread.join(10)
        ours.close()
        other.close()
    wait_for(bench, lambda activity: activity.blocked == ())


def test_postgres_tells_who_waits_for_us(postgres_url: str) -> None:
    check_that_a_session_blocked_by_ours_is_seen(make_bench(postgres_url), "SET application_name = 'shop'")


def test_mysql_tells_who_waits_for_us(mysql_url: str) -> None:
    check_that_a_session_blocked_by_ours_is_seen(make_bench(mysql_url), "")


def test_mariadb_tells_who_waits_for_us(mariadb_url: str) -> None:
    check_that_a_session_blocked_by_ours_is_seen(make_bench(mariadb_url), "")


@pytest.mark.parametrize("fixture", ["mysql_url", "mariadb_url"])
def test_who_waits_for_our_change_of_a_table_is_seen(fixture: str, request: pytest.FixtureRequest) -> None:
    bench = make_bench(request.getfixturevalue(fixture))
    bench.run("CREATE TABLE part (id INT PRIMARY KEY, n INT)", "INSERT INTO part VALUES (1, 1)")
    holder, ours, other = bench.connect(), bench.connect(), bench.connect()
    assert ours.acquire_lease(lease_name(bench.target))
    holder.begin()
    holder.query("SELECT * FROM part")
    threads = [
        threading.Thread(target=lambda: ours.execute("ALTER TABLE part ADD COLUMN m INT"), daemon=True),
        threading.Thread(target=lambda: other.query("SELECT COUNT(*) FROM part"), daemon=True),
    ]
    try:
        for thread, session in zip(threads, (ours, other), strict=True):
            thread.start()
            wait_until_it_waits(bench, session)
        seen = wait_for(bench, lambda activity: bool(activity.blocked))
        assert seen.blocked is not None
        assert [(one.session_id, one.is_ours) for one in seen.blocked] == [(other.session_id, True)]
    finally:
        holder.rollback()
        for thread in threads:
            thread.join(10)
        for session in (holder, ours, other):
            session.close()


def test_sqlite_says_that_it_knows_nothing(sqlite_url: str) -> None:
    Path(sqlite_url.removeprefix("sqlite:///")).touch()
    seen = look(make_bench(sqlite_url))
    assert (seen.blocked, seen.used, seen.longest_s) == (None, None, None)
    assert "no server" in seen.untold["blocked"]
