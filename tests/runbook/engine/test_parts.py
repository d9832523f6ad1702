"""What stands around the machine: locks, windows, lengths of time, variables, commands that die with us."""

from __future__ import annotations

import base64
import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

import pytest

from lockgate.errors import ConfigError, SourceError, StalePlan
from lockgate.model.checks import HttpCheck
from lockgate.model.runbook import Freeze, Variable, Window
from lockgate.runbook.durations import estimate_seconds, parse_seconds
from lockgate.runbook.lock import compile_lock, read_lock, write_lock
from lockgate.runbook.read import parse_runbook
from lockgate.runbook.variables import Values, check_names, fill
from lockgate.runbook.window import find_shut

SMALL = 'runbook: small\nphases:\n- {id: "1", title: t, tasks: [{id: "1.1", title: t, do: {sh: "%s"}}]}\n'


@pytest.mark.parametrize(
    ("text", "seconds"), [("90s", 90), ("1h30m", 5400), ("500ms", 0.5), ("", 0), ("2d", 172800), ("10 min", 600)]
)
def test_lengths_of_time(text: str, seconds: float) -> None:
    assert parse_seconds(text) == seconds


@pytest.mark.parametrize(("text", "seconds"), [("4-6h", 21600), ("2d", 57600), ("1 hour", 3600), ("30 minutes", 1800)])
def test_estimates_of_people(text: str, seconds: float) -> None:
    assert estimate_seconds(text) == seconds


def test_what_is_no_length_of_time_is_refused() -> None:
    with pytest.raises(ConfigError):
        parse_seconds("soon")


def test_one_character_of_a_command_or_of_a_script_changes_the_digest(tmp_path: Path) -> None:
    (tmp_path / "a.sh").write_text("true")
    one = compile_lock(parse_runbook(SMALL % "bash a.sh", "f").runbook, tmp_path)
    assert one.digest == compile_lock(parse_runbook(SMALL % "bash a.sh", "g").runbook, tmp_path).digest
    assert one.digest != compile_lock(parse_runbook(SMALL % "bash  a.sh", "f").runbook, tmp_path).digest
    (tmp_path / "a.sh").write_text("false")
    assert one.digest != compile_lock(parse_runbook(SMALL % "bash a.sh", "f").runbook, tmp_path).digest


def test_a_lock_that_was_edited_or_is_of_another_form_does_not_run(tmp_path: Path) -> None:
    lock = compile_lock(parse_runbook(SMALL % "true", "f").runbook, tmp_path)
    path = write_lock(lock, tmp_path)
    assert read_lock(tmp_path).digest == lock.digest
    text = path.read_text()
    path.write_text(text.replace('"true"', '"reboot"'))
    with pytest.raises(StalePlan) as caught:
        read_lock(tmp_path)
    assert caught.value.exit_code == 9
    path.write_text(text.replace('"schema": 1', '"schema": 99'))
    with pytest.raises(StalePlan, match="another version"):
        read_lock(tmp_path)


def test_a_password_in_a_runbook_is_refused_with_its_line(tmp_path: Path) -> None:
    text = SMALL % "psql postgresql://me:hunter2@db/x"
    (tmp_path / "r.yaml").write_text(text)
    with pytest.raises(SourceError) as caught:
        compile_lock(parse_runbook(text, "r.yaml").runbook, tmp_path, source=str(tmp_path / "r.yaml"))
    assert caught.value.line == 3
    assert "hunter2" not in str(caught.value)


def test_windows_and_freezes_name_the_next_moment() -> None:
    window = Window(days=("tue", "wed"), from_="09:00", to="15:00", tz="Europe/Berlin")
    monday = datetime(2026, 3, 30, 12, 0, tzinfo=UTC)
    shut = find_shut(window, (), monday)
    assert shut is not None and shut.until == datetime(2026, 3, 31, 7, 0, tzinfo=UTC)
    assert find_shut(window, (), datetime(2026, 3, 31, 12, 59, tzinfo=UTC)) is None
    assert find_shut(window, (), datetime(2026, 3, 31, 13, 0, tzinfo=UTC)) is not None
    freeze = Freeze(from_="2026-03-31", to="2026-04-01", reason="sale")
    frozen = find_shut(window, (freeze,), datetime(2026, 3, 31, 10, 0, tzinfo=UTC))
    assert frozen is not None and "sale" in frozen.why
    assert frozen.until == datetime(2026, 4, 7, 7, 0, tzinfo=UTC)


