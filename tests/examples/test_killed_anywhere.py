"""The order service's procedure, killed at a write of its journal: it goes on, repeats nothing, tells people once."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from examples.orders.database import kept_values
from examples.orders.stand import Stand, open_stand
from tests.notify.receiver import Receiver, receiving

_CHILD = """
import os, signal, sys
from lockgate.cli import main
from lockgate.runbook import record

append = record.Record.append

def killed(self, *arguments, **options):
    entry = append(self, *arguments, **options)
    if entry.seq == {number}:
        os.kill(os.getpid(), signal.SIGKILL)
    return entry

record.Record.append = killed
main(["runbook", "run", "runbook.yaml", "--yes", "--bake", "1s"])
"""
SOME = (9, 39)
MOST = 76


@pytest.mark.parametrize(
    "number", [pytest.param(n, marks=() if n in SOME else pytest.mark.slow) for n in range(1, MOST)]
)
def test_a_run_killed_at_a_write_goes_on_does_nothing_twice_and_tells_people_once(number: int, tmp_path: Path) -> None:
    database = tmp_path / "orders.db"
    database.touch()
    with receiving() as team, open_stand(f"sqlite:///{database}", tmp_path / "work", team=team.url) as stand:
        before = kept_values(stand.url)
        killed = subprocess.run(
            [sys.executable, "-c", _CHILD.format(number=number)],
            cwd=stand.folder,
            env=stand.environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=200,
        )
        assert killed.returncode in (0, -signal.SIGKILL), killed.stderr
        done = stand.lockgate("runbook", "resume", "--yes", "--bake", "1s")

        assert done.returncode == 0, done.stdout + done.stderr
        assert kept_values(stand.url) == before
        assert stand.is_healthy()
        check_journal(stand)
        check_told_once(team)


def check_journal(stand: Stand) -> None:
    """It is complete; each stage was applied by the one run in the target, and no effect but a backup came twice."""
    (path,) = (stand.folder / ".lockgate" / "procedures").glob("*/journal.jsonl")
    entries: list[dict[str, Any]] = [json.loads(line) for line in path.read_text().splitlines()]
    ended = [e for e in entries if e["type"] == "run_ended"]
    assert [e["body"]["status"] for e in ended] == ["complete"]
    runs = {e["body"]["id"] for e in entries if e["type"] == "effect" and e["body"]["what"] == "run"}
    assert len(runs) <= 2  # the second one where the first was led back before it was done again
    done = Counter(e["task"] for e in entries if e["type"] == "task_ended" and e["body"]["state"] == "done")
    assert all(done[task] == 1 for task in ("2.1", "2.2", "2.3")), done


def check_told_once(team: Receiver) -> None:
    """Every message has a key of its own."""
    keys = Counter(got.headers["Idempotency-Key"] for got in team.got)
    assert keys and max(keys.values()) == 1, keys
