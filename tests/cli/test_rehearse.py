"""`lockgate rehearse` on the command line, and what a protected target asks of it."""

from __future__ import annotations

import json

import pytest

from .conftest import PROTECTED, Cli


@pytest.fixture
def approved(planned: Cli) -> Cli:
    """A planned database as a protected target, with its plan approved."""
    planned.write("lockgate.toml", PROTECTED)
    assert planned("approve", "plan.json", "--yes").code == 0
    return planned


def test_a_rehearsal_is_recorded_with_the_plans_digest_and_touches_nothing(planned: Cli) -> None:
    before = planned.dump()
    ran = planned("rehearse", "plan.json")
    assert ran.code == 0, ran.err
    assert "Passed: applied, rolled back with every row as before, and applied again." in ran.out
    assert planned.dump() == before
    record = json.loads((planned.folder / "plan.json.rehearsal").read_text())
    assert record["digest"] == json.loads((planned.folder / "plan.json").read_text())["digest"]
    assert record["outcome"] == "passed"
    assert all(step["apply_s"] >= 0 for step in record["steps"])


def test_json_and_wrong_numbers_of_rows(planned: Cli) -> None:
    ran = planned("rehearse", "plan.json", "--format", "json", "--rows", "1", "-q")
    assert json.loads(ran.out)["file"] == "plan.json.rehearsal"
    for wrong in ("0", "-1", "many", "1.5"):
        ran = planned("rehearse", "plan.json", "--rows", wrong)
        assert ran.code == 2
        assert "number above 0, or all" in ran.err


def test_a_protected_target_asks_for_a_young_rehearsal_of_this_very_plan(approved: Cli) -> None:
    ran = approved("apply", "plan.json", "--confirm", "app")
    assert ran.code == 5
    assert "lockgate rehearse plan.json" in ran.err
    assert approved("rehearse", "plan.json").code == 0
    path = approved.folder / "plan.json.rehearsal"
    good = path.read_text()
    path.write_text(good.replace('"passed"', '"failed"'))
    ran = approved("apply", "plan.json", "--confirm", "app")
    assert ran.code == 2
    assert "was changed after it was written" in ran.err
    path.write_text(good)
    approved.write("lockgate.toml", PROTECTED + 'rehearsal = "1s"\n')
    import time

    time.sleep(2.1)
    ran = approved("apply", "plan.json", "--confirm", "app")
    assert ran.code == 5
    assert "may be 1 second old" in ran.err
    approved.write("lockgate.toml", PROTECTED)
    assert approved("apply", "plan.json", "--confirm", "app").code == 0


def test_rehearsals_can_be_switched_off_in_the_file_and_only_there(approved: Cli) -> None:
    approved.write("lockgate.toml", PROTECTED + 'rehearsal = "off"\n')
    ran = approved("apply", "plan.json", "--confirm", "app")
    assert ran.code == 0, ran.err
    assert "no rehearsal is asked for" in ran.err
