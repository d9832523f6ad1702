"""Ctrl-C: once asks for a stop at the next consistent point, twice cancels the running statement.

Whoever runs us can ask too, by a function: then the statement is cancelled at once.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from lockgate.errors import Interrupted

_LOOK_EVERY_S, _LOOKS_PER_CANCEL = 0.1, 10
_EXIT_CODES = {signal.SIGINT: 130, signal.SIGTERM: 143}


class Interrupts:
    """Whether a stop was asked for. ``on_request`` is told of each request with its number, from another thread."""

    def __init__(self) -> None:
        self.count = 0
        self.exit_code = 130
        self.is_winding_down = False
        self.cancel: Callable[[], None] = lambda: None
        self.on_request: Callable[[int], None] = lambda count: None

    @property
    def is_requested(self) -> bool:
        """Whether somebody asked for a stop and the way back has not begun yet."""
        return self.count > 0 and not self.is_winding_down

    def request(self, exit_code: int = 130) -> None:
        """Ask for a stop; the second time the running statement is cancelled. Nothing stops a way back."""
        self.count += 1
        self.exit_code = exit_code
        self.on_request(self.count)
        if self.count > 1 and not self.is_winding_down:
            self.cancel()

    def check(self) -> None:
        """Raise Interrupted when a stop was asked for."""
        if self.is_requested:
            raise self.error()

    def error(self) -> Interrupted:
        """Return the error to end with."""
        error = Interrupted("interrupted")
        error.exit_code = self.exit_code
        return error


@contextmanager
def catch_signals(interrupts: Interrupts) -> Iterator[Interrupts]:
    """Turn SIGINT and SIGTERM into requests while the block runs; only in the main thread, else nothing is caught.

    The signals are read from a wake-up file descriptor by a thread, because a handler does not run while a driver's C
    code waits for the server.
    """
    if threading.current_thread() is not threading.main_thread():
        yield interrupts
        return
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    old_writer = signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    old_handlers = {number: signal.signal(number, _ignore) for number in _EXIT_CODES}
    thread = threading.Thread(target=_read_signals, args=(reader, interrupts), daemon=True)
    thread.start()
    try:
        yield interrupts
    finally:
        for number, handler in old_handlers.items():
            signal.signal(number, handler if handler is not None else signal.SIG_DFL)
        signal.set_wakeup_fd(old_writer)
        os.close(writer)
        thread.join(timeout=5)
        os.close(reader)


@contextmanager
def watch_wish(interrupts: Interrupts, is_stop_wanted: Callable[[], bool] | None) -> Iterator[None]:
    """Cancel the running statement within a tenth of a second of ``is_stop_wanted``, and any that begins after it.

    It is asked by a thread until the block ends; a way back that has begun is left alone.
    """
    if is_stop_wanted is None:
        yield
        return
    is_over = threading.Event()
    thread = threading.Thread(target=_watch_wish, args=(interrupts, is_stop_wanted, is_over), daemon=True)
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join(timeout=5)


def _watch_wish(interrupts: Interrupts, is_stop_wanted: Callable[[], bool], is_over: threading.Event) -> None:
    while not is_stop_wanted():
        if is_over.wait(_LOOK_EVERY_S):
            return
    interrupts.count = max(interrupts.count, 1)
    while not interrupts.is_winding_down:
        interrupts.request()
        if is_over.wait(_LOOK_EVERY_S * _LOOKS_PER_CANCEL):
            return


def _ignore(number: int, frame: FrameType | None) -> None:
    """Do nothing: the wake-up descriptor tells the thread."""


def _read_signals(reader: int, interrupts: Interrupts) -> None:
    while numbers := os.read(reader, 64):
        for number in numbers:
            code = _EXIT_CODES.get(signal.Signals(number))
            if code is not None:
                interrupts.request(code)
