"""Every registry: two that claim the same at once, of which exactly one gets it; what others see; expiry; takeover."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from lockgate.coordinate.registry_folder import FolderRegistry
from lockgate.coordinate.registry_target import TargetRegistry
from lockgate.coordinate.sessions import (
    Registry,
    beat_session,
    end_session,
    find_session,
    mark_session,
    take_over,
)
from lockgate.engine import load_engine
from lockgate.errors import FailedError, InputError, LeaseHeld
from lockgate.execute.opening import open_reading
from lockgate.execute.retry import Patience
from lockgate.model.procedure import Actor
from lockgate.model.session import SessionState
from lockgate.model.target import parse_target
from lockgate.store.sessions import carry_sessions
from lockgate.store.tables import Store
from lockgate.workflow.options import ignore_event, random_id, utc_now
from tests.coordinate.tools import Clock, claim, open_pair, target_registry

KINDS = ["folder", "git", "sqlite", "postgres", "mysql", "mariadb"]


@pytest.fixture(params=KINDS)
def pair(
    request: pytest.FixtureRequest, tmp_path: Path, make_database: Callable[[str], str]
) -> tuple[Registry, Registry]:
    return open_pair(request.param, tmp_path, make_database)


def test_of_claims_on_the_same_at_once_exactly_one_is_had(pair: tuple[Registry, Registry]) -> None:
    """Six at once on objects that overlap, before even the registry's table or ref is there."""
    clock, barrier = Clock(), Barrier(6)

    def attempt(number: int) -> str:
        barrier.wait()
        name = ("table:orders", "column:orders.total")[number % 2]
        try:
            return claim(pair[number % 2], clock, f"T{number}", name, who=f"p{number}").session.id
        except LeaseHeld as error:
            assert "since 2026-03-04T09:00" in error.holder and "until 2026-03-04T13:00" in error.holder
            assert error.exit_code == 8
            return ""

    with ThreadPoolExecutor(6) as pool:
        had = [name for name in pool.map(attempt, range(6)) if name]

    assert len(had) == 1
    assert [session.id for session in pair[1].read()] == had


def test_claims_that_do_not_meet_are_all_had_at_once_and_seen_by_others(pair: tuple[Registry, Registry]) -> None:
    clock, barrier = Clock(), Barrier(4)

    def attempt(number: int) -> str:
        barrier.wait()
        return claim(pair[number % 2], clock, f"T{number}", f"table:t{number}").session.task

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(attempt, range(4))) == ["T0", "T1", "T2", "T3"]
    assert sorted(session.task for session in pair[0].read()) == ["T0", "T1", "T2", "T3"]


def test_a_session_of_one_machine_is_changed_by_another(pair: tuple[Registry, Registry]) -> None:
    here, there = pair
    clock = Clock()
    session = claim(here, clock, "SCHEMA-1", "table:orders", title="orders").session

    assert find_session(there.read(), session.id) == session
    mark_session(there, session.id, SessionState.PAUSED, now=clock.now, reason="lunch", next_step="13:00")
    assert find_session(here.read(), "SCHEMA-1").reason == "lunch"
    with pytest.raises(LeaseHeld, match="somebody else is at work"):
        claim(here, clock, "SCHEMA-2", "table:orders")
    end_session(here, session.id, SessionState.COMPLETED, now=clock.now)
    assert claim(there, clock, "SCHEMA-2", "table:orders").session.task == "SCHEMA-2"


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    return open_pair("folder", tmp_path, str)[0]


def test_a_session_without_a_sign_of_life_frees_itself_and_the_next_is_told(registry: Registry) -> None:
    clock = Clock()
    first = claim(registry, clock, "A", "table:orders").session
    clock.move(hours=4)

    second = claim(registry, clock, "B", "table:orders", who="grace")

    assert [conflict.session.id for conflict in second.expired] == [first.id]
    with pytest.raises(LeaseHeld, match="held by grace"):
        beat_session(registry, first.id, first.actor, now=clock.now)


def test_a_late_sign_of_life_takes_claims_again_that_nobody_has(registry: Registry) -> None:
    clock = Clock()
    first = claim(registry, clock, "A", "table:orders").session
    clock.move(hours=30)
    beat_session(registry, first.id, first.actor, now=clock.now)

    with pytest.raises(LeaseHeld):
        claim(registry, clock, "B", "table:orders")


