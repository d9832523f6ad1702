"""Apply, write what the old schema may not take, go back, apply the same plan again, go back again: all is there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from lockgate.workflow.apply_plan import apply_plan
from lockgate.workflow.make_plan import PlanOptions, make_plan
from lockgate.workflow.options import ApplyOptions, RollbackOptions, SettleOptions
from lockgate.workflow.roll_back import roll_back
from lockgate.workflow.settle_debt import settle
from tests.execute.bench import Bench, make_bench
from tests.lossless.catalogue import CASES, ROWS, Case

TRIED = [
    pytest.param(replace(case, **case.own.get(flavor, {})), flavor, id=f"{case.name}-{flavor}")
    for case in CASES
    for flavor in case.flavors
]


@pytest.mark.parametrize(("case", "flavor"), TRIED)
def test_no_row_and_no_value_is_lost(
    case: Case, flavor: str, make_database: Callable[[str], str], tmp_path: Path
) -> None:
    bench = make_bench(make_database(flavor))
    start, kept = _begin(bench, case)
    desired = tmp_path / "after.sql"
    desired.write_text(case.after)
    plan = make_plan(bench.engine, bench.target, str(desired), PlanOptions(allow=("all",))).plan
    apply_plan(bench.engine, bench.target, plan, ApplyOptions())
    bench.run(*case.writes)
    kept, new = bench.rows(case.kept), bench.rows(case.new) if case.new else []
    for _ in range(2):
        _go_back(bench, case, kept)
        again = apply_plan(bench.engine, bench.target, plan, ApplyOptions())
        assert again.state == "applied"
        assert (bench.rows(case.new) if case.new else []) == new
    _go_back(bench, case, kept)
    _settle(bench, case)
    assert bench.fingerprint() == start


def _begin(bench: Bench, case: Case) -> tuple[str, list[tuple[object, ...]]]:
    bench.run(*(text for text in case.before.split(";") if text.strip()), *ROWS)
    return bench.fingerprint(), []


def _go_back(bench: Bench, case: Case, kept: list[tuple[object, ...]]) -> None:
    result = roll_back(bench.engine, bench.target, "start", RollbackOptions())
    assert result.state == ("rolled_back_with_debt" if case.debts else "rolled_back")
    assert (len(result.debts), result.is_proven) == (case.debts, True)
    assert all(owed.rows for owed in result.debts)
    assert bench.rows(case.kept) == kept
    if case.back is not None:
        assert tuple(map(tuple, bench.rows(case.old))) == case.back


def _settle(bench: Bench, case: Case) -> None:
    if case.debts:
        assert settle(bench.engine, bench.target, SettleOptions()).state == "rolled_back_with_debt"
        bench.run(*case.mend)
        result = settle(bench.engine, bench.target, SettleOptions())
        assert (result.state, result.debts) == ("settled", ())
