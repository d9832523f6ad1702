"""The task that writes a document: made of measured facts, with its digest in the journal and its facts as evidence."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from lockgate.model import codec
from lockgate.model.actions import Document
from lockgate.model.procedure import EntryType, TaskState
from lockgate.model.runbook import Runbook, Task
from lockgate.runbook.run_reports import report_of
from lockgate.verify.conventions.settings import Conventions, SoftDeleteConvention
from tests.runbook.target.bench import Bench, open_bench, phase_of

LIVE = (
    "CREATE TABLE shop_orders (id INTEGER PRIMARY KEY, total INTEGER, deleted_at TEXT)",
    "CREATE TABLE shop_lines (id INTEGER PRIMARY KEY, order_id INTEGER)",
    "CREATE TABLE shop_notes (id INTEGER PRIMARY KEY)",
    "CREATE TABLE log (line TEXT)",
)
DESIRED = """CREATE TABLE shop_orders (id INTEGER PRIMARY KEY, total INTEGER, deleted_at TEXT, note TEXT);
CREATE TABLE shop_lines (id INTEGER PRIMARY KEY, order_id INTEGER); CREATE TABLE shop_notes (id INTEGER PRIMARY KEY);
CREATE TABLE log (line TEXT); CREATE TABLE new_one (id INTEGER PRIMARY KEY);
CREATE INDEX by_order ON shop_lines (order_id);
"""


@pytest.fixture
def bench(sqlite_url: str, tmp_path: Path) -> Iterator[Bench]:
    with open_bench(sqlite_url, tmp_path / "book", DESIRED, *LIVE) as made:
        made.runbook = Runbook(runbook="test", phases=(phase_of(Task(id="1.1", title="Write")),))
        lock = {"runbook": msgspec.to_builtins(made.runbook), "folder": str(made.folder)}
        (made.record.folder / "lock.json").write_bytes(codec.encode(lock))
        made.record.append(EntryType.RUN_STARTED, {"run": made.record.folder.name, "target": "book"})
        yield made


def _write(bench: Bench, make: str, output: str) -> str:
    done = bench.do(Document(make=make, output=output))
    assert done.state is TaskState.DONE, done.message
    body = {"state": "done", "evidence": list(done.evidence)}
    bench.record.append(EntryType.TASK_ENDED, body, phase="1", task="1.1")
    text = (bench.folder / output).read_text()
    (effect,) = [e for e in bench.effects("document") if e["id"] == output]
    assert effect["sha256"] == hashlib.sha256(text.encode()).hexdigest()
    return text


def test_a_baseline_counts_the_tables_by_group_and_the_report_repeats_the_counts(bench: Bench) -> None:
    text = _write(bench, "baseline", "docs/baseline.md")
    assert "shop\\_orders" in text
    facts = {fact.name: fact.value for fact in report_of(bench.record.folder).database if fact.topic == "tables"}

    counted = bench.rows("SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'lockgate%'")
    assert facts["tables"] == str(counted[0][0])
    assert facts["tables of shop"] == "3"
    assert facts["tables of other"] == "1"


def test_a_remediation_has_one_row_for_each_difference_with_stage_and_risk(bench: Bench) -> None:
    text = _write(bench, "remediation", "fix.md")
    report = report_of(bench.record.folder)

    objects = [name for names in report.differences.values() for name in names]
    assert sorted(report.differences) == ["add_column", "add_index", "create_table"]
    for name in objects:
        assert sum(name.replace("_", "\\_") in line for line in text.splitlines() if line.startswith("|")) == 1, name


def test_infrastructure_says_what_backups_there_are_and_never_where_there_is_none(bench: Bench) -> None:
    text = _write(bench, "infrastructure", "infra.html")
    facts = {fact.name: fact.value for fact in report_of(bench.record.folder).database if fact.topic == "backups"}

    assert "<h2>Backups</h2>" in text
    assert facts["last success"] == "never"
    assert facts["last verified restore"] == "never"
    assert facts["restoring takes"] == "never measured"


def test_the_report_counts_the_tables_with_soft_delete_and_names_those_without(bench: Bench) -> None:
    agreed = Conventions(soft_delete=SoftDeleteConvention(tables=("shop_orders",)))
    bench.tools = dataclasses.replace(bench.tools, conventions=agreed)
    _write(bench, "analysis", "analysis.md")
    facts = {fact.name: fact.value for fact in report_of(bench.record.folder).database if fact.topic == "conventions"}

    assert facts["soft delete"].startswith("1 table with deleted_at")
    assert facts["soft delete"].endswith("log, shop_lines, shop_notes")


def test_the_rollback_runbook_is_the_one_in_the_report_and_names_the_run(bench: Bench) -> None:
    bench.record.append(EntryType.EFFECT, {"what": "checkpoint", "id": "cp-7"}, phase="1", task="1.1")
    text = _write(bench, "rollback", "ROLLBACK.md")

    assert bench.record.folder.name in text
    assert "lockgate rollback --to cp-7" in text
    assert [way.command for way in report_of(bench.record.folder).ways_back if way.level == "schema"] == [
        "lockgate rollback --to cp-7"
    ]
    assert "lockgate rollback --to cp-7" in _write(bench, "report", "report.txt")


def test_a_document_that_nothing_makes_fails_and_a_dry_run_writes_none(bench: Bench) -> None:
    assert bench.do(Document(make="poem")).state is TaskState.FAILED
    bench.is_dry_run = True
    assert "would" in bench.do(Document(make="baseline", output="b.md")).message
    assert not (bench.folder / "b.md").exists()
