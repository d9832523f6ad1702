"""A signal asks for the end: wherever it arrives, the work winds down and the exit code says so."""

from __future__ import annotations

import os
import signal
import sys
import threading
from types import FrameType
from typing import Any

from lockgate.errors import FailedError, Interrupted, LockgateError

_AGAIN_S = 0.02
_asked: signal.Signals | None = None
_hook = sys.unraisablehook


class Stopped(KeyboardInterrupt):
    """A signal asked for the end. Of a class of its own: where Python's own passes through code that is made from text

    (a dataclass on its way in), the interpreter remembers it and ends itself by the signal, whatever was said since.
    """


def install_signals() -> None:
    """Let SIGTERM wind down exactly as Ctrl-C does; a Ctrl-C that whoever started us ignores stays ignored."""
    global _hook
    signal.signal(signal.SIGTERM, _stop)
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _stop)
    if sys.unraisablehook is not _ask_again:
        _hook, sys.unraisablehook = sys.unraisablehook, _ask_again


def _stop(number: int, _frame: FrameType | None) -> None:
    global _asked
    if _asked is not signal.SIGTERM:
        _asked = signal.Signals(number)
    raise Stopped


def _ask_again(unraisable: Any) -> None:
    """Where no exception can pass (a destructor, what runs around a fork), the wish comes again a moment later."""
    if not isinstance(unraisable.exc_value, Stopped):
        _hook(unraisable)
        return
    timer = threading.Timer(_AGAIN_S, os.kill, (os.getpid(), _asked or signal.SIGINT))
    timer.daemon = True
    timer.start()


def as_stop(error: BaseException) -> Interrupted | None:
    """Return what to say if a stop is behind an error; None where it is an error of its own.

    Python wraps what is raised while a class is made; a driver that was interrupted in a statement may say that the
    connection is broken. What is in doubt stays in doubt, and what was refused stays refused.
    """
    if isinstance(error, FailedError) and _asked is not None:
        _close_ears()
        cause = ": ".join(part for part in (error.what, error.cause) if part)
        return Interrupted("stopped on request", where=error.where, cause=cause, state=error.state, hint=error.hint)
    if isinstance(error, LockgateError):
        return None
    found: BaseException | None = error
    while found is not None and not isinstance(found, KeyboardInterrupt):
        found = found.__cause__ or found.__context__
    if found is None:
        return None
    _close_ears()
    return Interrupted("stopped on request", state="nothing was left half-done", hint="lockgate status")


def _close_ears() -> None:
    """Let a further signal not disturb the last words."""
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        signal.signal(signal.SIGINT, signal.SIG_IGN)


def end_code(code: int) -> int:
    """Return an exit code that tells SIGTERM from Ctrl-C."""
    return 143 if code == 130 and _asked is signal.SIGTERM else code
