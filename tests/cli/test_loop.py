"""The whole way through the command line: drift, plan, apply, drift, rollback, apply again, finalize."""

from __future__ import annotations

import json

from .conftest import Cli


def test_there_and_back_and_there_for_good(planned: Cli) -> None:
    start = planned.own_free_dump()
    assert planned("drift", "--desired", "desired.sql", "--engine", "sqlite").code == 3
    applied = planned("apply", "plan.json", "--yes")
    assert applied.code == 0, applied.err
    drift = planned("drift", "--desired", "desired.sql", "--engine", "sqlite")
    assert drift.code == 0, drift.out
    back = planned("rollback", "--to", "start", "--yes")
    assert back.code == 0, back.err
    assert planned.sql("SELECT * FROM orders") == [(1, 1, "007"), (2, 2, "12")]
    assert planned.own_free_dump() == start
    assert planned.sql("SELECT * FROM customers") == [(1, "Ada", "11"), (2, "Grace", None)]
    assert planned.sql("SELECT * FROM old_log") == [(1, "kept")]
    again = planned("plan", "--desired", "desired.sql", "--engine", "sqlite", "--allow", "all", "-o", "again.json")
    assert again.code == 0, again.err
    assert planned("apply", "again.json", "--yes").code == 0
    final = planned("finalize", "latest", "--all", "--now", "--confirm", "app")
    assert final.code == 0, final.err
    tables = {name for (name,) in planned.sql("SELECT name FROM sqlite_schema WHERE type = 'table'")}
    assert {"customers", "orders", "invoices"} <= tables
    assert "old_log" not in tables
    assert not [
        name
        for name in tables
        if str(name).startswith("lockgate_p") and name not in ("lockgate_parked", "lockgate_progress")
    ]


def test_a_plan_is_the_same_twice(cli: Cli) -> None:
    for name in ("one.json", "two.json"):
        assert cli("plan", "--desired", "desired.sql", "--allow", "all", "-o", name).code == 0
    one, two = ((cli.folder / name).read_text() for name in ("one.json", "two.json"))
    assert json.loads(one)["digest"] == json.loads(two)["digest"]


def test_an_empty_plan_is_a_result_and_applying_it_does_nothing(cli: Cli) -> None:
    cli.write("same.sql", "CREATE TABLE x (id integer PRIMARY KEY);")
    ran = cli("inspect", "--format", "sql", "-o", "live.sql")
    assert ran.code == 0, ran.err
    ran = cli("plan", "--desired", "live.sql", "-o", "empty.json")
    assert ran.code == 0, ran.err
    assert "nothing to do" in ran.out
    before = cli.dump()
    ran = cli("apply", "empty.json")
    assert ran.code == 0, ran.err
    assert [line for line in cli.dump().splitlines() if "lockgate_" not in line] == [
        line for line in before.splitlines() if "lockgate_" not in line
    ]


def test_a_dry_run_prints_what_the_run_then_sends(planned: Cli) -> None:
    before = planned.dump()
    dry = planned("apply", "plan.json", "--dry-run", "--format", "json")
    assert dry.code == 0, dry.err
    assert planned.dump() == before
    real = planned("apply", "plan.json", "--yes", "--format", "json")
    assert real.code == 0, real.err
    foretold, sent = (json.loads(ran.out)["statements"] for ran in (dry, real))
    assert [s for s in foretold if not s.startswith("--")] == [s for s in sent if not s.startswith("--")]


def test_stage_by_stage_and_a_checkpoint_before_each(planned: Cli) -> None:
    stages = [stage["number"] for stage in json.loads((planned.folder / "plan.json").read_text())["stages"]]
    for number in stages:
        ran = planned("apply", "plan.json", "--stage", str(number), "--yes")
        assert ran.code == 0, ran.err
    listed = json.loads(planned("rollback", "--list", "--format", "json").out)
    assert len(listed["checkpoints"]) >= len(stages)
    first = listed["checkpoints"][-1]["id"]
    ran = planned("rollback", f"--to={first}", "--yes")
    assert ran.code == 0, ran.err
    assert planned.sql("SELECT total FROM orders ORDER BY id") == [("007",), ("12",)]


def test_a_plan_is_used_once(planned: Cli) -> None:
    assert planned("apply", "plan.json", "--yes").code == 0
    ran = planned("apply", "plan.json", "--yes")
    assert ran.code == 9, ran.err


def test_a_run_leaves_events_and_a_report(planned: Cli) -> None:
    assert planned("apply", "plan.json", "--yes").code == 0
    runs = list((planned.folder / ".lockgate" / "runs").iterdir())
    assert len(runs) == 1
    events = [json.loads(line) for line in (runs[0] / "events.jsonl").read_text().splitlines()]
    assert {"v", "ts", "run", "seq", "type", "step", "state"} <= set(events[0])
    assert [event["seq"] for event in events] == sorted(event["seq"] for event in events)
    assert "What happened" in (runs[0] / "report.md").read_text()
    assert "<table>" in (runs[0] / "report.html").read_text()


def test_verify_sees_a_dropped_index(planned: Cli) -> None:
    import sqlite3

    assert planned("apply", "plan.json", "--yes").code == 0
    assert planned("verify").code == 0
    connection = sqlite3.connect(planned.folder / "app.db")
    connection.execute("DROP INDEX orders_by_customer")
    connection.commit()
    connection.close()
    assert planned("verify").code == 3
    ran = planned("verify", "--desired", "desired.sql")
    assert ran.code == 3
    assert "orders_by_customer" in ran.out


def test_status_has_less_than_ten_lines_and_a_next_command(planned: Cli) -> None:
    for _ in range(2):
        ran = planned("status")
        assert ran.code == 0, ran.err
        assert len(ran.out.splitlines()) < 10
        assert "next:" in ran.out
        planned("apply", "plan.json", "--yes")
