"""A signal that arrives anywhere: one clear error and the exit code of the signal, never a traceback."""

from __future__ import annotations

import subprocess
import sys

import pytest

_CHILD = """
import sys
from lockgate.cli import app

class Caught:
    def __set_name__(self, owner, name):
        import signal
        signal.raise_signal(signal.{signal})

def work(**options):
    {work}

app.root.main = work
sys.exit(app.run_command_line(["status"]))
"""


@pytest.mark.parametrize(("signal", "code"), [("SIGTERM", 143), ("SIGINT", 130)])
@pytest.mark.parametrize("work", ["type('Table', (), {'column': Caught()})", "exec('Caught().__set_name__(0, 0)')"])
def test_a_signal_while_a_class_is_made_is_a_stop_and_no_bug(signal: str, code: int, work: str) -> None:
    child = _CHILD.format(signal=signal, work=work)

    done = subprocess.run([sys.executable, "-c", child], capture_output=True, text=True, timeout=60)

    assert (done.returncode, "Traceback" in done.stderr) == (code, False), done.stderr
    assert "error: stopped on request" in done.stderr


_WORKS = {
    "around a fork": (
        "os.register_at_fork(after_in_parent=kill); subprocess.run('true', preexec_fn=int); time.sleep(20)"
    ),
    "in a destructor": "Dying(); time.sleep(20)",
    "in the driver": "kill_within(errors.FailedError('the connection broke', cause='a driver said so'))",
}
_ANYWHERE = """
import os, signal, subprocess, sys, time
from lockgate import errors
from lockgate.cli import app

def kill():
    signal.raise_signal(signal.{signal})

class Dying:
    def __del__(self):
        kill()

def kill_within(error):
    try:
        kill()
    except BaseException:
        pass
    raise error

def work(**options):
    {work}

app.root.main = work
sys.exit(app.run_command_line(["status"]))
"""


@pytest.mark.parametrize(("signal", "code"), [("SIGTERM", 143), ("SIGINT", 130)])
@pytest.mark.parametrize("place", _WORKS)
def test_a_signal_where_no_exception_passes_is_not_lost(signal: str, code: int, place: str) -> None:
    child = _ANYWHERE.format(signal=signal, work=_WORKS[place])

    done = subprocess.run([sys.executable, "-c", child], capture_output=True, text=True, timeout=60)

    assert (done.returncode, "Traceback" in done.stderr) == (code, False), done.stderr
    assert "error: stopped on request" in done.stderr
    assert "a driver said so" in done.stderr or place != "in the driver"
