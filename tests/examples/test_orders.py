"""The example: a service with customers whose database is changed by a procedure, and what becomes of it each time."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from examples.orders.database import kept_values
from examples.orders.stand import HERE, Stand, open_stand
from lockgate.runbook.load import load_runbook

SLOW = pytest.mark.slow
GREEN = ("sqlite", pytest.param("postgres", marks=SLOW), "mysql")
BREACH = ("sqlite", "postgres", pytest.param("mysql", marks=SLOW))
KILLED = ("sqlite", pytest.param("postgres", marks=SLOW), pytest.param("mysql", marks=SLOW))
RUN = ("runbook", "run", "runbook.yaml", "--yes")


@contextmanager
def stand_on(flavor: str, make_database: Callable[[str], str], folder: Path) -> Iterator[Stand]:
    url = make_database(flavor)
    if flavor == "sqlite":
        Path(url.removeprefix("sqlite:///")).touch()
    with open_stand(url, folder) as stand:
        yield stand


def journal(stand: Stand) -> list[dict[str, Any]]:
    """The entries of the only run; a line that is being written is none yet."""
    (path,) = (stand.folder / ".lockgate" / "procedures").glob("*/journal.jsonl")
    return [json.loads(line) for line in path.read_text().splitlines(keepends=True) if line.endswith("\n")]


def status(stand: Stand) -> str:
    """How the run ended, by its last entry."""
    last = [entry for entry in journal(stand) if entry["type"] != "notified"][-1]
    assert last["type"] == "run_ended"
    return str(last["body"]["status"])


@pytest.mark.parametrize("flavor", GREEN)
def test_the_change_goes_through_while_customers_order(
    flavor: str, make_database: Callable[[str], str], tmp_path: Path
) -> None:
    with stand_on(flavor, make_database, tmp_path / "green") as stand:
        before = kept_values(stand.url)

        done = stand.lockgate(*RUN)

        assert done.returncode == 0, done.stdout + done.stderr
        assert status(stand) == "complete"
        assert kept_values(stand.url) == before
        assert stand.is_healthy()
        assert stand.lockgate("drift", "--desired", "schema.sql").returncode == 0
        counts = stand.traffic.end()
        assert not any(code >= 500 for code in counts)


@pytest.mark.parametrize("flavor", BREACH)
def test_a_change_that_breaks_the_service_takes_itself_back(
    flavor: str, make_database: Callable[[str], str], tmp_path: Path
) -> None:
    with stand_on(flavor, make_database, tmp_path / "breach") as stand:
        before = kept_values(stand.url)

        done = stand.lockgate(*RUN, "--var", "desired=schema-broken.sql")

        assert done.returncode == 6, done.stdout + done.stderr
        assert status(stand) == "rolled back"
        assert kept_values(stand.url) == before
        assert stand.is_healthy()
        assert any(entry["type"] == "rollback_ended" for entry in journal(stand))


@pytest.mark.parametrize("flavor", KILLED)
def test_a_run_that_was_killed_is_resumed_to_its_end(
    flavor: str, make_database: Callable[[str], str], tmp_path: Path
) -> None:
    with stand_on(flavor, make_database, tmp_path / "killed") as stand:
        before = kept_values(stand.url)
        kill_at(stand, lambda entries: any(e["type"] == "task_started" and e["task"] == "2.2" for e in entries))

        done = stand.lockgate("runbook", "resume", "--yes")

        assert done.returncode == 0, done.stdout + done.stderr
        assert status(stand) == "complete"
        assert kept_values(stand.url) == before
        assert stand.is_healthy()


def kill_at(stand: Stand, is_there: Callable[[list[dict[str, Any]]], bool]) -> None:
    """Begin the run and kill it as soon as its journal says so."""
    running = stand.start(*RUN)
    until = time.monotonic() + 120
    while running.poll() is None and time.monotonic() < until:
        if list((stand.folder / ".lockgate" / "procedures").glob("*/journal.jsonl")) and is_there(journal(stand)):
            break
        time.sleep(0.01)
    running.send_signal(signal.SIGKILL)
    out, err = running.communicate(timeout=60)
    assert running.returncode == -9, out + err


def test_the_plan_for_people_is_the_runbook() -> None:
    runbook = load_runbook(HERE / "runbook.yaml").runbook

    assert load_runbook(HERE / "plan.md").runbook == runbook
