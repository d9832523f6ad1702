"""Run a command and take its time and its peak memory."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Measured:
    """One run: seconds, of them processor time, peak resident memory in bytes, exit code, what it printed."""

    seconds: float
    cpu_s: float
    peak_bytes: int
    code: int
    out: str


def _kill(leader: int) -> None:
    """End a process and what it started: an npm program is a script that runs another."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(leader, signal.SIGKILL)


def run_measured(
    command: list[str], env: dict[str, str], timeout_s: float, folder: Path | None = None
) -> Measured | None:
    """Run a command in a folder; None when it does not end in time. Its children's memory is not counted."""
    with tempfile.TemporaryFile("w+") as out:
        began = time.perf_counter()
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            env=env,
            cwd=folder,
            start_new_session=True,
        )
        timer = threading.Timer(timeout_s, _kill, (process.pid,))
        timer.start()
        try:
            _, status, usage = os.wait4(process.pid, 0)
        finally:
            timer.cancel()
        seconds = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        text = out.read()
    if process.returncode == -9 and seconds >= timeout_s:
        return None
    return Measured(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024, process.returncode, text)
