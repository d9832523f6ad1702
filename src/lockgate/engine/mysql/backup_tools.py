"""The programs that dump and load: which are used, how they log in, with what options; credentials stay out of argv."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from lockgate.engine.client.child import Call
from lockgate.engine.client.credentials import client_environment, open_secret_file, option_text
from lockgate.engine.client.find import ENV_NAME, ClientProgram, choose_client, find_clients
from lockgate.engine.mysql.server import is_mariadb
from lockgate.engine.private.place import is_on_this_machine
from lockgate.errors import ConfigError
from lockgate.model.server import Server
from lockgate.model.target import Target

_DUMPS = {"mysql": ("mysqldump",), "mariadb": ("mariadb-dump", "mysqldump")}
_CLIENTS = {"mysql": ("mysql",), "mariadb": ("mariadb", "mysql")}
_HISTORY_SINCE = (10, 11)
_DUMP_OPTIONS = (
    "--single-transaction",
    "--quick",
    "--hex-blob",
    "--skip-add-locks",
    "--skip-disable-keys",
    "--skip-add-drop-table",
    "--skip-dump-date",
    "--no-tablespaces",
    "--default-character-set=utf8mb4",
    "--max-allowed-packet=1G",
)
"""No DROP: a file that is loaded into the wrong database by hand fails and takes nothing with it."""
_MYSQL_OPTIONS = ("--set-gtid-purged=OFF", "--column-statistics=0")
_LOAD_OPTIONS = ("--batch", "--binary-mode", "--max-allowed-packet=1G", "--default-character-set=utf8mb4")


@dataclass(frozen=True)
class Login:
    """A program's option file and what stays out of sight in what it says."""

    option_file: str
    descriptors: tuple[int, ...]
    secrets: tuple[str, ...]


@dataclass(frozen=True)
class Tools:
    """The programs for one server."""

    dump: ClientProgram
    client: ClientProgram


def find_tools(server: Server, target: Target | None = None) -> Tools:
    """Find programs of the server's flavor that are not older than its series; near a server on this machine first.

    Raises:
        ConfigError: There are none.
    """
    port = target.port if target is not None and is_on_this_machine(target) else 0
    return Tools(_find(_DUMPS[server.flavor], server, port), _find(_CLIENTS[server.flavor], server, port))


def _find(names: tuple[str, ...], server: Server, port: int) -> ClientProgram:
    found = find_clients(names, server.flavor, near_port=port)
    chosen = choose_client(found, server.version[:2])
    if chosen is not None:
        return chosen
    series = ".".join(map(str, server.version[:2]))
    seen = ", ".join(f"{program.version_text} ({program.origin})" for program in found) or "none"
    package = "mariadb-client" if is_mariadb(server) else "mysql-client"
    raise ConfigError(
        f"{names[0]} {series} or newer is needed and was not found",
        cause=f"found: {seen}; one of another flavor or an older series may leave things out without a word",
        state="nothing was touched",
        hint=f"install the package {package}, or name the program's folder in {ENV_NAME}",
    )


@contextmanager
def open_login(login: Mapping[str, Any]) -> Iterator[Login]:
    """Give a session's login to programs in a file in memory."""
    options = {"user": str(login["user"])}
    if login["password"]:
        options["password"] = str(login["password"])
    if "unix_socket" in login:
        options["socket"] = str(login["unix_socket"])
    else:
        options |= {"host": str(login["host"]), "port": str(login["port"]), "protocol": "tcp"}
    if "ssl" in login:
        options["ssl-ca"] = str(login["ssl"]["ca"])
    with open_secret_file(option_text({"client": options})) as file:
        yield Login(file.path, file.descriptors, tuple(filter(None, (str(login["password"]),))))


def tls_options(program: ClientProgram, login: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what makes a program trust the server as far as our own session does."""
    if "ssl" in login:
        return ("--ssl-mode=VERIFY_IDENTITY",) if program.flavor == "mysql" else ("--ssl-verify-server-cert",)
    return () if program.flavor == "mysql" else ("--skip-ssl",)


def dump_call(
    tools: Tools, login: Login, extra: Sequence[str], database: str, tables: Sequence[str], **more: Any
) -> Call:
    """Return the call of the dump program for tables of a database (all when none are named)."""
    program = tools.dump
    options = (*_DUMP_OPTIONS, *(_MYSQL_OPTIONS if program.flavor == "mysql" else ()), *extra)
    return _call(program, login, (*options, "--", database, *tables), **more)


def load_call(tools: Tools, login: Login, extra: Sequence[str], database: str, **more: Any) -> Call:
    """Return the call of the client that reads statements from its stdin and ends at the first error."""
    return _call(tools.client, login, (*_LOAD_OPTIONS, *extra, f"--database={database}"), **more)


def _call(program: ClientProgram, login: Login, arguments: tuple[str, ...], **more: Any) -> Call:
    return Call(
        name=program.name,
        command=(*program.command, f"--defaults-file={login.option_file}", *program.options, *arguments),
        environment=client_environment(),
        descriptors=login.descriptors,
        secrets=login.secrets,
        **more,
    )


def keeps_history(program: ClientProgram, server: Server) -> bool:
    """Tell whether rows of the past of system-versioned tables can be dumped and loaded (MariaDB 10.11)."""
    return is_mariadb(server) and min(program.version[:2], server.version[:2]) >= _HISTORY_SINCE