def test_a_window_over_midnight_is_one_window() -> None:
    window = Window(days=("fri",), from_="22:00", to="04:00")
    assert find_shut(window, (), datetime(2026, 4, 4, 3, 0, tzinfo=UTC)) is None
    assert find_shut(window, (), datetime(2026, 4, 4, 5, 0, tzinfo=UTC)) is not None


def test_variables_are_put_in_place_and_nothing_is_evaluated(tmp_path: Path) -> None:
    values = Values({"url": Variable(default="http://h")}, {"url": "${other} $(id)"}, {}, tmp_path)
    assert fill(HttpCheck(url="${url}/x $${url}"), values).url == "${other} $(id)/x ${url}"
    with pytest.raises(ConfigError):
        fill(HttpCheck(url="${nothing}"), values)
    text = 'runbook: r\nphases:\n- {id: "1", title: t, tasks: [{id: "1", title: t, do: {http: "${__import__}"}}]}\n'
    with pytest.raises(ConfigError, match="__import__"):
        check_names(parse_runbook(text, "f").runbook, values)


@pytest.mark.parametrize("name", ["PATH", "LD_PRELOAD", "BASH_ENV", "a-b"])
def test_names_that_would_change_the_shell_are_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError):
        Values({name: Variable()}, {}, {}, tmp_path)


@pytest.mark.parametrize("pause_s", [0.0, 0.0, 0.0, 0.0, 0.001, 0.05])
def test_when_we_are_killed_everything_a_command_started_dies_too(tmp_path: Path, pause_s: float) -> None:
    code = (
        "from pathlib import Path\nfrom lockgate.outside.shell import run_shell\n"
        f"run_shell('sleep 300 & echo $! > pid; sleep 300', folder=Path({str(tmp_path)!r}),"
        " environment={'PATH': '/usr/bin:/bin'})"
    )
    ours = subprocess.Popen([sys.executable, "-c", code], env=os.environ)
    file = tmp_path / "pid"
    until = time.monotonic() + 20
    while not (file.exists() and file.read_text().strip()) and time.monotonic() < until:
        pass  # the moment it is there: nothing may be unguarded yet
    time.sleep(pause_s)
    pid = int(file.read_text())
    ours.send_signal(signal.SIGKILL)
    ours.wait()
    until = time.monotonic() + 10
    while _is_alive(pid) and time.monotonic() < until:
        time.sleep(0.02)
    assert not _is_alive(pid)


def _is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


RUN = """
runbook: secret
vars: {token: {secret: "env:APP_TOKEN"}}
phases:
- id: "1"
  title: t
  tasks:
  - id: "1.1"
    title: named
    do:
      sh: >-
        tr '\\0' ' ' < /proc/$$/cmdline; echo; echo "${token}"; printf %s "${token}" | base64; env;
        python3 -c 'import os, urllib.parse as u; print(u.quote(os.environ["token"], safe=""))'
  - {id: "1.2", title: not named, do: {sh: "env"}}
  gate: {id: g, checks: [{output: "ok", command: "echo ok"}]}
"""
CANARY = "c4n@ry/9f+3 ?x"


def test_a_secret_is_in_no_argument_no_other_environment_and_no_file(tmp_path: Path, sqlite_url: str) -> None:
    (tmp_path / "r.yaml").write_text(RUN)
    environ = {k: v for k, v in os.environ.items() if k not in ("DATABASE_URL",)}
    environ |= {"APP_TOKEN": CANARY, "LOCKGATE_URL": sqlite_url}
    done = subprocess.run(
        [sys.executable, "-m", "lockgate", "runbook", "run", "r.yaml", "--yes", "--format", "json"],
        cwd=tmp_path,
        env=environ,
        capture_output=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 0, done.stderr.decode()
    forms = [CANARY.encode(), quote(CANARY, safe="").encode(), base64.b64encode(CANARY.encode())]
    (run,) = (tmp_path / ".lockgate" / "procedures").glob("*-secret-*")
    seen = {path: path.read_bytes() for path in run.rglob("*") if path.is_file()}
    seen |= {Path("stdout"): done.stdout, Path("stderr"): done.stderr}
    assert not [(path, form) for path, data in seen.items() for form in forms if form in data]
    outputs = {path.name: data.decode() for path, data in seen.items() if path.name.endswith("output.txt")}
    named = next(text for name, text in outputs.items() if "1.1" in name)
    other = next(text for name, text in outputs.items() if "1.2" in name)
    assert named.count("****") >= 4 and "token=" in named
    assert "token=" not in other and "APP_TOKEN" not in named + other
    assert "${token}" in named
    assert named.index("${token}") < named.index("****")
