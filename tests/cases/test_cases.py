"""Run every case folder on its engines; see README.md."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lockgate.errors import RefusedError
from lockgate.workflow.apply_plan import apply_plan
from lockgate.workflow.make_plan import PlanOptions, make_plan
from tests.lint.agreement import find_disagreements
from tests.loop import Loop, picture

HERE = Path(__file__).parent
FLAVORS = ("sqlite", "postgres", "mysql", "mariadb")


def expectation(folder: Path) -> dict[str, Any]:
    return tomllib.loads((folder / "expect.toml").read_text())


def marks(folder: Path, flavor: str) -> list[pytest.MarkDecorator]:
    return [pytest.mark.slow] if flavor in expectation(folder).get("long", ()) else []


CASES = [
    pytest.param(
        found.parent, flavor, id=f"{found.parent.relative_to(HERE)}-{flavor}", marks=marks(found.parent, flavor)
    )
    for found in sorted(HERE.rglob("expect.toml"))
    for flavor in expectation(found.parent).get("engines", FLAVORS)
]


def sql_file(folder: Path, name: str, flavor: str) -> Path:
    own = folder / f"{name}.{flavor}.sql"
    if own.exists():
        return own
    family = folder / f"{name}.mysql.sql"
    return family if flavor == "mariadb" and family.exists() else folder / f"{name}.sql"


@pytest.mark.parametrize(("folder", "flavor"), CASES)
def test_the_case_leads_there_and_back(folder: Path, flavor: str, make_database: Callable[[str], str]) -> None:
    expect = expectation(folder)
    options = PlanOptions(allow=tuple(expect.get("allow", ["all"])), renames=tuple(expect.get("renames", [])))
    loop = Loop(make_database(flavor), make_database(flavor), options)
    loop.run_script(loop.live, sql_file(folder, "before", flavor).read_text())
    after = sql_file(folder, "after", flavor)
    start = picture(loop.engine, loop.target)
    if "refused" in expect:
        with pytest.raises(RefusedError, match=expect["refused"]):
            apply_plan(loop.engine, loop.target, make_plan(loop.engine, loop.target, str(after), options).plan)
        assert picture(loop.engine, loop.target) == start
        return
    plan = loop.plan(after)
    assert find_disagreements(plan) == [], "lint and the planner claim different locks"
    if expect.get("empty"):
        assert [step.title for step in plan.steps] == []
    if "stages" in expect:
        assert [stage.number for stage in plan.stages] == expect["stages"]
    apply_plan(loop.engine, loop.target, plan)
    loop.check_applied_and_back(after, plan, start)
