"""Whoever runs an apply can stop it: the statement is cancelled at once and the run goes its way back."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest
from msgspec.structs import replace

from lockgate.errors import Interrupted
from lockgate.model.plan import Plan, seal_plan
from lockgate.model.run import Event, EventType
from lockgate.workflow.apply_plan import apply_plan
from lockgate.workflow.options import ApplyOptions
from tests.execute.bench import Bench, make_bench
from tests.execute.shop import all_rows, build_shop, shop_plan
from tests.moments import assert_quick


def slow_last_step(plan: Plan) -> Plan:
    """Return the plan with a last statement that takes minutes."""
    last = plan.stages[-1]
    slow = replace(last.steps[-1].statements[0], sql="SELECT pg_sleep(200)")
    step = replace(last.steps[-1], statements=(*last.steps[-1].statements, slow))
    return seal_plan(replace(plan, stages=(*plan.stages[:-1], replace(last, steps=(*last.steps[:-1], step)))))


def wait_for_sleep(bench: Bench) -> None:
    until = time.monotonic() + 60
    asked = (
        "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(200)%' AND state = 'active' "
        "AND pid <> pg_backend_pid() AND datname = current_database()"
    )
    while not bench.rows(asked)[0][0]:
        assert time.monotonic() < until, "the long statement was never seen"
        time.sleep(0.02)


def test_a_long_statement_is_cancelled_within_a_second_and_the_run_rolls_back(
    make_database: Callable[[str], str],
) -> None:
    assert_quick(lambda: time_to_cancel(make_database("postgres")), 1.0, "the statement was not cancelled at once")


def time_to_cancel(url: str) -> float:
    """Stop a run in a statement of minutes; return how long that took."""
    shop = make_bench(url)
    build_shop(shop)
    before, rows, plan = shop.fingerprint(), all_rows(shop), slow_last_step(shop_plan(shop))
    is_wanted, times, ended = threading.Event(), {}, []

    def observe(event: Event) -> None:
        if event.type is EventType.INTERRUPTED:
            times["cancelled"] = time.monotonic()

    def work() -> None:
        with pytest.raises(Interrupted) as caught:
            apply_plan(shop.engine, shop.target, plan, ApplyOptions(is_stop_wanted=is_wanted.is_set), observe)
        ended.append(caught.value)

    runner = threading.Thread(target=work)
    runner.start()
    wait_for_sleep(shop)
    asked = time.monotonic()
    is_wanted.set()
    runner.join(60)

    assert ended and "rolled back to checkpoint" in ended[0].state
    assert shop.fingerprint() == before
    assert all_rows(shop) == rows
    return times["cancelled"] - asked


def test_a_wish_before_the_start_touches_nothing(sqlite_url: str) -> None:
    shop = make_bench(sqlite_url)
    build_shop(shop)
    before, plan = shop.fingerprint(), shop_plan(shop)
    with pytest.raises(Interrupted):
        apply_plan(shop.engine, shop.target, plan, ApplyOptions(is_stop_wanted=lambda: True))
    assert shop.fingerprint() == before
