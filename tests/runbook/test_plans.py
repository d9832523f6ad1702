"""Plans in quite different layouts: what is in them, and what each part means."""

from __future__ import annotations

from pathlib import Path

import pytest

from lockgate.model.actions import Manual, Sh
from lockgate.model.checks import ExitCheck, HttpCheck, ManualCheck
from lockgate.model.outcome import RollbackLevel
from lockgate.model.runbook import OnFail, Risk, Rule, Runbook, Task, counts_of
from lockgate.runbook.load import load_runbook
from lockgate.runbook.read import ReadRunbook

PLANS = Path(__file__).parent / "plans"
COUNTS = {
    "bakery": {
        "phases": 2, "tasks": 5, "gates": 2, "gate_checks": 4, "pre_execution_checks": 2, "rollback_levels": 3,
        "triggers": 2, "metrics": 2,
        "communications": 3, "contacts": 2, "approvals": 2, "risks": 2, "objectives": 2, "stages": 0,
    },
    "ferry": {
        "phases": 2, "tasks": 5, "gates": 2, "gate_checks": 5, "pre_execution_checks": 0, "rollback_levels": 2,
        "triggers": 2, "metrics": 0,
        "communications": 2, "contacts": 2, "approvals": 2, "risks": 0, "objectives": 1, "stages": 0,
    },
    "garden": {
        "phases": 2, "tasks": 5, "gates": 1, "gate_checks": 2, "pre_execution_checks": 2, "rollback_levels": 0,
        "triggers": 0, "metrics": 0,
        "communications": 0, "contacts": 1, "approvals": 0, "risks": 0, "objectives": 0, "stages": 0,
    },
    "lighthouse": {
        "phases": 2, "tasks": 7, "gates": 2, "gate_checks": 5, "pre_execution_checks": 0, "rollback_levels": 3,
        "triggers": 2, "metrics": 2,
        "communications": 4, "contacts": 2, "approvals": 2, "risks": 0, "objectives": 1, "stages": 2,
    },
}  # fmt: skip


def load(name: str) -> ReadRunbook:
    return load_runbook(PLANS / f"{name}.md")


def tasks_of(runbook: Runbook) -> dict[str, Task]:
    return {task.id: task for task in runbook.tasks}


@pytest.mark.parametrize("name", COUNTS)
def test_everything_is_counted(name: str) -> None:
    read = load(name)
    counts = counts_of(read.runbook)
    assert {key: counts[key] for key in COUNTS[name]} == COUNTS[name]
    assert read.repaired == () and not [text for _, text in read.notes if text.startswith("left unread")]


def test_front_matter_wins_and_what_differs_is_named() -> None:
    read = load("bakery")
    assert (read.runbook.version, read.runbook.targets, read.runbook.created) == ("1.4", ("ledger",), "2026-01-15")
    assert read.runbook.claimed_status == ("draft", "READY")
    assert read.markdown is not None
    versions = [(fact.value, fact.line, fact.where) for fact in read.markdown.stated if fact.key == "version"]
    assert versions == [("1.4", 3, "front matter"), ("1.2", 8, "title"), ("1.2", 11, "header")]
    assert any(text.startswith("version is stated more than once and not alike") for _, text in read.notes)


def test_steps_as_numbered_lists_and_as_headings() -> None:
    tasks = tasks_of(load("bakery").runbook)
    assert list(tasks) == ["1.1", "1.2", "1.3", "2.1", "2.2"]
    assert tasks["1.1"].do == Sh("sqlite3 ledger.db 'select count(*) from orders'")
    assert tasks["1.2"].do == Sh("ls -1 > list.txt\nwc -l list.txt") and tasks["1.2"].owner == "Ada"
    assert [check.text for check in tasks["1.2"].verify if isinstance(check, ManualCheck)] == [
        "file `list.txt` exists",
        "it has lines",
    ]
    assert tasks["1.3"].do is None and not tasks["1.3"].verify
    assert tasks["2.1"].do == Sh("sqlite3 ledger.db < new.sql")
    assert tasks["2.1"].revert == Sh("sqlite3 ledger.db 'drop table ledger'")
    assert tasks["2.2"].estimate == "2h" and tasks["2.2"].revert is None


