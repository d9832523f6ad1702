"""What a starter may choose and what time does: parts of a runbook, windows, limits, retries, deadlines, ways back."""

from __future__ import annotations

from pathlib import Path

import pytest

from lockgate.errors import ConfigError
from lockgate.model.outcome import Waiver
from lockgate.model.procedure import RunStatus
from lockgate.monitor.base import Breach
from lockgate.runbook.engine.dry import dry_run
from tests.runbook.engine.world import Stage

TEXT = """
runbook: choices
phases:
- id: "1"
  title: One
  tasks: [{id: "1.1", title: a, do: {sql: x}}, {id: "1.2", title: b, do: {checkpoint: cp}}]
  gate: {id: g1, checks: [{file: c1}]}
- id: "2"
  title: Two
  estimate: 1s
  tasks:
  - {id: "2.1", title: c, do: {apply: p}, revert: {rollback: cp}}
  - {id: "2.2", title: d, do: {sh: x}, needs: ["2.1"], revert: {sh: y}}
  gate: {id: g2, checks: [{file: c2}]}
- {id: "3", title: Alone, needs: [none], tasks: [{id: "3.1", title: e, do: {sql: x}}]}
"""


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path, TEXT)


def with_text(folder: Path, old: str, new: str) -> Stage:
    assert old in TEXT
    return Stage(folder, TEXT.replace(old, new))


def test_until_stops_there_and_resume_goes_on(stage: Stage) -> None:
    ending = stage.go(until="1.1")
    assert (ending.status, ending.exit_code, stage.effects) == (RunStatus.STOPPED, 0, ["1.1"])
    assert stage.go(until="g1").exit_code == 0
    assert stage.effects == ["1.1", "1.2"]
    assert stage.go().status is RunStatus.COMPLETE


def test_a_phase_runs_alone_only_when_what_it_needs_has_ended(stage: Stage) -> None:
    refused = stage.go(only_phase="2")
    assert refused.exit_code == 4 and "needs 1" in refused.message and stage.effects == []
    alone = stage.go(only_phase="3")
    assert (alone.status, alone.exit_code, stage.effects) == (RunStatus.STOPPED, 0, ["3.1"])


def test_from_is_refused_past_a_gate_unless_a_waiver_answers_for_it(stage: Stage) -> None:
    refused = stage.go(start_from="2.1")
    assert refused.exit_code == 4 and stage.effects == []
    waiver = Waiver("g1", "anna", "lead", "proven elsewhere", "2027-01-01", "2026-03-01")
    ending = stage.go(start_from="2", waivers=lambda: (waiver,))
    assert ending.status is RunStatus.COMPLETE_WITH_DEFERRALS
    assert "1.1" not in stage.effects and "2.1" in stage.effects


def test_an_id_that_names_nothing_is_refused(stage: Stage) -> None:
    with pytest.raises(ConfigError):
        stage.go(until="9.9")


def test_needs_in_a_circle_are_refused(tmp_path: Path) -> None:
    circle = with_text(tmp_path, "do: {apply: p},", 'do: {apply: p}, needs: ["2.2"],')
    with pytest.raises(ConfigError, match="circle"):
        circle.go()


def test_what_needs_a_deferred_task_is_not_run(stage: Stage) -> None:
    stage.go(until="1.1")
    stage.decide("defer", "2.1")
    ending = stage.go()
    assert ending.exit_code == 4 and "2.2 needs 2.1" in ending.message
    assert "2.2" not in stage.effects


def test_a_window_that_ends_lets_nothing_new_begin(tmp_path: Path) -> None:
    stage = with_text(tmp_path, "runbook: choices", 'runbook: choices\nwindow: {from: "09:00", to: "10:30"}')
    stage.clock.s = 20 * 60
    assert stage.go(until="g1").exit_code == 0
    stage.clock.s = 31 * 60
    ending = stage.go()
    assert ending.exit_code == 5 and "2026-03-05T09:00" in ending.message
    assert stage.effects == ["1.1", "1.2"]
    stage.clock.s = 23.5 * 3600
    assert stage.go().status is RunStatus.COMPLETE


def test_only_what_is_safe_is_tried_again(tmp_path: Path) -> None:
    text = TEXT.replace("do: {sql: x}}, {id", "do: {sql: x}, retries: 2}, {id").replace(
        "do: {sh: x},", "do: {sh: x}, retries: 2,"
    )
    stage = Stage(tmp_path, text)
    stage.script = {"1.1": ["fail", "fail", "ok"], "2.2": ["fail", "ok"]}
    ending = stage.go()
    assert ending.exit_code == 6 and "2.2" in ending.message
    attempts = [e.body["attempt"] for e in stage.entries() if e.type.value == "task_started" and e.task == "1.1"]
    assert attempts == [1, 2, 3]


def test_limits_of_a_phase_and_overruns_are_named(tmp_path: Path) -> None:
    stage = with_text(tmp_path, "estimate: 1s", "estimate: 1s\n  timeout: 10s")
    stage.watch.mark = lambda label: stage.clock.sleep(6)  # type: ignore[method-assign]
    ending = stage.go()
    assert ending.exit_code == 10 and "phase 2" in ending.message and "10 s" in ending.message


