"""How a run stands, folded from its entries: nothing unknown, skipped, missing or claimed becomes green."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from lockgate.model.outcome import Outcome
from lockgate.model.procedure import EntryType, RunStatus
from lockgate.model.procedure_report import ProcedureReport
from lockgate.runbook.run_reports import report_of
from tests.runbook.report.journal import Maker, result, waiver


def _report(maker: Maker) -> ProcedureReport:
    maker.record.close()
    return report_of(maker.folder)


def test_a_run_in_which_all_is_shown_is_complete(tmp_path: Path) -> None:
    report = _report(Maker(tmp_path).green())

    assert report.standing.status is RunStatus.COMPLETE, report.standing
    assert report.standing.is_good
    assert report.standing.reasons == ()


def test_the_same_run_without_its_end_is_running(tmp_path: Path) -> None:
    maker = Maker(tmp_path)
    maker.start()
    maker.first_phase()
    maker.second_phase()

    assert _report(maker).standing.status is RunStatus.RUNNING


def test_with_a_deferral_complete_is_impossible_and_the_headline_names_it(tmp_path: Path) -> None:
    maker = Maker(tmp_path)
    maker.start()
    maker.first_phase()
    maker.phase("2")
    maker.task("2.1")
    maker.task("2.2")
    maker.decide("defer", "2.3", owner="Bob", until="2026-04-01")
    maker.phase("2", is_end=True)
    maker.end("complete")
    report = _report(maker)

    assert report.standing.status is RunStatus.COMPLETE_WITH_DEFERRALS
    assert report.standing.headline == "complete with deferrals (2.3)"
    assert "the run wrote 'complete'" in report.standing.conflict
    assert not report.standing.is_good
    assert [(d.what, d.subject, d.by) for d in report.deviations] == [("defer", "2.3", "Ada")]
    item = next(i for i in report.open_items if i.kind == "deferred")
    assert (item.owner, item.due) == ("Bob", "2026-04-01")


def test_a_waiver_is_counted_in_the_headline(tmp_path: Path) -> None:
    maker = Maker(tmp_path)
    maker.start()
    waived = result("gate-1/1", Outcome.WAIVED, "3 duplicates", waiver=waiver("gate-1/1"))
    maker.first_phase(waived, result("gate-1/2", Outcome.OK))
    maker.second_phase()
    maker.end("complete with waivers")
    report = _report(maker)

    assert report.standing.status is RunStatus.COMPLETE_WITH_WAIVERS
    assert report.standing.headline == "complete with waivers, 1 waiver (gate-1/1)"
    assert any(p.what == "waiver" and p.by == "Ada" for p in report.people)


@pytest.mark.parametrize(
    "bad",
    [
        result("gate-1/1", Outcome.WAIVED, "3"),
        result("gate-1/1", Outcome.WAIVED, "3", waiver=waiver("gate-1/1", reason="")),
        result("gate-1/1", Outcome.WAIVED, "3", waiver=waiver("gate-1/1", until="2026-01-01T00:00:00+00:00")),
        result("gate-1/1", Outcome.UNKNOWN, "no answer"),
        result("gate-1/1", Outcome.FAIL, "3"),
    ],
    ids=["waived by nobody", "for no reason", "run out", "unknown", "fail"],
)
def test_a_gate_that_is_called_open_on_such_a_result_is_closed_in_the_report(tmp_path: Path, bad: object) -> None:
    maker = Maker(tmp_path)
    maker.start()
    maker.first_phase(bad, result("gate-1/2", Outcome.OK))  # type: ignore[arg-type]
    maker.second_phase()
    maker.end("complete")
    report = _report(maker)

    assert not report.gates[0].is_open
    assert not report.standing.status.is_complete
    assert report.standing.conflict


def _without_attestation(m: Maker) -> None:
    m.phase("1")
    m.task("1.1", "done", result("1.1/verify/1", Outcome.OK))
    m.task("1.2")
    m.gate("open", result("gate-1/1", Outcome.OK), result("gate-1/2", Outcome.OK))
    m.phase("1", is_end=True)
    m.second_phase()


def _without_checks(m: Maker) -> None:
    m.phase("1")
    m.task("1.1")
    m.decide("attest", "1.2")
    m.task("1.2")
    m.gate("open", result("gate-1/1", Outcome.OK), result("gate-1/2", Outcome.OK))
    m.phase("1", is_end=True)
    m.second_phase()


def _gate_of_one_check(m: Maker) -> None:
    m.first_phase(result("gate-1/1", Outcome.OK))
    m.second_phase()


def _no_gate(m: Maker) -> None:
    m.second_phase()


def _task_after_the_gate(m: Maker) -> None:
    m.first_phase()
    m.task("1.1", "done", result("1.1/verify/1", Outcome.OK))
    m.second_phase()


def _cut_off_task(m: Maker) -> None:
    m.first_phase()
    m.phase("2")
    m.task("2.1")
    m.task("2.2")
    m.write(EntryType.TASK_STARTED, {}, phase="2", task="2.3")
    m.phase("2", is_end=True)


def _refused_skip(m: Maker) -> None:
    m.first_phase()
    m.phase("2")
    m.task("2.1")
    m.task("2.2")
    m.decide("skip", "2.3", refused="no right")
    m.phase("2", is_end=True)


def _breach(m: Maker) -> None:
    m.first_phase()
    m.second_phase()
    m.write(EntryType.BREACH, {"monitor": "errors", "sentence": "6/400 = 1.50 %"})


def _check_before(m: Maker) -> None:
    m.first_phase()
    m.write(EntryType.CHECKED, {"place": "2/before", "results": [result("2/before/1", Outcome.UNKNOWN)]})
    m.second_phase()


@pytest.mark.parametrize(
    "story",
    [
        _without_attestation,
        _without_checks,
        _gate_of_one_check,
        _no_gate,
        _task_after_the_gate,
        _cut_off_task,
        _refused_skip,
        _breach,
        _check_before,
    ],
)
def test_a_run_that_lacks_something_is_not_complete_whatever_its_end_says(
    tmp_path: Path, story: Callable[[Maker], None]
) -> None:
    maker = Maker(tmp_path)
    maker.start()
    story(maker)
    maker.end("complete")
    report = _report(maker)

    assert not report.standing.status.is_complete, report.standing
    assert report.standing.reasons
    assert report.standing.conflict.startswith("the run wrote 'complete'")


@pytest.mark.parametrize(
    ("steps", "status"),
    [
        ([("schema", "done")], RunStatus.ROLLED_BACK),
        ([("schema", "failed")], RunStatus.ROLLBACK_FAILED),
        ([("schema", "failed"), ("data", "done")], RunStatus.ROLLED_BACK),
        ([("data", "failed"), ("code", "done")], RunStatus.ROLLBACK_FAILED),
        ([("data", "unknown")], RunStatus.ROLLBACK_FAILED),
        ([("schema", "")], RunStatus.ROLLING_BACK),
    ],
)
def test_steps_back_decide_how_it_ended(tmp_path: Path, steps: list[tuple[str, str]], status: RunStatus) -> None:
    maker = Maker(tmp_path)
    maker.start()
    maker.first_phase()
    for level, state in steps:
        maker.write(EntryType.ROLLBACK_STARTED, {"level": level, "to": "cp-1", "why": "gate-2", "loss_window": "none"})
        if state:
            maker.write(EntryType.ROLLBACK_ENDED, {"level": level, "state": state})
    report = _report(maker)

    assert report.standing.status is status
    assert [row.level for row in report.rollbacks] == [level for level, _ in steps]


@pytest.mark.parametrize(
    ("kind", "body", "status"),
    [
        (EntryType.WAITING, {"reason": "approval"}, RunStatus.WAITING),
        (EntryType.HELD, {"monitor": "errors", "why": "silent"}, RunStatus.HELD),
        (EntryType.INTERRUPTED, {"signal": "TERM"}, RunStatus.INTERRUPTED),
    ],
)
def test_a_run_that_rests_says_so_until_it_is_resumed(
    tmp_path: Path, kind: EntryType, body: dict[str, str], status: RunStatus
) -> None:
    maker = Maker(tmp_path)
    maker.start()
    maker.write(kind, body)
    assert report_of(maker.folder).standing.status is status

    maker.write(EntryType.RESUMED, {"actor": "Ada"})
    assert _report(maker).standing.status is RunStatus.RUNNING


def test_a_run_whose_session_is_active_is_open_and_not_complete(tmp_path: Path) -> None:
    maker = Maker(tmp_path / "state")
    maker.start()
    maker.effect("session", "Session-1", state="active")
    maker.first_phase()
    maker.second_phase()
    maker.end("complete")
    report = _report(maker)

    assert report.standing.headline == "open: session Session-1 active"
    assert not report.standing.is_good

    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    for name in ("one.sql", "two.sql"):
        (tmp_path / name).write_text("x")
    assert report_of(maker.folder).standing.headline == "open: session Session-1 active, 2 files uncommitted"

    again = Maker(tmp_path / "again")
    again.start()
    again.effect("session", "Session-1", state="active")
    again.first_phase()
    again.second_phase()
    again.effect("session", "Session-1", state="closed")
    again.end("complete")
    assert _report(again).standing.is_good


def test_a_rollback_takes_back_every_task_that_wrote_since_its_checkpoint_whatever_it_lists(tmp_path: Path) -> None:
    apply = "do: {apply: {plan: p.json}}"
    text = f"""
runbook: shop
phases:
- id: "1"
  title: Apply
  tasks: [{{id: "1.1", title: A, {apply}}}, {{id: "1.2", title: B, {apply}}}, {{id: "1.3", title: C, {apply}}}]
"""
    maker = Maker(tmp_path, text)
    maker.start()
    maker.task("1.1")
    for name in ("1.2", "1.3"):
        maker.write(EntryType.TASK_STARTED, {}, phase="1", task=name)
        maker.effect("checkpoint", f"cp-{name}", name, name=f"before:{name}")
        maker.write(EntryType.TASK_ENDED, {"state": "done"}, phase="1", task=name)
    maker.write(EntryType.ROLLBACK_STARTED, {"level": "schema", "to": "cp-1.2", "tasks": ["1.3"]})
    maker.write(EntryType.ROLLBACK_ENDED, {"level": "schema", "state": "done"})

    report = _report(maker)
    assert [task.state.value for task in report.tasks] == ["done", "reverted", "reverted"]
    assert [way.to for way in report.ways_back if way.level == "schema"] == ["cp-1.2"]
