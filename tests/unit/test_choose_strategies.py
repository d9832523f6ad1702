"""Which tables are changed online by themselves, from what their plain statements do and how large they are."""

from __future__ import annotations

import pytest

from lockgate.engine import load_engine
from lockgate.errors import ConfigError, InputError
from lockgate.execute.programs import check_programs
from lockgate.model.op import Blocks, Hazard, HazardKind, Op, Statement, Strategy
from lockgate.model.probed import Probed, correct_statement, worse
from lockgate.model.schema import Key
from lockgate.plan.estimate import block_s, extra_bytes
from lockgate.workflow.choose_strategies import find_long_blocks, read_wishes

ORDERS = Key("table", "", "orders")
LARGE, SMALL = {ORDERS: (1_000_000, 200_000_000)}, {ORDERS: (100, 16_384)}
REWRITE = Statement(sql="ALTER …", blocks=Blocks.WRITES, rewrites=True, is_transactional=False)


def op(*statements: Statement) -> Op:
    return Op(title="change orders", stage=2, table=ORDERS, forward=statements)


def test_only_a_large_table_is_changed_online() -> None:
    assert list(find_long_blocks([op(REWRITE)], frozenset([ORDERS]), LARGE, 200)) == [ORDERS]
    assert find_long_blocks([op(REWRITE)], frozenset([ORDERS]), SMALL, 200) == {}
    assert find_long_blocks([op(REWRITE)], frozenset(), LARGE, 200) == {}


def test_what_a_transaction_locks_it_holds_to_its_end() -> None:
    lock = Statement(sql="ALTER TABLE a", blocks=Blocks.READS_AND_WRITES)
    scan = Statement(sql="ALTER TABLE b", blocks=Blocks.DDL, scans=True)

    assert block_s(op(lock, scan), LARGE) > 1
    assert block_s(op(scan, lock), LARGE) < 0.1


def test_an_unknown_number_of_rows_is_guessed_from_the_bytes() -> None:
    assert block_s(op(REWRITE), {ORDERS: (-1, 200_000_000)}) > 1
    assert extra_bytes(op(REWRITE), LARGE) == 200_000_000


def test_what_was_found_replaces_what_was_documented() -> None:
    hazard = Hazard(kind=HazardKind.REWRITES_TABLE, message="may")
    documented = Statement(sql="ALTER …", blocks=Blocks.WRITES, lock="copy", rewrites=True, hazards=(hazard,))
    instant = Probed(blocks=Blocks.NOTHING, lock="instant")

    found = correct_statement(documented, instant)
    assert (found.blocks, found.lock, found.rewrites, found.hazards) == (Blocks.NOTHING, "instant", False, ())
    assert correct_statement(documented, worse(instant, Probed(blocks=Blocks.WRITES, rewrites=True))).lock == "copy"


@pytest.mark.parametrize("wish", ["gh-ost", "orders=gh-ost", "sideways"])
def test_a_strategy_that_cannot_be_had_is_refused(wish: str) -> None:
    with pytest.raises(InputError):
        read_wishes([wish])


def test_a_missing_program_is_one_clear_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOCKGATE_PT_OSC", "/nowhere/pt-online-schema-change")
    with pytest.raises(ConfigError, match="was not found") as caught:
        check_programs(load_engine("mysql"), [Strategy.PT_OSC])
    assert caught.value.state == "nothing was touched"
    with pytest.raises(ConfigError, match="is for MySQL and MariaDB"):
        check_programs(load_engine("sqlite"), [Strategy.PT_OSC])
