"""Opening SQLite files, limits, leases and kill -9: what a session promises."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from lockgate.engine.sqlite.session import SqliteSession, connect
from lockgate.errors import ConnectError, InputError, LockTimeout, StatementFailed, StatementTimeout
from lockgate.model.target import parse_target
from tests.moments import beside


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "a b?.db"
    connection = sqlite3.connect(file)
    connection.executescript(
        "CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE c (p INT REFERENCES p ON DELETE CASCADE)"
    )
    connection.close()
    return file


def opened(path: Path, *, is_read_only: bool = False) -> SqliteSession:
    target = parse_target("sqlite:///x.db")
    from dataclasses import replace

    return connect(replace(target, path=str(path)), is_read_only=is_read_only)


def test_a_missing_file_is_refused_and_not_created(tmp_path: Path) -> None:
    for is_read_only in (True, False):
        with pytest.raises(InputError, match="does not exist"):
            opened(tmp_path / "no.db", is_read_only=is_read_only)
    assert list(tmp_path.iterdir()) == []


def test_memory_and_directories_and_other_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="memory"):
        connect(parse_target("sqlite:///:memory:"), is_read_only=False)
    with pytest.raises(ConnectError, match="directory"):
        opened(tmp_path)
    (tmp_path / "x.txt").write_text("not a database, but long enough to look at " * 30)
    with pytest.raises(ConnectError, match="not an SQLite database"):
        opened(tmp_path / "x.txt")


def test_read_only_is_enforced(path: Path) -> None:
    session = opened(path, is_read_only=True)
    with pytest.raises(StatementFailed):
        session.execute("INSERT INTO p VALUES (1)")
    session.close()


@pytest.mark.parametrize("mode", ["delete", "wal"])
def test_a_locked_database_is_a_lock_timeout(path: Path, mode: str) -> None:
    other = sqlite3.connect(path, isolation_level=None)
    other.execute(f"PRAGMA journal_mode={mode}")
    session = opened(path)
    session.set_limits(50, 0)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(LockTimeout):
        session.begin()
    other.execute("COMMIT")
    session.begin()
    session.rollback()
    assert session.query("PRAGMA foreign_keys") == [(1,)]
    session.close()


@contextmanager
def cancelled_once_it_runs(session: SqliteSession) -> Iterator[None]:
    """Cancel the statement of the block, which calls ``begun()``, from another thread: not before it runs."""
    begun = threading.Event()

    def tell() -> int:
        begun.set()
        return 1

    def cancel() -> None:
        if begun.wait(60):
            session.cancel()

    session._connection.create_function("begun", 0, tell)
    with beside(cancel):
        yield


def test_a_statement_over_its_limit_is_stopped_and_a_cancelled_one_too(path: Path) -> None:
    endless = "WITH RECURSIVE n(i) AS (SELECT {} UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
    session = opened(path)
    session.set_limits(1000, 50)
    with pytest.raises(StatementTimeout):
        session.query(endless.format("1"))
    session.set_limits(1000, 0)
    with pytest.raises(StatementFailed, match="interrupted"), cancelled_once_it_runs(session):
        session.query(endless.format("begun()"))
    assert session.is_alive()
    session.close()
    assert not session.is_alive()


MANY = "WITH RECURSIVE n(i) AS (SELECT {} UNION ALL SELECT i + 1 FROM n WHERE i < 100000000) SELECT i FROM n"


@pytest.mark.parametrize(
    "read", [lambda s, sql: s.query(sql), lambda s, sql: list(s.scan(sql)), lambda s, sql: s.execute(sql)]
)
def test_a_query_is_stopped_while_its_rows_are_read(path: Path, read: Callable[[SqliteSession, str], object]) -> None:
    session = opened(path)
    session.set_limits(100, 50)
    with pytest.raises(StatementTimeout):
        read(session, MANY.format("1"))
    session.set_limits(100, 0)
    with pytest.raises(StatementFailed, match="refused") as caught, cancelled_once_it_runs(session):
        read(session, MANY.format("begun()"))
    assert caught.value.code == "SQLITE_INTERRUPT"
    session.close()


def test_placeholders_and_percent_signs(path: Path) -> None:
    session = opened(path)
    assert session.query("SELECT %s, '100%%'", [5]) == [(5, "100%")]
    assert session.query("SELECT '100%s'") == [("100%s",)]
    session.close()


def test_a_step_cannot_orphan_rows_and_no_cascade_fires(path: Path) -> None:
    session = opened(path)
    session.execute("INSERT INTO p VALUES (1), (2)")
    session.execute("INSERT INTO c VALUES (1)")
    session.begin()
    session.execute("DELETE FROM p WHERE id = 1")
    with pytest.raises(StatementFailed, match="without their parent row"):
        session.commit()
    session.rollback()
    assert session.query("SELECT (SELECT count(*) FROM p), (SELECT count(*) FROM c)") == [(2, 1)]
    session.begin()
    session.execute("DELETE FROM p WHERE id = 2")
    session.commit()
    session.close()


def test_references_broken_before_do_not_stop_a_step(path: Path) -> None:
    plain = sqlite3.connect(path)
    plain.execute("INSERT INTO c VALUES (99)")
    plain.commit()
    plain.close()
    session = opened(path)
    session.begin()
    session.execute("INSERT INTO p VALUES (7)")
    session.commit()
    session.close()


def test_a_lease_is_exclusive_and_freed_by_close_and_by_death(path: Path) -> None:
    one, other = opened(path), opened(path)
    assert one.acquire_lease("lockgate") and one.acquire_lease("lockgate")
    assert not other.acquire_lease("lockgate")
    one.close()
    assert other.acquire_lease("lockgate")
    other.release_lease("lockgate")
    code = (
        "import sys, time; from tests.engine.test_sqlite_session import opened; from pathlib import Path;"
        f"s = opened(Path({str(path)!r})); print(s.acquire_lease('lockgate'), flush=True); time.sleep(60)"
    )
    environment = dict(os.environ, PYTHONPATH=os.pathsep.join(p for p in sys.path if p))
    child = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, env=environment)
    assert child.stdout is not None and child.stdout.readline().strip() == "True"
    assert not other.acquire_lease("lockgate")
    child.send_signal(signal.SIGKILL)
    child.wait()
    assert other.acquire_lease("lockgate")
    other.close()


REBUILD = """
import sys, time
from pathlib import Path
from tests.sqlite_drive import Database, desired_schema
database = Database(Path(sys.argv[1]))
desired = desired_schema(Path(sys.argv[1] + ".desired"), "CREATE TABLE t (id INTEGER PRIMARY KEY, v INTEGER NOT NULL)")
ops = database.plan(desired)
print("go", flush=True)
database.apply(ops)
print("done", flush=True)
"""


@pytest.mark.parametrize("mode", ["delete", "wal"])
def test_a_killed_rebuild_leaves_all_or_nothing(tmp_path: Path, mode: str) -> None:
    environment = dict(os.environ, PYTHONPATH=os.pathsep.join(p for p in sys.path if p))
    seen = set()
    for i in range(6):
        path = tmp_path / f"k{i}.db"
        connection = sqlite3.connect(path)
        connection.execute(f"PRAGMA journal_mode={mode}")
        connection.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT NOT NULL, gone TEXT)")
        rows = ((n, f"0{n}", "x" * 50) for n in range(60_000))
        connection.executemany("INSERT INTO t VALUES (?, ?, ?)", rows)
        connection.commit()
        connection.close()
        child = subprocess.Popen([sys.executable, "-c", REBUILD, str(path)], stdout=subprocess.PIPE, env=environment)
        assert child.stdout is not None and child.stdout.readline()
        time.sleep(0.03 * i)
        child.send_signal(signal.SIGKILL)
        child.wait()
        after = sqlite3.connect(path)
        assert after.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        columns = [r[1] for r in after.execute("PRAGMA table_info(t)")]
        assert after.execute("SELECT count(*) FROM t").fetchone() == (60_000,)
        tables = {r[0] for r in after.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
        assert tables == ({"t"} if "gone" in columns else {"t", "lockgate_p1_t"})
        seen.add("gone" in columns)
        after.close()
    assert seen
