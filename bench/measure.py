"""Run a command and take its time and its peak memory."""

from __future__ import annotations

import os
import subprocess
import tempfile
import threading
import time
from dataclasses import dataclass


@dataclass(frozen=True)
class Measured:
    """One run: seconds, of them processor time, peak resident memory in bytes, exit code, what it printed."""

    seconds: float
    cpu_s: float
    peak_bytes: int
    code: int
    out: str


def run_measured(command: list[str], env: dict[str, str], timeout_s: float) -> Measured | None:
    """Run a command; None when it does not end in time. Its children's memory is not counted."""
    with tempfile.TemporaryFile("w+") as out:
        began = time.perf_counter()
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT, env=env)
        timer = threading.Timer(timeout_s, process.kill)
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
