"""A command of a procedure: all that it said is kept, whenever we come to look, and its time is its limit."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from lockgate.outside import shell
from lockgate.outside.shell import ShellResult, run_shell

PLACE = {"environment": {"PATH": "/usr/bin:/bin"}}


def test_what_a_command_says_between_our_look_and_its_end_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on a machine that lets us wait: nothing was there when we looked, and all is over when we look up again."""
    waited = []

    class Late(subprocess.Popen[bytes]):
        def poll(self) -> int | None:
            if not waited and super().poll() is None:
                waited.append(self.wait(60))
            return super().poll()

    monkeypatch.setattr(shell.subprocess, "Popen", Late)
    done = run_shell("sleep 0.3; echo ERROR: it broke; exit 3", folder=tmp_path, **PLACE)

    assert waited == [3]
    assert (done.code, done.output) == (3, "ERROR: it broke\n")


def test_a_command_that_says_no_more_is_ended_at_its_limit_or_on_request(tmp_path: Path) -> None:
    def run(**more: object) -> ShellResult:
        return run_shell("exec >&- 2>&-; sleep 60", folder=tmp_path, **PLACE, **more)  # type: ignore[arg-type]

    assert run(timeout_s=0.3).is_timed_out
    assert run(is_stopped=lambda: True).is_cancelled


def test_a_command_that_leaves_somebody_behind_with_its_output_does_not_hold_us(tmp_path: Path) -> None:
    done = run_shell("sleep 300 & echo it goes on", folder=tmp_path, **PLACE)

    assert (done.code, done.output) == (0, "it goes on\n")
