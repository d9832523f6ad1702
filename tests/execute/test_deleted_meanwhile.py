"""Rows that others delete during a rollback are no reason to doubt it, unless what was run could have lost them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from lockgate.engine import load_engine
from lockgate.engine.base import Session
from lockgate.errors import InDoubtError
from lockgate.model.run import Event, EventType, RunResult
from lockgate.model.target import parse_target
from lockgate.workflow.apply_plan import apply_plan
from lockgate.workflow.make_plan import PlanOptions, make_plan
from lockgate.workflow.roll_back import roll_back

SETUP = ("CREATE TABLE t (id int NOT NULL PRIMARY KEY, k int)", "INSERT INTO t VALUES (1, 1), (2, 2), (3, 3)")


def _roll_back_beside(
    make_database: Callable[[str], str], flavor: str, change: str, when: EventType, strategy: str = "plain"
) -> RunResult:
    """Apply a change, and lead it back while another session deletes a row at an event."""
    url, desired = make_database(flavor), make_database(flavor)
    engine, target = load_engine(parse_target(url).engine), parse_target(url)
    other = _open(url, SETUP)
    _open(desired, (*SETUP, change)).close()
    plan = make_plan(engine, target, desired, PlanOptions(allow=("all",), strategies=(strategy,))).plan
    apply_plan(engine, target, plan)

    def delete(event: Event) -> None:
        if event.type is when:
            other.execute("DELETE FROM t WHERE id = 2")

    try:
        return roll_back(engine, target, "start", observer=delete)
    finally:
        assert other.query("SELECT COUNT(*) FROM t")[0][0] == 2
        other.close()


def _open(url: str, statements: tuple[str, ...]) -> Session:
    target = parse_target(url)
    session = load_engine(target.engine).connect(target, is_read_only=False)
    for sql in statements:
        session.execute(sql)
    return session


@pytest.mark.parametrize("flavor", ["sqlite", "postgres", "mysql", "mariadb"])
def test_a_row_deleted_by_others_is_told_and_not_doubted(flavor: str, make_database: Callable[[str], str]) -> None:
    result = _roll_back_beside(make_database, flavor, "CREATE INDEX t_k ON t (k)", EventType.ROLLBACK_STARTED)
    assert result.state == "rolled_back"
    assert any("1 fewer rows than before, deleted by others meanwhile" in line for line in result.rows), result.rows


@pytest.mark.parametrize("flavor", ["mysql", "mariadb"])
def test_a_pair_of_tables_is_compared_with_its_mirror(flavor: str, make_database: Callable[[str], str]) -> None:
    change = "ALTER TABLE t MODIFY k bigint"
    result = _roll_back_beside(make_database, flavor, change, EventType.ROLLBACK_STARTED, "table-pair")
    assert result.state == "rolled_back"
    assert any("deleted by others meanwhile" in line for line in result.rows), result.rows


def test_where_rows_were_moved_it_stays_in_doubt(make_database: Callable[[str], str]) -> None:
    with pytest.raises(InDoubtError, match="fewer rows"):
        _roll_back_beside(
            make_database, "sqlite", "ALTER TABLE t ADD COLUMN s text NOT NULL DEFAULT 'x'", EventType.STEP_UNDONE
        )
