"""Held locks, two runners, cut connections, an unwritable journal, Ctrl-C: each ends in a stated status."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from msgspec.structs import replace as evolve

from lockgate.engine.base import Session
from lockgate.errors import ConnectionLost, Interrupted, LeaseHeld, LockgateError, LockTimeout, StatementFailed
from lockgate.execute import retry
from lockgate.execute.execution import Execution
from lockgate.execute.opening import open_execution
from lockgate.execute.retry import Patience
from lockgate.model.plan import Plan, seal_plan
from lockgate.model.run import Event, EventType, RunState
from lockgate.workflow.apply_plan import apply_plan
from lockgate.workflow.options import ApplyOptions, ignore_event, random_id, utc_now
from lockgate.workflow.status import read_status
from tests.execute.bench import Bench
from tests.execute.shop import all_rows, shop_plan

HURRIED = ApplyOptions(patience=Patience(lock_timeout_ms=200, budget_s=1.5))


def hold_users(shop: Bench) -> Session:
    """Return a session that holds a lock the plan needs, until it is closed."""
    session = shop.connect()
    session.execute("BEGIN")
    session.execute("UPDATE users SET age = age WHERE id = 1")
    return session


def check_untouched(shop: Bench, before: str, rows: dict[str, list[tuple[object, ...]]]) -> None:
    """The database is as before and the journal says so."""
    assert shop.fingerprint() == before
    assert all_rows(shop) == rows
    assert read_status(shop.engine, shop.target).unfinished is None


def test_a_lock_that_is_not_had_in_time_rolls_back_and_names_the_wait(
    shop: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, rows, plan = shop.fingerprint(), all_rows(shop), shop_plan(shop)
    open_journal(shop)
    waits: list[str] = []
    holder: list[Session] = []

    def observe(event: Event) -> None:
        if event.type is EventType.STEP_STARTED and event.step == 2 and not holder:
            holder.append(hold_users(shop))
        if event.type is EventType.WAITING:
            waits.append(event.message)

    def give_up(*told: Any) -> LockTimeout:
        holder[0].close()  # the way back finds the lock free, as late as that may begin
        return spent(*told)

    spent = retry._spent
    monkeypatch.setattr(retry, "_spent", give_up)
    with pytest.raises(LockgateError) as caught:
        apply_plan(shop.engine, shop.target, plan, HURRIED, observe)
    holder[0].close()
    if isinstance(caught.value, LockTimeout):
        assert caught.value.waited_ms > 0 and waits
        check_untouched(shop, before, rows)
    else:
        pytest.fail(f"{type(caught.value).__name__}: {caught.value}")


def test_a_lock_that_is_freed_in_time_is_waited_for(shop: Bench) -> None:
    plan = shop_plan(shop)
    open_journal(shop)
    waits: list[str] = []
    holder: list[Session] = []

    def observe(event: Event) -> None:
        if event.type is EventType.STATEMENT_INTENT and event.step == 2 and not holder:
            holder.append(hold_users(shop))
        if event.type is EventType.STEP_STARTED and event.step == 2 and not holder:
            holder.append(hold_users(shop))
        if event.type is EventType.WAITING:
            waits.append(event.message)
            holder[0].close()

    patience = Patience(lock_timeout_ms=200, budget_s=20)
    assert apply_plan(shop.engine, shop.target, plan, ApplyOptions(patience=patience), observe).state == "applied"
    assert waits and "waiting" in waits[0]


def open_journal(shop: Bench) -> None:
    """Make our tables, so that a busy database does not meet their creation."""
    with open_execution(
        shop.engine, shop.target, patience=Patience(), observer=ignore_event, now=utc_now, new_id=random_id
    ):
        pass


def test_a_second_runner_is_refused_and_told_who_holds_the_lease(shop: Bench) -> None:
    plan = shop_plan(shop)
    with (
        open_execution(
            shop.engine, shop.target, patience=Patience(), observer=ignore_event, now=utc_now, new_id=random_id
        ) as first,
        pytest.raises(LeaseHeld) as caught,
    ):
        apply_plan(shop.engine, shop.target, plan)
    assert caught.value.exit_code == 8
    assert first.holder in caught.value.holder
    assert apply_plan(shop.engine, shop.target, plan).state == "applied"


def test_a_journal_that_cannot_be_written_stops_the_step_it_announces(shop: Bench) -> None:
    before, rows, plan = shop.fingerprint(), all_rows(shop), shop_plan(shop)
    open_journal(shop)
    prefix = shop.engine.state.prefix
    shop.run(f"ALTER TABLE {prefix}event RENAME TO lockgate_hidden")
    with pytest.raises(LockgateError) as caught:
        apply_plan(shop.engine, shop.target, plan)
    assert caught.value.exit_code in (2, 6, 7)
    assert shop.fingerprint() == before
    assert all_rows(shop) == rows


def cut(shop: Bench, sessions: list[Session]) -> None:
    """Let the server end the runner's connection."""
    victim = sessions[0].session_id
    for statement in (f"SELECT pg_terminate_backend({victim})", f"KILL CONNECTION {victim}"):
        try:
            shop.run(statement)
        except StatementFailed:
            continue
        return


