"""The scratch's address in the words of each library, and a guard that lets SQLAlchemy reach nothing else."""

from __future__ import annotations

from typing import Any

from .common import Refused

_DRIVERS = {
    "sqlite": {"": ["sqlite+pysqlite"]},
    "postgres": {"": ["postgresql+psycopg", "postgresql+psycopg2"]},
    "mysql": {"": ["mysql+pymysql", "mysql+mysqldb"]},
    "mariadb": {"": ["mariadb+pymysql", "mariadb+mysqldb"], "mysql": ["mysql+pymysql", "mysql+mysqldb"]},
}
"""Flavor of the server → dialect the user asks for (empty: the flavor's own) → dialect and driver, best first."""
_NAMES = {
    "postgres": {"database": "dbname"},
    "mysql": {"database": "database", "socket": "unix_socket"},
    "mariadb": {"database": "database", "socket": "unix_socket"},
}


def open_engine(whole: dict[str, Any], dialect: str = "") -> Any:
    """Return an SQLAlchemy engine on the scratch, the only one of this process that can connect.

    Raises:
        Refused: No driver can be imported, or the dialect is none of this server.
    """
    import sqlalchemy

    flavor, address = whole["flavor"], whole["address"]
    arguments = connect_arguments(flavor, address)
    for name in _choose_drivers(flavor, dialect):
        try:
            if address["path"]:
                engine = sqlalchemy.create_engine(f"{name}:///{address['path']}")
            else:
                engine = sqlalchemy.create_engine(f"{name}://", connect_args=arguments)
        except (ImportError, sqlalchemy.exc.NoSuchModuleError):
            continue
        _guard(engine)
        return engine
    raise Refused(
        f"no driver for {flavor} can be imported",
        cause=f"looked for {', '.join(_choose_drivers(flavor, dialect))}",
        hint="install one of them beside the models",
    )


def forbid_engines() -> None:
    """Let no engine of this process connect."""
    _guard(None)


def connect_arguments(flavor: str, address: dict[str, Any]) -> dict[str, Any]:
    """Return what a driver's ``connect`` takes; empty for a file."""
    names = _NAMES.get(flavor)
    if names is None:
        return {}
    params = dict(address["params"])
    arguments = {
        "host": params.pop("host", address["host"]),
        "port": int(params.pop("port", address["port"])),
        "user": address["user"],
        "password": address["password"],
        names["database"]: address["database"],
    }
    socket = params.pop("unix_socket", "") or params.pop("socket", "")
    if socket and "socket" in names:
        arguments[names["socket"]] = socket
    if "socket" not in names:
        arguments.update(params)
    return {name: value for name, value in arguments.items() if value not in ("", None)}


def _choose_drivers(flavor: str, dialect: str) -> list[str]:
    known = _DRIVERS[flavor]
    own = known[""][0].partition("+")[0]
    wanted = "" if dialect == own else dialect
    if wanted not in known:
        allowed = ", ".join([own, *filter(None, known)])
        raise Refused(f"the dialect {dialect} is none of a {flavor} server", cause=f"allowed here: {allowed}")
    return known[wanted]


def _guard(allowed: Any | None) -> None:
    """Refuse every connection of SQLAlchemy but those of one engine."""
    import sqlalchemy.event
    from sqlalchemy.engine import Engine

    @sqlalchemy.event.listens_for(Engine, "do_connect")
    def check(dialect: Any, record: Any, arguments: Any, options: Any) -> None:
        if allowed is None or dialect is not allowed.dialect:
            raise ConnectionRefusedError(
                "the code connects to a database while it is only read; Lockgate lets it reach none but the scratch"
            )
