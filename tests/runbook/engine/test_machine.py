"""The state machine: order, gates, decisions, ways back, resuming; every effect is a line in a file."""

from __future__ import annotations

from pathlib import Path

import pytest

from lockgate.model.procedure import RunStatus, TaskState
from lockgate.monitor.base import Breach, Hold
from tests.runbook.engine.world import Stage

TWO_PHASES = """
runbook: two
phases:
- id: "1"
  title: First
  tasks:
  - {id: "1.1", title: look, do: {sql: "select 1"}}
  - {id: "1.2", title: point, do: {checkpoint: cp}, verify: [{file: v12}]}
  gate: {id: gate-1, checks: [{file: g1}, {file: g2}]}
- id: "2"
  title: Second
  rollback: schema
  tasks:
  - {id: "2.1", title: change, do: {apply: plan.json}, verify: [{file: v21}], revert: {rollback: cp}}
  - {id: "2.2", title: script, do: {sh: "x"}}
  gate: {id: gate-2, on_fail: rollback, checks: [{file: g3}]}
"""


@pytest.fixture
def two(tmp_path: Path) -> Stage:
    return Stage(tmp_path, TWO_PHASES)


def test_phases_and_tasks_run_in_order_and_everything_is_written_before_it_is_done(two: Stage) -> None:
    ending = two.go()
    assert (ending.status, ending.exit_code) == (RunStatus.COMPLETE, 0)
    assert two.effects == ["1.1", "1.2", "2.1", "2.2"]
    kinds = two.types()
    assert kinds.index("task_started") < kinds.index("effect") < kinds.index("gate")
    assert kinds[-2] == "run_ended"
    assert two.sent == ["before", "phase:1", "phase:2", "after"]


@pytest.mark.parametrize("found", ["fail schema", "unknown"])
def test_a_gate_that_fails_or_cannot_be_asked_stops_everything_after_it(two: Stage, found: str) -> None:
    two.set("g2", found)
    ending = two.go()
    assert (ending.status, ending.exit_code) == (RunStatus.STOPPED, 4)
    assert two.effects == ["1.1", "1.2"]
    assert "resume" in ending.hint
    two.set("g2", "ok")
    assert two.go().status is RunStatus.COMPLETE
    assert two.effects == ["1.1", "1.2", "2.1", "2.2"]


def test_a_failed_task_keeps_the_next_one_from_starting_and_runs_again_only_on_a_word(two: Stage) -> None:
    two.script["2.2"] = ["fail", "ok"]
    ending = two.go()
    assert (ending.status, ending.exit_code) == (RunStatus.STOPPED, 6)
    again = two.go()
    assert again.exit_code == 6 and "retry" in again.hint
    assert two.decide("retry", "2.2") == ""
    assert two.go().status is RunStatus.COMPLETE
    assert two.effects == ["1.1", "1.2", "2.1", "2.2"]


def test_a_schema_failure_at_a_gate_takes_the_schema_level_and_never_more(two: Stage) -> None:
    two.set("g3", "fail data")
    ending = two.go()
    assert (ending.status, ending.exit_code) == (RunStatus.ROLLED_BACK, 6)
    assert two.effects[-1] == "back:schema:checkpoint-1.2"
    assert two.go().status is RunStatus.ROLLED_BACK


@pytest.mark.parametrize("found", ["fail process", "unknown", "fail code"])
def test_a_lint_a_test_or_an_unknown_never_takes_the_database_back(two: Stage, found: str) -> None:
    two.set("g3", found)
    ending = two.go()
    assert not any(effect.startswith(("back:schema", "back:data")) for effect in two.effects)
    assert ending.status in (RunStatus.STOPPED, RunStatus.ROLLED_BACK)


def test_a_way_back_that_fails_is_exit_seven(two: Stage) -> None:
    two.set("g3", "fail schema")
    two.take_back_state = TaskState.FAILED
    ending = two.go()
    assert (ending.status, ending.exit_code) == (RunStatus.ROLLBACK_FAILED, 7)


def test_a_skipped_task_keeps_the_run_from_the_word_complete_alone(two: Stage) -> None:
    two.script["2.2"] = ["fail"]
    two.go()
    assert two.decide("skip", "2.2", reason="") == "it needs a reason"
    assert two.decide("skip", "2.2") == ""
    ending = two.go()
    assert (ending.status, ending.exit_code) == (RunStatus.COMPLETE_WITH_DEFERRALS, 0)
    assert "2.2" in ending.message


