"""What tests measure by the clock: a machine that stands still is slow once, a program that waits is slow each time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

TRIES = 3


def assert_quick(measure: Callable[[], float], limit_s: float, otherwise: str) -> None:
    """Measure until it took less than a limit, a few times at most."""
    taken: list[float] = []
    while len(taken) < TRIES:
        taken.append(measure())
        if taken[-1] < limit_s:
            return
    raise AssertionError(f"{otherwise}: it took {', '.join(f'{seconds:.2f} s' for seconds in taken)} each time")


@contextmanager
def beside(act: Callable[[], None], end: Callable[[], None] = lambda: None) -> Iterator[None]:
    """Run something in a thread of its own beside the block; ``end`` tells it that the block is over."""
    thread = threading.Thread(target=act)
    thread.start()
    try:
        yield
    finally:
        end()
        thread.join()


def wait_until(is_so: Callable[[], bool], what: str, limit_s: float = 60.0) -> None:
    """Wait until something is so; say what was waited for in vain."""
    end = time.monotonic() + limit_s
    while not is_so():
        assert time.monotonic() < end, f"{what} did not come to be within {limit_s:g} s"
        time.sleep(0.02)
