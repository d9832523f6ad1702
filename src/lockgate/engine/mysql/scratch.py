"""Opens a scratch for MySQL and MariaDB: a private server of the target's version and settings, or what was allowed.

On a server that is not ours it makes databases of its own name and drops them; it never touches another one.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

from lockgate.engine.base import Scratch, ScratchOptions, Session
from lockgate.engine.mysql.lexer import quote_name
from lockgate.engine.mysql.server import identify
from lockgate.engine.mysql.session import connect
from lockgate.engine.private.place import Place, check_series, open_place, scratch_name
from lockgate.errors import StatementFailed
from lockgate.model.server import Server
from lockgate.model.target import Target

_OF_DATABASE = ("character_set_database", "collation_database")
_OF_SERVER = (
    "sql_mode",
    "character_set_server",
    "collation_server",
    "lower_case_table_names",
    "innodb_strict_mode",
    "explicit_defaults_for_timestamp",
)
"""What a server is started with; the others belong to a database or to a session, which sets them itself."""
_LIGHT = (("performance_schema", "OFF"),)
"""A quarter less time to start; nothing in a scratch waits for a lock."""

_ACCOUNTS = """
SELECT User, Host FROM mysql.user
WHERE User NOT IN ('', 'root', 'PUBLIC') AND User NOT LIKE 'mysql.%' AND User <> 'mariadb.sys' AND Host <> ''
ORDER BY 1, 2
"""


@dataclass
class MysqlScratch:
    """Databases on one server, through one session without a database."""

    server: Server
    is_private: bool
    _place: Place
    _session: Session
    _defaults: str
    _token: str = field(default_factory=lambda: secrets.token_hex(4))
    _made: list[str] = field(default_factory=list)

    def create_database(self, name: str) -> Session:
        """Create an empty database with the target database's defaults and return a session in it.

        On a server that is not ours it has a name of our own.

        Raises:
            StatementFailed: The server refused.
        """
        real = name if self.is_private else scratch_name(self._token, len(self._made) + 1)
        self._session.execute(f"CREATE DATABASE {quote_name(real)}{self._defaults}")
        self._made.append(real)
        return connect(self._place.target.with_database(real), is_read_only=False)

    def drop_databases(self) -> None:
        """Drop what was made."""
        while self._made:
            self._session.execute(f"DROP DATABASE IF EXISTS {quote_name(self._made[-1])}")
            self._made.pop()


@contextmanager
def open_scratch(server: Server, target: Target, options: ScratchOptions) -> Iterator[Scratch]:
    """Open a scratch of the target's flavor, version and settings; it is gone when the context ends.

    Raises:
        ScratchUnavailable: There is no place for it.
    """
    with ExitStack() as stack:
        place = stack.enter_context(open_place(server, target, options, (*server_settings(server), *_LIGHT)))
        accounts = _accounts(target) if place.is_private and target.host else ()
        yield stack.enter_context(scratch_at(place, server, accounts))


def server_settings(server: Server) -> tuple[tuple[str, str], ...]:
    """Return the settings a private server is started with to read everything as a server does."""
    return tuple((name, value) for name, value in server.settings if name in _OF_SERVER)


@contextmanager
def scratch_at(place: Place, server: Server, accounts: Sequence[str]) -> Iterator[Scratch]:
    """Make databases at a place, with the defaults of ``server``; accounts, as SQL writes them, are made there.

    Raises:
        ScratchUnavailable: The place has a server of another series.
    """
    with ExitStack() as stack:
        session = connect(place.target.with_database(""), is_read_only=False)
        stack.callback(session.close)
        found = identify(session)
        check_series(server, found)
        for account in accounts:
            session.execute(f"CREATE USER IF NOT EXISTS {account}")
            session.execute(f"GRANT ALL ON *.* TO {account}")
        scratch = MysqlScratch(found, place.is_private, place, session, _database_defaults(server))
        if not place.is_private:
            stack.callback(scratch.drop_databases)
        yield scratch


def _accounts(target: Target) -> tuple[str, ...]:
    """Return the target's accounts as SQL writes them, for views and routines name who made them.

    Empty for a user who may not see them: the server then takes a definer it does not know with a warning.
    """
    session = connect(target, is_read_only=True)
    try:
        rows = session.query(_ACCOUNTS)
    except StatementFailed:
        return ()
    finally:
        session.close()
    return tuple(f"{_literal(user)}@{_literal(host)}" for user, host in rows)


def _literal(text: object) -> str:
    return "'" + str(text).replace("\\", "\\\\").replace("'", "''") + "'"


def _database_defaults(server: Server) -> str:
    charset, collation = (server.setting(name) for name in _OF_DATABASE)
    words = f" CHARACTER SET {charset}" if charset else ""
    return f"{words} COLLATE {collation}" if collation else words
