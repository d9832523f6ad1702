"""Waiting for locks, on a clock that only tests move: attempts are bounded by what they cost others, not by count."""

from __future__ import annotations

import pytest

from lockgate.engine.base import Blocker, LockLimits
from lockgate.errors import LockTimeout, StatementFailed
from lockgate.execute.retry import Patience, Stall, run_with_patience
from lockgate.execute.script import Call, CallKind, Unit
from lockgate.execute.throttle import Latency


class Clock:
    """Time that goes on only while somebody sleeps."""

    def __init__(self) -> None:
        self.now = 0.0

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    def patience(self, **more: float) -> Patience:
        return Patience(sleep=self.sleep, timer=lambda: self.now, jitter=lambda: 0.5, **more)  # type: ignore[arg-type]


def refuse_until(clock: Clock, end: float, waited_ms: int, attempts: list[float]) -> str:
    """Refuse the lock before a time; each refusal costs others something."""
    attempts.append(clock.now)
    if clock.now < end:
        clock.sleep(waited_ms / 1000)
        raise LockTimeout("no lock", waited_ms=waited_ms)
    return "had"


def test_cheap_attempts_go_on_and_dear_ones_end() -> None:
    for waited_ms, is_had in ((1, True), (400, False)):
        clock, attempts, stall = Clock(), list[float](), Stall(1.0)

        def attempt(clock: Clock = clock, cost: int = waited_ms, attempts: list[float] = attempts) -> str:
            return refuse_until(clock, 20.0, cost, attempts)

        patience = clock.patience()
        if is_had:
            assert run_with_patience(attempt, patience, lambda: (), lambda *_: None, lambda: False, stall) == "had"
            assert len(attempts) > 5
        else:
            with pytest.raises(LockTimeout, match="hold others up"):
                run_with_patience(attempt, patience, lambda: (), lambda *_: None, lambda: False, stall)
            assert len(attempts) == 3


def test_no_attempt_is_made_while_somebody_holds_the_lock_for_long() -> None:
    clock, attempts = Clock(), list[float]()
    holder = Blocker("7", "pid 7", age_s=5.0)
    patience = clock.patience(longest_pause_s=100.0, budget_s=100.0)
    run_with_patience(
        lambda: refuse_until(clock, 6.0, 20, attempts),
        patience,
        lambda: (holder,) if clock.now < 6.0 else (),
        lambda *_: None,
        lambda: False,
        Stall(1.0),
    )
    assert len(attempts) == 2
    assert 6.0 <= attempts[1] < 6.5


def test_patience_ends_and_names_the_holder() -> None:
    clock = Clock()
    holder = (Blocker("7", "pid 7 app", age_s=9.0),)
    with pytest.raises(LockTimeout) as caught:
        run_with_patience(
            lambda: refuse_until(clock, 1e9, 10, []),
            clock.patience(budget_s=10.0),
            lambda: holder,
            lambda *_: None,
            lambda: False,
        )
    assert caught.value.blockers == ("pid 7 app",)
    assert clock.now < 15


def test_what_is_no_lock_is_not_tried_again() -> None:
    def fail() -> None:
        raise StatementFailed("no", code="42601")

    with pytest.raises(StatementFailed):
        run_with_patience(fail, Clock().patience(), lambda: (), lambda *_: None, lambda: False)


def test_most_attempts_only_peek_and_every_fourth_queues() -> None:
    locks = LockLimits(attempt_ms=80, peek_ms=30, peeks=3, free_ms=80, queued=frozenset())
    call = Call(CallKind.LIMITS, lock_timeout_ms=80)
    unit = Unit((call,), (0,), False, False, can_peek=True)
    assert [unit.lock_ms(call, locks, number) for number in range(8)] == [30, 30, 30, 80, 30, 30, 30, 80]
    worker = unit._replace(can_peek=False)
    assert {worker.lock_ms(call, locks, number) for number in range(8)} == {80}


def test_writes_are_slow_when_they_are_slower_than_usual_and_than_the_limit() -> None:
    latency = Latency(0.25)
    for _ in range(30):
        latency.add(0.01)
    assert latency.slow_s == 0.0
    for _ in range(5):
        latency.add(0.2)
    assert latency.slow_s == 0.0, "below the limit"
    for _ in range(5):
        latency.add(0.4)
    assert latency.slow_s == pytest.approx(0.4)
    latency.accept()
    assert latency.slow_s == 0.0
