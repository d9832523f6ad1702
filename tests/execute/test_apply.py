"""Apply, roll back and finalize on every engine: what is told is what is there."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from lockgate.errors import InputError, NoWayBack, PrecheckFailed, RefusedError, StalePlan, StatementFailed
from lockgate.model.plan import Plan, seal_plan
from lockgate.model.run import Event, EventType
from lockgate.workflow.apply_plan import apply_plan
from lockgate.workflow.finalize import finalize
from lockgate.workflow.options import ApplyOptions, FinalizeOptions, RollbackOptions
from lockgate.workflow.roll_back import roll_back
from tests.execute.bench import Bench
from tests.execute.shop import all_rows, shop_plan


def apply(shop: Bench, plan: Plan, **options: object):
    return apply_plan(shop.engine, shop.target, plan, ApplyOptions(**options))


def break_last_step(plan: Plan) -> Plan:
    """Return the plan with a last statement that the server refuses."""
    last = plan.stages[-1]
    bad = replace(last.steps[-1].statements[0], sql="ALTER TABLE is_not_there RENAME TO lockgate_p1_x")
    step = replace(last.steps[-1], statements=(*last.steps[-1].statements, bad))
    return seal_plan(replace(plan, stages=(*plan.stages[:-1], replace(last, steps=(*last.steps[:-1], step)))))


def test_a_plan_is_applied_and_rolled_back_with_every_row(shop: Bench) -> None:
    before, rows, plan = shop.fingerprint(), all_rows(shop), shop_plan(shop)
    result = apply(shop, plan)
    assert (result.state, result.steps_done) == ("applied", 4)
    assert shop.fingerprint() == plan.after
    back = roll_back(shop.engine, shop.target, "start")
    assert back.state == "rolled_back"
    assert shop.fingerprint() == before
    assert all_rows(shop) == rows


def test_a_dry_run_prints_what_the_real_run_sends_and_writes_nothing(shop: Bench) -> None:
    plan, before = shop_plan(shop), shop.schema(include_own=True)
    dry = apply(shop, plan, is_dry_run=True)
    assert shop.schema(include_own=True) == before
    with pytest.raises(StatementFailed):
        shop.rows(f"SELECT * FROM {shop.engine.state.prefix}meta")
    real = apply(shop, plan)
    titles = ("-- stage", "-- step")
    assert [line for line in dry.statements if not line.startswith(titles)] == list(real.statements)


def test_stages_are_applied_one_at_a_time(shop: Bench) -> None:
    plan = shop_plan(shop)
    first = apply(shop, plan, stage=1)
    assert (first.state, first.stages_left) == ("paused", (2, 3))
    assert apply(shop, plan, stage=1).state == "nothing to do"
    assert apply(shop, plan, stage=2).stages_done == (2,)
    assert apply(shop, plan).state == "applied"
    assert roll_back(shop.engine, shop.target, "latest").state == "paused"
    assert roll_back(shop.engine, shop.target, "latest").state == "paused"
    assert roll_back(shop.engine, shop.target, "latest").state == "rolled_back"
    with pytest.raises(NoWayBack):
        roll_back(shop.engine, shop.target, "latest")


def test_a_failing_step_rolls_everything_back(shop: Bench) -> None:
    before, rows, plan = shop.fingerprint(), all_rows(shop), shop_plan(shop)
    with pytest.raises(StatementFailed) as caught:
        apply(shop, break_last_step(plan))
    assert "rolled back to checkpoint" in caught.value.state
    assert shop.fingerprint() == before
    assert all_rows(shop) == rows


def test_a_failing_step_can_leave_the_steps_before_it(shop: Bench) -> None:
    plan = shop_plan(shop)
    with pytest.raises(StatementFailed) as caught:
        apply(shop, break_last_step(plan), on_error="stop")
    assert "stopped after 3 of 4 steps" in caught.value.state
    assert shop.fingerprint() == plan.stages[1].expected
    assert roll_back(shop.engine, shop.target, "start").state == "rolled_back"


def test_a_failing_stage_can_be_rolled_back_alone(shop: Bench) -> None:
    plan = shop_plan(shop)
    with pytest.raises(StatementFailed):
        apply(shop, break_last_step(plan), on_error="stage")
    assert shop.fingerprint() == plan.stages[1].expected


def test_a_used_plan_is_refused_until_it_is_rolled_back(shop: Bench) -> None:
    plan = shop_plan(shop)
    apply(shop, plan)
    with pytest.raises(StalePlan):
        apply(shop, plan)


def test_a_stale_plan_is_refused(shop: Bench) -> None:
    plan = shop_plan(shop)
    shop.run("CREATE TABLE by_hand (id INTEGER)")
    with pytest.raises(StalePlan):
        apply(shop, plan)


def test_a_plan_for_another_database_is_refused(shop: Bench) -> None:
    plan = seal_plan(replace(shop_plan(shop), target="another"))
    with pytest.raises(InputError):
        apply(shop, plan)
    assert apply(shop, plan, is_other_target_allowed=True).state == "applied"


def test_rows_in_the_way_refuse_before_anything_is_touched(shop: Bench) -> None:
    plan = shop_plan(shop)
    shop.run("UPDATE users SET age = -1 WHERE id IN (1, 2)")
    with pytest.raises(PrecheckFailed, match="2 rows in the way: ages below 0"):
        apply(shop, plan)
    assert shop.fingerprint() == plan.before


def test_a_rollback_is_refused_when_the_schema_was_changed_by_hand(shop: Bench) -> None:
    apply(shop, shop_plan(shop))
    shop.run("CREATE TABLE by_hand (id INTEGER)")
    with pytest.raises(StalePlan):
        roll_back(shop.engine, shop.target, "start")


def test_rows_written_after_the_change_are_kept_by_a_rollback(shop: Bench) -> None:
    apply(shop, shop_plan(shop))
    shop.run("INSERT INTO items VALUES (1)", "INSERT INTO users (id, name, years) VALUES (77, 'new', 3)")
    back = roll_back(shop.engine, shop.target, "start")
    assert any("users: 1 rows written" in line for line in back.rows)
    assert shop.rows("SELECT count(*) FROM users")[0][0] == 6
    assert shop.rows("SELECT id FROM lockgate_p2_items") == [(1,)]


def test_finalize_waits_for_the_retention_and_ends_the_way_back(shop: Bench) -> None:
    result = apply(shop, shop_plan(shop))
    with pytest.raises(RefusedError):
        finalize(shop.engine, shop.target, "latest")
    later = lambda: datetime.now(UTC) + timedelta(days=8)  # noqa: E731
    done = finalize(shop.engine, shop.target, result.run, now=later)
    assert done.state == "finalized" and len(done.parked) == 1
    with pytest.raises(StatementFailed):
        shop.rows("SELECT * FROM lockgate_p1_old_notes")
    with pytest.raises(NoWayBack, match="finalized"):
        roll_back(shop.engine, shop.target, "start")
    again = finalize(shop.engine, shop.target, "latest", FinalizeOptions(is_now=True))
    assert again.state == "nothing to do"


def test_what_a_rollback_parked_is_dropped_only_when_asked(shop: Bench) -> None:
    apply(shop, shop_plan(shop))
    roll_back(shop.engine, shop.target, "start")
    assert finalize(shop.engine, shop.target, "latest", FinalizeOptions(is_now=True)).state == "nothing to do"
    done = finalize(shop.engine, shop.target, "latest", FinalizeOptions(is_now=True, is_all=True))
    assert len(done.parked) == 1


def test_several_runs_are_rolled_back_to_an_old_checkpoint(shop: Bench) -> None:
    from tests.execute.bench import op

    before, rows = shop.fingerprint(), all_rows(shop)
    one = apply(shop, shop_plan(shop))
    more = op("add table b", 1, ["CREATE TABLE b (id INTEGER)"], ["DROP TABLE b"])
    apply(shop, shop.plan(more))
    dry = roll_back(shop.engine, shop.target, one.checkpoint, RollbackOptions(is_dry_run=True))
    real = roll_back(shop.engine, shop.target, one.checkpoint)
    assert [line for line in dry.statements if not line.startswith("-- step")] == list(real.statements)
    assert shop.fingerprint() == before
    assert all_rows(shop) == rows


def test_an_observer_that_fails_has_no_effect(shop: Bench) -> None:
    seen: list[EventType] = []

    def observe(event: Event) -> None:
        seen.append(event.type)
        raise ValueError("broken")

    result = apply_plan(shop.engine, shop.target, shop_plan(shop), None, observe)
    assert result.state == "applied"
    assert seen.count(EventType.STEP_DONE) == 4
