"""Whatever two schemas there are: a plan leads from one to the other, and back without losing a row or a value."""

from __future__ import annotations

import sqlite3
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from lockgate.diff.compare import diff_schemas
from lockgate.errors import RefusedError, StatementFailed
from lockgate.model.codec import fingerprint
from lockgate.model.op import Strategy
from tests.sqlite_drive import ENGINE, Database, desired_schema, quoted

TABLES = ("users", "Order", "we ird", "t4")
COLUMNS = ("id", "Name", "select", 'q"x', "price", "größe", "flag")
TYPES = ("INTEGER", "TEXT", "REAL", "NUMERIC(10, 2)", "BLOB", "", "varchar(20)", "DATETIME", "int")
DEFAULTS = (None, None, "0", "'x'", "NULL", "(1 + 1)", "CURRENT_TIMESTAMP", "-5", "x'00ff'", "'it''s'")


@st.composite
def column_defs(draw: st.DrawFn, name: str, others: list[str], *, is_first: bool) -> str:
    words = [draw(st.sampled_from([quoted(name), f"`{name}`" if "`" not in name else quoted(name), f"[{name}]"]))]
    words.append(draw(st.sampled_from(TYPES)))
    generated = others and not is_first and draw(st.integers(0, 9)) == 0
    if generated:
        kind = draw(st.sampled_from(["VIRTUAL", "STORED", ""]))
        words.append(f"GENERATED ALWAYS AS ({quoted(draw(st.sampled_from(others)))} || 'g') {kind}")
        return " ".join(words)
    default = draw(st.sampled_from(DEFAULTS))
    if default is not None:
        words.append(f"DEFAULT {default}")
    if draw(st.integers(0, 3)) == 0:
        words.append("NOT NULL")
    if draw(st.integers(0, 5)) == 0:
        words.append(f"COLLATE {draw(st.sampled_from(['NOCASE', 'rtrim']))}")
    if draw(st.integers(0, 7)) == 0:
        words.append("UNIQUE")
    if draw(st.integers(0, 7)) == 0:
        words.append(f"CHECK (length({quoted(name)}) < 50)")
    return " ".join(words)


@st.composite
def tables(draw: st.DrawFn, name: str, all_names: list[str]) -> list[str]:
    columns = draw(st.lists(st.sampled_from(COLUMNS), min_size=1, max_size=5, unique=True))
    parts: list[str] = []
    plain: list[str] = []
    for i, column in enumerate(columns):
        text = draw(column_defs(column, plain, is_first=i == 0))
        if "GENERATED" not in text:
            plain.append(column)
        parts.append(text)
    key = draw(st.sampled_from(["none", "rowid", "auto", "single", "pair", "without"]))
    tail = ""
    if key in ("rowid", "auto"):
        parts[0] = f"{quoted(columns[0])} INTEGER PRIMARY KEY" + (" AUTOINCREMENT" if key == "auto" else "")
    elif key in ("single", "without"):
        parts.append(f"PRIMARY KEY ({quoted(plain[0])})")
        tail = " WITHOUT ROWID" if key == "without" else ""
    elif key == "pair" and len(plain) > 1:
        parts.append(f"PRIMARY KEY ({quoted(plain[1])}, {quoted(plain[0])} DESC)")
    if draw(st.integers(0, 4)) == 0:
        column = quoted(draw(st.sampled_from(plain)))
        parts.append(f"CONSTRAINT \"c 1\" CHECK ({quoted(name)}.{column} IS NOT 'bad')")
    if draw(st.integers(0, 3)) == 0:
        actions = draw(st.sampled_from(["", "ON DELETE CASCADE", "ON DELETE SET NULL ON UPDATE CASCADE"]))
        parent = quoted(draw(st.sampled_from(all_names)))
        parts.append(f"FOREIGN KEY ({quoted(draw(st.sampled_from(plain)))}) REFERENCES {parent} {actions}")
    separator = draw(st.sampled_from([", ", ",\n\t", " , -- a comment, (\n"]))
    statements = [f"CREATE TABLE {quoted(name)} ({separator.join(parts)}){tail}"]
    for i in range(draw(st.integers(0, 2))):
        term = quoted(draw(st.sampled_from(columns)))
        term = draw(st.sampled_from([term, f"{term} DESC", f"lower({term})", f"{term} COLLATE NOCASE"]))
        where = draw(st.sampled_from(["", "", f" WHERE {quoted(plain[0])} IS NOT NULL"]))
        statements.append(f"CREATE INDEX {quoted(f'i{i} {name}')} ON {quoted(name)} ({term}){where}")
    if draw(st.integers(0, 4)) == 0:
        statements.append(
            f"CREATE TRIGGER {quoted('tr ' + name)} AFTER UPDATE ON {quoted(name)} WHEN 0 BEGIN"
            f" DELETE FROM {quoted(draw(st.sampled_from(all_names)))} WHERE CASE WHEN 1 THEN 0 END; END"
        )
    return statements


