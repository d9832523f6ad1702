"""Status, checkpoints and verify tell what is there and write nothing."""

from __future__ import annotations

import pytest

from lockgate.errors import ArtifactError, InputError, RefusedError
from lockgate.workflow.apply_plan import apply_plan
from lockgate.workflow.checkpoints import create_checkpoint, list_checkpoints, load_checkpoint
from lockgate.workflow.options import ApplyOptions
from lockgate.workflow.roll_back import roll_back
from lockgate.workflow.status import read_status
from lockgate.workflow.verify import verify_live
from tests.execute.bench import Bench, op
from tests.execute.shop import shop_plan


def test_status_of_an_untouched_database_is_empty(shop: Bench) -> None:
    status = read_status(shop.engine, shop.target)
    assert (status.runs, status.checkpoints, status.is_as_left) == ((), (), None)
    assert status.next_command == "lockgate plan -o plan.json"
    with pytest.raises(RefusedError):
        verify_live(shop.engine, shop.target)


def test_status_names_the_run_its_checkpoints_and_what_is_parked(shop: Bench) -> None:
    plan = shop_plan(shop)
    apply_plan(shop.engine, shop.target, plan, ApplyOptions(stage=1))
    assert read_status(shop.engine, shop.target).next_command == "lockgate apply PLAN"
    apply_plan(shop.engine, shop.target, plan)
    status = read_status(shop.engine, shop.target)
    assert [run.state.value for run in status.runs] == ["applied"]
    assert len(status.checkpoints) == 3 and status.is_as_left
    assert len(status.parked) == 1 and status.holder == ""


def test_verify_sees_a_change_by_hand_and_rows_since_the_checkpoint(shop: Bench) -> None:
    plan = shop_plan(shop)
    apply_plan(shop.engine, shop.target, plan)
    assert verify_live(shop.engine, shop.target).status == "ok"
    assert verify_live(shop.engine, shop.target, plan=plan).status == "ok"
    shop.run("DELETE FROM users WHERE id = 1", "CREATE TABLE by_hand (id INTEGER)")
    report = verify_live(shop.engine, shop.target)
    assert report.status == "fail"
    assert any("1 rows deleted" in line for line in report.rows)


def test_a_checkpoint_by_hand_can_be_rolled_back_to(shop: Bench) -> None:
    apply_plan(shop.engine, shop.target, shop_plan(shop))
    point = create_checkpoint(shop.engine, shop.target, "by hand")
    before = shop.fingerprint()
    apply_plan(shop.engine, shop.target, shop.plan(op("add b", 1, ["CREATE TABLE b (id INTEGER)"], ["DROP TABLE b"])))
    assert list_checkpoints(shop.engine, shop.target)[1].label == "by hand"
    roll_back(shop.engine, shop.target, point.id)
    assert shop.fingerprint() == before
    assert load_checkpoint(shop.engine, shop.target, point.id).schema
    with pytest.raises(InputError):
        load_checkpoint(shop.engine, shop.target, "cp-none")


def test_a_journal_of_an_unknown_version_is_refused_and_not_touched(shop: Bench) -> None:
    plan = shop_plan(shop)
    create_checkpoint(shop.engine, shop.target)
    shop.run(f"UPDATE {shop.engine.state.prefix}meta SET meta_value = '99' WHERE meta_name = 'format_version'")
    for call in (
        lambda: apply_plan(shop.engine, shop.target, plan),
        lambda: roll_back(shop.engine, shop.target, "start"),
        lambda: read_status(shop.engine, shop.target),
    ):
        with pytest.raises(ArtifactError, match="99"):
            call()
    assert shop.fingerprint() == plan.before
