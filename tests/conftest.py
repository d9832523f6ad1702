"""Fixtures: a fresh, empty database of each engine for every test that asks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers import ServerMissing, TestServers


@pytest.fixture(scope="session")
def servers() -> Iterator[TestServers]:
    """The servers of this test process; none is started until a test needs it."""
    found = TestServers()
    yield found
    found.close()


def _fresh(servers: TestServers, flavor: str) -> Iterator[str]:
    try:
        server = servers.get(flavor)
    except ServerMissing as error:
        pytest.fail(str(error), pytrace=False)
    with server.fresh_database() as url:
        yield url


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """The URL of an empty database file."""
    (tmp_path / "app.db").touch()
    return f"sqlite:///{tmp_path}/app.db"


@pytest.fixture
def postgres_url(servers: TestServers) -> Iterator[str]:
    """The URL of an empty PostgreSQL database."""
    yield from _fresh(servers, "postgres")


@pytest.fixture
def mysql_url(servers: TestServers) -> Iterator[str]:
    """The URL of an empty MySQL database."""
    yield from _fresh(servers, "mysql")


@pytest.fixture
def mariadb_url(servers: TestServers) -> Iterator[str]:
    """The URL of an empty MariaDB database."""
    yield from _fresh(servers, "mariadb")


@pytest.fixture(params=["sqlite", "postgres", "mysql", "mariadb"])
def any_url(request: pytest.FixtureRequest) -> str:
    """The URL of an empty database, once for each engine."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url
