"""Fixtures: a fresh, empty database of each engine for every test that asks."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from lockgate.outside import redact
from tests.long import is_long
from tests.servers import ServerMissing, TestServers
from tests.surroundings import forget_surroundings

forget_surroundings()

# A busy machine is no reason for a test to fail: how long an example takes is measured in bench/. Nor is chance: new
# examples are looked for by `make fuzz`, which sets the number of them.
settings.register_profile(
    "lockgate",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize="LOCKGATE_TEST_EXAMPLES" not in os.environ,
)
settings.load_profile("lockgate")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the longest loops for `make fault`."""
    for item in items:
        if is_long(item.nodeid):
            item.add_marker("slow")


@pytest.fixture(autouse=True)
def own_secrets() -> Iterator[None]:
    """What one test keeps out of sight is not masked in what the next one in this process reads."""
    before = set(redact._secrets)
    yield
    redact._secrets.intersection_update(before)


@pytest.fixture(scope="session")
def servers() -> Iterator[TestServers]:
    """The servers of this test process; none is started until a test needs it."""
    found = TestServers()
    yield found
    found.close()


@pytest.fixture
def make_database(servers: TestServers, tmp_path: Path) -> Iterator[Callable[[str], str]]:
    """A function that makes an empty database of a flavor and returns its URL; all are dropped after the test."""
    with ExitStack() as stack:

        def make(flavor: str) -> str:
            if flavor == "sqlite":
                file = tmp_path / f"db{len(list(tmp_path.iterdir()))}.db"
                file.touch()
                return f"sqlite:///{file}"
            try:
                server = servers.get(flavor)
            except ServerMissing as error:
                pytest.fail(str(error), pytrace=False)
            return stack.enter_context(server.fresh_database())

        yield make


@pytest.fixture
def sqlite_url(make_database: Callable[[str], str]) -> str:
    """The URL of an empty database file."""
    return make_database("sqlite")


@pytest.fixture
def postgres_url(make_database: Callable[[str], str]) -> str:
    """The URL of an empty PostgreSQL database."""
    return make_database("postgres")


@pytest.fixture
def mysql_url(make_database: Callable[[str], str]) -> str:
    """The URL of an empty MySQL database."""
    return make_database("mysql")


@pytest.fixture
def mariadb_url(make_database: Callable[[str], str]) -> str:
    """The URL of an empty MariaDB database."""
    return make_database("mariadb")


@pytest.fixture(params=["sqlite", "postgres", "mysql", "mariadb"])
def any_url(request: pytest.FixtureRequest, make_database: Callable[[str], str]) -> str:
    """The URL of an empty database, once for each engine."""
    return make_database(request.param)
