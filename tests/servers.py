"""Database servers for the tests: given by URL, or private ones that are started when a test first asks.

A server that cannot be had fails the test and names the command that gets one; it is never a reason to skip.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from urllib.parse import quote

import psycopg
import pymysql

from lockgate.engine.private import ServerStartError, private_server
from lockgate.model.target import Target, parse_target

FLAVORS = ("postgres", "mysql", "mariadb")


class ServerMissing(Exception):
    """A server the tests need cannot be had here."""


@dataclass(frozen=True)
class TestServer:
    """A running server: its flavor and the URL of its maintenance database."""

    __test__ = False

    flavor: str
    url: str

    def execute(self, *statements: str) -> None:
        """Run statements as the superuser, each in its own transaction."""
        target = parse_target(self.url)
        if self.flavor == "postgres":
            with psycopg.connect(self.url, autocommit=True) as connection:
                for statement in statements:
                    connection.execute(statement.encode())
        else:
            with _mysql_connection(target) as connection, connection.cursor() as cursor:
                for statement in statements:
                    cursor.execute(statement)

    @contextmanager
    def fresh_database(self) -> Iterator[str]:
        """Make an empty database of a name nobody else uses, give its URL, and drop it in the end."""
        name = f"t{os.getpid()}_{next(_numbers)}"
        mark = '"' if self.flavor == "postgres" else "`"
        self.execute(f"CREATE DATABASE {mark}{name}{mark}" + self._defaults())
        try:
            yield database_url(self.url, name)
        finally:
            force = " WITH (FORCE)" if self.flavor == "postgres" else ""
            self.execute(f"DROP DATABASE IF EXISTS {mark}{name}{mark}{force}")

    def _defaults(self) -> str:
        if self.flavor == "postgres":
            return " TEMPLATE template0 ENCODING 'UTF8'"
        return " CHARACTER SET utf8mb4"


_numbers = itertools.count(1)


def _mysql_connection(target: Target) -> pymysql.Connection:
    return pymysql.connect(
        host=target.host, port=target.port, user=target.user, password=target.password, autocommit=True
    )


def database_url(url: str, database: str) -> str:
    """Return the URL of another database on the same server."""
    target = parse_target(url)
    password = f":{quote(target.password, safe='')}" if target.password else ""
    user = f"{quote(target.user, safe='')}{password}@" if target.user else ""
    return f"{target.scheme}://{user}{target.host}:{target.port}/{database}"


class TestServers:
    """The servers of one test process, started when first asked for."""

    __test__ = False

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._servers: dict[str, TestServer] = {}
        self._missing: dict[str, str] = {}

    def get(self, flavor: str) -> TestServer:
        """Return the server of a flavor: ``LOCKGATE_TEST_<FLAVOR>_URL``, else a private one.

        Raises:
            ServerMissing: There is none; the message names the command that gets one.
        """
        if flavor in self._missing:
            raise ServerMissing(self._missing[flavor])
        if flavor not in self._servers:
            self._servers[flavor] = TestServer(flavor, self._given(flavor) or self._private(flavor))
        return self._servers[flavor]

    def close(self) -> None:
        """End the private ones."""
        self._stack.close()

    def _given(self, flavor: str) -> str:
        return os.environ.get(f"LOCKGATE_TEST_{flavor.upper()}_URL", "")

    def _private(self, flavor: str) -> str:
        try:
            return self._stack.enter_context(private_server(flavor)).url()
        except ServerStartError as error:
            self._missing[flavor] = (
                f"{error}\nThe tests need a {flavor} server: run 'python tools/get_servers.py {flavor}', "
                f"or set LOCKGATE_TEST_{flavor.upper()}_URL."
            )
            raise ServerMissing(self._missing[flavor]) from error
