"""Tasks, checks and levels on PostgreSQL and MySQL, where statements commit by themselves or do not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lockgate.model.actions import Apply, Backup, Index, Plan
from lockgate.model.checks import BackupCheck, PlanCheck, PreflightCheck, SchemaCheck, SqlCheck
from lockgate.model.outcome import FailureClass, Outcome, RollbackLevel
from lockgate.model.procedure import TaskState
from lockgate.model.runbook import Task
from lockgate.runbook.base import LevelAsk
from lockgate.runbook.levels.choose import take_back
from tests.runbook.target.bench import Bench, open_bench, touches

BEFORE = "CREATE TABLE orders (id INTEGER NOT NULL PRIMARY KEY, total INTEGER NOT NULL)"
AFTER = "CREATE TABLE orders (id INTEGER NOT NULL PRIMARY KEY, total INTEGER NOT NULL, note VARCHAR(20));"


@pytest.fixture(params=["postgres", "mysql"])
def bench(request: pytest.FixtureRequest, make_database: Callable[[str], str], tmp_path: Path) -> Iterator[Bench]:
    with open_bench(
        make_database(request.param), tmp_path / "book", AFTER, BEFORE, "INSERT INTO orders VALUES (1, 10), (2, 20)"
    ) as made:
        yield made


def test_back_up_apply_index_and_go_back(bench: Bench) -> None:
    assert bench.ask(PreflightCheck(only=("version", "privileges", "timeouts"))).outcome is Outcome.OK
    taken = bench.do(Backup(verify="checksum"), "1.0")
    assert taken.state is TaskState.DONE, taken.message
    assert bench.ask(BackupCheck(max_age="10m", verified=False, since="run")).outcome is Outcome.OK
    planned = bench.do(Plan(output="plan.json"), "1.1")
    assert planned.state is TaskState.DONE, planned.message
    assert bench.ask(PlanCheck(plan="plan.json", is_="current")).outcome is Outcome.OK

    applied = bench.do(Apply(plan="plan.json"), "1.2", touches=touches("orders"))
    assert applied.state is TaskState.DONE, applied.message
    assert bench.ask(SchemaCheck(is_="expected")).outcome is Outcome.OK

    index = Index(sql="CREATE INDEX ix_orders_total ON orders (total)")
    built = bench.do(index, "1.3", touches=touches("orders"))
    assert built.state is TaskState.DONE, built.message
    assert bench.probe(index, "1.3") is TaskState.DONE
    assert bench.ask(SchemaCheck(has=("index orders.ix_orders_total",))).outcome is Outcome.OK
    bench.sql("INSERT INTO orders VALUES (3, 30, 'new')")

    ask = LevelAsk(RollbackLevel.SCHEMA, bench.effects("checkpoint")[0]["id"], "a test", FailureClass.SERVICE, True)
    ended = take_back(bench.tools, ask, bench.context(Task(id="rollback", title="back")))

    assert ended.state is TaskState.DONE, ended.message
    assert bench.ask(SchemaCheck(is_="before", lacks=("index orders.ix_orders_total",))).outcome is Outcome.OK
    assert bench.ask(SqlCheck(query="SELECT count(*) FROM orders", expect="3")).outcome is Outcome.OK