def test_an_overrun_is_a_deviation_and_told(stage: Stage) -> None:
    stage.watch.mark = lambda label: stage.clock.sleep(6)  # type: ignore[method-assign]
    assert stage.go().status is RunStatus.COMPLETE
    assert any(e.body.get("what") == "overrun" for e in stage.entries())
    assert "overrun:2" in stage.sent


def test_an_escalated_gate_waits_until_its_deadline_and_stops(tmp_path: Path) -> None:
    stage = with_text(tmp_path, "gate: {id: g1,", "gate: {id: g1, on_fail: escalate, deadline: 1h,")
    stage.set("c1", "unknown")
    assert stage.go().exit_code == 5
    ending = stage.go(is_waiting=True, poll_s=60.0)
    assert ending.exit_code == 4 and "nobody decided until" in ending.message


@pytest.mark.parametrize(
    ("on_error", "left"),
    [("revert_task", ["1.1", "1.2", "2.1", "-2.2"]), ("revert_phase", ["1.1", "1.2", "2.1", "-2.2", "-2.1"])],
)
def test_a_failed_task_takes_itself_or_its_phase_back(tmp_path: Path, on_error: str, left: list[str]) -> None:
    stage = with_text(tmp_path, "do: {sh: x},", f"do: {{sh: x}}, on_error: {on_error},")
    stage.script = {"2.2": ["fail"]}
    ending = stage.go()
    assert (ending.status, ending.exit_code) == (RunStatus.STOPPED, 6)
    assert stage.effects == left


def test_a_way_back_of_a_task_that_fails_is_exit_seven_and_over(tmp_path: Path) -> None:
    stage = with_text(tmp_path, "do: {sh: x},", "do: {sh: x}, on_error: revert_task,")
    stage.script = {"2.2": ["fail"], "2.2:revert": ["fail"]}
    ending = stage.go()
    assert (ending.status, ending.exit_code) == (RunStatus.ROLLBACK_FAILED, 7)
    assert stage.go().status is RunStatus.ROLLBACK_FAILED


def test_a_failed_task_may_ask_and_the_answer_counts(tmp_path: Path) -> None:
    stage = with_text(tmp_path, "do: {sh: x},", "do: {sh: x}, on_error: ask,")
    stage.script = {"2.2": ["fail", "ok"]}
    assert stage.go().exit_code == 5
    stage.decide("retry", "2.2")
    assert stage.go().status is RunStatus.COMPLETE


def test_checks_left_out_by_choice_are_waived_by_name(tmp_path: Path) -> None:
    stage = with_text(tmp_path, "do: {apply: p},", "do: {apply: p}, verify: [{file: v}],")
    stage.set("v", "fail schema")
    assert stage.go(is_verifying=False).status is RunStatus.COMPLETE_WITH_WAIVERS


def test_a_dry_run_writes_nothing_and_says_everything(stage: Stage, tmp_path: Path) -> None:
    record = stage.record()
    world = stage.world(record)
    record.close()
    (tmp_path / "effects.txt").unlink(missing_ok=True)
    before = sorted(path.name for path in stage.run_folder.rglob("*"))
    said = dry_run(stage.lock, world, stage.run_folder, stage.options(until="1.1"))
    assert [item.task for item in said] == ["1.1"]
    assert sorted(path.name for path in stage.run_folder.rglob("*")) == before


def test_a_dry_run_does_not_ask_for_what_an_earlier_task_writes(tmp_path: Path) -> None:
    stage = with_text(tmp_path, "{sql: x}}, {id", "{sh: x, writes: [p]}}, {id")
    record = stage.record()
    world = stage.world(record)
    record.close()
    said = {item.task: item for item in dry_run(stage.lock, world, stage.run_folder, stage.options())}
    assert said["2.1"].is_ok and "which task 1.1 writes before" in said["2.1"].text


def test_a_breach_in_the_bake_time_goes_back(tmp_path: Path) -> None:
    stage = with_text(tmp_path, "runbook: choices", "runbook: choices\nbake: 10m")
    breach = Breach("errors", "schema", "9 of 100", "now")

    def sleep(seconds: float) -> None:
        stage.clock.sleep(seconds)
        if stage.clock.s > 540 and not stage.watch.calls.count("breach"):
            stage.watch.calls.append("breach")
            stage.watch.breaches.append(breach)

    ending = stage.go(sleep=sleep, poll_s=30.0)
    assert ending.status is RunStatus.ROLLED_BACK
    assert stage.effects[-1] == "back:schema:checkpoint-1.2"


def test_bake_time_is_watched_to_its_end(tmp_path: Path) -> None:
    stage = with_text(tmp_path, "runbook: choices", "runbook: choices\nbake: 10m")
    assert stage.go().status is RunStatus.COMPLETE
    assert stage.clock.s >= 600
    assert stage.watch.calls[0] == "begin" and stage.watch.calls[-1] == "close"
