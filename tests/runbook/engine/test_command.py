"""The commands: a run, a person's word, two runners at once, a journal that was edited, a kill in the middle."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cli.conftest import Cli

TEXT = """
runbook: small
phases:
- id: "1"
  title: One
  tasks:
  - {id: "1.1", title: script, do: {sh: "echo one >> done.txt"}, verify: [{file: done.txt, has: one}]}
  - {id: "1.2", title: a person looks, do: {manual: "look at it"}}
  - {id: "1.3", title: slow, do: {sh: "echo three >> done.txt; sleep ${pause}"}, rerun: never}
  gate: {id: gate-1, checks: [{output: ok, command: "echo ok"}]}
vars: {pause: {default: "0"}}
"""
NO_PERSON = '  - {id: "1.2", title: a person looks, do: {manual: "look at it"}}\n'


@pytest.fixture
def cli(tmp_path: Path, sqlite_url: str) -> Cli:
    made = Cli(tmp_path, {"LOCKGATE_URL": sqlite_url})
    made.write("small.yaml", TEXT)
    return made


def journal(cli: Cli) -> Path:
    (path,) = (cli.folder / ".lockgate" / "procedures").glob("*/journal.jsonl")
    return path


def test_a_run_waits_for_a_person_and_goes_on_after_the_word(cli: Cli) -> None:
    dry = cli("runbook", "run", "small.yaml", "--dry-run")
    assert dry.code == 0 and "would run: echo one" in dry.out
    assert not (cli.folder / "done.txt").exists()
    assert not list((cli.folder / ".lockgate" / "procedures").glob("*/journal.jsonl"))

    ran = cli("runbook", "run", "small.yaml", "--yes", "--format", "json")
    assert ran.code == 5, ran.err
    lines = [json.loads(line) for line in ran.out.splitlines()]
    assert lines[0]["type"] == "run_started" and lines[-1]["type"] == "result"
    assert "attest" in lines[-1]["next"]
    again = cli("runbook", "run", "small.yaml", "--yes")
    assert again.code == 9 and "once per target" in again.err

    refused = cli("runbook", "attest", "latest", "1.2", "--reason", "fine", CLAUDECODE="1")
    assert refused.code == 4 and "agent" in refused.err
    assert cli("runbook", "attest", "latest", "1.2", "--reason", "it is fine").code == 0
    resumed = cli("runbook", "resume", "--yes")
    assert resumed.code == 0, resumed.err
    assert "complete: 3 of 3" in resumed.out
    assert (cli.folder / "done.txt").read_text().split() == ["one", "three"]

    shown = json.loads(cli("runbook", "status", "--format", "json").out)
    assert shown["status"] == "complete" and shown["missing"] == []
    assert cli("runbook", "audit").code == 0

    path = journal(cli)
    path.write_text(path.read_text().replace("it is fine", "it is bad!", 1))
    broken = cli("runbook", "audit")
    assert broken.code == 2 and "journal.jsonl:" in broken.err


def test_one_runs_and_the_other_is_told_and_what_was_killed_is_in_doubt(cli: Cli) -> None:
    cli.write("small.yaml", TEXT.replace(NO_PERSON, ""))
    running = subprocess.Popen(
        [sys.executable, "-m", "lockgate", "runbook", "run", "small.yaml", "--yes", "--var", "pause=300"],
        cwd=cli.folder,
        env=cli.environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        until = time.monotonic() + 60
        while not _is_at(cli.folder / "done.txt", "three") and time.monotonic() < until:
            time.sleep(0.05)
        other = cli("runbook", "run", "small.yaml", "--yes", "--again", "--reason", "a race")
        assert other.code == 8, other.err
        assert f"pid {running.pid}" in other.err
    finally:
        os.kill(running.pid, signal.SIGKILL)
        running.wait()
    run = next(
        p.parent.name for p in (cli.folder / ".lockgate" / "procedures").glob("*/journal.jsonl") if _has(p, "1.3")
    )
    doubt = cli("runbook", "resume", run, "--yes")
    assert doubt.code == 7 and "resolve" in doubt.out
    assert cli("runbook", "resolve", run, "1.3", "--as", "done", "--reason", "I looked").code == 0
    ended = cli("runbook", "resume", run, "--yes")
    assert ended.code == 0 and "complete with waivers" in ended.out
    assert (cli.folder / "done.txt").read_text().split() == ["one", "three"]


def _is_at(path: Path, word: str) -> bool:
    return path.exists() and word in path.read_text()


def _has(path: Path, task: str) -> bool:
    return f'"task":"{task}"' in path.read_text()


@pytest.mark.slow
@pytest.mark.parametrize("writes", range(1, 14))
def test_killed_for_real_at_any_write_a_resume_ends_legally(cli: Cli, writes: int) -> None:
    cli.write("small.yaml", TEXT.replace(NO_PERSON, ""))
    code = (
        "import os, signal, sys\nfrom lockgate.runbook import record\nfrom lockgate.cli import main\n"
        "append = record.Record.append\n"
        "def killed(self, *a, **k):\n    entry = append(self, *a, **k)\n"
        f"    if entry.seq == {writes}: os.kill(os.getpid(), signal.SIGKILL)\n    return entry\n"
        "record.Record.append = killed\nsys.argv = ['lockgate', 'runbook', 'run', 'small.yaml', '--yes']\nmain()\n"
    )
    killed = subprocess.run(
        [sys.executable, "-c", code], cwd=cli.folder, env=cli.environment, check=False, capture_output=True
    )
    assert killed.returncode == -signal.SIGKILL
    ended = cli("runbook", "resume", "--yes")
    if ended.code == 7:
        task = "1.3" if _has(journal(cli), "1.3") else "1.1"
        is_done = _is_at(cli.folder / "done.txt", "three" if task == "1.3" else "one")
        cli("runbook", "resolve", "latest", task, "--as", "done" if is_done else "not_done", "--reason", "looked")
        ended = cli("runbook", "resume", "--yes")
    assert ended.code == 0, ended.err
    assert (cli.folder / "done.txt").read_text().split() == ["one", "three"]


def test_a_protected_target_asks_for_a_person_a_name_and_a_dry_run(cli: Cli) -> None:
    cli.write("small.yaml", TEXT.replace(NO_PERSON, ""))
    url = cli.env.pop("LOCKGATE_URL")
    cli.write("lockgate.toml", f'target = "app"\n[targets.app]\nurl = "{url}"\nprotected = true\n')
    without = cli("runbook", "run", "small.yaml", "--confirm", "app")
    assert without.code == 4 and "dry run" in without.err
    assert cli("runbook", "run", "small.yaml", "--dry-run", CLAUDECODE="1").code == 0
    agent = cli("runbook", "run", "small.yaml", "--confirm", "app", CLAUDECODE="1")
    assert agent.code == 4 and "coding agent" in agent.err
    unnamed = cli("runbook", "run", "small.yaml", "--yes")
    assert unnamed.code == 2 and "--confirm app" in unnamed.err
    assert not (cli.folder / "done.txt").exists()
