"""A stop, a time-out or a breach while a plan is applied: the statement is cancelled, and all is as before."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from lockgate.model.actions import Index
from lockgate.model.checks import SchemaCheck
from lockgate.model.outcome import Outcome
from lockgate.model.procedure import TaskState
from tests.runbook.target.bench import Bench, make_bench

BUILDING = "SELECT count(*) FROM pg_stat_progress_create_index WHERE datname = current_database()"
INVALID = "SELECT count(*) FROM pg_index WHERE NOT indisvalid"


@pytest.fixture
def bench(postgres_url: str, tmp_path: Path) -> Iterator[Bench]:
    folder = tmp_path / "book"
    folder.mkdir()
    made = make_bench(postgres_url, folder)
    made.sql("CREATE TABLE orders (id integer PRIMARY KEY, total integer NOT NULL)", "INSERT INTO orders VALUES (1, 1)")
    yield made
    made.record.close()


def test_a_stop_cancels_the_statement_and_leads_back(bench: Bench) -> None:
    tools, seen, ended_first = bench.tools, list[threading.Thread](), list[str]()
    with (
        closing(tools.engine.connect(tools.target, is_read_only=False)) as writer,
        closing(tools.engine.connect(tools.target, is_read_only=True)) as onlooker,
        closing(tools.engine.connect(tools.target, is_read_only=True)) as other,
    ):

        def let_go() -> None:
            """The index waits for the writer, who ends when nobody builds it any more: only a stop ends it before."""
            until = time.monotonic() + 60
            while other.query(BUILDING)[0][0] and time.monotonic() < until:
                time.sleep(0.02)
            ended_first.append("writer" if other.query(BUILDING)[0][0] else "index")
            writer.rollback()

        def is_building() -> bool:
            """Ask for a stop as soon as the index is being built."""
            if not seen and onlooker.query(INVALID)[0][0]:
                seen.append(threading.Thread(target=let_go))
                seen[0].start()
            return bool(seen)

        bench.is_stopped = is_building
        writer.begin()
        writer.execute("INSERT INTO orders VALUES (2, 2)")
        ended = bench.do(Index(sql="CREATE INDEX ix_total ON orders (total)"), "4.1")
        for thread in seen:
            thread.join()

    assert seen, "the index was never being built"
    assert ended_first == ["index"]
    assert ended.state is TaskState.FAILED, ended.message
    assert "rolled back" in ended.message
    assert bench.rows(INVALID) == [(0,)]
    assert bench.ask(SchemaCheck(lacks=("index orders.ix_total",))).outcome is Outcome.OK
