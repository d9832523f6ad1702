"""A plan of 56 steps, partly double-encoded: everything in it is counted right and means what it says."""

from __future__ import annotations

from pathlib import Path

import pytest

from lockgate.model.actions import Manual, Sh
from lockgate.model.checks import ExitCheck, ManualCheck
from lockgate.model.outcome import RollbackLevel
from lockgate.model.runbook import OnFail, Risk, counts_of
from lockgate.runbook.load import load_runbook
from lockgate.runbook.read import ReadRunbook

PLANS = Path(__file__).parent / "plans"
COUNTS = {
    "phases": 6, "tasks": 56, "steps": 56, "subtasks": 3, "stages": 3, "gates": 6, "gate_checks": 40,
    "pre_execution_checks": 5, "rollback_levels": 3, "triggers": 4, "metrics": 5, "monitors": 0, "communications": 9,
    "contacts": 2, "approvals": 6, "risks": 7, "objectives": 14, "variables": 0,
}  # fmt: skip


@pytest.fixture(scope="module")
def read() -> ReadRunbook:
    return load_runbook(PLANS / "harbor.md")


@pytest.mark.parametrize("name", ["harbor.md", "harbor.clean.md"])
def test_everything_is_counted(name: str) -> None:
    assert counts_of(load_runbook(PLANS / name).runbook) == COUNTS


def test_damaged_lines_are_counted_and_mended(read: ReadRunbook) -> None:
    clean = load_runbook(PLANS / "harbor.clean.md")
    assert (len(read.repaired), clean.repaired) == (26, ())
    assert read.text == clean.text and read.runbook == clean.runbook


def test_title_and_header_are_fields(read: ReadRunbook) -> None:
    runbook = read.runbook
    assert (runbook.title, runbook.version) == ("Harbor Catalogue Split", "3.1")
    assert runbook.note == "corrected after table review" and runbook.created == "2026-03-02"
    assert runbook.claimed_status == ("CLEARED TO SAIL", "LOOKED AT BY QUALITY", "READY TO SAIL")
    assert runbook.summary.startswith("The warehouse service keeps boats")
    assert "House Rules" in runbook.appendix


def test_ids_stay_in_order_and_lines_are_those_of_the_file(read: ReadRunbook) -> None:
    ids = [task.id for task in read.runbook.phases[3].tasks]
    assert ids == [f"3.{n}" for n in range(11)]
    assert {"4.1.1", "4.2.5", "5.10", "0.0"} <= {task.id for task in read.runbook.tasks}
    lines = read.text.split("\n")
    for task in read.runbook.tasks:
        assert f"| {task.id} " in lines[read.source.ids[task.id] - 1]


def test_escaped_pipes_survive(read: ReadRunbook) -> None:
    task = next(task for task in read.runbook.tasks if task.id == "1.5")
    assert task.do == Sh("ls migrations | cut -d_ -f1 | sort | uniq -d")


def test_missing_columns_stay_missing(read: ReadRunbook) -> None:
    assert all(task.do is None for task in read.runbook.phases[2].tasks)
    assert all(
        task.revert is None and not task.written.rollback for task in read.runbook.phases[5].tasks if task.written
    )


def test_only_whole_commands_are_run(read: ReadRunbook) -> None:
    tasks = {task.id: task for task in read.runbook.tasks}
    assert tasks["1.6"].do is None and tasks["4.2.3"].do is None and tasks["4.1.4"].do is None
    assert (
        tasks["4.3.3"].revert is None and tasks["4.3.3"].written and tasks["4.3.3"].written.rollback == "`DROP INDEX`"
    )
    assert tasks["3.6"].revert is None and tasks["0.7"].revert == Sh("git tag -d split-start")


def test_blocks_are_bound_to_their_step_as_proposals(read: ReadRunbook) -> None:
    task = next(task for task in read.runbook.tasks if task.id == "0.0")
    assert isinstance(task.do, Manual) and task.do.text == "See claim below" and "openssl rand" in task.do.proposed
    assert read.markdown is not None and [name for name, _ in read.markdown.bound] == ["0.0", "5.10"]


def test_prose_is_never_a_pass(read: ReadRunbook) -> None:
    checks = [check for task in read.runbook.tasks for check in task.verify]
    typed = [check for check in checks if not isinstance(check, ManualCheck)]
    assert typed == [ExitCheck(command="bash restore.sh --help")]
    assert all(isinstance(check, ManualCheck) for gate in read.runbook.gates for check in gate.checks)


def test_gates_do_what_their_lines_say(read: ReadRunbook) -> None:
    gates = read.runbook.gates
    orders = [OnFail.STOP, OnFail.ESCALATE, OnFail.FIX, OnFail.ROLLBACK, OnFail.STOP, OnFail.STOP]
    assert [gate.on_fail for gate in gates] == orders
    assert gates[3].level is RollbackLevel.SCHEMA
    assert [gate.id for gate in gates] == [f"gate-{n}" for n in range(6)] and gates[5].title == "Final QA Gate"


def test_phases_have_risk_time_and_way_back(read: ReadRunbook) -> None:
    phases = read.runbook.phases
    assert [phase.risk for phase in phases] == [Risk.LOW, Risk.LOW, Risk.LOW, Risk.HIGH, Risk.MEDIUM, Risk.LOW]
    assert [phase.estimate for phase in phases] == ["1h", "2h", "3h", "6h", "3h", "2h"]
    assert [phase.rollback.value if phase.rollback else "" for phase in phases] == ["", "", "code", "data", "code", ""]
    assert phases[0].read_only and not phases[5].read_only


def test_stages_own_the_steps_that_name_them(read: ReadRunbook) -> None:
    owned = {task.id: task.stage for task in read.runbook.phases[3].tasks if task.stage}
    assert owned == {"3.1": "3.1", "3.2": "3.1", "3.3": "3.1", "3.5": "3.2", "3.6": "3.2", "3.7": "3.2"}


def test_levels_triggers_and_approvals(read: ReadRunbook) -> None:
    runbook = read.runbook
    assert [level.level for level in runbook.levels] == list(RollbackLevel)
    assert [trigger.rule.kind for trigger in runbook.triggers if trigger.rule] == ["rate", "quantile", "up", "none_of"]
    assert {trigger.action for trigger in runbook.triggers} == {"Stop & Rollback"}
    assert [item.claimed for item in runbook.approvals.items] == [True, False, False, False, False, False]
    evidence = [item.evidence for item in runbook.approvals.items]
    assert evidence == ["", "", "backup", "rehearsal", "notified", "monitoring"]
    assert [message.when for message in runbook.messages] == ["before"] * 3 + ["during"] * 3 + ["after"] * 3


def test_nothing_is_left_unread(read: ReadRunbook) -> None:
    assert not [text for _, text in read.notes if text.startswith("left unread")]


def test_risks_are_linked_and_what_is_not_is_named(read: ReadRunbook) -> None:
    links = {row.task: row.links for row in read.runbook.risks}
    assert (
        links["Table Splitting"] == ("3",)
        and links["Nightly Copies"] == ("4.2",)
        and links["Row Versions Check"] == ("4.1",)
    )
    assert [row.risk.value for row in read.runbook.risks].count("medium") == 2
    assert [text for _, text in read.notes if "risk" in text] == [
        "this risk could not be linked to a phase or step: Export Script Repair"
    ]