@st.composite
def schemas(draw: st.DrawFn) -> list[str]:
    names = draw(st.lists(st.sampled_from(TABLES), min_size=0, max_size=3, unique=True))
    statements = [s for name in names for s in draw(tables(name, names))]
    if names and draw(st.booleans()):
        body = draw(st.sampled_from(["SELECT * FROM", "SELECT count(*) AS n FROM"]))
        statements.append(f"CREATE VIEW v AS {body} {quoted(draw(st.sampled_from(names)))}")
    return statements


VALUES = st.one_of(
    st.none(),
    st.integers(-5, 2**40),
    st.sampled_from(["007", "1.50", "abc", "1e3", "9999999999999999999", "", " 5 ", "ÄÖ", "x\0y"]),
    st.sampled_from([0.5, 1e300, -2.25, 3.0, 0.1]),
    st.binary(max_size=3),
)


def works(script: list[str]) -> bool:
    connection = sqlite3.connect(":memory:")
    try:
        for statement in script:
            connection.execute(statement)
    except sqlite3.Error:
        return False
    finally:
        connection.close()
    return True


def fill(database: Database, data: st.DataObject, rows: int) -> None:
    """Put rows in; what the schema refuses stays out."""
    for name in list(database.rows()):
        columns = [r[1] for r in database.app.execute(f"PRAGMA table_xinfo({quoted(name)})") if r[6] == 0]
        for _ in range(data.draw(st.integers(0, rows))):
            values = [data.draw(VALUES) for _ in columns]
            marks = ", ".join("?" * len(columns))
            insert = f"INSERT INTO {quoted(name)} ({', '.join(map(quoted, columns))}) VALUES ({marks})"
            try:
                database.app.execute(insert, values)
            except sqlite3.Error:
                continue


def write_some(database: Database, data: st.DataObject) -> Counter[str]:
    """Do what an application does in between: delete some rows, insert new ones; return how many were deleted."""
    deleted: Counter[str] = Counter()
    for name in list(database.rows()):
        where = data.draw(st.sampled_from(["0", "1", "rowid > 2" if _has_rowid(database, name) else "0"]))
        deleted[name] = database.app.execute(f"DELETE FROM {quoted(name)} WHERE {where}").rowcount
    fill(database, data, 2)
    return deleted


def check_survivors(before: dict[str, Any], after: dict[str, Any], deleted: Counter[str]) -> None:
    """Every row nobody deleted is back, value by value."""
    for name, rows in before.items():
        kept = sum((Counter(map(repr, rows)) & Counter(map(repr, after[name]))).values())
        assert kept >= len(rows) - deleted[name], (name, rows, after[name])


def _has_rowid(database: Database, name: str) -> bool:
    sql = "SELECT wr FROM pragma_table_list WHERE schema = 'main' AND lower(name) = lower(?)"
    return not database.app.execute(sql, (name,)).fetchone()[0]


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(schemas())
def test_a_rendered_schema_reads_back_equal(script: list[str]) -> None:
    assume(works(script))
    with tempfile.TemporaryDirectory() as folder:
        one = Database(Path(folder) / "one.db", ";\n".join(script))
        schema = one.schema()
        other = Database(Path(folder) / "other.db")
        for statement in ENGINE.render_schema(schema, one.server):
            other.session.execute(statement)
        assert diff_schemas(schema, other.schema()) == ()
        assert one.dump() == other.dump()
        assert fingerprint(schema) == fingerprint(other.schema())
        one.close()
        other.close()


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(schemas(), schemas(), st.data())
def test_a_plan_leads_there_and_back_with_every_row(a: list[str], b: list[str], data: st.DataObject) -> None:
    assume(works(a) and works(b))
    with tempfile.TemporaryDirectory() as folder:
        desired = desired_schema(Path(folder) / "b.db", ";\n".join(b))
        database = Database(Path(folder) / "a.db", ";\n".join(a))
        try:
            fill(database, data, 4)
            check_round(database, desired, data)
        finally:
            database.close()


def check_round(database: Database, desired: Any, data: st.DataObject) -> None:
    live, texts, rows, dump = database.schema(), database.texts(), database.rows(), database.dump()
    assert diff_schemas(live, live) == ()
    strategy = data.draw(st.sampled_from([Strategy.PLAIN, Strategy.ONLINE]))
    ops = database.plan(desired, strategy=strategy)
    assert ops == database.plan(desired, strategy=strategy)
    done = []
    try:
        for op in ops:
            database.apply([op])
            done.append(op)
    except (RefusedError, StatementFailed):
        ops = tuple(done)
        goal = database.schema()
    else:
        goal = desired
        assert diff_schemas(database.schema(), desired) == ()
    is_written = data.draw(st.booleans())
    if is_written:
        deleted = write_some(database, data)
        there = database.rows()
        try:
            is_exact = database.roll_back(ops)
        except RefusedError:
            return
        back = database.rows()
        assert not is_exact or diff_schemas(database.schema(), live) == ()
        check_survivors(rows, back, deleted)
        database.redo(ops)
        assert diff_schemas(database.schema(), goal) == ()
        assert database.rows() == there
        database.revert(ops)
        assert database.rows() == back
        return
    database.roll_back(ops)
    assert database.rows() == rows
    assert database.texts() == texts
    assert database.dump() == dump
    assert fingerprint(database.schema()) == fingerprint(live)
    assert database.app.execute("PRAGMA integrity_check").fetchone() == ("ok",)
