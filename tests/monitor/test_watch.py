"""The watch: nothing begins without a value from all; it stays armed; silence holds; a breach keeps its evidence."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

from lockgate.errors import GateClosed
from lockgate.model.runbook import Monitor, Rule
from lockgate.monitor.base import Judgement
from lockgate.monitor.series import Series, read_series
from lockgate.monitor.watch import Watch
from tests.monitor.world import Clock, Scripted

RATE = Rule(kind="rate", limit=0.01)
GOOD, BAD = {"bad": 0, "total": 400, "value": 400}, {"bad": 20, "total": 400, "value": 400}
ERRORS = Monitor("errors", "prometheus", rule=RATE, action="schema")


class World:
    def __init__(self, folder: Path, *pairs: tuple[Monitor, Scripted], clock: Clock) -> None:
        self.clock = clock
        self.series = Series(folder, clock.now)
        self.watch = Watch(pairs, self.series, clock=clock.clock, sleep=clock.sleep, is_threaded=False)

    def go(self, seconds: float) -> None:
        """Let time go by, second by second."""
        for _ in range(int(seconds)):
            self.clock.sleep(1)
            self.watch.step()


def test_a_breach_is_told_after_two_windows_with_evidence_of_all_sources(tmp_path: Path) -> None:
    clock = Clock()
    log = Scripted(clock, {"total": 0, "value": 0.0}, evidence=("last line of the log",))
    world = World(
        tmp_path,
        (ERRORS, Scripted(clock, GOOD, GOOD, BAD, BAD, GOOD)),
        (Monitor("app", "log", rule=Rule(kind="none_of")), log),
        clock=clock,
    )
    world.watch.begin()
    world.go(35)
    world.watch.mark("3.2 Apply stage 1")
    assert world.watch.decisions()["errors"].judgement is Judgement.OK
    world.go(30)
    assert world.watch.breach() is None
    assert world.watch.decisions()["errors"].judgement is Judgement.AMBER
    world.go(30)
    breach = world.watch.breach()
    assert breach is not None
    assert (breach.monitor, breach.action) == ("errors", "schema")
    assert breach.sentence.endswith("2 of 2 windows → breach")
    assert breach.lines == ("app: last line of the log",)
    world.go(30)
    assert world.watch.breach() is breach
    world.watch.acknowledge(breach)
    assert world.watch.breach() is None
    world.go(60)
    assert world.watch.breach() is None
    world.watch.close()
    assert log.is_closed
    samples = read_series(tmp_path)
    assert [sample.mark for sample in samples if sample.mark] == ["3.2 Apply stage 1"]
    assert [sample.judgement for sample in samples if sample.monitor == "errors"][:3] == ["ok", "ok", "amber"]


def test_nothing_begins_without_a_value_from_every_monitor(tmp_path: Path) -> None:
    clock = Clock()
    world = World(
        tmp_path,
        (ERRORS, Scripted(clock, {"error": "there is no metric http_erors_total"})),
        (Monitor("health", "http", rule=Rule(kind="up")), Scripted(clock, {"is_up": False, "lines": ("HTTP 503",)})),
        (Monitor("pool", "pool"), Scripted(clock, {"value": 50.0})),
        (Monitor("lag", "replication"), Scripted(clock, {"error": "not yet"}, {"value": 1.0})),
        clock=clock,
    )
    with pytest.raises(GateClosed) as caught:
        world.watch.begin()
    assert "2 of 4 monitors" in str(caught.value)
    assert "errors: there is no metric http_erors_total" in caught.value.cause
    assert "health: it is broken before the start: 1 of the last 1 tries failed" in caught.value.cause
    assert 10 <= clock.seconds < 15


def test_silence_holds_neither_passes_nor_breaks_and_ends_with_data(tmp_path: Path) -> None:
    clock = Clock()
    quiet = {"error": "connection refused"}
    world = World(tmp_path, (ERRORS, Scripted(clock, GOOD, quiet, quiet, quiet, quiet, GOOD)), clock=clock)
    world.watch.begin()
    world.go(65)
    assert world.watch.holds() == ()
    world.go(65)
    (hold,) = world.watch.holds()
    assert hold.monitor == "errors"
    assert "no data for" in hold.why
    assert "connection refused" in hold.why
    assert world.watch.breach() is None
    world.go(30)
    assert world.watch.holds() == ()


def test_a_source_that_hangs_holds_by_the_clock_alone(tmp_path: Path) -> None:
    clock = Clock()
    world = World(tmp_path, (ERRORS, Scripted(clock, GOOD)), clock=clock)
    world.watch.begin()
    clock.sleep(200)
    assert "does not answer" in world.watch.holds()[0].why


def test_a_health_check_that_fails_three_times_breaks_within_fifteen_seconds(tmp_path: Path) -> None:
    clock = Clock()
    up, down = {"is_up": True}, {"is_up": False, "lines": ("HTTP 503",)}
    health = Monitor("health", "http", rule=Rule(kind="up"))
    world = World(tmp_path, (health, Scripted(clock, up, up, down, up, down, down, down)), clock=clock)
    world.watch.begin()
    world.go(11)
    assert world.watch.decisions()["health"].judgement is Judgement.AMBER
    world.go(20)
    breach = world.watch.breach()
    assert breach is not None
    assert breach.sentence == "3 of the last 3 tries failed (3 of 3 break it): HTTP 503 → breach"


def test_who_waits_for_us_longer_than_five_seconds_breaks_at_once(tmp_path: Path) -> None:
    clock = Clock()
    rows = [{"value": 0.0}, {"value": 0.0}, {"value": 6.2, "lines": ("pid 7 has waited 6.2 s for pid 9",)}]
    locks = Monitor("locks", "locks", action="schema")
    world = World(tmp_path, (locks, Scripted(clock, *rows, rows[-1], rows[-1], rows[-1])), clock=clock)
    world.watch.begin()
    world.go(14)
    breach = world.watch.breach()
    assert breach is not None
    assert breach.sentence == "6.2 > 5 → breach"
    assert breach.lines == ("pid 7 has waited 6.2 s for pid 9",)


def test_times_of_a_window_are_judged_together(tmp_path: Path) -> None:
    clock = Clock()
    latency = Monitor("latency", "http", rule=Rule(kind="quantile", limit=5.0))
    slow = Scripted(clock, {"samples": (0.1,), "is_up": True}, *[{"samples": (6.0,)}] * 13)
    world = World(tmp_path, (latency, slow), clock=clock)
    world.watch.begin()
    world.go(35)
    assert world.watch.decisions()["latency"].sentence == "p95 of 6 = 6 s > 5 s, 1 of 2 windows → hold"
    world.go(30)
    assert world.watch.breach() is not None


def test_the_thread_watches_by_itself_and_its_death_holds(tmp_path: Path) -> None:
    class Clumsy(Scripted):
        def read(self):
            if not self.rows:
                raise RuntimeError("a bug")
            return super().read()

    rule = Rule(kind="value", limit=1, windows=1, every="50ms", window="50ms")
    rows = [{"value": 0.0}, {"value": 2.0}]
    clock = Clock()
    source = Clumsy(clock, *rows)
    watch = Watch([(Monitor("n", "sql", rule=rule), source)], Series(tmp_path, clock.now))
    watch.begin()
    wait_until(lambda: watch.breach() is not None)
    before, threading.excepthook = threading.excepthook, lambda args: None
    try:
        source.rows.clear()
        wait_until(lambda: bool(watch.holds()))
    finally:
        threading.excepthook = before
    assert "ended by itself" in watch.holds()[0].why
    watch.close()
    assert watch.holds() == ()


def wait_until(holds) -> None:
    until = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.01)


def test_a_watch_over_nothing_begins_and_ends(tmp_path: Path) -> None:
    watch = Watch([], Series(tmp_path, Clock().now))
    watch.begin()
    watch.mark("1")
    assert (watch.breach(), watch.holds(), dict(watch.decisions())) == (None, (), {})
    watch.close()


def test_samples_stop_growing_but_what_is_not_ok_is_always_kept(tmp_path: Path) -> None:
    clock = Clock()
    series = Series(tmp_path, clock.now, most_bytes=500)
    watch = Watch(
        [(ERRORS, Scripted(clock, *[GOOD] * 20, BAD))], series, clock=clock.clock, sleep=clock.sleep, is_threaded=False
    )
    watch.begin()
    for _ in range(700):
        clock.sleep(1)
        watch.step()
    kinds = [sample.judgement for sample in read_series(tmp_path)]
    assert kinds.count("ok") < 5
    assert "breach" in kinds


def test_a_full_disk_keeps_nobody_from_watching(tmp_path: Path) -> None:
    clock = Clock()
    series = Series(tmp_path / "not there", clock.now)
    series.mark("1")
    assert "No such file" in series.problem
