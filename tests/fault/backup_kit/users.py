"""Users with the rights that the documentation asks for and no more, and how another session takes one away again."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from lockgate.model.target import parse_target
from tests.fault.kit.clients import Client

_PASSWORD = "s3cret-of-few-rights"
_PRCTL_DROP = 24  # PR_CAPBSET_DROP, prctl(2)
_CAPABILITIES = (1, 2)  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH, capabilities(7)


@dataclass(frozen=True)
class User:
    """A user of one database. ``give`` are the statements that give all rights (again), ``take`` each takes one."""

    name: str
    give: tuple[str, ...]
    take: tuple[str, ...]

    def url(self, url: str) -> str:
        """Return a URL as this user."""
        parts = urlsplit(url)
        place = parts.netloc.rpartition("@")[2]
        return urlunsplit(parts._replace(netloc=f"{self.name}:{_PASSWORD}@{place}"))

    def restore_rights(self, url: str) -> None:
        """Give all rights (again), as the superuser."""
        run(url, *self.give)


def run(url: str, *statements: str) -> None:
    """Run statements in a session of their own."""
    client = Client(url)
    try:
        for sql in statements:
            client.execute(sql)
    finally:
        client.close()


_POSTGRES = "CREATE ROLE {name}", "ALTER ROLE {name} LOGIN {more} CONNECTION LIMIT -1 PASSWORD '{password}'"
_POSTGRES_TAKE = (
    "ALTER ROLE {name} NOLOGIN",
    "ALTER ROLE {name} PASSWORD 'another'",
    "ALTER ROLE {name} CONNECTION LIMIT 1",
)
_MYSQL = (
    "CREATE USER IF NOT EXISTS {name}@'%' IDENTIFIED BY '{password}'",
    "ALTER USER {name}@'%' IDENTIFIED BY '{password}'",
)
_UNLOCK = "ALTER USER {name}@'%' ACCOUNT UNLOCK"
_MYSQL_TAKE = (
    "REVOKE ALL PRIVILEGES, GRANT OPTION FROM {name}@'%'",
    "ALTER USER {name}@'%' ACCOUNT LOCK",
    "ALTER USER {name}@'%' IDENTIFIED BY 'another'",
)
_DUMPS = ("SELECT", "SHOW VIEW", "TRIGGER", "EVENT", "LOCK TABLES")
_GLOBAL = {
    "mysql": ("RELOAD ON *.*", "SHOW_ROUTINE ON *.*", "REPLICATION CLIENT ON *.*", "BACKUP_ADMIN ON *.*"),
    "mariadb": ("RELOAD ON *.*", "SELECT ON mysql.proc", "BINLOG MONITOR ON *.*"),
}
_LOADS = ("CREATE", "DROP", "INSERT", "SELECT", "ALTER", "TRIGGER", "CREATE VIEW", "CREATE ROUTINE", "EVENT")


def backup_user(flavor: str, database: str) -> User:
    """Return who may take backups of a database, as docs/how-to/back-up-….md say, and may nothing else."""
    name = "fault_backup"
    if flavor == "postgres":
        give = (*_POSTGRES[1:], "GRANT pg_read_all_data TO {name}")
        take = (*_POSTGRES_TAKE, "REVOKE pg_read_all_data FROM {name}", "ALTER ROLE {name} NOBYPASSRLS")
        return _user(name, give, take, more="BYPASSRLS")
    here = f"`{database}`.*"
    give = (*_MYSQL, _UNLOCK, f"GRANT {', '.join(_DUMPS)} ON {here} TO {{name}}@'%'")
    give += tuple(f"GRANT {right} TO {{name}}@'%'" for right in _GLOBAL[flavor])
    take = tuple(f"REVOKE {right} ON {here} FROM {{name}}@'%'" for right in _DUMPS)
    take += tuple(f"REVOKE {right} FROM {{name}}@'%'" for right in _GLOBAL[flavor])
    return _user(name, give, (*take, *_MYSQL_TAKE))


def owner(flavor: str, database: str) -> User:
    """Return who owns a database, and may restore it."""
    name = "fault_owner"
    if flavor == "postgres":
        take = (*_POSTGRES_TAKE, "ALTER ROLE {name} NOCREATEDB")
        return _user(name, _POSTGRES[1:], take, more="CREATEDB")
    here = f"`{database}%`.*"
    give = (*_MYSQL, _UNLOCK, f"GRANT ALL ON {here} TO {{name}}@'%'")
    give += tuple(f"GRANT {right} TO {{name}}@'%'" for right in _GLOBAL[flavor])
    take = tuple(f"REVOKE {right} ON {here} FROM {{name}}@'%'" for right in _LOADS)
    return _user(name, give, (*take, *_MYSQL_TAKE))


def _user(name: str, give: tuple[str, ...], take: tuple[str, ...], more: str = "") -> User:
    told = {"name": name, "more": more, "password": _PASSWORD}
    return User(name, tuple(sql.format(**told) for sql in give), tuple(sql.format(**told) for sql in take))


def make_user(url: str, user: User) -> None:
    """Make the user, when it is not there, with all its rights."""
    if parse_target(url).engine == "postgres":
        client = Client(url)
        is_there = client.query(f"SELECT 1 FROM pg_roles WHERE rolname = '{user.name}'")
        client.close()
        run(url, *(() if is_there else (f"CREATE ROLE {user.name}",)))
    user.restore_rights(url)


# files


def feel_modes() -> None:
    """Make the modes of files bind this process and what it starts, if it is root's, as they bind everybody else."""
    if os.geteuid() != 0:
        return
    for number in _CAPABILITIES:
        if ctypes.CDLL(None, use_errno=True).prctl(_PRCTL_DROP, number, 0, 0, 0):
            raise OSError(ctypes.get_errno(), "prctl")


def file_modes(path: Path) -> tuple[tuple[Path, int], ...]:
    """Return what a user may lose on a file: to write or read it, to write or enter its folder."""
    return (path, 0o444), (path, 0o000), (path.parent, 0o555), (path.parent, 0o000)


def take_mode(path: Path, mode: int) -> Callable[[], None]:
    """Set a mode; return what sets it back."""
    before = path.stat().st_mode & 0o7777
    path.chmod(mode)
    return lambda: path.chmod(before)
