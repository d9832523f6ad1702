"""A scratch is a place of the target's version where nothing can reach the target, and which vanishes."""

from __future__ import annotations

import os
from typing import Any

import pytest

from lockgate.engine import load_engine
from lockgate.engine.base import Engine, Scope, ScratchOptions, Session
from lockgate.engine.private import PrivateServer, ServerStartError, private_server
from lockgate.errors import ScratchUnavailable
from lockgate.model.server import Server
from lockgate.model.target import Target, parse_target
from tests.servers import TestServers

PRIVATE = ScratchOptions()
SERVER_URLS = ("postgres_url", "mysql_url", "mariadb_url")


@pytest.fixture(params=SERVER_URLS)
def server_url(request: pytest.FixtureRequest) -> str:
    url: str = request.getfixturevalue(request.param)
    return url


class Live:
    """A target with its engine and identity."""

    def __init__(self, url: str) -> None:
        self.target: Target = parse_target(url)
        self.engine: Engine = load_engine(self.target.engine)
        self.session: Session = self.engine.connect(self.target, is_read_only=False)
        self.server: Server = self.engine.identify(self.session)
        self.others: set[str] = set()
        self.others = _databases(self) if self.target.engine != "sqlite" else set()


def _databases(live: Live) -> set[str]:
    """Return the scratch databases that were made since, for others may use the server too."""
    table = "pg_catalog.pg_database" if live.target.engine == "postgres" else "information_schema.schemata"
    column = "datname" if live.target.engine == "postgres" else "schema_name"
    found = {row[0] for row in live.session.query(f"SELECT {column} FROM {table}") if "scratch" in row[0]}
    return found - live.others


def test_a_table_made_in_a_scratch_is_read_back_there_and_nowhere_else(any_url: str) -> None:
    live = Live(any_url)

    with live.engine.open_scratch(live.server, live.target, PRIVATE) as scratch:
        session = scratch.create_database("shop")
        session.execute("CREATE TABLE item (id int NOT NULL PRIMARY KEY, name varchar(20))")
        schema = live.engine.inspect(session, scratch.server, Scope())
        session.close()

    assert scratch.is_private
    assert [table.name for table in schema.tables] == ["item"]
    assert not live.engine.inspect(live.session, live.server, Scope()).tables
    live.session.close()


def test_a_scratch_is_of_the_same_series_as_its_target(server_url: str) -> None:
    live = Live(server_url)

    with live.engine.open_scratch(live.server, live.target, PRIVATE) as scratch:
        assert scratch.server.flavor == live.server.flavor
        assert scratch.server.version[:1] == live.server.version[:1]
    live.session.close()


def test_two_databases_of_one_scratch_do_not_see_each_other(any_url: str) -> None:
    live = Live(any_url)

    with live.engine.open_scratch(live.server, live.target, PRIVATE) as scratch:
        one, two = scratch.create_database("one"), scratch.create_database("two")
        one.execute("CREATE TABLE item (id int)")
        assert not live.engine.inspect(two, scratch.server, Scope()).tables
        one.close()
        two.close()
    live.session.close()


def test_nothing_is_left_when_a_scratch_is_closed_by_an_error(server_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    live = Live(server_url)
    started: list[PrivateServer] = []

    def start(flavor: str, version: tuple[int, ...], **options: Any) -> PrivateServer:
        started.append(private_server(flavor, version, **options))
        return started[0]

    monkeypatch.setattr("lockgate.engine.private.place.private_server", start)

    with pytest.raises(ZeroDivisionError), live.engine.open_scratch(live.server, live.target, PRIVATE) as scratch:
        scratch.create_database("one")
        assert started[0].home.is_dir()
        raise ZeroDivisionError

    assert not started[0].home.exists()
    assert not started[0].is_running()
    live.session.close()


def test_the_settings_that_decide_how_ddl_is_read_are_the_targets(server_url: str) -> None:
    live = Live(server_url)

    with live.engine.open_scratch(live.server, live.target, PRIVATE) as scratch:
        session = scratch.create_database("shop")
        found = live.engine.identify(session)
        session.close()

    assert found.settings == live.server.settings
    live.session.close()


def test_a_scratch_database_on_the_targets_server_is_dropped_in_the_end(
    server_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    live = Live(server_url)
    monkeypatch.setattr("lockgate.engine.private.place.private_server", _no_server)
    beside = ScratchOptions(is_beside_target_allowed=True)

    with live.engine.open_scratch(live.server, live.target, beside) as scratch:
        session = scratch.create_database("shop")
        assert not scratch.is_private
        assert len(_databases(live)) == 1
        assert session.target.database != live.target.database
        session.close()

    assert not _databases(live)
    live.session.close()


def test_without_programs_and_permission_there_is_no_scratch_and_the_error_says_what_helps(
    server_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    live = Live(server_url)
    monkeypatch.setattr("lockgate.engine.private.place.private_server", _no_server)

    with (
        pytest.raises(ScratchUnavailable, match="nowhere to be found") as caught,
        live.engine.open_scratch(live.server, live.target, PRIVATE),
    ):
        pass

    assert "LOCKGATE_SERVER_BIN" in caught.value.hint
    assert not _databases(live)
    live.session.close()


def test_a_scratch_server_given_by_url_is_used_and_cleaned(server_url: str) -> None:
    live = Live(server_url)
    given = ScratchOptions(url=server_url)

    with live.engine.open_scratch(live.server, live.target, given) as scratch:
        scratch.create_database("shop").close()
        assert not scratch.is_private

    assert not _databases(live)
    live.session.close()


def test_a_scratch_server_of_another_kind_is_refused(postgres_url: str, servers: TestServers) -> None:
    live = Live(postgres_url)
    other = ScratchOptions(url="mysql://root@127.0.0.1:1/")

    with (
        pytest.raises(ScratchUnavailable, match="another kind"),
        live.engine.open_scratch(live.server, live.target, other),
    ):
        pass
    live.session.close()


def test_a_role_of_the_target_is_known_in_its_scratch(postgres_url: str) -> None:
    live = Live(postgres_url)
    role = f"reader_{os.getpid()}"
    live.session.execute(f"CREATE ROLE {role}")
    try:
        with live.engine.open_scratch(live.server, live.target, PRIVATE) as scratch:
            session = scratch.create_database("shop")
            session.execute("CREATE TABLE item (id int)")
            session.execute(f"GRANT SELECT ON item TO {role}")
            session.close()
    finally:
        live.session.execute(f"DROP ROLE {role}")
        live.session.close()


def _no_server(*_: object, **__: object) -> object:
    raise ServerStartError("nowhere to be found")