def test_a_takeover_needs_a_reason_is_on_record_and_stops_the_former_holder(registry: Registry) -> None:
    clock = Clock()
    first = claim(registry, clock, "A", "table:orders").session
    with pytest.raises(InputError, match="needs a reason"):
        take_over(registry, first.id, Actor(name="grace"), " ", now=clock.now)

    taken = take_over(registry, first.id, Actor(name="grace"), "ada is ill", now=clock.now)

    assert (taken.takeovers[0].taken_from, taken.takeovers[0].taken_by) == ("ada", "grace")
    assert beat_session(registry, first.id, Actor(name="grace"), now=clock.now).owner == "grace"
    with pytest.raises(LeaseHeld, match=r"taken over at .*: ada is ill"):
        beat_session(registry, first.id, first.actor, now=clock.now)


def test_ids_follow_the_template_and_are_never_used_twice(registry: Registry) -> None:
    clock = Clock()
    assert claim(registry, clock, "SPRINT A/1").session.id == "Session-20260304-SPRINT-A-1-000001"
    assert claim(registry, clock, "x", template="work-{task}").session.id == "work-x"
    with pytest.raises(InputError, match=r"every id .* is taken"):
        claim(registry, clock, "x", template="work-{task}")
    with pytest.raises(InputError, match="the id work-x is taken"):
        claim(registry, clock, "y", id="work-x")
    with pytest.raises(InputError, match="makes no id"):
        claim(registry, clock, "y", template="../{who}")


def test_a_session_that_is_over_stays_as_it_is(registry: Registry) -> None:
    clock = Clock()
    first = claim(registry, clock, "A").session
    ended = end_session(registry, first.id, SessionState.ABANDONED, now=clock.now, reason="no need")
    clock.move(hours=1)

    assert end_session(registry, first.id, SessionState.COMPLETED, now=clock.now) == ended
    with pytest.raises(InputError, match="is abandoned since"):
        beat_session(registry, first.id, first.actor, now=clock.now)


def test_the_registry_in_the_target_is_no_part_of_its_schema(any_url: str) -> None:
    target = parse_target(any_url)
    engine = load_engine(target.engine)
    execution = open_reading(engine, target, patience=Patience(), observer=ignore_event, now=utc_now, new_id=random_id)
    with execution as reading:
        before = reading.inspect(include_own=True)
        claim(TargetRegistry(engine, target), Clock(), "A", "table:orders")
        assert reading.inspect(include_own=True) == before
        assert reading.inspect() == before


def test_a_damaged_session_claims_nothing_and_is_named(sqlite_url: str) -> None:
    registry = target_registry(sqlite_url)
    claim(registry, Clock(), "A")
    import sqlite3

    with sqlite3.connect(sqlite_url.removeprefix("sqlite:///")) as database:
        database.execute("UPDATE lockgate_session SET body = '{}' WHERE id <> ''")
    with pytest.raises(InputError, match="who holds what is unknown"):
        claim(registry, Clock(), "B")


def test_a_restored_database_has_the_sessions_of_now_not_of_its_backup(make_database: Callable[[str], str]) -> None:
    live, restored, clock = make_database("sqlite"), make_database("sqlite"), Clock()
    kept = claim(target_registry(live), clock, "NOW", "table:orders").session
    claim(target_registry(restored), clock, "THEN", "table:orders")
    engine = load_engine(parse_target(live).engine)
    old, new = (engine.connect(parse_target(url), is_read_only=False) for url in (live, restored))
    try:
        carry_sessions(Store(old, engine.state), Store(new, engine.state))
    finally:
        old.close()
        new.close()

    assert target_registry(restored).read() == (kept,)
    assert claim(target_registry(restored), clock, "MORE", "table:customers").session.task == "MORE"


def test_what_is_no_file_among_the_sessions_is_named(tmp_path: Path) -> None:
    (tmp_path / "Session-1.json").mkdir()
    with pytest.raises(FailedError, match="cannot be read") as caught:
        FolderRegistry(tmp_path).read()
    assert caught.value.where == str(tmp_path / "Session-1.json")
