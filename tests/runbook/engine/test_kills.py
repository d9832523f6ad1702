"""Killed after every single write of the journal: a resume ends as it should, and nothing is done twice."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from lockgate.errors import ArtifactError, LeaseHeld
from lockgate.model.procedure import Entry, EntryType, RunStatus, TaskState
from lockgate.runbook.engine import run
from lockgate.runbook.lock import write_lock
from lockgate.runbook.record import Record, read_entries
from lockgate.runbook.runs import taken_back_by
from tests.runbook.engine.world import Stage

TEXT = """
runbook: kills
requires: [{file: r}]
phases:
- id: "1"
  title: First
  tasks:
  - {id: "1.1", title: look, do: {sql: "select 1"}, verify: [{file: v}]}
  - {id: "1.2", title: point, do: {checkpoint: cp}}
  gate: {id: gate-1, checks: [{file: g1}, {file: g2}]}
- id: "2"
  title: Second
  rollback: schema
  tasks:
  - {id: "2.1", title: change, do: {apply: plan.json}, verify: [{file: v21}]}
  - {id: "2.2", title: script, do: {sh: "x"}, verify: [{file: v22}]}
  gate: {id: gate-2, on_fail: rollback, checks: [{file: g3}]}
"""


class Killed(BaseException):
    """The process is gone."""


def go_until(stage: Stage, writes: int) -> None:
    """Run, and be killed right after so many writes."""
    count = 0

    def observe(entry: Entry) -> None:
        nonlocal count
        count += 1
        if count == writes:
            raise Killed

    record = stage.record(observe=observe)
    try:
        run(stage.lock, stage.world(record), record, stage.options())
    except Killed:
        pass
    finally:
        record.close()


def writes_of(folder: Path, prepare: str = "") -> int:
    """How many entries the run has when nothing kills it."""
    stage = Stage(folder, TEXT)
    if prepare:
        stage.set("g3", prepare)
    stage.go()
    return len(stage.entries())


def test_killed_after_any_write_a_resume_completes_and_no_script_runs_twice(tmp_path: Path) -> None:
    for writes in range(1, writes_of(tmp_path / "whole") + 1):
        stage = Stage(tmp_path / f"at{writes}", TEXT)
        go_until(stage, writes)
        ending = stage.go()
        if ending.exit_code == 7:  # the script was begun and nobody can look whether it was done
            assert [e for e in stage.entries() if e.task == "2.2"]
            stage.decide("resolve", "2.2", outcome="done" if "2.2" in stage.effects else "not_done")
            ending = stage.go()
        assert ending.status.is_complete, (writes, ending)
        counts = Counter(stage.effects)
        assert counts["2.1"] == counts["2.2"] == counts["1.2"] == 1, (writes, counts)
        sent = Counter(e.body["key"] for e in stage.entries() if e.type.value == "notified")
        assert {"before", "phase:1", "phase:2", "after"} <= set(sent), writes
        assert set(sent.values()) == {1}, writes


def test_killed_on_the_way_back_a_resume_comes_back_and_never_completes(tmp_path: Path) -> None:
    whole = writes_of(tmp_path / "whole", "fail schema")
    for writes in range(whole - 8, whole + 1):
        stage = Stage(tmp_path / f"at{writes}", TEXT)
        stage.set("g3", "fail schema")
        go_until(stage, writes)
        ending = stage.go()
        if ending.exit_code == 7:
            stage.decide("resolve", "2.2", outcome="done")
            ending = stage.go()
        assert (ending.status, ending.exit_code) == (RunStatus.ROLLED_BACK, 6), (writes, ending)


def test_a_data_rollback_that_was_cut_short_waits_for_a_person(tmp_path: Path) -> None:
    text = TEXT.replace("rollback: schema", "rollback: data").replace(
        "runbook: kills", "runbook: k\npreauthorised: [data]"
    )
    stage = Stage(tmp_path, text.replace("{checkpoint: cp}", "{backup: {}}"))
    stage.set("g3", "fail data")
    record = stage.record(observe=lambda entry: _die_at(entry, "rollback_started"))
    with pytest.raises(Killed):
        run(stage.lock, stage.world(record), record, stage.options())
    record.close()
    assert stage.go().exit_code == 7
    assert stage.decide("resolve", "rollback", outcome="done") == ""
    assert stage.go().status is RunStatus.ROLLED_BACK


def test_data_is_restored_only_after_a_persons_word(tmp_path: Path) -> None:
    text = TEXT.replace("rollback: schema", "rollback: data").replace("{checkpoint: cp}", "{backup: {}}")
    stage = Stage(tmp_path, text)
    stage.set("g3", "fail data")
    ending = stage.go()
    assert ending.exit_code == 5 and "2 min of writes" in ending.message
    assert not any(effect.startswith("back:data") for effect in stage.effects)
    assert stage.decide("approve", "data") == ""
    assert stage.go().status is RunStatus.ROLLED_BACK
    assert stage.effects[-1] == "back:data:backup-1.2"


def test_nothing_is_undone_by_itself_past_what_cannot_be_undone(tmp_path: Path) -> None:
    stage = Stage(tmp_path, TEXT.replace('do: {sh: "x"}', 'do: {sh: "x"}, irreversible: "customers were told"'))
    stage.set("g3", "fail schema")
    ending = stage.go()
    assert ending.status is RunStatus.STOPPED
    assert "customers were told" in ending.message
    assert not any(effect.startswith("back:") for effect in stage.effects)


def test_one_changed_line_breaks_the_chain_and_is_named(tmp_path: Path) -> None:
    stage = Stage(tmp_path, TEXT)
    stage.go()
    path = stage.run_folder / "journal.jsonl"
    lines = path.read_text().splitlines()
    lines[5] = lines[5].replace('"1.1"', '"1.9"', 1)
    path.write_text("\n".join(lines) + "\n")
    with pytest.raises(ArtifactError) as caught:
        read_entries(stage.run_folder)
    assert ":6" in caught.value.where


def test_a_run_that_a_person_took_back_is_known_as_such(tmp_path: Path) -> None:
    stage = Stage(tmp_path, TEXT)
    stage.go()
    write_lock(stage.lock, stage.run_folder)
    assert taken_back_by(stage.run_folder) == ""
    back = Record(stage.run_folder.parent / "20260304-rollback-000002")
    back.append(EntryType.RUN_STARTED, {"runbook": "rollback", "parent": stage.run_name})
    back.close()
    assert taken_back_by(stage.run_folder) == "20260304-rollback-000002"


def test_two_runners_of_one_run_cannot_both_write(tmp_path: Path) -> None:
    stage = Stage(tmp_path, TEXT)
    record = stage.record()
    try:
        with pytest.raises(LeaseHeld) as caught:
            Record(stage.run_folder)
        assert caught.value.exit_code == 8
    finally:
        record.close()


def test_a_script_that_changed_after_the_lock_is_not_run(tmp_path: Path) -> None:
    (tmp_path / "x.sh").write_text("true\n")
    stage = Stage(tmp_path, TEXT.replace('sh: "x"', 'sh: "bash x.sh"'))
    stage.set("g2", "fail schema")
    stage.go()
    (tmp_path / "x.sh").write_text("false\n")
    stage.set("g2", "ok")
    ending = stage.go()
    assert ending.exit_code == 9 and "x.sh" in ending.message
    assert "2.2" not in stage.effects


def test_a_gate_that_says_fix_takes_the_mended_file_and_runs_it_again(tmp_path: Path) -> None:
    (tmp_path / "x.sh").write_text("true\n")
    text = TEXT.replace('sh: "x"', 'sh: "bash x.sh"').replace("on_fail: rollback", "on_fail: fix")
    stage = Stage(tmp_path, text)
    stage.set("g3", "fail code")
    assert stage.go().exit_code == 4
    (tmp_path / "x.sh").write_text("mended\n")
    stage.set("g3", "ok")
    assert stage.go().status is RunStatus.COMPLETE
    assert Counter(stage.effects)["2.2"] == 2
    assert any(e.body.get("what") == "plan_changed" and e.body.get("sha256") for e in stage.entries())


def test_a_task_of_unknown_kind_of_end_is_never_taken_for_done(tmp_path: Path) -> None:
    stage = Stage(tmp_path, TEXT)
    stage.script |= {"2.1": ["unknown"], "2.1:probe": [TaskState.UNKNOWN.value]}
    ending = stage.go()
    assert ending.exit_code == 7 and "2.2" not in stage.effects


def _die_at(entry: Entry, kind: str) -> None:
    if entry.type.value == kind:
        raise Killed
