"""Copies of big tables: paused, resumed, abandoned, interrupted, killed and finished at the last row, held back."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from msgspec.structs import replace as evolve

from lockgate.errors import FailedError, Interrupted, LeaseHeld, LockgateError, RefusedError
from lockgate.execute.opening import open_execution
from lockgate.execute.pace import Limits, Pace
from lockgate.execute.retry import Patience
from lockgate.model.plan import Plan, seal_plan
from lockgate.model.run import Event, EventType
from lockgate.model.target import parse_target
from lockgate.store import runs
from lockgate.store.fence import raise_token
from lockgate.store.progress import ABANDON, GO, PAUSE
from lockgate.workflow.apply_plan import apply_plan
from lockgate.workflow.options import ApplyOptions, ignore_event, random_id, utc_now
from lockgate.workflow.status import CopyStatus, read_status
from lockgate.workflow.steer_copy import steer_copy
from tests.execute.bench import Bench, make_bench
from tests.fault.copying import ROWS, build_copy
from tests.fault.stand import Stand
from tests.moments import assert_quick, wait_until

SMALL = Pace(name="small", target_s=0.05, rest=0.0, first_rows=50, most_rows=50)
LIMITS = Limits(look_every_s=0.05, latency_s=0)  # how long a busy machine's commits take holds no copy back here
HURRIED = Patience(pace=SMALL, limits=LIMITS)


class Copying:
    """A table, the plan that goes over it, and what was told meanwhile."""

    def __init__(self, url: str) -> None:
        self.bench: Bench = make_bench(url)
        self.plan: Plan = build_copy(self.bench)
        self.events: list[Event] = []
        self.acts: dict[EventType, list[Callable[[], None]]] = {}

    def at(self, kind: EventType, act: Callable[[], None]) -> None:
        """Act once, at the next event of a type."""
        self.acts.setdefault(kind, []).append(act)

    def apply(self, patience: Patience = HURRIED) -> str:
        options = ApplyOptions(patience=patience)
        return apply_plan(self.bench.engine, self.bench.target, self.plan, options, self.observe).state

    def observe(self, event: Event) -> None:
        self.events.append(event)
        waiting = self.acts.get(event.type, [])
        if waiting:
            waiting.pop(0)()

    def steer(self, wish: str) -> None:
        steer_copy(self.bench.engine, self.bench.target, wish)

    def copy(self) -> CopyStatus:
        found = read_status(self.bench.engine, self.bench.target).copy
        assert found is not None
        return found

    def values(self) -> list[tuple[object, ...]]:
        """Return how many rows have which value."""
        return self.bench.rows("SELECT n, count(*) FROM big GROUP BY n ORDER BY n")

    def told(self, kind: EventType) -> list[str]:
        return [event.message for event in self.events if event.type is kind]


@pytest.fixture
def copying(any_url: str) -> Copying:
    return Copying(any_url)


def test_every_row_is_done_exactly_once(copying: Copying) -> None:
    assert copying.apply() == "applied"
    assert copying.values() == [(1, ROWS)]
    assert any("all rows copied" in message for message in copying.told(EventType.PROGRESS))
    assert read_status(copying.bench.engine, copying.bench.target).copy is None


def test_a_paused_copy_stands_still_and_says_so_until_it_is_resumed(copying: Copying) -> None:
    seen: list[CopyStatus] = []

    def look() -> None:
        seen.extend((copying.copy(), copying.copy()))
        copying.steer(GO)

    copying.at(EventType.PROGRESS, lambda: copying.steer(PAUSE))
    copying.at(EventType.THROTTLED, look)
    assert copying.apply() == "applied"
    assert copying.values() == [(1, ROWS)]
    assert "paused on request" in copying.told(EventType.THROTTLED)[0]
    assert seen[0].table.endswith("big") and 0 < seen[0].rows < ROWS and seen[0].watermark
    assert "paused on request" in seen[0].held_by
    assert seen[0].rows == seen[1].rows
    with pytest.raises(RefusedError, match="no run is at work"):
        copying.steer(PAUSE)


def test_an_abandoned_copy_is_undone(copying: Copying) -> None:
    before = copying.bench.fingerprint()
    copying.at(EventType.PROGRESS, lambda: copying.steer(ABANDON))
    with pytest.raises(Interrupted, match="abandoned"):
        copying.apply()
    assert copying.bench.fingerprint() == before
    assert copying.values() == [(0, ROWS)]
    assert read_status(copying.bench.engine, copying.bench.target).unfinished is None


@pytest.mark.parametrize("flavor", ["sqlite", "postgres", "mysql", "mariadb"])
def test_ctrl_c_ends_a_copy_within_a_second(flavor: str, make_database: Callable[[str], str]) -> None:
    def time_to_stop() -> float:
        copying = Copying(make_database(flavor))
        before = copying.bench.fingerprint()
        struck: list[float] = []
        is_heard = threading.Event()

        def strike() -> None:
            struck.append(time.monotonic())
            os.kill(os.getpid(), signal.SIGINT)
            assert is_heard.wait(60)

        copying.at(EventType.NOTE, is_heard.set)
        copying.at(EventType.PROGRESS, strike)
        copying.at(EventType.ROLLBACK_STARTED, lambda: struck.append(time.monotonic()))
        with pytest.raises(Interrupted):
            copying.apply()
        assert copying.bench.fingerprint() == before
        assert copying.values() == [(0, ROWS)]
        return struck[1] - struck[0]

    assert_quick(time_to_stop, 2.0, "the copy went on for too long")


@pytest.mark.parametrize("any_url", ["sqlite", "postgres", "mariadb"], indirect=True)
def test_a_killed_copy_is_finished_at_its_last_row(any_url: str, tmp_path: Path) -> None:
    bench = make_bench(any_url)
    stand = Stand(bench, build_copy(bench, tmp_path), {}, tmp_path)
    killed = stand.strike("apply", "plan.json", "--yes", "--pace", "gentle", pid=0, event="progress")
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    done = dict(bench.rows("SELECT n, count(*) FROM big GROUP BY n"))
    assert 0 < int(str(done[1])) < ROWS
    with pytest.raises(RefusedError, match="nobody is at work"):
        steer_copy(bench.engine, bench.target, PAUSE)
    finished = stand.call("recover", "--finish", "--yes")
    assert finished.returncode == 0, finished.stderr
    assert bench.rows("SELECT n, count(*) FROM big GROUP BY n") == [(1, ROWS)]
    assert bench.fingerprint() == stand.plan.after


@pytest.mark.parametrize("flavor", ["mysql", "postgres"])
def test_a_copy_waits_for_a_busy_server_and_gives_up_before_a_critical_load(
    flavor: str, make_database: Callable[[str], str]
) -> None:
    copying = Copying(make_database(flavor))
    before = copying.bench.fingerprint()
    sleeper = copying.bench.connect()
    nap = "SELECT SLEEP(250)" if flavor == "mysql" else "SELECT pg_sleep(250)"

    asleep = (
        f"SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE ID = {sleeper.session_id} AND INFO LIKE '%SLEEP%'"
        if flavor == "mysql"
        else f"SELECT count(*) FROM pg_stat_activity WHERE pid = {sleeper.session_id} AND wait_event = 'PgSleep'"
    )

    def sleep() -> None:
        try:
            sleeper.query(nap)
        except LockgateError:
            pass

    thread = threading.Thread(target=sleep)
    thread.start()
    wait_until(lambda: copying.bench.rows(asleep)[0][0] == 1, "the sleeper's statement")
    try:
        with pytest.raises(FailedError, match="too busy"):
            copying.apply(replace(HURRIED, limits=replace(LIMITS, critical_active=1)))
        assert copying.bench.fingerprint() == before
        assert copying.values() == [(0, ROWS)]
        copying.at(EventType.THROTTLED, lambda: copying.steer(ABANDON))
        copying.plan = seal_plan(evolve(copying.plan, id="another"))
        with pytest.raises(Interrupted, match="abandoned"):
            copying.apply(replace(HURRIED, limits=replace(LIMITS, most_active=1)))
        assert "sessions run statements" in copying.told(EventType.THROTTLED)[0]
    finally:
        sleeper.cancel()
        thread.join()
        sleeper.close()


@pytest.mark.parametrize("flavor", ["mysql", "mariadb", "postgres"])
def test_a_replica_that_cannot_tell_its_lag_holds_the_copy_back(
    flavor: str, make_database: Callable[[str], str]
) -> None:
    copying = Copying(make_database(flavor))
    limits = replace(LIMITS, replicas=(parse_target(copying.bench.url),))
    copying.at(EventType.THROTTLED, lambda: copying.steer(ABANDON))
    with pytest.raises(Interrupted, match="abandoned"):
        copying.apply(replace(HURRIED, limits=limits))
    assert "cannot be measured" in copying.told(EventType.THROTTLED)[0]
    assert copying.values() == [(0, ROWS)]


def test_a_runner_that_lost_the_lease_writes_nothing_any_more(copying: Copying) -> None:
    bench = copying.bench
    with open_execution(
        bench.engine, bench.target, patience=Patience(), observer=ignore_event, now=utc_now, new_id=random_id
    ) as first:
        first.journal(EventType.RUN_DONE)
        other = bench.connect()
        raise_token(replace(first, session=other).store)
        other.close()
        with pytest.raises(LeaseHeld, match="lost the lease"):
            first.journal(EventType.RUN_DONE)
        first.session.begin()
        with pytest.raises(LeaseHeld, match="lost the lease"):
            first.write(EventType.RUN_DONE)
        first.session.rollback()
        assert runs.last_seq(first.store, "") == 1


@pytest.mark.parametrize("any_url", ["postgres", "mysql"], indirect=True)
def test_a_frozen_runner_that_wakes_up_finds_its_run_finished_and_changes_nothing(any_url: str, tmp_path: Path) -> None:
    bench = make_bench(any_url)
    stand = Stand(bench, build_copy(bench, tmp_path), {}, tmp_path)
    frozen = stand.begin(
        "apply", "plan.json", "--yes", "--pace", "gentle", pid=0, event="progress", number=1, name="SIGSTOP", pause=0.05
    )
    try:
        end_session_of_runner(bench, frozen.pid)
        finished = stand.call("recover", "--finish", "--yes")
        assert finished.returncode == 0, finished.stderr
        newest = read_status(bench.engine, bench.target).runs[0]
        frozen.send_signal(signal.SIGCONT)
        frozen.communicate(timeout=120)
    finally:
        frozen.kill()
    assert frozen.returncode != 0
    assert bench.rows("SELECT n, count(*) FROM big GROUP BY n") == [(1, ROWS)]
    assert bench.fingerprint() == stand.plan.after
    assert read_status(bench.engine, bench.target).runs[0] == newest


def end_session_of_runner(bench: Bench, pid: int) -> None:
    """Wait until the runner stands still in its copy, then let the server end its session."""
    deadline = time.monotonic() + 90
    prefix = bench.engine.state.prefix
    rows: list[tuple[object, ...]] = []
    while not rows and time.monotonic() < deadline:
        time.sleep(0.3)
        try:
            rows = bench.rows(
                f"SELECT session_id FROM {prefix}lease WHERE EXISTS"
                f" (SELECT 1 FROM {prefix}progress WHERE rows_done > 0)"
            )
        except LockgateError:
            continue
    stat = Path(f"/proc/{pid}/stat")
    wait_until(lambda: stat.read_text().rpartition(")")[2].split()[0] == "T", "the runner's standstill")
    session = bench.connect()
    assert session.end_session(str(rows[0][0]))
    session.close()
