"""A plan is played through on a private copy with the target's rows; what does not hold is found there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from lockgate.engine import load_engine
from lockgate.engine.base import Engine, Scope, Session
from lockgate.errors import ScratchUnavailable, StalePlan
from lockgate.model.keys import table_key
from lockgate.model.plan import Plan
from lockgate.model.rehearsal import Outcome, Rehearsal
from lockgate.model.target import Target, parse_target
from lockgate.workflow.make_plan import PlanOptions, make_plan
from lockgate.workflow.rehearsal_copy import _check_apart, replace_options
from lockgate.workflow.rehearse import RehearseOptions, rehearse
from tests.rehearse.samples import SETUPS

FLAVORS = ("sqlite", "postgres", "mysql", "mariadb")


@dataclass(frozen=True)
class Live:
    """A live database under test."""

    engine: Engine
    target: Target
    session: Session

    def rows(self) -> dict[str, str]:
        """Return a checksum of every table's rows."""
        schema = self.engine.inspect(self.session, self.engine.identify(self.session), Scope())
        return {
            table_key(table).path: self.engine.checksum_rows(self.session, table_key(table)) for table in schema.tables
        }


def _open(url: str, statements: tuple[str, ...]) -> Live:
    target = parse_target(url)
    engine = load_engine(target.engine)
    session = engine.connect(target, is_read_only=False)
    for sql in statements:
        session.execute(sql)
    return Live(engine, target, session)


def _plan(live: Live, change: str, desired_url: str, statements: tuple[str, ...]) -> Plan:
    other = _open(desired_url, (*statements, change))
    other.session.close()
    return make_plan(live.engine, live.target, desired_url, PlanOptions(allow=("all",))).plan


@pytest.fixture(params=FLAVORS)
def flavor(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def _rehearse(live: Live, plan: Plan, most_rows: int = 0) -> Rehearsal:
    return rehearse(live.engine, live.target, plan, RehearseOptions(most_rows=most_rows))


def test_every_value_comes_into_the_copy_and_back_and_the_target_is_only_read(
    flavor: str, make_database: Callable[[str], str]
) -> None:
    live = _open(make_database(flavor), SETUPS[flavor])
    plan = _plan(live, "ALTER TABLE c ADD COLUMN extra int", make_database(flavor), SETUPS[flavor])
    before = live.rows()
    found = _rehearse(live, plan)
    assert found.outcome is Outcome.PASSED, found.failure
    assert found.is_full
    assert found.digest == plan.digest
    assert len(found.acts) == 4
    assert all(step.apply_s >= 0 and step.undo_s >= 0 and step.again_s >= 0 for step in found.steps)
    assert live.rows() == before
    live.session.close()


def test_a_sample_brings_all_rows_it_refers_to(flavor: str, make_database: Callable[[str], str]) -> None:
    live = _open(make_database(flavor), SETUPS[flavor])
    plan = _plan(live, "CREATE INDEX c_by_a ON c (a_id, id)", make_database(flavor), SETUPS[flavor])
    found = _rehearse(live, plan, most_rows=3)
    assert found.outcome is Outcome.PASSED, found.failure
    assert not found.is_full
    rows = {table.table.rpartition(".")[2]: table.rows for table in found.tables}
    assert 3 <= rows["c"] <= 6
    assert 3 <= rows["a"] <= 9
    live.session.close()


def test_rows_in_the_way_fail_the_rehearsal_and_not_the_target(make_database: Callable[[str], str]) -> None:
    live = _open(make_database("sqlite"), ("CREATE TABLE t (id integer PRIMARY KEY, name text)",))
    live.session.execute("INSERT INTO t VALUES (1, 'same'), (2, 'same')")
    plan = _plan(
        live,
        "CREATE UNIQUE INDEX t_name ON t (name)",
        make_database("sqlite"),
        ("CREATE TABLE t (id integer PRIMARY KEY, name text)",),
    )
    found = _rehearse(live, plan)
    assert found.outcome is Outcome.FAILED
    assert found.failure.startswith("not applied and verified")
    assert found.acts == ()
    assert found.steps[0].apply_s == -1
    live.session.close()


def test_a_plan_for_another_schema_is_refused(make_database: Callable[[str], str]) -> None:
    setup = ("CREATE TABLE t (id integer PRIMARY KEY)",)
    live = _open(make_database("sqlite"), setup)
    plan = _plan(live, "ALTER TABLE t ADD COLUMN a int", make_database("sqlite"), setup)
    live.session.execute("ALTER TABLE t ADD COLUMN b int")
    with pytest.raises(StalePlan):
        _rehearse(live, plan)
    live.session.close()


def test_rows_never_come_into_a_database_beside_the_target() -> None:
    target = parse_target("postgresql://me@db:5432/app")
    options = replace_options(RehearseOptions().scratch)
    assert not options.is_beside_target_allowed
    with pytest.raises(ScratchUnavailable):
        _check_apart(False, options, target)