def recording(shop: Bench, sessions: list[Session]) -> Bench:
    """Return the bench with an engine that notes the sessions it opens."""
    connect = shop.engine.connect

    def opened(target: object, *, is_read_only: bool = False) -> Session:
        session: Session = connect(target, is_read_only=is_read_only)
        sessions.append(session)
        return session

    return Bench(replace(shop.engine, connect=opened), shop.target, shop.url)


@pytest.mark.parametrize("any_url", ["postgres", "mysql", "mariadb"], indirect=True)
@pytest.mark.parametrize("number", (5, 12, 17, 24, 30))
def test_a_connection_that_is_cut_is_looked_after_over_a_new_one(shop: Bench, number: int) -> None:
    before, rows, plan = shop.fingerprint(), all_rows(shop), shop_plan(shop)
    sessions: list[Session] = []
    seen = 0

    def observe(event: Event) -> None:
        nonlocal seen
        seen += 1
        if seen == number:
            cut(shop, sessions)

    with pytest.raises(ConnectionLost) as caught:
        apply_plan(recording(shop, sessions).engine, shop.target, plan, None, observe)
    assert "undone" in caught.value.state or "no run is unfinished" in caught.value.state
    check_untouched(shop, before, rows)


@pytest.mark.parametrize("any_url", ["postgres", "mysql", "mariadb"], indirect=True)
def test_a_connection_that_is_cut_at_the_very_end_does_not_hide_that_the_plan_is_applied(
    shop: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = shop_plan(shop)
    sessions: list[Session] = []
    journal = Execution.journal

    def cut_first(execution: Execution, kind: EventType, **fields: object) -> None:
        if kind is EventType.RUN_DONE:
            cut(shop, sessions)
        journal(execution, kind, **fields)

    monkeypatch.setattr(Execution, "journal", cut_first)
    with pytest.raises(LockgateError) as caught:
        apply_plan(recording(shop, sessions).engine, shop.target, plan)
    assert caught.value.exit_code == 7
    assert "is applied" in caught.value.state
    assert shop.fingerprint() == plan.after
    assert read_status(shop.engine, shop.target).runs[0].state is RunState.APPLIED


def at_event(number: int, act: Callable[[], None]) -> Callable[[Event], None]:
    """Return an observer that acts once, at its n-th event, and waits until the runner says that it has heard of it."""
    seen = 0
    is_heard = threading.Event()

    def observe(event: Event) -> None:
        nonlocal seen
        if event.type is EventType.NOTE and "stopping" in event.message:
            is_heard.set()
            return
        seen += 1
        if seen == number:
            act()
            assert is_heard.wait(60)

    return observe


@pytest.mark.parametrize("number", (2, 8, 15, 21, 27))
def test_ctrl_c_winds_down_and_rolls_back(shop: Bench, number: int) -> None:
    before, rows, plan = shop.fingerprint(), all_rows(shop), shop_plan(shop)
    with pytest.raises(Interrupted) as caught:
        apply_plan(shop.engine, shop.target, plan, None, at_event(number, lambda: os.kill(os.getpid(), signal.SIGINT)))
    assert caught.value.exit_code == 130
    assert caught.value.state
    check_untouched(shop, before, rows)


SLEEPS = {
    "sqlite": "CREATE TABLE slow AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300000000)"
    " SELECT count(*) AS c FROM n",
    "postgres": "SELECT pg_sleep(30)",
    "mysql": "SELECT SLEEP(6)",
}


def slow_plan(shop: Bench) -> Plan:
    """Return the shop's plan with a last statement that takes half a minute."""
    plan = shop_plan(shop)
    last = plan.stages[-1]
    slow = evolve(last.steps[-1].statements[0], sql=SLEEPS[shop.engine.name])
    step = evolve(last.steps[-1], statements=(*last.steps[-1].statements, slow))
    return seal_plan(evolve(plan, stages=(*plan.stages[:-1], evolve(last, steps=(step,)))))


def test_ctrl_c_twice_cancels_the_running_statement(shop: Bench) -> None:
    before, rows, plan = shop.fingerprint(), all_rows(shop), slow_plan(shop)

    def observe(event: Event) -> None:
        if event.type is EventType.STATEMENT_STARTED and event.sql == SLEEPS[shop.engine.name]:
            for delay in (0.3, 0.8):
                threading.Timer(delay, lambda: os.kill(os.getpid(), signal.SIGINT)).start()

    with pytest.raises(Interrupted) as caught:
        apply_plan(shop.engine, shop.target, plan, None, observe)
    assert caught.value.exit_code == 130
    check_untouched(shop, before, rows)
