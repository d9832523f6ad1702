"""Restoring on MySQL and MariaDB: what does not move with its tables, and who holds them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lockgate.engine.mysql import swap as engine_swap
from lockgate.errors import RefusedError, StatementFailed
from tests.restore.conftest import RUIN, RUINED, WELL, Shop, make_shop

PROGRAMS = (
    "CREATE TABLE log (line VARCHAR(60))",
    "CREATE TRIGGER noted AFTER INSERT ON orders FOR EACH ROW INSERT INTO log VALUES (CONCAT('order ', NEW.id))",
    "CREATE TRIGGER noted_too AFTER INSERT ON orders FOR EACH ROW INSERT INTO log VALUES ('second')",
    "CREATE FUNCTION twice(n INT) RETURNS INT DETERMINISTIC RETURN n * 2",
    "CREATE PROCEDURE empty_log() DELETE FROM log",
    "CREATE VIEW doubled AS SELECT id, twice(total) AS total FROM orders",
    "CREATE EVENT nightly ON SCHEDULE EVERY 1 DAY STARTS '2037-01-01 00:00:00' ENABLE DO CALL empty_log()",
    "CREATE EVENT resting ON SCHEDULE EVERY 1 DAY STARTS '2037-01-01 00:00:00' DISABLE DO CALL empty_log()",
)
SPOILED = (
    "DROP TRIGGER noted",
    "DROP PROCEDURE empty_log",
    "CREATE TRIGGER wrong AFTER UPDATE ON orders FOR EACH ROW INSERT INTO log VALUES ('wrong')",
    "ALTER EVENT nightly DISABLE",
    "CREATE EVENT later ON SCHEDULE EVERY 1 DAY STARTS '2037-01-01 00:00:00' DO DELETE FROM log",
)
EVENTS = "SELECT EVENT_NAME, STATUS FROM information_schema.EVENTS WHERE EVENT_SCHEMA = DATABASE() ORDER BY EVENT_NAME"


@pytest.fixture(params=["mysql", "mariadb"])
def shop(request: pytest.FixtureRequest, make_database: Callable[[str], str], tmp_path: Path) -> Iterator[Shop]:
    """The shop with programs."""
    made = make_shop(make_database(request.param), tmp_path)
    made.bench.run(*PROGRAMS)
    yield made
    made.clean()


def test_triggers_views_routines_and_events_come_back_and_the_old_ones_are_kept(shop: Shop) -> None:
    backup = shop.back_up()
    before = shop.bench.fingerprint()
    shop.bench.run(*RUIN, *SPOILED)
    spoiled = shop.bench.fingerprint()
    result = shop.restore(backup)
    assert result.is_verified and result.safety and shop.bench.fingerprint() == before
    assert shop.bench.rows(EVENTS) == [("nightly", "ENABLED"), ("resting", "DISABLED")]
    shop.bench.run("INSERT INTO orders VALUES (20, 1, 1)")
    assert shop.bench.rows("SELECT line FROM log") == [("order 20",), ("second",)]
    kept = shop.place(result.kept)
    assert {status for _, status in kept.rows(EVENTS)} == {"DISABLED"}
    kept.run("UPDATE orders SET total = 1 WHERE id = 1")
    assert kept.rows("SELECT line FROM log") == [("wrong",)]
    shop.undo()
    assert shop.bench.fingerprint() == spoiled
    assert shop.bench.rows(EVENTS) == [("later", "ENABLED"), ("nightly", "DISABLED"), ("resting", "DISABLED")]


@pytest.mark.parametrize("shop", ["mariadb"], indirect=True)
def test_an_open_transaction_is_ended_when_it_stands_in_the_way(shop: Shop) -> None:
    backup = shop.back_up()
    shop.bench.run(*RUIN)
    holder = shop.connect()
    try:
        holder.execute("START TRANSACTION")
        holder.execute("UPDATE customers SET name = 'held' WHERE id = 1")
        assert shop.restore(backup, lock_s=8).state == "done"
        assert shop.orders() == WELL
    finally:
        holder.close()


@pytest.mark.parametrize("shop", ["mysql"], indirect=True)
def test_a_foreign_key_from_another_database_forbids_it(shop: Shop) -> None:
    other = f"{shop.bench.target.database}_other"
    backup = shop.back_up()
    shop.bench.run(
        f"CREATE DATABASE {other}",
        f"CREATE TABLE {other}.t (id INTEGER PRIMARY KEY, FOREIGN KEY (id)"
        f" REFERENCES {shop.bench.target.database}.customers (id))",
    )
    try:
        with pytest.raises(RefusedError, match="another database"):
            shop.restore(backup)
    finally:
        shop.bench.run(f"DROP DATABASE {other}")


@pytest.mark.parametrize("shop", ["mysql"], indirect=True)
def test_a_program_that_cannot_be_made_leads_back_to_the_old_ones(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    backup = shop.back_up()
    shop.bench.run(*RUIN, *SPOILED)
    spoiled = shop.bench.fingerprint()
    made = engine_swap.make_programs
    seen = []

    def fail_once(session: object, programs: object) -> None:
        seen.append(programs)
        if len(seen) == 1:
            raise StatementFailed("the server refused a statement", cause="told so")
        made(session, programs)  # type: ignore[arg-type]

    monkeypatch.setattr(engine_swap, "make_programs", fail_once)
    with pytest.raises(StatementFailed) as error:
        shop.restore(backup)
    assert "the old database is in place" in error.value.state
    assert shop.bench.fingerprint() == spoiled and shop.orders() == RUINED
    assert shop.bench.rows(EVENTS) == [("later", "ENABLED"), ("nightly", "DISABLED"), ("resting", "DISABLED")]
