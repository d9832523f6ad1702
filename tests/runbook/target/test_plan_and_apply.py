"""Tasks that plan, apply and roll back, and the checks on what they left."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from lockgate.backup.settings import BackupSettings
from lockgate.model.actions import Apply, Backup, Checkpoint, Index, Plan, Rehearse, Rollback, Sql
from lockgate.model.checks import PlanCheck, SchemaCheck, SqlCheck, TouchesCheck
from lockgate.model.outcome import Outcome
from lockgate.model.procedure import TaskState
from lockgate.model.runbook import Risk, Runbook, Task
from lockgate.workflow.plan_approval import Approval
from lockgate.workflow.plan_file import read_plan_file
from tests.runbook.target.bench import Bench, open_bench, phase_of, touches

BEFORE = "CREATE TABLE orders (id INTEGER PRIMARY KEY, total INTEGER NOT NULL)"
AFTER = """CREATE TABLE orders (id INTEGER PRIMARY KEY, total INTEGER NOT NULL, note TEXT);
CREATE TABLE lines (id INTEGER PRIMARY KEY, order_id INTEGER);
"""
PLAN = Plan(output="plan.json", allow=("all",))


@pytest.fixture
def bench(sqlite_url: str, tmp_path: Path) -> Iterator[Bench]:
    with open_bench(sqlite_url, tmp_path / "book", AFTER, BEFORE, "INSERT INTO orders VALUES (1, 10), (2, 20)") as made:
        yield made


def test_a_plan_is_applied_and_rolled_back_with_every_id_in_the_journal(bench: Bench) -> None:
    made = bench.do(PLAN, "1.1")
    assert made.state is TaskState.DONE, made.message
    assert bench.effects("plan")[0]["file"].endswith("plan.json")
    applied = bench.do(Apply(plan="plan.json"), "1.2", touches=touches("orders", "lines"))
    assert applied.state is TaskState.DONE, applied.message
    assert [point["name"] for point in bench.effects("checkpoint")] == ["before:1.2"]
    assert bench.ask(SchemaCheck(is_="expected")).outcome is Outcome.OK
    assert bench.ask(SchemaCheck(is_="desired")).outcome is Outcome.OK
    assert bench.ask(SchemaCheck(has=("column orders.note", "table lines"))).outcome is Outcome.OK
    assert bench.ask(SchemaCheck(has=("index ix_none",))).outcome is Outcome.FAIL
    assert bench.ask(PlanCheck(plan="plan.json")).outcome is Outcome.OK
    assert bench.ask(TouchesCheck(tables=("orders",)), "1.2").found == "touched lines"

    again = bench.do(Apply(plan="plan.json"), "1.2")
    assert again.message.startswith("already applied (verified): ")
    assert bench.probe(Apply(plan="plan.json"), "1.2") is TaskState.DONE

    back = bench.do(Rollback(to="before:1.2"), "1.2")
    assert back.state is TaskState.DONE, back.message
    assert bench.ask(SchemaCheck(is_="before")).outcome is Outcome.OK
    assert bench.ask(PlanCheck(plan="plan.json")).outcome is Outcome.FAIL
    assert bench.probe(Apply(plan="plan.json"), "1.2") is TaskState.PENDING
    assert bench.rows("SELECT count(*) FROM orders") == [(2,)]
    assert "already" in bench.do(Rollback(to="before:1.2"), "1.2").message


def test_a_change_by_hand_is_no_applied_plan(bench: Bench) -> None:
    bench.do(PLAN)
    assert bench.do(Apply(plan="plan.json"), "1.2").state is TaskState.DONE
    bench.sql("ALTER TABLE lines ADD COLUMN extra INTEGER")

    assert bench.ask(SchemaCheck(is_="expected")).outcome is Outcome.FAIL
    assert bench.ask(PlanCheck(plan="plan.json")).outcome is Outcome.FAIL
    assert bench.do(Apply(plan="plan.json"), "1.3").state is TaskState.FAILED
    assert bench.probe(Apply(plan="plan.json"), "1.2") is TaskState.UNKNOWN


def test_a_plan_beyond_the_declared_tables_does_not_begin(bench: Bench) -> None:
    bench.do(PLAN)

    ended = bench.do(Apply(plan="plan.json"), "1.2", touches=touches("orders"))

    assert ended.state is TaskState.FAILED
    assert "touched lines" in ended.message
    assert bench.effects("checkpoint") == []


def test_a_dry_run_writes_nothing(bench: Bench) -> None:
    bench.do(PLAN)
    bench.is_dry_run = True

    ended = bench.do(Apply(plan="plan.json"), "1.2")

    assert ended.message.startswith("would apply")
    assert len(bench.rows("SELECT name FROM sqlite_master")) == 1


def test_an_empty_plan_is_a_result_and_applying_it_says_so(bench: Bench) -> None:
    bench.write("schema.sql", BEFORE + ";")
    assert "is empty" in bench.do(PLAN).message
    assert "nothing was done" in bench.do(Apply(plan="plan.json")).message
    assert bench.ask(PlanCheck(plan="plan.json")).outcome is Outcome.OK
    assert bench.ask(SchemaCheck(is_="expected")).outcome is Outcome.OK
    bench.sql("CREATE TABLE other (id INTEGER)")
    assert bench.ask(PlanCheck(plan="plan.json")).outcome is Outcome.FAIL
    assert bench.do(Apply(plan="plan.json")).state is TaskState.FAILED


def test_a_missing_way_back_keeps_a_task_from_beginning(bench: Bench) -> None:
    bench.do(PLAN)

    ended = bench.do(Apply(plan="plan.json"), "1.2", revert=Rollback(to="cp-3.0"))
    assert ended.state is TaskState.FAILED
    assert "does not exist" in ended.message

    assert bench.do(Checkpoint(name="cp-3.0"), "1.1").state is TaskState.DONE
    assert bench.probe(Checkpoint(name="cp-3.0"), "1.1") is TaskState.DONE
    ended = bench.do(Apply(plan="plan.json"), "1.2", revert=Rollback(to="cp-3.0"))
    assert ended.state is TaskState.DONE, ended.message
    assert bench.do(Rollback(to="cp-3.0"), "1.3").state is TaskState.DONE


def test_nothing_is_expected_where_nothing_was_applied(bench: Bench) -> None:
    assert bench.ask(SchemaCheck(is_="expected")).outcome is Outcome.UNKNOWN
    assert bench.ask(SchemaCheck(is_="before")).outcome is Outcome.UNKNOWN
    assert bench.ask(SchemaCheck()).outcome is Outcome.UNKNOWN
    assert bench.ask(PlanCheck(plan="none.json")).outcome is Outcome.UNKNOWN


def test_a_query_only_reads(bench: Bench) -> None:
    ended = bench.do(Sql(query="SELECT id, total FROM orders ORDER BY id"))
    assert ended.message == "2 rows"
    assert (bench.record.folder / ended.evidence[0].path).read_text().split() == ["1,10", "2,20"]

    ended = bench.do(Sql(query="DELETE FROM orders"))
    assert ended.state is TaskState.FAILED
    assert bench.rows("SELECT count(*) FROM orders") == [(2,)]


@pytest.mark.parametrize(
    ("query", "expect", "rows", "outcome"),
    [
        ("SELECT count(*) FROM orders", "2", "", Outcome.OK),
        ("SELECT count(*) FROM orders", ">= 3", "", Outcome.FAIL),
        ("SELECT count(*) FROM orders", "!= 0", "", Outcome.OK),
        ("SELECT NULL", "null", "", Outcome.OK),
        ("SELECT NULL", "0", "", Outcome.FAIL),
        ("SELECT NULL", "> 0", "", Outcome.UNKNOWN),
        ("SELECT 'a'", "> 0", "", Outcome.UNKNOWN),
        ("SELECT id FROM orders", "", "2", Outcome.OK),
        ("SELECT id FROM orders", "1", "", Outcome.UNKNOWN),
        ("SELECT id FROM orders WHERE id > 9", "", "= 0", Outcome.OK),
        ("SELECT nothing FROM nowhere", "0", "", Outcome.UNKNOWN),
        ("SELECT 1", "", "", Outcome.UNKNOWN),
        ("DELETE FROM orders", "", "0", Outcome.UNKNOWN),
    ],
)
def test_a_value_is_compared_or_unknown(bench: Bench, query: str, expect: str, rows: str, outcome: Outcome) -> None:
    assert bench.ask(SqlCheck(query=query, expect=expect, rows=rows)).outcome is outcome
    assert bench.rows("SELECT count(*) FROM orders") == [(2,)]


def test_an_index_is_built_alone_and_its_drop_takes_exactly_it_back(bench: Bench) -> None:
    build = Index(sql="CREATE INDEX ix_total ON orders (total)")
    assert bench.do(build, "4.1").state is TaskState.DONE
    assert bench.do(Index(sql="CREATE INDEX ix_other ON orders (id, total)"), "4.2").state is TaskState.DONE
    assert bench.probe(build, "4.1") is TaskState.DONE

    refused = bench.do(Index(sql="CREATE TABLE more (id INTEGER)"), "4.3")
    assert refused.state is TaskState.FAILED
    assert "not one index" in refused.message
    dropped = bench.do(Index(sql="DROP INDEX ix_total"), "4.1")
    assert dropped.state is TaskState.DONE, dropped.message
    assert bench.ask(SchemaCheck(has=("index ix_other",), lacks=("index ix_total",))).outcome is Outcome.OK


def test_a_protected_target_asks_for_what_the_command_asks_for(bench: Bench) -> None:
    bench.do(PLAN)
    bench.tools = replace(bench.tools, is_protected=True, agent="LOCKGATE_AGENT")
    assert "a coding agent may not" in bench.do(Apply(plan="plan.json"), "1.2").message
    bench.tools = replace(bench.tools, agent="", rehearsal_s=3600)
    assert "is not approved" in bench.do(Apply(plan="plan.json"), "1.2").message
    approve(bench)
    assert "has no rehearsal that counts" in bench.do(Apply(plan="plan.json"), "1.2").message
    assert bench.ask(PlanCheck(plan="plan.json", is_="approved")).outcome is Outcome.OK
    assert bench.ask(PlanCheck(plan="plan.json", is_="rehearsed")).outcome is Outcome.FAIL
    assert bench.effects("checkpoint") == []


def test_a_rehearsed_plan_counts_until_it_is_too_old(bench: Bench) -> None:
    bench.do(PLAN)
    ended = bench.do(Rehearse(plan="plan.json"), "1.1")
    assert ended.state is TaskState.DONE, ended.message
    check = PlanCheck(plan="plan.json", is_="rehearsed")
    assert bench.ask(check).outcome is Outcome.OK
    bench.tools = replace(bench.tools, now=lambda: datetime.now(UTC) + timedelta(days=2))
    assert bench.ask(check).outcome is Outcome.FAIL
    assert "lockgate rehearse" in bench.ask(check).found


def test_a_change_of_high_risk_needs_a_proven_backup(bench: Bench) -> None:
    bench.do(PLAN)
    approve(bench)
    off = BackupSettings(before_change="off")
    bench.tools = replace(bench.tools, is_protected=True, backup=off)
    assert "needs a proven backup" in bench.do(Apply(plan="plan.json"), "1.2", risk=Risk.HIGH).message
    assert bench.do(Backup(), "1.0").state is TaskState.DONE
    assert bench.do(Apply(plan="plan.json", stage=1), "1.2", risk=Risk.HIGH).state is TaskState.DONE


def approve(bench: Bench) -> None:
    plan = read_plan_file(str(bench.folder / "plan.json"))
    approval = Approval(plan.id, plan.digest, plan.target, "ann", "2026-01-01T00:00:00+00:00", "host")
    bench.write("plan.json.approval", msgspec.json.encode(approval).decode())


def test_a_task_that_never_began_has_nothing_to_take_back(bench: Bench) -> None:
    apply = Apply(plan="none.json")
    assert bench.do(apply, "1.2").state is TaskState.FAILED
    bench.runbook = Runbook(runbook="t", phases=(phase_of(Task(id="1.2", title="apply", do=apply)),))

    ended = bench.do(Rollback(to="before:1.2"), "1.2")

    assert ended.state is TaskState.DONE
    assert "changed nothing" in ended.message
    assert bench.do(Rollback(to="before:9.9"), "1.3").state is TaskState.FAILED


def test_a_stop_ends_a_backup_and_nothing_of_it_is_published(bench: Bench) -> None:
    bench.is_stopped = lambda: True

    assert bench.do(Backup(), "1.0").state is TaskState.FAILED
    assert bench.tools.open_repository().backups() == ()
