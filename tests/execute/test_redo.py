"""Ways back that keep everything, the same plan once more, stand-ins for what rows forbid, and settling."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from lockgate.engine.base import ScratchOptions
from lockgate.errors import PrecheckFailed, StalePlan
from lockgate.model.op import Op, Parked, Precheck, Soft, Statement
from lockgate.model.plan import Plan
from lockgate.model.run import RunResult
from lockgate.model.schema import Key
from lockgate.workflow.apply_plan import apply_plan
from lockgate.workflow.finalize import finalize
from lockgate.workflow.options import ApplyOptions, FinalizeOptions, RollbackOptions, SettleOptions
from lockgate.workflow.roll_back import roll_back
from lockgate.workflow.settle_debt import settle
from lockgate.workflow.status import read_status
from tests.execute.bench import Bench, op

BESIDE = ScratchOptions(is_beside_target_allowed=True)


def lossless_plan(bench: Bench) -> Plan:
    """Return a plan whose way back renames a new table away (1), and restores a unique index (2), softly if need be."""
    namespace = "public" if bench.schema().tables[0].namespace else ""
    bench.run("CREATE UNIQUE INDEX users_name ON users (name)")
    on = " ON users" if bench.engine.quote("x") == "`x`" else ""
    notes = Parked(
        original=Key("table", namespace, "notes"),
        parked="lockgate_p1_notes",
        finalize=(Statement(sql="DROP TABLE lockgate_p1_notes"),),
    )
    adding = replace(
        op(
            "add table notes",
            1,
            ["CREATE TABLE notes (id INTEGER NOT NULL PRIMARY KEY, note INTEGER)"],
            ["DROP TABLE notes"],
            table="notes",
            namespace=namespace,
            backward_parks=(notes,),
        ),
        revert=(Statement(sql="ALTER TABLE notes RENAME TO lockgate_p1_notes"),),
        redo=(Statement(sql="ALTER TABLE lockgate_p1_notes RENAME TO notes"),),
    )
    return bench.plan(adding, _drop_unique(namespace, on))


def _drop_unique(namespace: str, on: str) -> Op:
    unique = Statement(sql="CREATE UNIQUE INDEX users_name ON users (name)")
    stand_in = Statement(sql="CREATE INDEX lockgate_p2_users_name ON users (name)")
    lift = Statement(sql=f"DROP INDEX lockgate_p2_users_name{on}")
    duplicates = "SELECT name FROM users GROUP BY name HAVING count(*) > 1"
    check = Precheck(
        name="duplicates",
        sql=f"SELECT count(*) FROM ({duplicates}) d",
        message="equal names",
        soft=Soft(
            first=0,
            last=0,
            instead=(stand_in,),
            rows=f"SELECT id, name FROM users WHERE name IN ({duplicates}) ORDER BY id",
            settle=(lift, unique),
            message="the unique index users_name",
            lift=(lift,),
            lift_first=0,
            lift_last=0,
        ),
    )
    made = op("drop index users_name", 3, [f"DROP INDEX users_name{on}"], [unique.sql], table="users")
    return replace(made, backward_prechecks=(check,))


def go(bench: Bench, plan: Plan) -> RunResult:
    return apply_plan(bench.engine, bench.target, plan, ApplyOptions(scratch=BESIDE))


def back(bench: Bench, to: str = "start", *, is_dry_run: bool = False) -> RunResult:
    return roll_back(bench.engine, bench.target, to, RollbackOptions(scratch=BESIDE, is_dry_run=is_dry_run))


def test_the_same_plan_is_done_and_undone_again_and_keeps_every_value(shop: Bench) -> None:
    plan = lossless_plan(shop)
    before = shop.fingerprint()
    first = go(shop, plan)
    after = shop.fingerprint()
    shop.run("INSERT INTO notes VALUES (1, 41), (2, NULL)")
    assert back(shop).state == "rolled_back"
    assert shop.fingerprint() == before
    assert [p.entry.name for p in read_status(shop.engine, shop.target).parked] == ["lockgate_p1_notes"]
    again = go(shop, plan)
    assert (again.run, again.state, shop.fingerprint()) == (first.run, "applied", after)
    assert read_status(shop.engine, shop.target).parked == ()
    assert shop.rows("SELECT id, note FROM notes ORDER BY id") == [(1, 41), (2, None)]
    shop.run("INSERT INTO notes VALUES (3, 43)")
    assert back(shop).state == "rolled_back"
    assert shop.fingerprint() == before
    assert go(shop, plan).state == "applied"
    assert shop.rows("SELECT id, note FROM notes ORDER BY id") == [(1, 41), (2, None), (3, 43)]


def test_a_dry_run_after_a_rollback_prints_what_is_done_once_more(shop: Bench) -> None:
    plan = lossless_plan(shop)
    go(shop, plan)
    back(shop)
    lines = apply_plan(shop.engine, shop.target, plan, ApplyOptions(is_dry_run=True)).statements
    assert "ALTER TABLE lockgate_p1_notes RENAME TO notes;" in lines
    assert not any("CREATE TABLE" in line for line in lines)


def test_a_partial_rollback_goes_on_with_the_same_run(shop: Bench) -> None:
    plan = lossless_plan(shop)
    first = go(shop, plan)
    half = back(shop, first.checkpoints[1])
    assert (half.state, half.steps_done) == ("paused", 1)
    assert go(shop, plan).run == first.run
    assert back(shop).state == "rolled_back"
    assert go(shop, plan).run == first.run


def test_what_was_kept_for_a_redo_and_dropped_for_good_ends_the_plan(shop: Bench) -> None:
    plan = lossless_plan(shop)
    run = go(shop, plan).run
    back(shop)
    options = FinalizeOptions(is_now=True, is_all=True)
    assert finalize(shop.engine, shop.target, run, options).parked == ("lockgate_p1_notes",)
    with pytest.raises(StalePlan, match="cannot be applied once more"):
        go(shop, plan)


def test_rows_in_the_way_of_a_rollback_are_owed_and_settled(shop: Bench) -> None:
    plan = lossless_plan(shop)
    before = shop.fingerprint()
    go(shop, plan)
    shop.run("INSERT INTO users (id, name) VALUES (7, 'name 1')")
    dry = back(shop, is_dry_run=True)
    assert any("will leave a debt" in note for note in dry.notes)
    assert any("lockgate_p2_users_name" in line for line in dry.statements)
    result = back(shop)
    assert (result.state, result.next_command) == ("rolled_back_with_debt", "lockgate settle")
    assert [(row.key, row.value) for row in result.debts[0].rows] == [("1", "name 1"), ("7", "name 1")]
    status = read_status(shop.engine, shop.target)
    assert (status.owed, status.next_command, status.is_as_left) == (1, "lockgate settle", True)
    still = settle(shop.engine, shop.target, SettleOptions(scratch=BESIDE))
    assert (still.state, len(still.debts)) == ("rolled_back_with_debt", 1)
    shop.run("UPDATE users SET name = 'seven' WHERE id = 7")
    listed = settle(shop.engine, shop.target, SettleOptions(is_list=True))
    assert (listed.state, listed.debts[0].rows) == ("owed", ())
    done = settle(shop.engine, shop.target, SettleOptions(scratch=BESIDE))
    assert (done.state, done.debts, shop.fingerprint()) == ("settled", (), before)
    status = read_status(shop.engine, shop.target)
    assert (status.owed, status.runs[0].state.value) == (0, "rolled_back")
    assert go(shop, plan).state == "applied"


def test_a_plan_is_done_once_more_over_a_debt(shop: Bench) -> None:
    plan = lossless_plan(shop)
    go(shop, plan)
    after = shop.fingerprint()
    shop.run("INSERT INTO users (id, name) VALUES (7, 'name 1')", "INSERT INTO notes VALUES (7, 70)")
    assert back(shop).state == "rolled_back_with_debt"
    assert go(shop, plan).state == "applied"
    assert (shop.fingerprint(), read_status(shop.engine, shop.target).owed) == (after, 0)
    assert shop.rows("SELECT note FROM notes WHERE id = 7") == [(70,)]
    assert back(shop).state == "rolled_back_with_debt"


def test_rows_mended_after_a_redo_lead_back_without_a_debt(shop: Bench) -> None:
    plan = lossless_plan(shop)
    before = shop.fingerprint()
    go(shop, plan)
    shop.run("INSERT INTO users (id, name) VALUES (7, 'name 1')")
    assert back(shop).state == "rolled_back_with_debt"
    go(shop, plan)
    shop.run("UPDATE users SET name = 'mended' WHERE id = 7")
    result = back(shop)
    assert (result.state, result.debts, shop.fingerprint()) == ("rolled_back", (), before)


def test_runs_are_undone_newest_first_with_the_debt_of_one_of_them(shop: Bench) -> None:
    first = lossless_plan(shop)
    before = shop.fingerprint()
    start = go(shop, first).checkpoint
    second = shop.plan(
        op(
            "add column extra",
            1,
            ["ALTER TABLE orders ADD COLUMN extra INTEGER"],
            ["ALTER TABLE orders DROP COLUMN extra"],
        )
    )
    go(shop, second)
    shop.run("INSERT INTO users (id, name) VALUES (7, 'name 1')")
    result = back(shop, start)
    assert (result.state, result.steps_done) == ("rolled_back_with_debt", 3)
    shop.run("DELETE FROM users WHERE id = 7")
    assert settle(shop.engine, shop.target, SettleOptions(scratch=BESIDE)).state == "settled"
    assert shop.fingerprint() == before


def test_rows_in_the_way_without_a_stand_in_still_refuse(shop: Bench) -> None:
    plan = lossless_plan(shop)
    stage = plan.stages[-1]
    step = stage.steps[0]
    hard = replace(step, backward_prechecks=(replace(step.backward_prechecks[0], soft=None),))
    from lockgate.model.plan import seal_plan

    plan = seal_plan(replace(plan, stages=(*plan.stages[:-1], replace(stage, steps=(hard,)))))
    go(shop, plan)
    shop.run("INSERT INTO users (id, name) VALUES (7, 'name 1')")
    with pytest.raises(PrecheckFailed, match="stand in the way"):
        back(shop)
    assert read_status(shop.engine, shop.target).runs[0].state.value == "applied"
