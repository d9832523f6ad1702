"""Another tool's migrations as a task: by a plan where one can stand for them, else a clear refusal."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from lockgate.model.actions import Migrate, Rollback, Validate
from lockgate.model.procedure import TaskState
from tests.runbook.target.bench import Bench, make_bench

MARKS = "-- migrate:up\n{up}\n-- migrate:down\n"


@pytest.fixture
def bench(sqlite_url: str, tmp_path: Path) -> Iterator[Bench]:
    folder = tmp_path / "book"
    (folder / "db/migrations").mkdir(parents=True)
    made = make_bench(sqlite_url, folder, migrations=f"dbmate:{folder}/db/migrations")
    made.write("db/migrations/001_orders.sql", MARKS.format(up="CREATE TABLE orders (id INTEGER PRIMARY KEY);"))
    made.sql(
        "CREATE TABLE orders (id INTEGER PRIMARY KEY)",
        "CREATE TABLE schema_migrations (version varchar(128) PRIMARY KEY)",
        "INSERT INTO schema_migrations VALUES ('001')",
    )
    yield made
    made.record.close()


def test_pending_migrations_are_applied_by_a_plan_and_taken_back(bench: Bench) -> None:
    assert "nothing was done" in bench.do(Migrate()).message
    bench.write("db/migrations/002_note.sql", MARKS.format(up="ALTER TABLE orders ADD COLUMN note TEXT;"))

    ended = bench.do(Migrate(), "3.2")

    assert ended.state is TaskState.DONE, ended.message
    assert "still lists as pending: 002" in ended.message
    assert len(bench.rows("PRAGMA table_info(orders)")) == 2
    assert bench.probe(Migrate(), "3.2") is TaskState.DONE
    assert bench.do(Rollback(to="before:3.2"), "3.3").state is TaskState.DONE
    assert len(bench.rows("PRAGMA table_info(orders)")) == 1


def test_a_migration_that_changes_rows_is_left_to_its_tool(bench: Bench) -> None:
    bench.write("db/migrations/002_fill.sql", MARKS.format(up="INSERT INTO orders VALUES (1);"))

    ended = bench.do(Migrate(), "3.2")

    assert ended.state is TaskState.FAILED
    assert "changes rows" in ended.message
    assert "nothing was touched" in ended.message
    assert bench.rows("SELECT count(*) FROM orders") == [(0,)]


def test_the_migrations_are_kept_as_data(bench: Bench) -> None:
    ended = bench.do(Validate(only=("migrations", "history")), "0.4")

    assert ended.state is TaskState.DONE, ended.message
    kept = json.loads((bench.record.folder / ended.evidence[1].path).read_text())
    assert (kept["tool"], kept["count"], kept["applied_count"]) == ("dbmate", 1, 1)
    assert kept["migrations"][0]["id"] == "001"
    assert len(kept["migrations"][0]["sha256"]) == 64
