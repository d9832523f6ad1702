"""Opens a scratch for PostgreSQL: a private server of the target's major version, or what the user allowed instead.

On a server that is not ours it makes databases of its own name and drops them; it never touches another one.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace

from lockgate.engine.base import Scratch, ScratchOptions, Session
from lockgate.engine.postgres.quote import quote_ident
from lockgate.engine.postgres.server import identify
from lockgate.engine.postgres.session import connect
from lockgate.engine.private.place import Place, check_series, open_place, scratch_name
from lockgate.model.server import Server
from lockgate.model.target import Target

_SETTINGS = (
    "default_toast_compression",
    "default_text_search_config",
    "extra_float_digits",
    "timezone",
    "xmlbinary",
)
_ROLES = "SELECT rolname, rolname = current_user FROM pg_catalog.pg_roles WHERE rolname !~ '^pg_' ORDER BY rolname"


@dataclass
class PostgresScratch:
    """Databases on one server, through one session in its maintenance database."""

    server: Server
    is_private: bool
    _place: Place
    _session: Session
    _encoding: str
    _token: str = field(default_factory=lambda: secrets.token_hex(4))
    _made: list[str] = field(default_factory=list)

    def create_database(self, name: str) -> Session:
        """Create an empty database and return a session in it; on a server that is not ours under a name of our own.

        Raises:
            StatementFailed: The server refused.
        """
        real = name if self.is_private else scratch_name(self._token, len(self._made) + 1)
        strategy = " STRATEGY file_copy" if self.is_private and self.server.version >= (15,) else ""
        locale = " LC_COLLATE 'C' LC_CTYPE 'C'" if self.is_private else ""
        self._session.execute(
            f"CREATE DATABASE {quote_ident(real)} TEMPLATE template0 ENCODING '{self._encoding}'{locale}{strategy}"
        )
        self._made.append(real)
        return connect(self._place.target.with_database(real), is_read_only=False)

    def drop_databases(self) -> None:
        """Drop what was made; sessions that are still open there are ended first."""
        while self._made:
            name = quote_ident(self._made[-1])
            force = " WITH (FORCE)" if self.server.version >= (13,) else ""
            self._session.execute(f"DROP DATABASE IF EXISTS {name}{force}")
            self._made.pop()


@contextmanager
def open_scratch(server: Server, target: Target, options: ScratchOptions) -> Iterator[Scratch]:
    """Open a scratch of the target's major version; it is gone when the context ends.

    A private one has the target's roles (names only) and is worked in as a superuser of the target user's name, so
    that owners and grants read alike.

    Raises:
        ScratchUnavailable: There is no place for it.
    """
    settings = tuple((name, value) for name, value in server.settings if name in _SETTINGS)
    with ExitStack() as stack:
        place = stack.enter_context(open_place(server, target, options, settings))
        if place.is_private and target.host:
            place = replace(place, target=_copy_roles(target, place.target))
        session = connect(place.target, is_read_only=False)
        stack.callback(session.close)
        found = identify(session)
        check_series(server, found)
        encoding = server.setting("server_encoding", "UTF8")
        scratch = PostgresScratch(found, place.is_private, place, session, encoding)
        if not place.is_private:
            stack.callback(scratch.drop_databases)
        yield scratch


def _copy_roles(target: Target, own: Target) -> Target:
    """Make the target's roles on our own server; return the address there for the user who works on the target."""
    session = connect(target, is_read_only=True)
    try:
        roles = [(str(name), bool(is_me)) for name, is_me in session.query(_ROLES)]
    finally:
        session.close()
    session = connect(own, is_read_only=False)
    try:
        return _create_roles(session, roles, own)
    finally:
        session.close()


def _create_roles(session: Session, roles: list[tuple[str, bool]], own: Target) -> Target:
    address = own
    for name, is_me in roles:
        if name == own.user:
            continue
        login = f" SUPERUSER LOGIN PASSWORD '{own.password}'" if is_me else ""
        session.execute(f"CREATE ROLE {quote_ident(name)}{login}")
        if is_me:
            address = replace(own, user=name)
    return address