def test_a_waiver_opens_a_gate_and_is_in_the_status(two: Stage) -> None:
    two.set("g2", "fail schema")
    two.go()
    two.decide("waive", "gate-1/2", until="2027-01-01")
    assert two.go().status is RunStatus.COMPLETE_WITH_WAIVERS


def test_an_expired_waiver_opens_nothing(two: Stage) -> None:
    two.set("g2", "fail schema")
    two.go()
    two.decide("waive", "gate-1/2", until="2026-01-01")
    assert two.go().status is RunStatus.STOPPED


def test_an_unknown_end_is_looked_up(two: Stage) -> None:
    two.script["2.1"] = ["unknown-done"]
    assert two.go().status is RunStatus.COMPLETE
    assert two.effects.count("2.1") == 1


def test_an_unknown_end_that_looking_does_not_settle_waits_for_a_person(two: Stage) -> None:
    two.script |= {"2.1": ["unknown-done"], "2.1:probe": ["unknown"]}
    assert two.go().exit_code == 7
    assert two.go().exit_code == 7
    assert "resolve" in two.decide("retry", "2.1")
    assert two.decide("resolve", "2.1", outcome="done") == ""
    assert two.go().status is RunStatus.COMPLETE
    assert two.effects.count("2.1") == 1


def test_a_breach_cancels_the_task_and_takes_the_schema_back(two: Stage) -> None:
    two.script["2.1"] = ["breach"]
    ending = two.go()
    assert (ending.status, ending.exit_code) == (RunStatus.ROLLED_BACK, 6)
    assert two.effects == ["1.1", "1.2", "back:schema:checkpoint-1.2"]
    assert "breach" in two.types()


def test_a_breach_that_may_only_stop_takes_nothing_back(two: Stage) -> None:
    two.script |= {"2.1": ["breach"], "breach": ["stop"]}
    ending = two.go()
    assert (ending.status, ending.exit_code) == (RunStatus.STOPPED, 4)
    assert two.effects == ["1.1", "1.2"]


def test_silence_holds_and_neither_passes_nor_rolls_back(two: Stage) -> None:
    two.watch.silent.append(Hold("errors", "no data for 90 s", "now"))
    ending = two.go()
    assert (ending.status, ending.exit_code) == (RunStatus.HELD, 5)
    assert two.effects == []
    two.watch.silent.clear()
    assert two.go().status is RunStatus.COMPLETE


def test_ctrl_c_once_finishes_the_task_and_rests(two: Stage) -> None:
    two.script["1.2"] = ["interrupt"]
    ending = two.go()
    assert (ending.status, ending.exit_code) == (RunStatus.INTERRUPTED, 130)
    assert two.effects == ["1.1", "1.2"]
    two.wish.count = 0
    two.script.clear()
    assert two.go().status is RunStatus.COMPLETE
    assert two.effects == ["1.1", "1.2", "2.1", "2.2"]


def test_a_breach_while_waiting_for_a_person_is_acted_on(tmp_path: Path) -> None:
    stage = Stage(
        tmp_path,
        """
runbook: waiting
phases:
- id: "1"
  title: one
  rollback: schema
  tasks:
  - {id: "1.0", title: point, do: {checkpoint: cp}}
  - {id: "1.1", title: change, do: {apply: p.json}}
  - {id: "1.2", title: a person looks, do: {manual: "look"}}
""",
    )
    calls = 0

    def sleep(seconds: float) -> None:
        nonlocal calls
        calls += 1
        if calls == 3:
            stage.watch.breaches.append(Breach("health", "schema", "0 of 3", "now"))

    ending = stage.go(is_waiting=True, sleep=sleep)
    assert ending.status is RunStatus.ROLLED_BACK
    assert stage.effects[-1].startswith("back:schema")


def test_a_manual_task_waits_with_five_and_goes_on_after_the_word(tmp_path: Path) -> None:
    stage = Stage(
        tmp_path,
        """
runbook: manual
phases:
- id: "1"
  title: one
  tasks:
  - {id: "1.1", title: talk, do: {manual: "talk to them", roles: [lead]}}
  - {id: "1.2", title: nothing that can be run}
  gate: {id: g, checks: [{file: a}, {manual: "looks good"}]}
""",
    )
    assert stage.go().exit_code == 5
    assert "not no role" in stage.decide("attest", "1.1")
    assert stage.decide("attest", "1.1", role="lead") == ""
    ending = stage.go()
    assert ending.exit_code == 5 and "attest" in ending.hint and "1.2" in ending.hint
    stage.decide("attest", "1.2")
    ending = stage.go()
    assert ending.exit_code == 5 and "g/2" in ending.hint
    stage.decide("attest", "g/2")
    assert stage.go().status is RunStatus.COMPLETE
