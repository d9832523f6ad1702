"""PostgreSQL's client programs: which to use, and how they log in where a session of ours does."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from lockgate.engine.client.child import Call
from lockgate.engine.client.credentials import client_environment, open_secret_file, pgpass_text
from lockgate.engine.client.find import ENV_NAME, ClientProgram, beside, choose_client, find_clients
from lockgate.engine.private.place import is_on_this_machine
from lockgate.errors import ConfigError
from lockgate.model.target import Target

_KEPT = (
    "HOME", "PGPASSFILE", "PGSSLMODE", "PGSSLROOTCERT", "PGSSLCERT", "PGSSLKEY", "PGSSLCRL", "PGSSLNEGOTIATION",
    "PGCHANNELBINDING", "PGGSSENCMODE", "PGKRBSRVNAME", "PGREQUIREAUTH", "PGHOST", "PGHOSTADDR", "KRB5CCNAME",
)  # fmt: skip
"""Where libpq finds certificates and password files, and how the connection is guarded; none is a secret."""
_SECRET_WORDS = ("password", "sslpassword")


@dataclass(frozen=True)
class Login:
    """How programs log in to one database: a connection string without a password, and where the password is."""

    connection: str
    environment: dict[str, str]
    descriptors: tuple[int, ...] = ()
    secrets: tuple[str, ...] = field(default=(), repr=False)

    def call(self, program: ClientProgram, *arguments: str, idle_s: float = 120.0) -> Call:
        """Return a call of a program with this login; the connection string is for the caller to place."""
        return Call(
            name=program.name,
            command=(*program.command, *program.options, *arguments),
            environment=self.environment,
            descriptors=self.descriptors,
            idle_s=idle_s,
            secrets=self.secrets,
        )


@contextmanager
def open_login(target: Target) -> Iterator[Login]:
    """Give what client programs need to log in as our sessions do; the password is in a file in memory meanwhile."""
    password = target.password or target.param("password") or os.environ.get("PGPASSWORD", "")
    environment = client_environment(
        _KEPT, PGAPPNAME="lockgate", PGCLIENTENCODING="UTF8", PGTZ="UTC", PGCONNECT_TIMEOUT="10"
    )
    if not password:
        yield Login(connection_text(target), environment)
        return
    with open_secret_file(pgpass_text(password)) as secret:
        environment["PGPASSFILE"] = secret.path
        yield Login(connection_text(target), environment, secret.descriptors, (password,))


def connection_text(target: Target) -> str:
    """Return a libpq connection string without the password."""
    words = dict(target.params)
    for name in _SECRET_WORDS:
        words.pop(name, None)
    words.setdefault("host", target.host)
    words.setdefault("port", str(target.port))
    if target.user:
        words["user"] = target.user
    words["dbname"] = target.database or target.user
    return " ".join(f"{name}='{_escape(value)}'" for name, value in words.items() if value)


def _escape(value: str) -> str:
    return value.replace("\\", "\\\\").replace("'", "\\'")


def find_program(name: str, major: int, target: Target | None = None) -> ClientProgram | None:
    """Return the oldest program of this name that can work with a server of this major version."""
    near_port = target.port if target is not None and is_on_this_machine(target) else 0
    return choose_client(find_clients((name,), "postgres", near_port=near_port), (major,))


def need_program(name: str, major: int, target: Target | None = None) -> ClientProgram:
    """Return such a program.

    Raises:
        ConfigError: There is none; says what is there.
    """
    found = find_program(name, major, target)
    if found is not None:
        return found
    there = ", ".join(f"{p.version_text} ({p.command[-1]})" for p in find_clients((name,), "postgres")) or "none"
    raise ConfigError(
        f"there is no {name} for PostgreSQL {major}",
        cause=f"it must be of the server's version or newer; found: {there}",
        state="nothing was touched",
        hint=f"install the package postgresql-client-{major}, or name its folder in {ENV_NAME}",
    )


def need_beside(program: ClientProgram, name: str) -> ClientProgram:
    """Return another program of the same folder, else one of the same version.

    Raises:
        ConfigError: There is none.
    """
    return beside(program, name) or need_program(name, program.version[0])
