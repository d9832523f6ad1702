"""Agreed differences stay as they are on every engine: drift sets them apart, plans leave them alone."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from lockgate.diff.accept import accept_entries
from lockgate.diff.drift import DriftStatus
from lockgate.workflow.apply_plan import apply_plan
from lockgate.workflow.make_plan import PlanOptions, make_plan
from lockgate.workflow.measure_drift import DriftOptions, measure_drift
from lockgate.workflow.options import ApplyOptions
from lockgate.workflow.propose_fix import propose_fix
from tests.loop import Loop

LIVE = """
CREATE TABLE customers (id int NOT NULL PRIMARY KEY, name varchar(40), fax varchar(20));
CREATE TABLE audit (id int NOT NULL PRIMARY KEY, line varchar(99));
CREATE INDEX customers_by_name ON customers (name);
"""
DESIRED = """
CREATE TABLE customers (id int NOT NULL PRIMARY KEY, name varchar(80), email varchar(40));
CREATE TABLE orders (id int NOT NULL PRIMARY KEY, customer_id int NOT NULL REFERENCES customers (id));
"""
TODAY, LATER, OVER = date(2026, 5, 1), date(2026, 6, 1), date(2026, 4, 30)
KEPT = ("audit", "customers.fax", "customers.customers_by_name")


def bare(path: str) -> str:
    """Return an object's path without PostgreSQL's namespace."""
    return path.removeprefix("public.")


def test_accepted_differences_are_neither_drift_nor_planned(any_url: str, tmp_path: Path) -> None:
    desired, cache = tmp_path / "desired.sql", tmp_path / "cache"
    desired.write_text(DESIRED)
    loop = Loop(any_url, any_url, PlanOptions())
    loop.run_script(any_url, LIVE)
    first = measure_drift(loop.engine, loop.target, str(desired), DriftOptions(today=TODAY, cache=cache))
    wanted = [entry.object for entry in first.changes if bare(entry.object) in KEPT]
    accepted = accept_entries(first, wanted, reason="kept", accepted_by="ada", today=TODAY, until=LATER)
    assert len(accepted) == len(KEPT)

    options = DriftOptions(acceptances=accepted, today=TODAY, cache=cache)
    fix = propose_fix(loop.engine, loop.target, str(desired), options)
    assert {bare(entry.object) for entry in fix.report.changes} >= {"orders", "customers.email", "customers.name"}
    assert not {bare(entry.object) for entry in fix.report.changes} & set(KEPT)
    assert all(remediation.step for remediation in fix.remediations)

    plan_options = PlanOptions(allow=("all",), acceptances=accepted, today=TODAY, cache=cache)
    plan = make_plan(loop.engine, loop.target, str(desired), plan_options).plan
    apply_plan(loop.engine, loop.target, plan, ApplyOptions())
    after = measure_drift(loop.engine, loop.target, str(desired), options)
    assert after.status is DriftStatus.IN_SYNC
    assert {bare(a.entry.object) for a in after.accepted} == set(KEPT)

    over = measure_drift(
        loop.engine, loop.target, str(desired), DriftOptions(acceptances=accepted, today=date(2026, 6, 2), cache=cache)
    )
    assert over.status is DriftStatus.DRIFT
    assert len(over.notes) == len(KEPT)
    assert make_plan(loop.engine, loop.target, str(desired), plan_options).plan.is_empty
