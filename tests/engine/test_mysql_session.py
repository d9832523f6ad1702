"""Sessions on MySQL and MariaDB: limits, the lease, cancelling, blockers, read-only, and errors in our words."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from lockgate.engine.mysql.server import identify
from lockgate.engine.mysql.session import MysqlSession, connect
from lockgate.errors import ConnectError, ConnectionLost, LockTimeout, StatementFailed, StatementTimeout
from lockgate.model.schema import Key
from lockgate.model.target import Target, parse_target


@pytest.fixture(params=["mysql_url", "mariadb_url"])
def target(request: pytest.FixtureRequest) -> Target:
    return parse_target(request.getfixturevalue(request.param))


@pytest.fixture
def session(target: Target) -> Iterator[MysqlSession]:
    opened = connect(target)
    yield opened
    opened.close()


def test_percent_signs_are_sent_as_they_are(session: MysqlSession) -> None:
    session.execute("CREATE TABLE t (a varchar(20) DEFAULT '%s 100%')")
    session.execute("INSERT INTO t VALUES (DEFAULT)")
    assert session.query("SELECT a FROM t WHERE a LIKE '%s%'") == [("%s 100%",)]
    assert session.query("SELECT %s, 'x%%'", ("y",)) == [("y", "x%")]


@pytest.mark.parametrize(
    "statement", ["INSERT INTO t VALUES (2)", "CREATE TABLE u (a int)", "DROP TABLE t", "ALTER TABLE t ADD b int"]
)
def test_a_read_only_session_can_change_nothing(target: Target, session: MysqlSession, statement: str) -> None:
    session.execute("CREATE TABLE t (a int)")
    reader = connect(target, is_read_only=True)
    with pytest.raises(StatementFailed):
        reader.execute(statement)
    assert reader.query("SELECT COUNT(*) FROM t") == [(0,)]
    reader.close()


def test_a_lease_is_held_by_one_session_and_ends_with_it(target: Target, session: MysqlSession) -> None:
    other = connect(target)
    name = f"lockgate:{target.database}:" + "x" * 80
    assert session.acquire_lease(name)
    assert not other.acquire_lease(name)
    session.close()
    deadline = time.monotonic() + 30
    while not other.acquire_lease(name):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    other.release_lease(name)
    other.close()


def test_a_lock_that_is_not_had_names_its_holder(target: Target, session: MysqlSession) -> None:
    session.execute("CREATE TABLE t (a int)")
    holder = connect(target)
    holder.begin()
    holder.query("SELECT * FROM t")
    session.set_limits(300, 0)
    started = time.monotonic()
    with pytest.raises(LockTimeout):
        session.execute("ALTER TABLE t ADD COLUMN b int")
    assert time.monotonic() - started < 30
    assert holder.session_id in {blocker.session_id for blocker in session.blockers(Key("table", "", "t"))}
    holder.rollback()
    holder.close()
    session.execute("ALTER TABLE t ADD COLUMN b int")


def test_a_statement_can_be_cancelled_from_another_thread(target: Target, session: MysqlSession) -> None:
    other = connect(target)
    seen = (
        f"SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE ID = {session.session_id} AND INFO LIKE '%SLEEP%'"
    )

    def cancel() -> None:
        deadline = time.monotonic() + 60
        while other.query(seen) == [(0,)] and time.monotonic() < deadline:
            time.sleep(0.02)
        session.cancel()

    thread = threading.Thread(target=cancel)
    thread.start()
    started = time.monotonic()
    try:
        slept = session.query("SELECT SLEEP(120)")
    except StatementTimeout:
        slept = [(1,)]
    assert slept == [(1,)]
    assert time.monotonic() - started < 60
    thread.join()
    assert session.is_alive()
    other.close()


def test_a_select_beyond_its_limit_is_ended(session: MysqlSession) -> None:
    session.set_limits(1000, 200)
    started = time.monotonic()
    with contextlib.suppress(StatementTimeout):
        session.query("SELECT SLEEP(60)")
    assert time.monotonic() - started < 30


def test_a_password_is_in_no_message(target: Target) -> None:
    wrong = parse_target(f"mysql://nobody:s3cret-pw@{target.host}:{target.port}/{target.database}")
    with pytest.raises(ConnectError) as caught:
        connect(wrong)
    assert "s3cret-pw" not in repr(caught.value) + str(caught.value) + caught.value.hint


def test_an_unknown_database_is_a_connect_error(target: Target) -> None:
    with pytest.raises(ConnectError):
        connect(target.with_database("lockgate_no_such_database"))


def test_user_and_password_come_from_the_option_file_when_the_url_lacks_them(
    target: Target, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".my.cnf").write_text('[client]\nuser = "filed"\npassword = "from-file"\n')
    monkeypatch.setenv("HOME", str(tmp_path))
    bare = parse_target(f"mysql://{target.host}:{target.port}/{target.database}")
    with pytest.raises(ConnectError) as caught:
        connect(bare)
    assert "filed" in caught.value.cause and "from-file" not in str(caught.value)


def test_errors_of_the_driver_do_not_leave_the_engine(session: MysqlSession) -> None:
    with pytest.raises(StatementFailed) as caught:
        session.execute("SELEC 1")
    assert caught.value.code == "1064"


def test_a_killed_connection_is_told_as_lost(target: Target, session: MysqlSession) -> None:
    other = connect(target)
    other.execute(f"KILL {session.session_id}")
    with pytest.raises(ConnectionLost):
        session.query("SELECT 1")
    assert not session.is_alive()
    session.close()
    other.close()


def test_the_server_is_told_apart(session: MysqlSession, target: Target) -> None:
    server = identify(session)
    assert server.flavor in ("mysql", "mariadb")
    assert server.version[0] >= 8
