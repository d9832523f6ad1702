"""Try again when a lock was not had: jittered pauses, two budgets, and the reason of every wait.

What a failed attempt costs others is the time it stood in the queue, for they queue behind it. So attempts are short
and bounded by the sum of that (`Stall`), while one's own waiting is bounded by patience.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from lockgate.engine.base import Blocker
from lockgate.errors import LockgateError, LockTimeout, StatementFailed
from lockgate.execute.pace import PACES, USUAL_LIMITS, Limits, Pace

T = TypeVar("T")

# Deadlock victim and serialization failure: the server undid the whole transaction, so repeating it is safe.
# Source: PostgreSQL manual, appendix A (class 40); MySQL manual, error 1213.
_DEADLOCK_CODES = frozenset({"40P01", "40001", "1213"})
_LOOK_EVERY_S = 0.1
_LONG_S = 0.5


@dataclass(frozen=True)
class Patience:
    """How long to try.

    ``lock_timeout_ms`` is what one attempt may wait — others queue behind it, so it is small; 0 means the engine's own
    choice. ``stall_budget_s`` is how long all failed attempts of a step may hold others up together, ``budget_s`` how
    long all attempts and pauses of one statement may take. A statement's own limits go before these. ``pace`` is how
    fast rows are copied, ``limits`` what holds the copy back. ``kill_idle_s``: sessions that hold a lock we wait for
    and have been idle in a transaction for longer are ended (None: never).
    """

    lock_timeout_ms: int = 0
    statement_timeout_ms: int = 0
    budget_s: float = 30.0
    stall_budget_s: float = 1.0
    first_pause_s: float = 0.1
    longest_pause_s: float = 2.0
    pace: Pace = PACES["normal"]
    limits: Limits = USUAL_LIMITS
    kill_idle_s: float | None = None
    sleep: Callable[[float], None] = time.sleep
    jitter: Callable[[], float] = random.random
    timer: Callable[[], float] = time.monotonic


@dataclass
class Stall:
    """How long our failed attempts have held others up, and may."""

    budget_s: float
    spent_s: float = 0.0

    def add(self, error: LockgateError) -> None:
        """Count the time that a failed attempt stood in the queue."""
        if isinstance(error, LockTimeout):
            self.spent_s += error.waited_ms / 1000

    @property
    def is_spent(self) -> bool:
        """Whether nothing is left."""
        return self.spent_s >= self.budget_s


def is_retryable(error: LockgateError) -> bool:
    """Tell whether the statement surely did nothing and may be sent again."""
    return isinstance(error, LockTimeout) or (isinstance(error, StatementFailed) and error.code in _DEADLOCK_CODES)


def run_with_patience(
    attempt: Callable[[], T],
    patience: Patience,
    find_blockers: Callable[[], tuple[Blocker, ...]],
    tell_wait: Callable[[float, int, tuple[Blocker, ...]], None],
    is_stopping: Callable[[], bool],
    stall: Stall | None = None,
) -> T:
    """Run ``attempt`` until it succeeds, fails for good, or a budget is spent.

    ``tell_wait(seconds, attempts so far, blockers)`` is told of every pause. After a failed attempt the pause lasts
    until nobody who has held something for long is left, at most ``longest_pause_s`` more, so that attempts do not pile
    up behind a long holder. ``stall`` counts what the attempts cost others; None: nothing.

    Raises:
        LockTimeout: A budget is spent; it names the last blockers seen and the whole wait.
    """
    started = patience.timer()
    pause = patience.first_pause_s
    attempts = 0
    while True:
        try:
            return attempt()
        except LockgateError as error:
            if not is_retryable(error):
                raise
            attempts += 1
            if stall is not None:
                stall.add(error)
            blockers = _names(error, find_blockers)
            waited = patience.timer() - started
            is_held_up = stall is not None and stall.is_spent
            if waited + pause > patience.budget_s or is_held_up or is_stopping():
                raise _spent(error, waited, attempts, blockers, stall if is_held_up else None) from None
        seconds = pause * (0.5 + patience.jitter() / 2)
        tell_wait(seconds, attempts, blockers)
        end = min(seconds + patience.longest_pause_s, patience.budget_s - waited)
        _pause(seconds, end, patience, find_blockers, is_stopping)
        pause = min(pause * 2, patience.longest_pause_s)


def _names(error: LockgateError, find_blockers: Callable[[], tuple[Blocker, ...]]) -> tuple[Blocker, ...]:
    if isinstance(error, LockTimeout) and error.blockers:
        return tuple(Blocker("", text) for text in error.blockers)
    return find_blockers()


def _pause(
    seconds: float,
    most_s: float,
    patience: Patience,
    find_blockers: Callable[[], tuple[Blocker, ...]],
    is_stopping: Callable[[], bool],
) -> None:
    """Sleep, then wait on while somebody holds something who has held it for long; short holders come and go."""
    end = patience.timer() + most_s
    _sleep(seconds, patience, is_stopping)
    while patience.timer() < end and not is_stopping() and any(b.age_s >= _LONG_S for b in find_blockers()):
        patience.sleep(_LOOK_EVERY_S)


def _sleep(seconds: float, patience: Patience, is_stopping: Callable[[], bool]) -> None:
    """Sleep in short pieces, so that a request to stop is heard at once."""
    while seconds > 0 and not is_stopping():
        patience.sleep(min(seconds, _LOOK_EVERY_S))
        seconds -= _LOOK_EVERY_S


def _spent(
    error: LockgateError, waited: float, attempts: int, blockers: tuple[Blocker, ...], stall: Stall | None
) -> LockTimeout:
    times = f"{attempts} attempt{'s' if attempts > 1 else ''}"
    result = LockTimeout(
        f"the lock was not had in {waited:.1f} s ({times})",
        where=error.where,
        waited_ms=int(waited * 1000),
        blockers=tuple(b.description for b in blockers),
    )
    if stall is not None:
        result.what += f", and more would hold others up for longer than {stall.budget_s:g} s in all"
        result.hint = "try again when the table is quieter, or give a larger --stall-budget"
    return result
