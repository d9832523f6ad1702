"""Try again when a lock was not had: jittered pauses, a budget, and the reason of every wait."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from lockgate.engine.base import Blocker
from lockgate.errors import LockgateError, LockTimeout, StatementFailed
from lockgate.execute.pace import PACES, Pace

T = TypeVar("T")

# Deadlock victim and serialization failure: the server undid the whole transaction, so repeating it is safe.
# Source: PostgreSQL manual, appendix A (class 40); MySQL manual, error 1213.
_DEADLOCK_CODES = frozenset({"40P01", "40001", "1213"})


@dataclass(frozen=True)
class Patience:
    """How long to try.

    ``lock_timeout_ms`` is what one attempt may wait — others queue behind it, so it is small; ``budget_s`` how long
    all attempts and pauses of one statement may take together. A statement's own limits go before these. ``pace`` is
    how fast rows are copied.
    """

    lock_timeout_ms: int = 1000
    statement_timeout_ms: int = 0
    budget_s: float = 30.0
    first_pause_s: float = 0.1
    longest_pause_s: float = 2.0
    pace: Pace = PACES["normal"]
    sleep: Callable[[float], None] = time.sleep
    jitter: Callable[[], float] = random.random
    timer: Callable[[], float] = time.monotonic


def is_retryable(error: LockgateError) -> bool:
    """Tell whether the statement surely did nothing and may be sent again."""
    return isinstance(error, LockTimeout) or (isinstance(error, StatementFailed) and error.code in _DEADLOCK_CODES)


def run_with_patience(
    attempt: Callable[[], T],
    patience: Patience,
    find_blockers: Callable[[], tuple[Blocker, ...]],
    tell_wait: Callable[[float, int, tuple[Blocker, ...]], None],
    is_stopping: Callable[[], bool],
) -> T:
    """Run ``attempt`` until it succeeds, fails for good, or the budget is spent.

    ``tell_wait(seconds, attempts so far, blockers)`` is told of every pause. After a failed attempt the pause lasts
    until the blockers are gone, at most ``longest_pause_s``, so that attempts do not pile up behind a long holder.

    Raises:
        LockTimeout: The budget is spent; it names the last blockers seen and the whole wait.
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
            blockers = _names(error, find_blockers)
            waited = patience.timer() - started
            if waited + pause > patience.budget_s or is_stopping():
                raise _spent(error, waited, attempts, blockers) from None
        seconds = pause * (0.5 + patience.jitter() / 2)
        tell_wait(seconds, attempts, blockers)
        _pause(seconds, patience, find_blockers, is_stopping)
        pause = min(pause * 2, patience.longest_pause_s)


def _names(error: LockgateError, find_blockers: Callable[[], tuple[Blocker, ...]]) -> tuple[Blocker, ...]:
    if isinstance(error, LockTimeout) and error.blockers:
        return tuple(Blocker("", text) for text in error.blockers)
    return find_blockers()


def _pause(
    seconds: float,
    patience: Patience,
    find_blockers: Callable[[], tuple[Blocker, ...]],
    is_stopping: Callable[[], bool],
) -> None:
    patience.sleep(seconds)
    end = patience.timer() + patience.longest_pause_s
    while patience.timer() < end and not is_stopping() and find_blockers():
        patience.sleep(0.1)


def _spent(error: LockgateError, waited: float, attempts: int, blockers: tuple[Blocker, ...]) -> LockTimeout:
    times = f"{attempts} attempt{'s' if attempts > 1 else ''}"
    return LockTimeout(
        f"the lock was not had in {waited:.1f} s ({times})",
        where=error.where,
        waited_ms=int(waited * 1000),
        blockers=tuple(b.description for b in blockers),
    )
