"""There, back, there and back again: every value written in between is where it was left, on either side."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest

from lockgate.errors import StatementFailed
from lockgate.model.schema import Schema
from tests.sqlite_drive import Database, desired_schema


class Change(NamedTuple):
    """A change, and what the application writes under the new and under the old definition."""

    name: str
    before: str
    after: str
    new: str
    old: str


ROWS = "INSERT INTO t (id, a) VALUES (1, '007'), (2, 'two'), (3, NULL);"
TABLE = "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT{});"
CHANGES = (
    Change(
        "add a column",
        TABLE.format("") + ROWS,
        TABLE.format(", n TEXT"),
        "UPDATE t SET n = 'new' WHERE id = 1; INSERT INTO t VALUES (4, 'four', x'00ff')",
        "INSERT INTO t VALUES (5, 'five'); DELETE FROM t WHERE id = 4; UPDATE t SET a = 'x' WHERE id = 1",
    ),
    Change(
        "add a column with a default",
        TABLE.format("") + ROWS,
        TABLE.format(", n INT DEFAULT 7"),
        "UPDATE t SET n = NULL WHERE id = 1; UPDATE t SET n = 8 WHERE id = 2; INSERT INTO t VALUES (4, 'four', 'text')",
        "INSERT INTO t VALUES (5, 'five'); UPDATE t SET id = 20 WHERE id = 2",
    ),
    Change(
        "add a column that may not be empty, and others",
        TABLE.format("") + ROWS,
        TABLE.format(", n TEXT NOT NULL DEFAULT 'd', m REAL NOT NULL, z TIMESTAMP DEFAULT CURRENT_TIMESTAMP"),
        "UPDATE t SET n = 'own', m = 1.5, z = NULL WHERE id = 1; INSERT INTO t VALUES (4, '4', 'n', 2, 'then')",
        "INSERT INTO t VALUES (5, 'five')",
    ),
    Change(
        "drop a column",
        TABLE.format(", n INT DEFAULT 3, m TEXT NOT NULL DEFAULT 'm'").replace("t (", "t (", 1)
        + ROWS
        + "UPDATE t SET n = id * 10, m = 'kept ' || id",
        TABLE.format(""),
        "INSERT INTO t VALUES (4, 'four'); DELETE FROM t WHERE id = 2; UPDATE t SET id = 30 WHERE id = 3",
        "UPDATE t SET n = 99 WHERE id = 1; INSERT INTO t VALUES (6, 'six', 6, 'six')",
    ),
    Change(
        "change a type",
        TABLE.format("") + ROWS,
        TABLE.format("").replace("TEXT", "INTEGER"),
        "UPDATE t SET a = 8 WHERE id = 2; INSERT INTO t VALUES (4, 'not a number'), (5, 5000000000)",
        "UPDATE t SET a = '0008' WHERE id = 5; INSERT INTO t VALUES (6, '06')",
    ),
    Change(
        "a column becomes computed",
        TABLE.format(", n TEXT") + ROWS + "UPDATE t SET n = 'own ' || id",
        TABLE.format(", n TEXT AS (a || '!') STORED"),
        "UPDATE t SET a = 'z' WHERE id = 1; INSERT INTO t (id, a) VALUES (4, '4')",
        "UPDATE t SET n = 'again' WHERE id = 4",
    ),
    Change(
        "strictness goes",
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, n INT) STRICT;" + ROWS,
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, n INT);",
        "INSERT INTO t VALUES (4, 'four', 4), (5, 'five', 'no number')",
        "INSERT INTO t VALUES (6, 'six', 6)",
    ),
    Change(
        "NOT NULL goes",
        TABLE.format(" NOT NULL") + ROWS.replace("NULL", "''"),
        TABLE.format(""),
        "INSERT INTO t VALUES (4, NULL); UPDATE t SET a = NULL WHERE id = 1",
        "INSERT INTO t VALUES (6, 'six')",
    ),
    Change(
        "a key goes",
        TABLE.format(" UNIQUE") + ROWS,
        TABLE.format(""),
        "INSERT INTO t VALUES (4, 'two'), (5, 'two'), (6, NULL)",
        "INSERT INTO t VALUES (7, 'seven')",
    ),
    Change(
        "a CHECK goes",
        TABLE.format(", CHECK (length(t.a) < 5)") + ROWS,
        TABLE.format(""),
        "INSERT INTO t VALUES (4, 'too long by far')",
        "INSERT INTO t VALUES (7, 'ok')",
    ),
    Change(
        "the primary key changes",
        "CREATE TABLE t (id INT, a TEXT, PRIMARY KEY (id)); " + ROWS,
        "CREATE TABLE t (id INT, a TEXT, k INTEGER PRIMARY KEY);",
        "INSERT INTO t VALUES (2, 'same id', 50), (NULL, 'none', 60)",
        "INSERT INTO t VALUES (9, 'nine')",
    ),
    Change(
        "a rowid goes",
        "CREATE TABLE t (id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, a TEXT); " + ROWS,
        "CREATE TABLE t (id INTEGER NOT NULL PRIMARY KEY, a TEXT) WITHOUT ROWID;",
        "INSERT INTO t VALUES (80, 'eighty'); DELETE FROM t WHERE id = 3",
        "INSERT INTO t (a) VALUES ('next')",
    ),
    Change(
        "a table comes",
        TABLE.format("") + ROWS,
        TABLE.format("")
        + "CREATE TABLE u (t INT REFERENCES t (id) ON DELETE CASCADE, b TEXT); CREATE INDEX u_b ON u (b);",
        "INSERT INTO u VALUES (1, 'one'), (2, 'two'), (NULL, 'none')",
        "PRAGMA foreign_keys=ON; DELETE FROM t WHERE id = 1",
    ),
    Change(
        "a table goes",
        TABLE.format("") + ROWS + "CREATE TABLE u (b TEXT, CHECK (u.b <> '')); INSERT INTO u VALUES ('kept')",
        TABLE.format(""),
        "INSERT INTO t VALUES (4, 'four')",
        "INSERT INTO u VALUES ('more')",
    ),
    Change(
        "an index becomes unique no more",
        TABLE.format("") + "CREATE UNIQUE INDEX t_a ON t (a COLLATE NOCASE) WHERE a <> '';" + ROWS,
        TABLE.format("") + "CREATE INDEX t_a ON t (a COLLATE NOCASE);",
        "INSERT INTO t VALUES (4, 'TWO'), (5, 'Two')",
        "INSERT INTO t VALUES (7, 'seven')",
    ),
)


def test_a_parked_table_neither_refuses_nor_follows_what_is_done_to_its_parents(tmp_path: Path) -> None:
    parent = TABLE.format("") + ROWS
    child = "CREATE TABLE u (t INT REFERENCES t (id) ON DELETE CASCADE, w INT REFERENCES t (id), b TEXT);"
    live = Database(tmp_path / "live.db", parent)
    desired = desired_schema(tmp_path / "desired.db", TABLE.format("") + child)
    ops = live.plan(desired)
    live.apply(ops)
    send(live, "INSERT INTO u VALUES (1, 2, 'both'), (NULL, NULL, 'none')")
    live.revert(ops)
    send(live, "PRAGMA foreign_keys=ON; DELETE FROM t WHERE id < 3")
    live.redo(ops)
    assert live.changes_to(desired) == ()
    assert live.app.execute("SELECT b FROM u ORDER BY b").fetchall() == [("both",), ("none",)]
    live.close()


def test_a_new_reference_to_a_column_of_the_same_plan_is_checked_before_it_holds(tmp_path: Path) -> None:
    live = Database(
        tmp_path / "live.db", TABLE.format("") + ROWS + "CREATE TABLE u (t INT); INSERT INTO u VALUES (1), (9)"
    )
    after = (
        TABLE.format(", k INT DEFAULT 1, UNIQUE (k, id)")
        + "CREATE TABLE u (t INT, k INT DEFAULT 1, FOREIGN KEY (k, t) REFERENCES t (k, id))"
    )
    ops = live.plan(desired_schema(tmp_path / "desired.db", after))
    with pytest.raises(StatementFailed, match="every_row_must_have_its_parent"):
        live.apply(ops)
    live.close()


def send(database: Database, text: str) -> None:
    database.app.execute("SELECT count(*) FROM sqlite_schema").fetchall()  # it looks whether the schema changed
    for statement in filter(None, map(str.strip, text.split(";"))):
        database.app.execute(statement)


@pytest.mark.parametrize("change", CHANGES, ids=lambda c: c.name)
def test_every_value_is_where_it_was_left(tmp_path: Path, change: Change) -> None:
    live = Database(tmp_path / "live.db", change.before)
    desired: Schema = desired_schema(tmp_path / "desired.db", change.after)
    ops = live.plan(desired)
    live.apply(ops)
    send(live, change.new)
    there = live.rows()
    live.revert(ops)
    back = live.rows()
    assert {name: len(rows) for name, rows in back.items() if name in there} == {
        name: len(rows) for name, rows in there.items() if name in back
    }
    live.redo(ops)
    assert live.changes_to(desired) == ()
    assert live.rows() == there, "redo"
    live.revert(ops)
    assert live.rows() == back, "revert again"
    send(live, change.old)
    written = live.rows()
    live.redo(ops)
    assert live.changes_to(desired) == ()
    live.revert(ops)
    assert live.rows() == written, "what was written under the old definition"
    assert live.app.execute("PRAGMA quick_check").fetchall() in ([("ok",)],) or "failed" not in change.name
    live.close()
