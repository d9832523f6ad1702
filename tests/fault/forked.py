"""The command line in a fork of this process, with one fault: kills come by the hundred where Python is there."""

from __future__ import annotations

import os
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import lockgate.engine.private
import lockgate.workflow.apply_plan
import lockgate.workflow.finalize
import lockgate.workflow.recover
import lockgate.workflow.roll_back  # noqa: F401 - what the commands import late is there before the fork
from lockgate.cli import main, progress, read_patience
from lockgate.model.run import Event
from tests.fault.kit.program import Done

_LIMIT_S = 240.0


@dataclass(frozen=True)
class Fault:
    """At the ``number``-th event (0: never) the process ``pid`` (0: itself) is killed, ``delay_ms`` later."""

    number: int = 0
    delay_ms: int = 0
    pid: int = 0
    events_file: str = ""


def call_forked(arguments: Sequence[str], url: str, folder: Path, fault: Fault) -> Done:
    """Run a command in a fork of this process, in a folder; a command that does not end is killed."""
    begin = time.monotonic()
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        pid = os.fork()
        if not pid:
            _child(arguments, url, folder, fault, out.fileno(), err.fileno())
        code = _wait(pid)
        out.seek(0)
        err.seek(0)
        return Done(code, out.read(), err.read(), begin, time.monotonic())


def _wait(pid: int) -> int:
    end = time.monotonic() + _LIMIT_S
    while time.monotonic() < end:
        found, status = os.waitpid(pid, os.WNOHANG)
        if found:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.01)
    os.kill(pid, signal.SIGKILL)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def _child(arguments: Sequence[str], url: str, folder: Path, fault: Fault, out: int, err: int) -> None:
    """Be the command; never returns."""
    code = 1
    try:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(out, 1)
        os.dup2(err, 2)
        os.chdir(folder)
        for name in [name for name in os.environ if name.startswith("LOCKGATE_")]:
            del os.environ[name]
        os.environ["LOCKGATE_URL"] = url
        _arm(fault)
        sys.argv = ["lockgate", *arguments]
        try:
            main()
            code = 0
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else int(end.code is not None)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _arm(fault: Fault) -> None:
    began = time.monotonic()
    seen = 0

    def strike() -> None:
        os.kill(fault.pid or os.getpid(), signal.SIGKILL)
        time.sleep(0.2)

    class Striking(progress.Progress):
        """The observer of the command line, with the fault."""

        def __call__(self, event: Event) -> None:
            """Take one event, then strike at the chosen one."""
            nonlocal seen, began
            began = began if seen else time.monotonic()
            super().__call__(event)
            seen += 1
            if seen == fault.number:
                if fault.delay_ms:
                    threading.Timer(fault.delay_ms / 1000, strike).start()
                else:
                    strike()

        def close(self) -> None:
            """Tell how many events there were, and the seconds since the first."""
            super().close()
            if fault.events_file:
                Path(fault.events_file).write_text(f"{seen} {time.monotonic() - began:.3f}", encoding="utf-8")

    patience = read_patience.read_patience
    progress.Progress = Striking  # type: ignore[misc]
    read_patience.read_patience = lambda *limits: replace(patience(*limits), sleep=lambda s: time.sleep(s * 0.3))
