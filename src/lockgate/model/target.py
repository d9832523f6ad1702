"""A database's address; the password is kept out of every text form."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote, urlsplit

from lockgate.errors import InputError

SCHEMES = {
    "sqlite": "sqlite",
    "postgres": "postgres",
    "postgresql": "postgres",
    "mysql": "mysql",
    "mariadb": "mysql",
}
_USUAL_SCHEMES = {"postgres": "postgresql"}
_DEFAULT_PORTS = {"postgres": 5432, "mysql": 3306}
"""Engines without a port keep their database in a file."""


@dataclass(frozen=True)
class Target:
    """One database. ``path`` is the file for SQLite, else empty; ``password`` never appears in ``repr``."""

    engine: str
    scheme: str
    host: str = ""
    port: int = 0
    user: str = ""
    password: str = field(default="", repr=False)
    database: str = ""
    path: str = ""
    params: tuple[tuple[str, str], ...] = field(default=(), repr=False)

    @property
    def name(self) -> str:
        """The name people confirm with: the database, or the file's stem."""
        if self.path:
            return self.path.replace("\\", "/").rsplit("/", 1)[-1].rsplit(".", 1)[0]
        return self.database or self.host

    @property
    def display(self) -> str:
        """The address without password and parameters."""
        if self.path:
            return f"{self.scheme}:///{self.path}"
        user = f"{self.user}@" if self.user else ""
        return f"{self.scheme}://{user}{self.host}:{self.port}/{self.database}"

    def param(self, name: str, default: str = "") -> str:
        """Return one query parameter of the URL."""
        return dict(self.params).get(name, default)

    def with_database(self, database: str) -> Target:
        """Return the same server with another database."""
        from dataclasses import replace

        return replace(self, database=database)


def is_url(spec: str) -> bool:
    """Tell whether a spec is a database URL."""
    return "://" in spec


def parse_target(url: str) -> Target:
    """Read a database URL.

    Raises:
        InputError: The scheme is unknown, or a part cannot be read. The message never repeats the URL's user part.
    """
    scheme = url.split("://", 1)[0].lower() if "://" in url else ""
    base = scheme.split("+", 1)[0]
    if base not in SCHEMES:
        shown = scheme or "no scheme"
        raise InputError(
            f"unknown database URL ({shown})",
            cause="known schemes are sqlite, postgresql, mysql and mariadb",
            state="nothing was touched",
            hint="use for example sqlite:///app.db or postgresql://user@host/name",
        )
    engine = SCHEMES[base]
    if engine not in _DEFAULT_PORTS:
        return _parse_file(url, engine)
    try:
        parts = urlsplit(url)
        port = parts.port or _DEFAULT_PORTS[engine]
    except ValueError as error:
        raise InputError("the database URL cannot be read", cause=str(error), state="nothing was touched") from None
    return Target(
        engine=engine,
        scheme=_USUAL_SCHEMES.get(base, base),
        host=parts.hostname or "127.0.0.1",
        port=port,
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        database=unquote(parts.path.lstrip("/")),
        params=tuple(sorted(parse_qsl(parts.query, keep_blank_values=True))),
    )


def _parse_file(url: str, engine: str) -> Target:
    rest = url.split("://", 1)[1]
    path, _, query = rest.partition("?")
    path = path[1:] if path.startswith("/") else path
    if not path:
        raise InputError("the database URL names no file", state="nothing was touched", hint="use sqlite:///app.db")
    return Target(engine=engine, scheme=engine, path=unquote(path), params=tuple(sorted(parse_qsl(query))))
