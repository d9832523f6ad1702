"""A task's own limits of locks: when one is used up our statement is cancelled and all is as before."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from lockgate.errors import ConfigError
from lockgate.model.actions import Apply, Change, Index, Plan
from lockgate.model.checks import SchemaCheck
from lockgate.model.outcome import Outcome
from lockgate.model.procedure import TaskState
from lockgate.runbook.actions.apply import patience_of
from tests.runbook.target.bench import Bench, make_bench, open_bench

FLAVORS = ("postgres", "mysql", "mariadb")
BEFORE = "CREATE TABLE orders (id integer PRIMARY KEY, total integer NOT NULL)"
AFTER = "CREATE TABLE orders (id integer PRIMARY KEY, total integer NOT NULL, note varchar(9));"


@pytest.fixture(params=FLAVORS)
def bench(request: pytest.FixtureRequest, make_database: Callable[[str], str], tmp_path: Path) -> Iterator[Bench]:
    with open_bench(
        make_database(request.param), tmp_path / "book", AFTER, BEFORE, "INSERT INTO orders VALUES (1, 1)"
    ) as made:
        yield made


def test_a_lock_that_is_held_beyond_the_limit_fails_the_task_clean(bench: Bench) -> None:
    tools = bench.tools
    assert bench.do(Plan(output="plan.json", allow=("all",)), "1.1").state is TaskState.DONE
    with closing(tools.engine.connect(tools.target, is_read_only=False)) as holder:
        holder.begin()
        holder.execute("UPDATE orders SET total = 2 WHERE id = 1")
        ended = bench.do(Apply(plan="plan.json", lock_timeout="50ms", stall_budget="0", lock_patience="1s"), "1.2")
        holder.commit()

    assert ended.state is TaskState.FAILED
    assert "more would hold others up" in ended.message and "rolled back to checkpoint" in ended.message
    assert bench.rows("SELECT total FROM orders") == [(2,)], "who held the lock was disturbed"
    assert bench.ask(SchemaCheck(lacks=("column orders.note",))).outcome is Outcome.OK
    again = bench.do(Apply(plan="plan.json", lock_patience="20s"), "1.2")
    assert again.state is TaskState.DONE, again.message


def test_limits_are_the_tasks_own_and_the_rest_is_the_runs(sqlite_url: str, tmp_path: Path) -> None:
    bench = make_bench(sqlite_url, tmp_path)
    usual = bench.tools.patience
    found = patience_of(bench.tools, Index(sql="", lock_timeout="250ms", lock_patience="1m30s"))
    bench.record.close()

    assert (found.lock_timeout_ms, found.budget_s, found.stall_budget_s) == (250, 90.0, usual.stall_budget_s)
    assert patience_of(bench.tools, Change()) == usual
    with pytest.raises(ConfigError, match="'soon' is no length of time"):
        patience_of(bench.tools, Change(stall_budget="soon"))
