"""Killed in the middle of exchanging two tables, a file holds one of the two states whole, in every journal mode."""

from __future__ import annotations

import json
import os
import random
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from lockgate.model.op import Strategy
from tests.sqlite_drive import Database, desired_schema

ROWS = 300
INDEXES = "CREATE INDEX t_k ON t (k); CREATE UNIQUE INDEX t_n ON t (n);"
BEFORE = f"CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, k INT NOT NULL, n TEXT UNIQUE); {INDEXES}"
AFTER = f"CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, k TEXT, n TEXT UNIQUE, e TEXT DEFAULT 'e'); {INDEXES}"


def kill_often(folder: Path, journal: str, kills: int) -> None:
    live = Database(folder / "live.db", BEFORE)
    live.app.execute(f"PRAGMA journal_mode={journal}")
    live.app.executemany("INSERT INTO t (k, n) VALUES (?, ?)", ((i, f"n{i}") for i in range(ROWS)))
    desired = desired_schema(folder / "desired.db", AFTER)
    start = live.dump()
    (op,) = live.plan(desired, strategy=Strategy.ONLINE)
    live.apply([op])
    there = live.dump()
    ways = folder / "ways.json"
    ways.write_text(json.dumps([[s.sql for s in statements] for statements in (op.revert or (), op.redo or ())]))
    live.close()
    pick = random.Random(kills)
    seen: set[bool] = set()
    for _ in range(kills):
        strike(folder / "live.db", ways, pick.uniform(0, 0.05))
        seen.add(look(folder / "live.db", start, there))
    assert kills < 50 or len(seen) == 2


def strike(path: Path, ways: Path, seconds: float) -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, str(Path(__file__).parent / "swap_child.py"), str(path), str(ways)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as child:
        assert child.stdout is not None and child.stdout.readline() == "ready\n"
        time.sleep(seconds)
        child.kill()


def look(path: Path, start: tuple[str, ...], there: tuple[str, ...]) -> bool:
    """Check that one state is there whole, bring the file to the second one, and tell whether it was the first."""
    live = Database(path)
    try:
        dump = live.dump()
        assert dump in (start, there)
        assert live.app.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        added = live.app.execute("INSERT INTO t (k, n) VALUES (1, NULL)").lastrowid
        tables = [row[0] for row in live.app.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
        (twin,) = (name for name in tables if name.startswith("lockgate_p") and not name.endswith("_suspects"))
        for table in ("t", twin):
            assert live.app.execute(f'SELECT count(*), max(id) FROM "{table}"').fetchone() == (ROWS + 1, added)
        live.app.execute("DELETE FROM t WHERE id = ?", (added,))
        live.app.execute("UPDATE t SET k = k + 1 WHERE id % 10 = 0")
        rows = "SELECT group_concat(id || ':' || CAST(k AS TEXT) || ':' || n) FROM (SELECT * FROM {} ORDER BY id)"
        one, other = (live.app.execute(rows.format(f'"{name}"')).fetchone() for name in ("t", twin))
        assert one == other
        if dump == start:
            redo = json.loads((path.parent / "ways.json").read_text())[1]
            live.session.begin()
            for sql in redo:
                live.session.execute(sql)
            live.session.commit()
        return dump == start
    except sqlite3.DatabaseError as error:
        raise AssertionError("the file is torn") from error
    finally:
        live.close()


@pytest.mark.parametrize("journal", ("wal", "delete"))
def test_an_exchange_that_is_killed_leaves_one_state_whole(tmp_path: Path, journal: str) -> None:
    kill_often(tmp_path, journal, 3)


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("journal", ("wal", "delete"))
def test_an_exchange_that_is_killed_often_leaves_one_state_whole(tmp_path: Path, journal: str) -> None:
    kill_often(tmp_path, journal, 60)
