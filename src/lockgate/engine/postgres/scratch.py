"""Opens a scratch for PostgreSQL: a private server of the target's major version, or what the user allowed instead.

On a server that is not ours it makes databases of its own name and drops them; it never touches another one.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace

from lockgate.engine.base import Scratch, ScratchOptions, Session
from lockgate.engine.postgres.quote import quote_ident, quote_literal
from lockgate.engine.postgres.server import identify, list_roles
from lockgate.engine.postgres.session import connect
from lockgate.engine.private.place import Place, check_series, open_place, scratch_name
from lockgate.errors import StatementFailed
from lockgate.model.server import Server
from lockgate.model.target import Target

_LOCALE_UNKNOWN = ("22023", "42809", "0A000")
"""invalid_parameter_value, wrong_object_type, feature_not_supported: a locale this build or machine does not have."""

_FOR_ROWS = (("shared_buffers", "128MB"), ("maintenance_work_mem", "128MB"), ("max_wal_size", "1GB"))
"""For a server that loads a whole database: sorting for its indexes is most of the work."""


@dataclass
class PostgresScratch:
    """Databases on one server, through one session in its maintenance database."""

    server: Server
    is_private: bool
    _wanted: Server
    _place: Place
    _session: Session
    _token: str = field(default_factory=lambda: secrets.token_hex(4))
    _made: list[str] = field(default_factory=list)

    def create_database(self, name: str) -> Session:
        """Create an empty database and return a session in it; on a server that is not ours under a name of our own.

        It has the target's encoding and, where this server knows it, its locale.

        Raises:
            StatementFailed: The server refused.
        """
        real = name if self.is_private else scratch_name(self._token, len(self._made) + 1)
        strategy = " STRATEGY file_copy" if self.is_private and self.server.version >= (15,) else ""
        encoding = quote_literal(self._wanted.setting("encoding", "UTF8"))
        head = f"CREATE DATABASE {quote_ident(real)} TEMPLATE template0{strategy} ENCODING {encoding}"
        try:
            self._session.execute(head + locale_words(self._wanted))
        except StatementFailed as error:
            if error.code not in _LOCALE_UNKNOWN:
                raise
            self._session.execute(f"{head} LC_COLLATE 'C' LC_CTYPE 'C'")
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
    with ExitStack() as stack:
        place = stack.enter_context(open_place(server, target, options))
        if place.is_private and target.host:
            place = replace(place, target=_copy_roles(target, place.target))
        session = connect(place.target, is_read_only=False)
        stack.callback(session.close)
        found = identify(session)
        check_series(server, found)
        scratch = PostgresScratch(found, place.is_private, server, place, session)
        if not place.is_private:
            stack.callback(scratch.drop_databases)
        yield scratch


@contextmanager
def open_scratch_with_roles(
    server: Server, options: ScratchOptions, roles: Sequence[str], user: str
) -> Iterator[tuple[Scratch, tuple[str, ...]]]:
    """Open a scratch without asking any target: with these roles, worked in as a superuser of this name.

    Also gives the roles that are missing: none on a private server, where they are made.

    Raises:
        ScratchUnavailable: There is no place for it.
    """
    nowhere = Target(engine=server.engine, scheme="postgresql")
    options = replace(options, is_beside_target_allowed=False)
    with ExitStack() as stack:
        place = stack.enter_context(open_place(server, nowhere, options, _FOR_ROWS if not options.url else ()))
        if place.is_private:
            place = replace(place, target=_make_roles(place.target, (*roles, user), user))
        session = connect(place.target, is_read_only=False)
        stack.callback(session.close)
        found = identify(session)
        check_series(server, found)
        scratch = PostgresScratch(found, place.is_private, server, place, session)
        if not place.is_private:
            stack.callback(scratch.drop_databases)
        yield scratch, tuple(sorted(set(roles) - set(list_roles(session))))


def locale_words(server: Server) -> str:
    """Write the locale of the target's database. Source: PostgreSQL manual 13–18, CREATE DATABASE."""
    words = {"LC_COLLATE": server.setting("collate"), "LC_CTYPE": server.setting("ctype")}
    provider = server.setting("locale_provider", "libc")
    if provider != "libc":
        words["LOCALE_PROVIDER"] = provider
        words[f"{provider.upper()}_LOCALE"] = server.setting("provider_locale")
    return "".join(f" {word} {quote_literal(value)}" for word, value in words.items() if value)


def _copy_roles(target: Target, own: Target) -> Target:
    """Make the target's roles on our own server; return the address there for the user who works on the target."""
    session = connect(target, is_read_only=True)
    try:
        roles = list_roles(session)
        me = str(session.query("SELECT current_user")[0][0])
    finally:
        session.close()
    return _make_roles(own, roles, me)


def _make_roles(own: Target, roles: Iterable[str], user: str) -> Target:
    """Make roles on our own server; return the address there for one of them, who is a superuser."""
    session = connect(own, is_read_only=False)
    try:
        for name in dict.fromkeys(roles):
            if name != own.user:
                login = f" SUPERUSER LOGIN PASSWORD {quote_literal(own.password)}" if name == user else ""
                session.execute(f"CREATE ROLE {quote_ident(name)}{login}")
    finally:
        session.close()
    return replace(own, user=user)
