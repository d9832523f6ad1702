"""A change behind a long transaction: others hardly wait, holders are named, and only what was asked for is ended."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from lockgate.engine.base import Blocker, Session
from lockgate.errors import LockgateError, LockTimeout
from lockgate.execute.retry import Patience
from lockgate.model.op import EXPAND, Blocks, Op, Statement
from lockgate.model.run import Event, EventType
from lockgate.model.schema import Key
from lockgate.workflow.apply_plan import apply_plan
from lockgate.workflow.options import ApplyOptions
from tests.execute.bench import make_bench
from tests.fault.stall import measure_stall, prepare
from tests.moments import assert_quick

FLAVORS = ["postgres", "mysql", "mariadb"]


class Place:
    """A table that others write to, and a plan that adds a column to it."""

    def __init__(self, url: str) -> None:
        self.bench = make_bench(url)
        self.url, self.target, self.engine = url, self.bench.target, self.bench.engine
        prepare(url)
        self.plan = self.bench.plan(
            Op(
                title="add column busy.extra",
                stage=EXPAND,
                table=Key("table", "public" if self.engine.name == "postgres" else "", "busy"),
                forward=(self._statement("ALTER TABLE busy ADD COLUMN extra INTEGER"),),
                backward=(self._statement("ALTER TABLE busy DROP COLUMN extra"),),
            )
        )
        self.events: list[Event] = []
        self.waits = threading.Event()
        self.at_step: Callable[[], None] = lambda: None

    def _statement(self, sql: str) -> Statement:
        is_transactional = self.engine.state.is_ddl_transactional
        blocks = Blocks.READS_AND_WRITES if is_transactional else Blocks.NOTHING
        return Statement(sql=sql, blocks=blocks, is_transactional=is_transactional)

    def connect(self) -> Session:
        return self.engine.connect(self.target, is_read_only=False)

    def apply(self, **patience: Any) -> None:
        options = ApplyOptions(patience=Patience(**patience))
        apply_plan(self.engine, self.target, self.plan, options, self.observe)

    def observe(self, event: Event) -> None:
        self.events.append(event)
        if event.type is EventType.STEP_STARTED:
            self.at_step()
        if event.type is EventType.WAITING:
            self.waits.set()

    def told(self, kind: EventType) -> list[str]:
        return [event.message for event in self.events if event.type is kind]


@pytest.fixture(params=FLAVORS)
def place(request: pytest.FixtureRequest, make_database: Callable[[str], str]) -> Place:
    return Place(make_database(request.param))


@pytest.fixture
def holder(place: Place) -> Iterator[Session]:
    """Somebody who wrote to the table and did not commit."""
    session = place.connect()
    session.begin()
    session.execute("UPDATE busy SET n = n + 1 WHERE id = 1")
    yield session
    session.close()


@pytest.mark.parametrize("flavor", FLAVORS)
def test_writers_hardly_wait_for_a_change_behind_a_long_transaction(
    flavor: str, make_database: Callable[[str], str]
) -> None:
    def longest_wait() -> float:
        place = Place(make_database(flavor))

        def change(hold: Callable[[], None]) -> None:
            place.at_step = hold
            place.apply()

        seconds, recorder = measure_stall(place.url, 2.0, change, place.waits)
        assert seconds > 1.5, "the change did not wait for the transaction"
        assert recorder.errors == []
        waits = place.told(EventType.WAITING)
        assert any("UPDATE busy" in wait or "transaction" in wait for wait in waits), waits
        return recorder.longest_s

    assert_quick(longest_wait, 1.0, "plain DDL makes writers wait for all of its two seconds")


def test_attempts_are_bounded_by_what_they_cost_others(place: Place, holder: Session) -> None:
    with pytest.raises(LockTimeout) as caught:
        place.apply(stall_budget_s=0.0)
    assert "hold others up" in str(caught.value)
    assert "--stall-budget" in caught.value.hint
    assert holder.session_id in caught.value.cause


def test_nobody_is_ended_unless_it_was_asked_for(place: Place, holder: Session) -> None:
    with pytest.raises(LockTimeout):
        place.apply(budget_s=1.5)
    assert holder.is_alive()


def test_an_idle_holder_is_ended_when_that_was_asked_for(place: Place, holder: Session) -> None:
    time.sleep(1.5)
    if place.plan.flavor == "mariadb":
        with pytest.raises(LockTimeout):  # nobody is surely a holder without the plugin metadata_lock_info
            place.apply(budget_s=3.0, kill_idle_s=1.0)
        assert holder.is_alive()
        return
    place.apply(budget_s=20.0, kill_idle_s=1.0)
    assert not holder.is_alive()
    assert any("ended a session" in message and holder.session_id in message for message in place.told(EventType.NOTE))


@pytest.mark.parametrize("place", ["mysql"], indirect=True)
def test_without_its_watchdog_a_wait_lasts_a_second_and_that_is_told(place: Place, holder: Session) -> None:
    session: Any = place.connect()

    def refuse() -> None:
        raise OSError("no second connection")

    session._watchdog._connect = refuse
    session.set_limits(80, 0)
    started = time.monotonic()
    with pytest.raises(LockTimeout):
        session.execute("ALTER TABLE busy ADD COLUMN extra INTEGER")
    assert 0.5 < time.monotonic() - started < 30
    assert "no second connection" in session.take_notes()[0]
    assert session.take_notes() == ()
    session.close()


@pytest.mark.parametrize("place", ["mysql", "mariadb"], indirect=True)
def test_the_watchdog_ends_no_statement_but_the_one_that_waits(place: Place, holder: Session) -> None:
    session: Any = place.connect()
    session.set_limits(60, 0)
    session.execute("SET SESSION lock_wait_timeout = 100")  # the server itself does not end the wait
    waited_ms = []
    for _ in range(5):
        with pytest.raises(LockTimeout) as caught:
            session.execute("ALTER TABLE busy ADD COLUMN extra INTEGER")
        waited_ms.append(caught.value.waited_ms)
        assert session.query("SELECT SLEEP(0.15)") == [(0,)], "a statement that waits for nothing was cancelled"
    assert max(waited_ms) < 50_000 and min(waited_ms) < 1000
    threading.Timer(0.03, holder.rollback).start()
    session._watch_s = 60.0
    session.execute("ALTER TABLE busy ADD COLUMN extra INTEGER")
    session.close()


def test_a_statement_of_an_earlier_run_that_is_still_at_work_is_seen_by_its_tag(place: Place) -> None:
    orphan, session = place.connect(), place.connect()
    orphan.tag = "/* lockgate:run-1:step-2 */ "
    nap = "SELECT pg_sleep(120)" if place.engine.name == "postgres" else "SELECT SLEEP(120)"

    def work() -> None:
        with contextlib.suppress(LockgateError):
            orphan.execute(nap)

    thread = threading.Thread(target=work)
    assert session.orphans() == ()
    thread.start()
    found: tuple[Blocker, ...] = ()
    deadline = time.monotonic() + 60
    while not found and time.monotonic() < deadline:
        time.sleep(0.1)
        found = session.orphans()
    assert [blocker.session_id for blocker in found] == [orphan.session_id]
    assert "lockgate:run-1:step-2" in found[0].description
    orphan.cancel()
    thread.join()
    assert session.orphans() == ()
    orphan.close()
    session.close()
