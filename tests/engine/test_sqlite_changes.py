"""Adversarial changes on SQLite: rows, children, texts and counters survive there and back."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lockgate.errors import PrecheckFailed, UnsupportedChange
from lockgate.model.change import RenameColumn, RenameTable
from lockgate.model.schema import Key
from tests.sqlite_drive import ENGINE, Database, desired_schema


class Case:
    """A live database and a declared script."""

    def __init__(self, folder: Path, before: str, after: str) -> None:
        self.live = Database(folder / "live.db", before)
        self.desired = desired_schema(folder / "desired.db", after)

    def sql(self, text: str) -> list[tuple[Any, ...]]:
        return self.live.app.execute(text).fetchall()

    def round(self, between: tuple[str, ...] = ()) -> None:
        """Apply, run what the application does meanwhile, roll back; without it, everything must be as before."""
        live = self.live
        rows, dump = live.rows(rowids=True), live.dump()
        self.ops = live.plan(self.desired)
        live.apply(self.ops)
        assert live.changes_to(self.desired) == ()
        self.check_applied()
        for statement in between:
            live.app.execute(statement)
        live.roll_back(self.ops)
        assert live.dump() == dump
        if not between:
            assert live.rows(rowids=True) == rows

    def check_applied(self) -> None:
        assert self.sql("PRAGMA integrity_check") == [("ok",)]
        assert self.sql("SELECT name FROM sqlite_schema WHERE name IN ('lockgate_rebuild', 'lockgate_gate')") == []


@pytest.fixture
def case(tmp_path: Path) -> Iterator[Any]:
    made: list[Case] = []

    def make(before: str, after: str) -> Case:
        made.append(Case(tmp_path, before, after))
        return made[-1]

    yield make
    for one in made:
        one.live.close()


def test_children_with_cascades_survive_a_rebuild_of_their_parent(case: Any) -> None:
    child = (
        "CREATE TABLE c (id INTEGER PRIMARY KEY, p INT REFERENCES p (id) ON DELETE CASCADE ON UPDATE CASCADE);"
        "CREATE TABLE g (c INT REFERENCES c ON DELETE SET NULL);"
    )
    c = case(
        "CREATE TABLE p (id INTEGER PRIMARY KEY, n TEXT);" + child + "INSERT INTO p VALUES (1, '007'), (2, 'x');"
        "INSERT INTO c VALUES (1, 1), (2, 2); INSERT INTO g VALUES (1), (2), (NULL);",
        "CREATE TABLE p (id INTEGER PRIMARY KEY, n INTEGER NOT NULL);" + child,
    )
    c.live.app.execute("PRAGMA foreign_keys=ON")
    c.round()
    assert c.sql("SELECT count(*) FROM c") == [(2,)] and c.sql("SELECT count(c) FROM g") == [(2,)]
    assert c.sql("PRAGMA foreign_key_check") == []


def test_dropping_a_column_keeps_its_values_until_finalize(case: Any) -> None:
    c = case(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b BLOB NOT NULL DEFAULT x'00');"
        "INSERT INTO t VALUES (1, 'one', x'01'), (2, NULL, x'02'), (9, 'nine', x'09')",
        "CREATE TABLE t (id INTEGER PRIMARY KEY)",
    )
    c.round()
    c.live.apply(c.live.plan(c.desired))
    c.live.session.execute("INSERT INTO t DEFAULT VALUES")
    assert ENGINE.list_own(c.live.session)
    c.live.finalize(c.live.plan(c.desired))


def test_a_reused_rowid_gets_no_strangers_value_and_an_upsert_keeps_its_own(case: Any) -> None:
    c = case(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b TEXT);"
        "INSERT INTO t VALUES (1, 'x', 'one'), (2, 'y', 'two'), (3, 'z', 'three')",
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT)",
    )
    c.round(
        (
            "DELETE FROM t WHERE id = 3",
            "INSERT INTO t (a) VALUES ('new')",
            "INSERT OR REPLACE INTO t (id, a) VALUES (2, 'again')",
            "UPDATE t SET id = 50 WHERE id = 1",
        )
    )
    assert c.sql("SELECT id, a, b FROM t ORDER BY id") == [(2, "again", "two"), (3, "new", None), (50, "x", "one")]


def test_a_vacuum_does_not_mix_rows_up(case: Any) -> None:
    c = case(
        "CREATE TABLE t (a TEXT, b TEXT); INSERT INTO t (rowid, a, b) VALUES (3, 'x', 'one'), (8, 'y', 'two')",
        "CREATE TABLE t (a TEXT)",
    )
    c.round(("DELETE FROM t WHERE a = 'x'", "VACUUM", "INSERT INTO t VALUES ('z')", "VACUUM"))
    assert c.sql("SELECT a, b FROM t ORDER BY rowid") == [("y", "two"), ("z", None)]


def test_a_lossy_type_change_restores_untouched_values_and_keeps_touched_ones(case: Any) -> None:
    c = case(
        "CREATE TABLE t (a TEXT, n); INSERT INTO t VALUES ('007', 1), ('1.50', 2), ('abc', 3), (NULL, 4), ('8', 5)",
        "CREATE TABLE t (a INTEGER, n)",
    )
    c.round(("UPDATE t SET a = 99 WHERE n = 2", "UPDATE t SET n = 30 WHERE n = 3"))
    assert c.sql("SELECT a, n FROM t ORDER BY rowid") == [("007", 1), ("99", 2), ("abc", 30), (None, 4), ("8", 5)]


def test_an_added_columns_values_are_parked_by_the_way_back(case: Any) -> None:
    c = case(
        "CREATE TABLE t (id INTEGER PRIMARY KEY); INSERT INTO t VALUES (1), (2)",
        "CREATE TABLE t (id INTEGER PRIMARY KEY, n TEXT)",
    )
    c.round(("UPDATE t SET n = 'kept' WHERE id = 2",))
    (parked,) = [p for op in c.ops for p in op.backward_parks]
    assert c.sql(f'SELECT n FROM "{parked.parked}"') == [("kept",)]


def test_a_dropped_table_comes_back_with_everything_on_it(case: Any) -> None:
    table = (
        'CREATE TABLE "my users" (id INTEGER PRIMARY KEY AUTOINCREMENT, n TEXT UNIQUE, CHECK ("my users".n <> \'\'));'
        'CREATE INDEX i ON "my users" (n) WHERE "my users".n > 5; CREATE TABLE log (x);'
        'CREATE TRIGGER tr AFTER INSERT ON "my users" BEGIN INSERT INTO log VALUES (NEW.id); END;'
    )
    c = case(
        table + "INSERT INTO \"my users\" (n) VALUES ('a'), ('b'); DELETE FROM \"my users\" WHERE n = 'b'",
        "CREATE TABLE log (x)",
    )
    c.round()
    c.live.app.execute("INSERT INTO \"my users\" (n) VALUES ('c')")
    assert c.sql('SELECT max(id) FROM "my users"') == [(3,)]


def test_an_autoincrement_counter_survives_a_rebuild_and_its_own_removal(case: Any) -> None:
    start = (
        "CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, n TEXT);"
        "INSERT INTO t (n) VALUES ('a'), ('b'), ('c'); DELETE FROM t WHERE id > 1;"
    )
    c = case(start, "CREATE TABLE t (id INTEGER PRIMARY KEY, n TEXT NOT NULL)")
    c.round()
    assert c.sql("SELECT seq FROM sqlite_sequence WHERE name = 't'") == [(3,)]


def test_rowids_survive_where_no_column_holds_them(case: Any) -> None:
    c = case(
        "CREATE TABLE t (a TEXT); INSERT INTO t (rowid, a) VALUES (5, 'x'), (7, 'y')",
        "CREATE TABLE t (a TEXT NOT NULL)",
    )
    c.round()
    c.live.apply(c.live.plan(c.desired))
    assert c.sql("SELECT rowid FROM t ORDER BY 1") == [(5,), (7,)]


@pytest.mark.parametrize(
    "after",
    [
        "CREATE TABLE t (k TEXT, v INT, PRIMARY KEY (k)) WITHOUT ROWID",
        "CREATE TABLE t (id INTEGER PRIMARY KEY, k TEXT, v INT)",
        "CREATE TABLE t (v INTEGER PRIMARY KEY)",
        "CREATE TABLE t (k TEXT, v INT, g TEXT GENERATED ALWAYS AS (k || v) STORED)",
        "CREATE TABLE t (k TEXT, v INT) STRICT",
        "CREATE TABLE t (k BLOB UNIQUE ON CONFLICT REPLACE, v TEXT COLLATE NOCASE)",
        "CREATE TABLE t (uid TEXT PRIMARY KEY NOT NULL)",
        "CREATE TABLE t (n TEXT, k AS (n || 'x') STORED, v INT)",
    ],
)
def test_keys_and_kinds_of_tables_change_there_and_back(case: Any, after: str) -> None:
    case(
        "CREATE TABLE t (k TEXT, v INT); INSERT INTO t (rowid, k, v) VALUES (4, 'a', 1), (6, 'b', 2), (8, 'C', 30)",
        after,
    ).round()


def test_a_conflict_clause_cannot_swallow_rows_in_the_copy(case: Any) -> None:
    c = case("CREATE TABLE t (a); INSERT INTO t VALUES (1), (1)", "CREATE TABLE t (a UNIQUE ON CONFLICT IGNORE)")
    ops = c.live.plan(c.desired)
    with pytest.raises(PrecheckFailed, match="not unique"):
        c.live.apply(ops)
    assert c.sql("SELECT count(*) FROM t") == [(2,)]


@pytest.mark.parametrize(
    ("after", "word"),
    [
        ("CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE t (a INT NOT NULL, b TEXT)", "no t.a"),
        ("CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE t (a INT, b TEXT CHECK (b <> 'x'))", "CHECK"),
        ("CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE t (a INT REFERENCES p, b TEXT)", "no row in p"),
        (
            "CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE t (a INT, b TEXT); CREATE UNIQUE INDEX u ON t (b)",
            "unique",
        ),
    ],
)
def test_rows_in_the_way_refuse_before_anything_is_touched(case: Any, after: str, word: str) -> None:
    c = case(
        "CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE t (a INT, b TEXT);"
        "INSERT INTO t VALUES (5, 'x'), (NULL, 'x')",
        after,
    )
    texts, rows = c.live.texts(), c.live.rows()
    with pytest.raises(PrecheckFailed, match=word):
        c.live.apply(c.live.plan(c.desired))
    assert (c.live.texts(), c.live.rows()) == (texts, rows)


def test_a_not_null_column_without_default_fills_and_says_so(case: Any) -> None:
    c = case(
        "CREATE TABLE t (a); INSERT INTO t VALUES (1), (2)", "CREATE TABLE t (a, n TEXT NOT NULL, d DATE NOT NULL)"
    )
    c.round()
    messages = [h.message for op in c.ops for s in op.forward for h in s.hazards if h.kind.value == "fills_rows"]
    assert messages == ["rows there are get '' in t.n", "rows there are get '1970-01-01' in t.d"]


def test_views_and_triggers_elsewhere_are_not_rewritten_even_broken_ones(case: Any) -> None:
    rest = (
        "CREATE VIEW v AS SELECT * FROM t; CREATE VIEW broken AS SELECT * FROM nowhere; CREATE TABLE o (x);"
        "CREATE TRIGGER tr AFTER DELETE ON o BEGIN UPDATE t SET a = OLD.x; END;"
        "CREATE TRIGGER tv INSTEAD OF DELETE ON v BEGIN DELETE FROM t; END;"
    )
    case(
        "CREATE TABLE t (a INT); INSERT INTO t VALUES (1);" + rest,
        "CREATE TABLE t (a TEXT NOT NULL, b INT DEFAULT 5);" + rest,
    ).round()


def test_a_replaced_view_keeps_its_triggers(case: Any) -> None:
    trigger = "CREATE TRIGGER tv INSTEAD OF DELETE ON v BEGIN DELETE FROM t; END;"
    case(
        "CREATE TABLE t (a INT); CREATE VIEW v AS SELECT a FROM t;" + trigger,
        "CREATE TABLE t (a INT); CREATE VIEW v AS SELECT a, 1 AS one FROM t;" + trigger,
    ).round()


def test_a_name_moves_from_a_table_to_a_view_and_an_index_to_another_table(case: Any) -> None:
    case(
        "CREATE TABLE a (x); INSERT INTO a VALUES (1); CREATE TABLE b (x); CREATE INDEX i ON b (x);"
        "CREATE TABLE n (x INT); INSERT INTO n VALUES (3)",
        "CREATE TABLE b (x); CREATE TABLE n (x TEXT); CREATE INDEX i ON n (x); CREATE VIEW a AS SELECT * FROM b",
    ).round()


def test_full_text_tables_are_parked_with_their_rows(case: Any) -> None:
    c = case("CREATE VIRTUAL TABLE f USING fts5(body); INSERT INTO f VALUES ('hello world')", "CREATE TABLE t (a)")
    c.round()
    assert c.sql("SELECT body FROM f WHERE f MATCH 'world'") == [("hello world",)]


def test_a_changed_virtual_table_is_refused(case: Any) -> None:
    c = case("CREATE VIRTUAL TABLE f USING fts5(body)", "CREATE VIRTUAL TABLE f USING fts5(body, title)")
    with pytest.raises(UnsupportedChange, match="virtual table f"):
        c.live.plan(c.desired)


def test_names_that_differ_only_in_case_and_quotes_are_the_same(case: Any) -> None:
    c = case(
        'CREATE TABLE Users ("Id" INTEGER PRIMARY KEY, Name TEXT CONSTRAINT x CHECK (length("Name") > 1))',
        "CREATE TABLE users (id integer constraint pk primary key, [name] text, check(length(name)>1))",
    )
    assert c.live.changes_to(c.desired) == ()


def test_renaming_follows_in_children_views_and_triggers(case: Any) -> None:
    c = case(
        "CREATE TABLE p (id INTEGER PRIMARY KEY, n TEXT, CHECK (p.n <> '')); CREATE TABLE c (p INT REFERENCES p (id));"
        "CREATE VIEW v AS SELECT p.n FROM p; CREATE INDEX i ON p (n);"
        "CREATE TRIGGER tr AFTER INSERT ON c BEGIN UPDATE p SET n = 'x' WHERE id = NEW.p; END;"
        "INSERT INTO p VALUES (1, 'a'); INSERT INTO c VALUES (1);",
        "CREATE TABLE q (id INTEGER PRIMARY KEY, m TEXT, CHECK (q.m <> '')); CREATE TABLE c (p INT REFERENCES q (id));"
        "CREATE VIEW v AS SELECT q.m FROM q; CREATE INDEX i ON q (m);"
        "CREATE TRIGGER tr AFTER INSERT ON c BEGIN UPDATE q SET m = 'x' WHERE id = NEW.p; END;",
    )
    dump, rows = c.live.dump(), c.live.rows()
    table, old = Key("table", "", "q"), Key("table", "", "p")
    renames = (RenameTable(before=old, after=table), RenameColumn(table=table, before="n", after="m"))
    ops = c.live.plan(c.desired, renames)
    c.live.apply(ops)
    assert c.live.changes_to(c.desired) == ()
    c.live.roll_back(ops)
    assert c.live.dump() == dump and c.live.rows() == rows


def test_a_dropped_check_that_rows_broke_meanwhile_does_not_stop_the_way_back(case: Any) -> None:
    c = case("CREATE TABLE t (a INT CHECK (a > 0)); INSERT INTO t VALUES (1)", "CREATE TABLE t (a INT)")
    dump = c.live.dump()
    c.ops = c.live.plan(c.desired)
    c.live.apply(c.ops)
    c.sql("INSERT INTO t VALUES (-1)")
    assert not c.live.roll_back(c.ops), "rows are in the way"
    assert c.sql("SELECT a FROM t ORDER BY 1") == [(-1,), (1,)]
    with pytest.raises(sqlite3.IntegrityError, match="CHECK constraint failed"):
        c.sql("INSERT INTO t VALUES (-2)")
    c.live.settle(c.ops)
    assert c.live.dump() != dump
    c.sql("UPDATE t SET a = 2 WHERE a < 0")
    c.live.settle(c.ops)
    assert c.live.dump() == dump


def test_a_created_table_is_parked_with_the_rows_it_got(case: Any) -> None:
    c = case(
        "CREATE TABLE a (x)",
        "CREATE TABLE a (x); CREATE TABLE n (id INTEGER PRIMARY KEY, x TEXT); CREATE INDEX i ON n (x)",
    )
    c.round(("INSERT INTO n VALUES (1, 'mine')",))
    (parked,) = ENGINE.list_own(c.live.session)
    assert c.sql(f'SELECT x FROM "{parked}"') == [("mine",)]


def test_checksums_tell_values_and_types_apart_but_not_order(tmp_path: Path) -> None:
    key = Key("table", "", "t")
    sums = []
    for i, script in enumerate(
        [
            "CREATE TABLE t (a, b); INSERT INTO t VALUES (1, 'x'), (2, NULL)",
            "CREATE TABLE t (b, a); INSERT INTO t VALUES (NULL, 2), ('x', 1)",
            "CREATE TABLE t (a, b); INSERT INTO t VALUES ('1', 'x'), (2, NULL)",
            "CREATE TABLE t (a, b); INSERT INTO t VALUES (1, 'x'), (2, '')",
        ]
    ):
        database = Database(tmp_path / f"{i}.db", script)
        sums.append(ENGINE.checksum_rows(database.session, key))
        assert ENGINE.count_rows(database.session, [key]) == {key: 2}
        assert ENGINE.table_sizes(database.session, database.server)[key].rows == 2
        database.close()
    assert sums[0] == sums[1] and len(set(sums)) == 3