def test_facts_in_bullets_and_lines_and_a_gate_in_a_table() -> None:
    first, second = load("bakery").runbook.phases
    assert (first.risk, first.estimate, first.read_only) == (Risk.LOW, "30m", True)
    assert (second.risk, second.estimate, second.rollback) == (Risk.HIGH, "2d", RollbackLevel.DATA)
    assert second.gate and second.gate.on_fail is OnFail.ROLLBACK and second.gate.level is RollbackLevel.SCHEMA
    texts = [check.text for check in second.gate.checks if isinstance(check, ManualCheck)]
    assert texts == ["Row counts are equal — Expected: 0 differences", "Ledger answers — Expected: 200"]


def test_levels_messages_people_and_triggers_in_tables() -> None:
    runbook = load("bakery").runbook
    assert [(level.number, level.level.value) for level in runbook.levels] == [
        ("1", "code"),
        ("2", "schema"),
        ("3", "data"),
    ]
    assert [(message.when, message.channel) for message in runbook.messages] == [
        ("before", "#bakery"),
        ("during", "#bakery"),
        ("after", "e-mail"),
    ]
    assert [contact.name for contact in runbook.contacts] == ["Ada", "Miller"]
    assert [item.claimed for item in runbook.approvals.items] == [True, False]
    assert [trigger.action for trigger in runbook.triggers] == ["Stop", "Page"]
    assert runbook.triggers[1].rule == Rule(kind="quantile", limit=0.8, quantile=0.99)


def test_columns_in_any_order_and_bare_pipes_in_code() -> None:
    runbook = load("ferry").runbook
    tasks = tasks_of(runbook)
    assert tasks["A.2"].do == Sh("curl -fsS https://pier.example.org/ok | grep ok")
    assert tasks["A.1"].revert == Sh("git branch -D refit") and tasks["A.2"].revert is None
    assert tasks["B.1"].do == Sh("git merge refit") and tasks["B.2"].title == "Restart the pier"
    assert runbook.phases[1].risk is Risk.HIGH and runbook.phases[1].estimate == "45m"
    assert [gate.title for gate in runbook.gates] == ["Exit criteria", "Final gate"]
    assert runbook.gates[1].written == "HALT if the pier is silent"


def test_a_plan_without_the_word_phase_and_with_windows_line_ends() -> None:
    read = load("garden")
    tasks = tasks_of(read.runbook)
    assert list(tasks) == ["1.1", "1.2", "2.1", "2.2", "2.2-2"]
    assert any("stands here a second time" in text for _, text in read.notes)
    assert tasks["2.1"].do == Sh("./plant.sh rose | tee out.log") and tasks["2.1"].estimate == "10m"
    assert tasks["2.1"].verify == (ExitCheck(command="./count.sh rose"),) and len(tasks["2.2"].verify) == 2
    assert tasks["2.2-2"].do == Manual("./label.sh <bed-id>", proposed="{sh: ./label.sh <bed-id>}")


def test_steps_in_boxes_gates_elsewhere_and_typed_checks() -> None:
    read = load("lighthouse")
    tasks = tasks_of(read.runbook)
    assert list(tasks) == ["0.1", "0.2", "0.10", "1.1", "1.2", "1.3", "1.4"]
    assert tasks["1.3"].verify == (HttpCheck(url="http://lamp.example.org/"),)
    assert {task.id: task.stage for task in tasks.values() if task.stage} == {
        "1.1": "1.1",
        "1.2": "1.1",
        "1.3": "1.2",
        "1.4": "1.2",
    }
    assert [gate.on_fail for gate in read.runbook.gates] == [OnFail.ESCALATE, OnFail.FIX]
    assert read.runbook.phases[1].needs == ("0",) and read.runbook.note == "night edition"
    assert read.runbook.messages[0].lead == ("2h",)
    assert any("belongs to no step" in text for _, text in read.notes)
    assert any("ticked by hand" in text for _, text in read.notes)
