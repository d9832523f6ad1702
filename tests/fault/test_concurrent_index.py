"""Statements that PostgreSQL runs outside of a transaction: killed or refused half-way, they are looked after."""

from __future__ import annotations

import pytest

from lockgate.errors import StatementFailed
from lockgate.model.plan import Plan
from lockgate.workflow.apply_plan import apply_plan
from lockgate.workflow.options import RecoverOptions
from lockgate.workflow.recover import recover
from tests.execute.bench import Bench, op
from tests.execute.shop import all_rows

pytestmark = pytest.mark.parametrize("any_url", ["postgres"], indirect=True)


def index_plan(shop: Bench, *, unique: str = "", column: str = "user_id") -> Plan:
    """Return a plan of one table and one concurrent index."""
    sql = f"CREATE {unique} INDEX CONCURRENTLY by_user ON public.orders ({column})"
    return shop.plan(
        op("add b", 1, ["CREATE TABLE b (id integer)"], ["DROP TABLE b"]),
        op("add index", 1, [sql], ["DROP INDEX CONCURRENTLY IF EXISTS public.by_user"], is_transactional=False),
    )


def test_an_index_that_cannot_be_built_leaves_nothing_invalid(shop: Bench) -> None:
    before, plan = shop.fingerprint(), index_plan(shop, unique="UNIQUE")
    shop.run("UPDATE orders SET user_id = 1")
    rows = all_rows(shop)
    with pytest.raises(StatementFailed) as caught:
        apply_plan(shop.engine, shop.target, plan)
    assert "rolled back" in caught.value.state
    assert shop.fingerprint() == before
    assert all_rows(shop) == rows


@pytest.mark.parametrize("number", (7, 8, 9, 10, 11))
@pytest.mark.parametrize("is_finish", (False, True))
def test_a_concurrent_index_that_was_killed_is_undone_or_finished(
    shop: Bench, child, number: int, is_finish: bool
) -> None:
    before, plan = shop.fingerprint(), index_plan(shop)
    assert child("apply", number, plan).returncode == -9
    recover(shop.engine, shop.target, RecoverOptions(is_finish=is_finish))
    assert shop.fingerprint() == (plan.after if is_finish else before)
