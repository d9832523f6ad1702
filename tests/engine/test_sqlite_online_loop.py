"""The whole loop on SQLite, with rows in the way: owed, done once more, owed again, settled; plain and online."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from lockgate.engine import load_engine
from lockgate.model.target import parse_target
from lockgate.workflow.apply_plan import apply_plan
from lockgate.workflow.finalize import finalize
from lockgate.workflow.make_plan import PlanOptions, make_plan
from lockgate.workflow.options import FinalizeOptions
from lockgate.workflow.roll_back import roll_back
from lockgate.workflow.settle_debt import settle

BEFORE = (
    "CREATE TABLE t (id INTEGER PRIMARY KEY, n INT NOT NULL CHECK (n > 0), u TEXT UNIQUE, x INT);"
    "CREATE UNIQUE INDEX t_x ON t (x);"
    "CREATE TABLE c (id INTEGER PRIMARY KEY, t INT REFERENCES t (id) ON DELETE CASCADE);"
    "INSERT INTO t VALUES (1, 1, 'a', 1); INSERT INTO c VALUES (1, 1);"
)
AFTER = (
    "CREATE TABLE t (id INTEGER PRIMARY KEY, n INT, u TEXT, x INT, e TEXT DEFAULT 'e'); CREATE INDEX t_x ON t (x);"
    "CREATE TABLE c (id INTEGER PRIMARY KEY, t INT REFERENCES t (id) ON DELETE CASCADE);"
)


@pytest.mark.parametrize("strategy", ("plain", "online"))
def test_rows_in_the_way_are_owed_and_settled(tmp_path: Path, strategy: str) -> None:
    app = sqlite3.connect(tmp_path / "live.db", isolation_level=None)
    app.executescript(BEFORE)
    app.execute("PRAGMA foreign_keys=ON")
    desired = tmp_path / "after.sql"
    desired.write_text(AFTER)
    engine, target = load_engine("sqlite"), parse_target(f"sqlite:///{tmp_path}/live.db")
    options = PlanOptions(allow=("all",), strategies=(strategy,))
    plan = make_plan(engine, target, str(desired), options).plan
    assert {step.strategy.value for step in plan.steps} == {strategy}
    assert apply_plan(engine, target, plan).state == "applied"
    app.execute("SELECT count(*) FROM sqlite_schema").fetchall()
    app.execute("INSERT INTO t VALUES (2, NULL, 'a', 1, 'own'), (3, -1, 'b', 3, NULL)")
    rows = app.execute("SELECT * FROM t").fetchall()
    back = roll_back(engine, target, "start")
    assert back.state == "rolled_back_with_debt"
    assert {row.key for debt in back.debts for row in debt.rows} >= {'{"id":2}', '{"id":3}'}
    with pytest.raises(sqlite3.IntegrityError, match="NOT NULL constraint failed"):
        app.execute("INSERT INTO t (n) VALUES (NULL)")
    with pytest.raises(sqlite3.IntegrityError, match="UNIQUE constraint failed"):
        app.execute("INSERT INTO t (n, u) VALUES (5, 'b')")
    assert apply_plan(engine, target, plan).state == "applied"
    assert app.execute("SELECT * FROM t").fetchall() == rows
    assert roll_back(engine, target, "start").state == "rolled_back_with_debt"
    assert settle(engine, target).debts
    app.execute("DELETE FROM t WHERE id > 1")
    settled = settle(engine, target)
    assert (settled.state, settled.debts) == ("settled", ())
    finalize(engine, target, "latest", FinalizeOptions(is_now=True, is_all=True))
    own = "SELECT name FROM sqlite_schema WHERE name GLOB 'lockgate_p[0-9]*'"
    assert app.execute(own).fetchall() == []
    assert app.execute("SELECT * FROM c").fetchall() == [(1, 1)]
    assert app.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    app.close()
