"""A table changed beside its writers: mirrored, copied, exchanged, and back again with every value."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from lockgate.diff.compare import diff_schemas
from lockgate.engine.base import ParkNames
from lockgate.errors import StatementFailed
from lockgate.model.op import Op, Statement, Strategy
from lockgate.model.schema import Key
from lockgate.plan.order import order_ops
from tests.sqlite_drive import ENGINE, Database, desired_schema


class Case:
    """A live database, the op that changes its table ``t``, and each of the ways it can go."""

    def __init__(self, folder: Path, before: str, after: str) -> None:
        self.live = Database(folder / "live.db", before)
        self.desired = desired_schema(folder / "desired.db", after)
        live = self.live.schema()
        changes = diff_schemas(live, self.desired)
        wish = {Key("table", "", "t"): Strategy.ONLINE}
        self.ops = order_ops(ENGINE.plan_ops(changes, live, self.desired, self.live.server, ParkNames([1]), wish))
        self.start = self.live.dump()

    @property
    def op(self) -> Op:
        (op,) = self.ops
        return op

    def sql(self, *statements: str) -> list[tuple[Any, ...]]:
        rows: list[tuple[Any, ...]] = []
        for statement in statements:
            rows = self.live.app.execute(statement).fetchall()
        return rows

    def send(self, statements: Sequence[Statement]) -> None:
        """Send statements in the transactions they belong to."""
        session, is_open = self.live.session, False
        try:
            for statement in statements:
                if is_open and not statement.is_joined:
                    session.commit()
                    is_open = False
                if not is_open and statement.is_transactional:
                    session.begin()
                    is_open = True
                session.execute(statement.sql)
            session.commit()
        except BaseException:
            session.rollback()
            raise

    def forward(self, between: Sequence[str] = ()) -> None:
        """Go there; what the application does meanwhile comes after the triggers and again after the copy."""
        statements = self.op.forward
        at = next(i for i, s in enumerate(statements) if s.chunked is not None)
        swap = next(i for i, s in enumerate(statements) if i > at and s.chunked is None)
        self.send(statements[:at])
        self.sql(*between[: len(between) // 2])
        self.send(statements[at : swap - 1])
        self.sql(*between[len(between) // 2 :])
        assert self.live.session.query(statements[swap - 1].sql) == [(0,)]
        self.send(statements[swap:])
        self.check()
        assert self.live.changes_to(self.desired) == ()

    def revert(self) -> None:
        assert self.op.revert is not None
        self.send(self.op.revert)
        self.check()
        assert self.live.dump() == self.start

    def redo(self) -> None:
        assert self.op.redo is not None
        self.send(self.op.redo)
        self.check()
        assert self.live.changes_to(self.desired) == ()

    def check(self) -> None:
        assert self.sql("PRAGMA integrity_check") == [("ok",)]
        fresh = sqlite3.connect(self.live.path)
        assert fresh.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        fresh.close()

    def names(self) -> list[str]:
        return [row[0] for row in self.sql("SELECT name FROM sqlite_schema WHERE name LIKE 'lockgate%' ORDER BY 1")]


@pytest.fixture
def case(tmp_path: Path) -> Iterator[Any]:
    made: list[Case] = []

    def make(before: str, after: str) -> Case:
        made.append(Case(tmp_path, before, after))
        return made[-1]

    yield make
    for one in made:
        one.live.close()


TABLE = "CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT, b TEXT UNIQUE, c INT CHECK (c > 0), p INT)"
REST = (
    "CREATE INDEX t_a ON t (a); CREATE INDEX t_c ON t (c, a) WHERE c > 5;"
    "CREATE TABLE child (t INT REFERENCES t (id) ON DELETE CASCADE);"
    "CREATE VIEW v AS SELECT id, a FROM t;"
    "CREATE TRIGGER t_touch AFTER UPDATE OF a ON t BEGIN UPDATE t SET p = 7 WHERE id = NEW.id; END;"
)
ROWS = (
    "INSERT INTO t (a, b, c) VALUES ('007', 'x', 1), ('8', 'y', 9), ('nine', 'z', NULL), ('4', NULL, 4);"
    "INSERT INTO child VALUES (1), (2);"
)
NEW = (
    "CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, a INTEGER, b TEXT UNIQUE, c INT, p INT, e TEXT DEFAULT 'e')"
)


def test_every_write_is_in_both_tables_in_every_phase(case: Any) -> None:
    c = case(f"{TABLE};{REST}{ROWS}", f"{NEW};{REST}")
    writes = (
        "INSERT INTO t (a, b) VALUES ('one', 'k1'), ('2', 'k2')",
        "UPDATE t SET a = '0' || a WHERE id = 4",
        "UPDATE t SET id = 40 WHERE id = 4",
        "INSERT OR REPLACE INTO t (id, a, b) VALUES (50, 'r', 'y')",
        "INSERT OR IGNORE INTO t (id, a, b) VALUES (50, 'ignored', 'y')",
        "INSERT INTO t (id, a, b) VALUES (1, 'u', 'x') ON CONFLICT (id) DO UPDATE SET a = 'up'",
        "UPDATE OR REPLACE t SET b = 'k1' WHERE id = 3",
        "PRAGMA foreign_keys=ON",
        "DELETE FROM t WHERE id = 50",
    )
    c.forward(writes)
    texts = "SELECT id, CAST(a AS TEXT), b, c, p FROM {} ORDER BY id"
    parked = c.op.parks[0].parked
    assert c.sql(texts.format("t")) == [
        (1, "up", "x", 1, 7),
        (3, "nine", "k1", None, None),
        (6, "2", "k2", None, None),
        (40, "4", None, 4, 7),
    ]
    assert [row[0] for row in c.sql(texts.format(parked))] == [1, 3, 6, 40]
    c.sql("INSERT INTO t (a, b, c, e) VALUES (5, 'new', 2, 'kept')", "UPDATE t SET e = 'kept too' WHERE id = 1")
    c.revert()
    assert c.sql("SELECT id, a, b, c FROM t ORDER BY id")[-1][1:] == ("5", "new", 2)
    assert c.sql("SELECT a FROM t WHERE id = 40") == [("04",)], "the text that became a number is still there"
    c.sql("UPDATE t SET a = '00' WHERE id = 3", "INSERT INTO t (a, b) VALUES ('z', 'zz')", "DELETE FROM t WHERE id = 6")
    c.redo()
    assert c.sql("SELECT e FROM t WHERE b IN ('x', 'new', 'zz') ORDER BY b") == [("kept",), ("kept too",), ("e",)]
    assert c.sql("SELECT a FROM t WHERE id = 3") == [(0,)]
    c.revert()
    assert c.sql("SELECT a FROM t WHERE id = 3") == [("00",)]
    assert c.sql("SELECT count(*) FROM child") == [(2,)]


def test_any_beginning_is_undone_without_a_trace(case: Any) -> None:
    c = case(f"{TABLE};{REST}{ROWS}", f"{NEW};{REST}")
    rows = c.live.rows(rowids=True)
    statements = c.op.forward
    at = next(i for i, s in enumerate(statements) if s.chunked is not None)
    backward = c.op.backward
    ends = [i for i, s in enumerate(backward) if not s.is_joined]
    for done, first in ((at, ends[-1]), (at + 1, ends[-1]), (len(statements), 0)):
        c.send(statements[:done])
        c.send(backward[first:])
        assert c.names() == []
        assert c.live.dump() == c.start and c.live.rows(rowids=True) == rows
        c.check()


def test_an_index_is_built_beside_the_writers(case: Any) -> None:
    c = case(f"{TABLE};{ROWS.split(';')[0]}", f"{TABLE}; CREATE UNIQUE INDEX t_new ON t (a COLLATE NOCASE, c DESC)")
    c.forward(("INSERT INTO t (a, b) VALUES ('A', 'q')", "DELETE FROM t WHERE id = 1"))
    assert c.sql("SELECT count(*) FROM pragma_index_list('t') WHERE name = 't_new'") == [(1,)]
    c.revert()
    c.redo()


def test_tables_without_a_rowid_and_with_hidden_ones(case: Any) -> None:
    before = "CREATE TABLE t (k TEXT, n INT, v TEXT, PRIMARY KEY (k, n)) WITHOUT ROWID;"
    rows = "INSERT INTO t VALUES ('a', 1, 'x'), ('a', 2, 'y'), ('b', 1, NULL);"
    c = case(before + rows, before.replace("v TEXT", "v INT NOT NULL DEFAULT 3").replace("'y'", "'y'"))
    c.sql("UPDATE t SET v = '5'")
    c.forward(("INSERT INTO t VALUES ('c', 9, '10')", "UPDATE t SET n = 77 WHERE n = 2", "DELETE FROM t WHERE k = 'b'"))
    assert c.sql("SELECT * FROM t") == [("a", 1, 5), ("a", 77, 5), ("c", 9, 10)]
    c.sql("UPDATE t SET k = 'z', v = 8 WHERE k = 'a' AND n = 1")
    c.revert()
    assert c.sql("SELECT * FROM t") == [("a", 77, "5"), ("c", 9, "10"), ("z", 1, "8")]


def test_rows_keep_their_hidden_numbers_and_vacuum_does_not_mix_them(case: Any) -> None:
    c = case("CREATE TABLE t (a TEXT); INSERT INTO t VALUES ('a'), ('b'), ('c')", "CREATE TABLE t (a INT, b TEXT)")
    ops = c.ops
    assert ops[0].strategy is Strategy.ONLINE
    c.sql("DELETE FROM t WHERE a = 'b'")
    c.forward()
    c.sql("UPDATE t SET b = 'bb' WHERE a = 'c'")
    c.live.session.execute("VACUUM")
    c.sql("DELETE FROM t WHERE a = 'a'", "INSERT INTO t VALUES (9, 'nine')")
    c.revert()
    assert c.sql("SELECT rowid, a FROM t ORDER BY 1") == [(3, "c"), (4, "9")]
    c.redo()
    assert c.sql("SELECT a, b FROM t ORDER BY rowid") == [("c", "bb"), (9, "nine")]


def test_a_value_that_a_dropped_key_refuses_is_kept_beside_the_row(case: Any) -> None:
    c = case(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, mail TEXT UNIQUE, n TEXT); INSERT INTO t VALUES (1, 'a@x', '1')",
        "CREATE TABLE t (id INTEGER PRIMARY KEY, mail TEXT, n INTEGER)",
    )
    c.forward()
    c.sql(
        "INSERT INTO t VALUES (2, 'a@x', 2)",
        "INSERT INTO t VALUES (3, 'b@x', 3)",
        "UPDATE t SET mail = 'a@x' WHERE id = 3",
    )
    c.revert()
    assert c.sql("SELECT * FROM t") == [(1, "a@x", "1"), (2, None, "2"), (3, None, "3")]
    kept = c.sql("SELECT row_key, column_name, value_text, reason FROM lockgate_salvage ORDER BY id")
    assert kept == [('{"id":2}', "mail", "a@x", "duplicate"), ('{"id":3}', "mail", "a@x", "duplicate")]
    c.redo()
    assert c.sql("SELECT mail FROM t ORDER BY id") == [("a@x",)] * 3


def test_a_row_written_meanwhile_that_the_new_definition_refuses_stops_the_exchange_only(case: Any) -> None:
    c = case(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, n INT); INSERT INTO t VALUES (1, 1)",
        "CREATE TABLE t (id INTEGER PRIMARY KEY, n INT NOT NULL CHECK (t.n > 0))",
    )
    with pytest.raises(StatementFailed, match="rows_must_fit_the_new_definition"):
        c.forward(("INSERT INTO t VALUES (2, NULL)", "INSERT INTO t VALUES (3, -5)"))
    assert c.sql("SELECT count(*) FROM t") == [(3,)]
    c.sql("UPDATE t SET n = 5 WHERE n IS NULL OR n < 0")
    swap = next(i for i, s in enumerate(c.op.forward) if i > 6 and s.sql.startswith("CREATE TABLE lockgate_gate"))
    c.send(c.op.forward[swap:])
    assert c.live.changes_to(c.desired) == ()


def test_the_last_constraint_comes_back_for_new_rows_when_old_ones_break_it(case: Any) -> None:
    c = case(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, n INT NOT NULL CHECK (n > 0), x INT); INSERT INTO t VALUES (1, 1, 1)",
        "CREATE TABLE t (id INTEGER PRIMARY KEY, n INT, x TEXT)",
    )
    c.forward()
    c.sql("INSERT INTO t VALUES (2, NULL, 'x'), (3, -3, 'y')")
    (check,) = c.op.backward_prechecks
    assert check.soft is not None and c.sql(check.sql) == [(2,)]
    soft, revert = check.soft, list(c.op.revert)
    c.send([*revert[: soft.first], *soft.instead, *revert[soft.last + 1 :]])
    assert c.sql(soft.rows) == [('{"id":2}', "NULL"), ('{"id":3}', "-3")]
    c.sql("UPDATE t SET x = 5, n = n", "INSERT INTO t VALUES (4, 4, 4)")
    for bad in (
        "INSERT INTO t VALUES (5, NULL, 1)",
        "UPDATE t SET n = -1 WHERE id = 1",
        "UPDATE t SET n = NULL WHERE id = 3",
    ):
        with pytest.raises(sqlite3.IntegrityError, match="constraint failed"):
            c.sql(bad)
    c.sql("UPDATE t SET n = id WHERE n IS NULL OR n < 0")
    c.send(soft.settle)
    assert c.live.dump() == c.start
    c.check()
    c.redo()
    c.revert()


def test_what_has_no_such_form_is_done_in_one_transaction_and_says_why(case: Any) -> None:
    c = case("CREATE TABLE t (id INTEGER PRIMARY KEY, n TEXT)", "CREATE TABLE t (id TEXT PRIMARY KEY, n TEXT)")
    (op,) = c.ops
    assert op.strategy is Strategy.PLAIN
    assert "the column that is its rowid changes" in op.notices[0]


def test_finalizing_drops_all_that_was_kept(case: Any) -> None:
    c = case(f"{TABLE};{REST}{ROWS}", f"{NEW};{REST}")
    c.forward()
    c.send(c.op.parks[0].finalize)
    assert c.names() == []
    c.check()
