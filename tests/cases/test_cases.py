"""Run every case folder on its engines: plan, apply, roll back, apply again, finalize, with the server's dump as witness."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from lockgate.engine import load_engine
from lockgate.engine.base import Engine, Scope, Session
from lockgate.errors import RefusedError
from lockgate.model.codec import fingerprint
from lockgate.model.keys import table_key
from lockgate.model.target import Target, parse_target
from lockgate.workflow.apply_plan import apply_plan
from lockgate.workflow.finalize import finalize
from lockgate.workflow.make_plan import PlanOptions, make_plan
from lockgate.workflow.measure_drift import DriftOptions, measure_drift
from lockgate.workflow.options import FinalizeOptions
from lockgate.workflow.roll_back import roll_back

HERE = Path(__file__).parent
FLAVORS = ("sqlite", "postgres", "mysql", "mariadb")


def expectation(folder: Path) -> dict[str, Any]:
    return tomllib.loads((folder / "expect.toml").read_text())


CASES = [
    pytest.param(folder.parent, flavor, id=f"{folder.parent.relative_to(HERE)}-{flavor}")
    for folder in sorted(HERE.rglob("expect.toml"))
    for flavor in expectation(folder.parent).get("engines", FLAVORS)
]


def sql_file(folder: Path, name: str, flavor: str) -> Path:
    own = folder / f"{name}.{flavor}.sql"
    if own.exists():
        return own
    family = folder / f"{name}.mysql.sql"
    return family if flavor == "mariadb" and family.exists() else folder / f"{name}.sql"


@contextmanager
def session_in(engine: Engine, target: Target) -> Iterator[Session]:
    session = engine.connect(target, is_read_only=False)
    try:
        yield session
    finally:
        session.close()


def run_script(engine: Engine, target: Target, path: Path) -> None:
    with session_in(engine, target) as session:
        for statement in engine.split_sql(path.read_text()):
            session.execute(statement.text)


def picture(engine: Engine, target: Target) -> tuple[str, tuple[str, ...] | None, dict[str, str]]:
    """What must come back: the fingerprint, the server's own dump, and a checksum of every table's rows."""
    with session_in(engine, target) as session:
        server = engine.identify(session)
        schema = engine.inspect(session, server, Scope())
        rows = {table_key(t).path: engine.checksum_rows(session, table_key(t)) for t in schema.tables}
        return fingerprint(schema), engine.dump_schema(session, server), rows


@pytest.fixture
def targets(flavor: str, request: pytest.FixtureRequest) -> tuple[Target, Target]:
    """Two empty databases: the live one, and one to build the declared schema in directly."""
    make = request.getfixturevalue("make_database")
    return parse_target(make(flavor)), parse_target(make(flavor))


@pytest.mark.parametrize(("folder", "flavor"), CASES)
def test_the_case_leads_there_and_back(folder: Path, flavor: str, targets: tuple[Target, Target]) -> None:
    target, direct = targets
    expect = expectation(folder)
    engine = load_engine(target.engine)
    run_script(engine, target, sql_file(folder, "before", flavor))
    after = sql_file(folder, "after", flavor)
    options = PlanOptions(allow=tuple(expect.get("allow", ["all"])), renames=tuple(expect.get("renames", [])))
    start = picture(engine, target)
    if "refused" in expect:
        with pytest.raises(RefusedError, match=expect["refused"]):
            make_plan(engine, target, str(after), options)
        assert picture(engine, target) == start
        return
    plan = make_plan(engine, target, str(after), options).plan
    assert make_plan(engine, target, str(after), options).plan.digest == plan.digest
    if expect.get("empty"):
        assert [step.title for step in plan.steps] == []
        return
    if "stages" in expect:
        assert [stage.number for stage in plan.stages] == expect["stages"]
    apply_plan(engine, target, plan)
    assert measure_drift(engine, target, str(after), DriftOptions()).changes == ()
    roll_back(engine, target, "start")
    assert picture(engine, target) == start
    apply_plan(engine, target, make_plan(engine, target, str(after), options).plan)
    finalize(engine, target, "latest", FinalizeOptions(is_now=True))
    run_script(engine, direct, after)
    assert picture(engine, target)[:2] == picture(engine, direct)[:2]
