"""Restoring on PostgreSQL: who is connected, what belongs to the database itself, what holds it."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from lockgate.errors import RefusedError
from lockgate.model.target import parse_target
from tests.restore.conftest import RUIN, RUINED, WELL, Shop, make_shop


@pytest.fixture
def shop(make_database: Callable[[str], str], tmp_path: Path) -> Iterator[Shop]:
    """The shop on PostgreSQL."""
    made = make_shop(make_database("postgres"), tmp_path)
    yield made
    made.clean()


@pytest.fixture
def owned(make_database: Callable[[str], str], tmp_path: Path) -> Iterator[Shop]:
    """The shop in a database of a user who owns it and may create databases, and is no superuser."""
    url = make_database("postgres")
    target, user = parse_target(url), f"lg_owner_{os.getpid()}"
    with psycopg.connect(url, autocommit=True) as superuser:
        superuser.execute(f"CREATE ROLE {user} LOGIN CREATEDB PASSWORD 'owner'")
        superuser.execute(f"ALTER DATABASE {target.database} OWNER TO {user}")
        place = f"{target.host}:{target.port}/{target.database}"
    made = make_shop(f"postgresql://{user}:owner@{place}", tmp_path)
    yield made
    made.clean()
    with psycopg.connect(url, autocommit=True) as superuser:
        superuser.execute(f"REASSIGN OWNED BY {user} TO CURRENT_USER")
        superuser.execute(f"DROP ROLE {user}")


def test_who_owns_the_database_and_may_create_others_may_restore_it(owned: Shop) -> None:
    backup = owned.back_up()
    owned.bench.run(*RUIN)

    assert owned.restore(backup).state == "done" and owned.orders() == WELL


def test_settings_rights_and_comment_of_the_database_are_as_they_are_now(shop: Shop) -> None:
    name = shop.bench.target.database
    shop.bench.run(f"ALTER DATABASE {name} SET work_mem TO '5MB'", f"COMMENT ON DATABASE {name} IS 'before'")
    backup = shop.back_up()
    shop.bench.run(
        f"ALTER DATABASE {name} RESET work_mem",
        f"ALTER DATABASE {name} SET search_path TO \"$user\", public, 'Odd One'",
        f"ALTER ROLE CURRENT_USER IN DATABASE {name} SET statement_timeout TO '50s'",
        f"COMMENT ON DATABASE {name} IS 'the shop''s'",
        f"REVOKE CONNECT ON DATABASE {name} FROM PUBLIC",
        f"ALTER DATABASE {name} CONNECTION LIMIT 50",
        *RUIN,
    )
    facts = (
        "SELECT datconnlimit, pg_get_userbyid(datdba), ARRAY(SELECT x::text FROM unnest(datacl) x ORDER BY 1),"
        " shobj_description(oid, 'pg_database'),"
        " (SELECT array_agg(setrole || array_to_string(setconfig, '|') ORDER BY setrole) FROM pg_db_role_setting"
        f" WHERE setdatabase = oid) FROM pg_database WHERE datname = '{name}'"
    )
    before = shop.bench.rows(facts)
    shop.restore(backup)
    assert shop.bench.rows(facts) == before and shop.orders() == WELL
    shop.undo()
    assert shop.bench.rows(facts) == before and shop.orders() == RUINED


def test_who_is_connected_is_ended_at_the_swap_and_may_come_back_at_once(shop: Shop) -> None:
    backup = shop.back_up()
    shop.bench.run(*RUIN)
    stop, broken, seen = threading.Event(), [], set()

    def use() -> None:
        while not stop.is_set():
            try:
                with psycopg.connect(shop.bench.url, autocommit=True) as connection:
                    while not stop.is_set():
                        seen.add(connection.execute("SELECT sum(total) FROM orders").fetchone()[0])  # type: ignore[index]
            except psycopg.OperationalError as error:
                broken.append(str(error))

    threads = [threading.Thread(target=use) for _ in range(3)]
    idle = psycopg.connect(shop.bench.url)
    idle.execute("SELECT 1 FROM orders")
    for thread in threads:
        thread.start()
    try:
        plan = shop.plan(backup)
        assert len(plan.sessions) >= 1 and any("will be ended" in question for question in plan.questions)
        assert shop.restore(backup).state == "done"
        assert shop.orders() == WELL
    finally:
        stop.set()
        for thread in threads:
            thread.join()
        idle.close()
    assert broken and seen <= {0, 87}


def test_a_prepared_transaction_forbids_it(shop: Shop) -> None:
    backup = shop.back_up()
    if shop.bench.rows("SHOW max_prepared_transactions") == [("0",)]:
        assert shop.restore(backup).state == "done"
        return
    with psycopg.connect(shop.bench.url, autocommit=True) as connection:
        connection.execute("BEGIN")
        connection.execute("INSERT INTO customers VALUES (9, 'x')")
        connection.execute("PREPARE TRANSACTION 'held'")
        try:
            with pytest.raises(RefusedError, match="cannot be restored as it is"):
                shop.restore(backup)
        finally:
            connection.execute("ROLLBACK PREPARED 'held'")
