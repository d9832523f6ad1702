"""``lockgate runbook rollback``: a run of its own that takes another one back."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import lockgate
from lockgate.model.actions import Apply, Backup, Plan
from lockgate.model.procedure import Entry, EntryType, last_of
from lockgate.runbook.record import read_entries
from tests.runbook.target.bench import Bench, open_bench

BEFORE = "CREATE TABLE orders (id INTEGER PRIMARY KEY, total INTEGER NOT NULL)"
AFTER = "CREATE TABLE orders (id INTEGER PRIMARY KEY, total INTEGER NOT NULL, note TEXT);"


@pytest.fixture
def bench(sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    with open_bench(sqlite_url, tmp_path / "book", AFTER, BEFORE, "INSERT INTO orders VALUES (1, 10), (2, 20)") as made:
        monkeypatch.chdir(made.folder)
        monkeypatch.setenv("LOCKGATE_STATE_DIR", str(made.folder / "state"))
        yield made


def run(bench: Bench, *words: str) -> subprocess.CompletedProcess[str]:
    url = f"sqlite:///{bench.tools.target.path}"
    argv = [sys.executable, "-m", "lockgate", "runbook", "rollback", bench.record.folder.name, "--url", url, *words]
    environment = {**os.environ, "PYTHONPATH": str(Path(lockgate.__file__).parents[1])}
    return subprocess.run(argv, capture_output=True, text=True, check=False, env=environment)


def test_a_run_is_taken_back_by_a_run_of_its_own(bench: Bench) -> None:
    bench.do(Plan(output="plan.json"))
    bench.do(Apply(plan="plan.json"), "1.2")
    bench.record.close()
    parent = read_entries(bench.record.folder)

    looked = run(bench, "--dry-run")
    assert looked.returncode == 0, looked.stdout
    assert "ALTER TABLE" in looked.stdout
    assert len(list(bench.record.folder.parent.iterdir())) == 1
    assert len(bench.rows("PRAGMA table_info(orders)")) == 3

    done = run(bench, "--yes", "--format", "json", "-q")
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert result["loses"].startswith("nothing would be lost")
    own = read_entries(bench.record.folder.parent / result["run"])
    assert own[0].body["parent"] == bench.record.folder.name
    assert status_of(own) == "rolled back"
    assert len(bench.rows("PRAGMA table_info(orders)")) == 2
    assert read_entries(bench.record.folder) == parent


def test_the_data_level_prints_the_loss_and_needs_the_name(bench: Bench) -> None:
    bench.do(Backup(), "1.0")
    bench.record.close()
    bench.sql("INSERT INTO orders VALUES (3, 30)")

    looked = run(bench, "--level", "data", "--dry-run")
    assert "≈ 1 rows in 1 table" in looked.stdout
    assert "load " in looked.stdout
    asked = run(bench, "--level", "data", "--yes")
    assert asked.returncode == 2
    assert "--confirm" in asked.stderr
    assert bench.rows("SELECT count(*) FROM orders") == [(3,)]

    done = run(bench, "--level", "data", "--confirm", bench.tools.name)
    assert done.returncode == 0, done.stderr
    assert bench.rows("SELECT count(*) FROM orders") == [(2,)]


def test_the_list_says_how_old_each_place_is_and_what_it_would_lose(bench: Bench) -> None:
    bench.do(Plan(output="plan.json"))
    bench.do(Apply(plan="plan.json"), "1.2")
    url = f"sqlite:///{bench.tools.target.path}"
    argv = [sys.executable, "-m", "lockgate", "rollback", "--list", "--format", "json", "--url", url]
    environment = {**os.environ, "PYTHONPATH": str(Path(lockgate.__file__).parents[1])}
    done = subprocess.run(argv, capture_output=True, text=True, check=False, env=environment)

    point = json.loads(done.stdout)["checkpoints"][0]

    assert 0 <= point["age_s"] < 60
    assert (point["checkpoint_kind"], point["loses"], point["backup"]) == ("schema snapshot", "nothing", None)


def test_a_coding_agent_may_not_bring_data_back(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.do(Backup(verify="off"), "1.0")
    bench.record.close()
    monkeypatch.setenv("LOCKGATE_AGENT", "1")

    refused = run(bench, "--level", "data", "--confirm", bench.tools.name)

    assert refused.returncode == 4
    assert "a coding agent may not" in refused.stderr


def test_a_rollback_that_cannot_begin_says_so_and_is_written_down(bench: Bench) -> None:
    bench.record.close()
    assert run(bench, "--level", "data", "--confirm", bench.tools.name).returncode == 4
    bench.sql("CREATE TABLE other (id INTEGER)")
    missing = run(bench, "--to", "cp-none", "--yes")
    assert missing.returncode == 4
    assert "there is no checkpoint cp-none" in missing.stderr
    runs = [folder for folder in bench.record.folder.parent.iterdir() if "-rollback-" in folder.name]
    assert [status_of(read_entries(folder)) for folder in runs] == ["stopped"]


def status_of(entries: tuple[Entry, ...]) -> str:
    last = last_of(entries, EntryType.RUN_ENDED)
    assert last is not None
    return str(last.body["status"])
