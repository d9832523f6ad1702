"""The fault kit itself: without any change nothing is lost, and what is planted is found."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from lockgate.model.target import parse_target
from tests.fault.kit.clients import Client, Failure
from tests.fault.kit.compare import differences, normal, read_state
from tests.fault.kit.holders import open_transaction
from tests.fault.kit.ledger import DONE, INSERT, MISSED, UNKNOWN, UPDATE, Ledger, Write
from tests.fault.kit.load import Load, Rate, under_load
from tests.fault.kit.proxy import Proxy
from tests.fault.kit.shape import Shape, build, first_values
from tests.fault.kit.stalls import felt

ROWS = 2000
SHAPE = Shape()


@pytest.fixture
def table(any_url: str) -> str:
    """The URL of a database that holds the table."""
    client = Client(any_url)
    if any_url.startswith("sqlite"):
        client.query("PRAGMA journal_mode = WAL")
    build(client, SHAPE, ROWS)
    client.close()
    return any_url


def run(url: str, *statements: str) -> None:
    """Send statements."""
    client = Client(url)
    for statement in statements:
        client.execute(statement)
    client.close()


def test_a_load_without_a_change_loses_nothing_and_a_planted_loss_is_found(table: str, tmp_path: Path) -> None:
    with under_load(table, SHAPE, ROWS, tmp_path / "load", Rate(2, 40), also=("pad",)) as load:
        begin = time.monotonic()
        run_until(load, lambda: load.ledger().counts[DONE] > 60)
        ledger, found = load.check()
        assert found == []
        assert not ledger.errors
        control = felt(load.writes(), begin, time.monotonic())
        assert 0 < control.p50 <= control.p99 <= control.stall
        written = [number for number, states in ledger.states.items() if states != (None,)][:3]
        run(
            table,
            f"DELETE FROM t WHERE id = {written[0]}",
            f"UPDATE t SET k = k + 1 WHERE id = {written[1]}",
            f"UPDATE t SET c = 'other' WHERE id = {written[2]}",
            "INSERT INTO t (id, k, c) VALUES (999999, 1, 'stray')",
        )
        _, found = load.check()
        assert sorted(line.split(":")[0] for line in found) == sorted(f"row {i}" for i in [*written, 999999])


def run_until(
    load: Load, is_enough: Callable[[], bool], meanwhile: Callable[[], None] = lambda: time.sleep(1.5)
) -> None:
    """Let the clients write until it is enough, and pause them; on a busy machine that takes more than one round."""
    end = time.monotonic() + 60
    while True:
        load.run()
        meanwhile()
        load.settle()
        load.pause()
        if is_enough():
            return
        assert time.monotonic() < end, "the load never came so far"


def write(kind: str, number: int, values: tuple[object, ...], outcome: str) -> Write:
    """Return an attempt whose time does not matter."""
    return Write(kind, number, values, 0.0, 0.0, 0.1, outcome, "" if outcome in (DONE, MISSED) else "connection")


def test_a_write_whose_answer_never_came_may_be_there_or_not() -> None:
    ledger = Ledger(2).take_all([write(UPDATE, 1, (5, "five"), UNKNOWN), write(INSERT, 7, (7, "seven"), UNKNOWN)])
    assert ledger.compare([(1, *first_values(1)), (2, *first_values(2))]) == []
    assert ledger.compare([(1, 5, "five"), (2, *first_values(2)), (7, 7, "seven")]) == []
    assert ledger.compare([(1, 6, "five"), (2, *first_values(2))])[0].startswith("row 1: holds")


def test_an_acknowledged_write_that_meets_no_row_is_a_loss() -> None:
    ledger = Ledger(1).take_all([write(UPDATE, 1, (5, "five"), MISSED)])
    assert ledger.compare([]) == [
        "row 1: update met no row, which should be there",
        f"row 1: is lost, acknowledged was {first_values(1)!r}",
    ]


def test_two_states_are_compared_by_value_and_not_by_type(table: str) -> None:
    before = read_state(table, "t", ("k", "c", "pad"))
    assert differences(before, read_state(table, "t", ("k", "c", "pad"))) == []
    run(table, "UPDATE t SET c = NULL WHERE id = 5", "DELETE FROM t WHERE id = 6")
    after = read_state(table, "t", ("k", "c", "pad"))
    assert [line[:8] for line in differences(before, after)] == ["row n:5:", "row n:6:"]
    assert normal(1.0) == normal(True) == normal(1) != normal("1")


@pytest.mark.parametrize("any_url", ["postgres", "mysql", "mariadb"], indirect=True)
def test_a_proxy_delays_and_cuts(table: str) -> None:
    target = parse_target(table)
    proxy = Proxy(target.host, target.port)
    try:
        client = Client(proxy.url(table))
        started = time.monotonic()
        proxy.delay_s = 0.05
        assert client.query("SELECT count(*) FROM t") == [(ROWS,)]
        assert time.monotonic() - started >= 0.1
        proxy.delay_s, proxy.cut_after = 0.0, 1000
        with pytest.raises(Failure, match="connection"):
            client.query("SELECT * FROM t")
        proxy.is_refusing = True
        with pytest.raises(Failure, match="connection"):
            Client(proxy.url(table))
    finally:
        proxy.close()


def test_a_write_behind_a_held_row_is_felt_as_a_stall(table: str, tmp_path: Path) -> None:
    with under_load(table, SHAPE, 2, tmp_path / "load", Rate(1, 20, 0), also=("pad",)) as load:
        begin = time.monotonic()

        def hold_both() -> None:
            time.sleep(0.3)
            for row in (1, 2):
                with open_transaction(table, "t", 0.5, row=row):
                    time.sleep(0.6)

        run_until(load, lambda: felt(load.writes(), begin, time.monotonic()).stall > 0.2, hold_both)
