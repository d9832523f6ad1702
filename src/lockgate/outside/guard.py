"""Programs that we start end with us, however we end, and so does everything that they start."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable

_DIES_WITH_PARENT = 1
_SCRIPT = 'read -r group && { read -r _; kill -s KILL -- "-$group" 2>/dev/null; }'


class Guard:
    """A shell that kills the group of processes it is told of when its stdin ends, as it does when we are killed.

    The new process itself names its group before its program begins, so there is no moment without a guard.
    """

    def __init__(self) -> None:
        """Start it. Without a shell there is no guard; the program itself still ends with us."""
        try:
            self._shell: subprocess.Popen[bytes] | None = subprocess.Popen(
                ["/bin/sh", "-c", _SCRIPT, "lockgate-guard"],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env={"PATH": os.environ.get("PATH", os.defpath)},
                start_new_session=True,
            )
        except OSError:
            self._shell = None

    @property
    def _pipe(self) -> int:
        return self._shell.stdin.fileno() if self._shell and self._shell.stdin else -1

    def dismiss(self) -> None:
        """End the guard; the group is left alone."""
        if self._shell is None:
            return
        self._shell.kill()
        self._shell.wait()
        if self._shell.stdin is not None:
            self._shell.stdin.close()
        self._shell = None


def bind_to_us(guard: Guard | None = None) -> Callable[[], None]:
    """Return a ``preexec_fn`` for a program in a session of its own; all that it needs is loaded before the fork."""
    prctl = ctypes.CDLL(None).prctl if sys.platform == "linux" else None
    us, pipe = os.getpid(), guard._pipe if guard is not None else -1

    def bind() -> None:
        if pipe >= 0:
            os.write(pipe, b"%d\n" % os.getpid())
        if prctl is not None:
            prctl(_DIES_WITH_PARENT, int(signal.SIGKILL), 0, 0, 0)
        if os.getppid() != us:
            os._exit(1)

    return bind


def end_group(process: subprocess.Popen[bytes] | subprocess.Popen[str], grace_s: float) -> None:
    """End whatever is left of a program's group and wait for the program: first it is asked, then all are killed."""
    if process.poll() is None:
        _signal(process.pid, signal.SIGTERM)
        try:
            process.wait(grace_s)
        except subprocess.TimeoutExpired:
            pass
    _signal(process.pid, signal.SIGKILL)
    process.wait()


def _signal(group: int, number: signal.Signals) -> None:
    try:
        os.killpg(group, number)
    except (ProcessLookupError, PermissionError):
        return
