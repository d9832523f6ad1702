"""Killed with ``kill -9`` anywhere, a run ends in before or after, and journal and database agree."""

from __future__ import annotations

import pytest

from lockgate.errors import RefusedError
from lockgate.workflow.apply_plan import apply_plan
from lockgate.workflow.finalize import finalize
from lockgate.workflow.options import FinalizeOptions, RecoverOptions
from lockgate.workflow.recover import recover
from lockgate.workflow.roll_back import roll_back
from lockgate.workflow.status import read_status
from tests.execute.bench import Bench
from tests.execute.shop import all_rows, shop_plan

POINTS = (1, 4, 9, 13, 18, 22, 25, 29, 34)


def check_undone(shop: Bench, plan, before: str, rows: dict) -> None:
    """The database is as before, the journal says so, and the plan can be applied again."""
    assert shop.fingerprint() == before
    assert all_rows(shop) == rows
    assert read_status(shop.engine, shop.target).unfinished is None


@pytest.mark.parametrize("number", POINTS)
def test_a_run_killed_at_an_event_is_undone(shop: Bench, child, number: int) -> None:
    before, rows, plan = shop.fingerprint(), all_rows(shop), shop_plan(shop)
    assert child("apply", number, plan).returncode == -9
    status = read_status(shop.engine, shop.target)
    if status.unfinished is not None:
        shop.wait_until_free()
        with pytest.raises(RefusedError, match="unfinished"):
            apply_plan(shop.engine, shop.target, plan)
    recover(shop.engine, shop.target)
    check_undone(shop, plan, before, rows)


@pytest.mark.parametrize("number", POINTS)
def test_a_run_killed_at_an_event_is_finished(shop: Bench, child, number: int) -> None:
    plan = shop_plan(shop)
    assert child("apply", number, plan).returncode == -9
    was_begun = read_status(shop.engine, shop.target).unfinished is not None
    result = recover(shop.engine, shop.target, RecoverOptions(is_finish=True))
    assert shop.fingerprint() == (plan.after if was_begun else plan.before)
    assert result.state == ("applied" if was_begun else "nothing to do")
    if was_begun:
        assert shop.rows("SELECT count(*) FROM users WHERE years = 7")[0][0] == 5


@pytest.mark.parametrize("number", (2, 6, 10, 15, 20))
def test_a_rollback_killed_at_an_event_is_completed(shop: Bench, child, number: int) -> None:
    before, rows, plan = shop.fingerprint(), all_rows(shop), shop_plan(shop)
    apply_plan(shop.engine, shop.target, plan)
    assert child("rollback", number).returncode == -9
    if read_status(shop.engine, shop.target).unfinished is None:
        shop.wait_until_free()
        roll_back(shop.engine, shop.target, "start")
    recover(shop.engine, shop.target)
    check_undone(shop, plan, before, rows)


@pytest.mark.parametrize("number", (1, 2, 3))
def test_a_finalize_killed_at_an_event_is_completed(shop: Bench, child, number: int) -> None:
    plan = shop_plan(shop)
    apply_plan(shop.engine, shop.target, plan)
    child("finalize", number)
    recover(shop.engine, shop.target)
    finalize(shop.engine, shop.target, "latest", FinalizeOptions(is_now=True))
    assert read_status(shop.engine, shop.target).parked == ()
    assert shop.fingerprint() == plan.after


def test_a_recovery_that_is_killed_too_is_recovered(shop: Bench, child) -> None:
    before, rows, plan = shop.fingerprint(), all_rows(shop), shop_plan(shop)
    child("apply", 29, plan)
    child("recover", 4)
    child("recover", 9)
    recover(shop.engine, shop.target)
    check_undone(shop, plan, before, rows)


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_a_run_killed_at_every_event_and_soon_after_it_is_undone(shop: Bench, child) -> None:
    """Every event in turn, at once and some milliseconds later (in the middle of a statement)."""
    before, rows, plan = shop.fingerprint(), all_rows(shop), shop_plan(shop)
    number = 0
    while True:
        number += 1
        for delay_ms in (0, 1, 3):
            killed = child("apply", number, plan, delay_ms=delay_ms)
            if killed.returncode == 0 and delay_ms == 0:
                return
            recover(shop.engine, shop.target)
            if shop.fingerprint() == plan.after:
                assert read_status(shop.engine, shop.target).runs[0].state.value == "applied"
                roll_back(shop.engine, shop.target, "start")
            check_undone(shop, plan, before, rows)
            finalize(shop.engine, shop.target, "latest", FinalizeOptions(is_now=True, is_all=True))
