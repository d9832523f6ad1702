"""Private throw-away database servers: found on this machine, started on loopback, gone without a trace.

Nothing here knows a target; it must never stop or touch a server it did not start itself.
"""

from __future__ import annotations

import os

from lockgate.engine.private import mariadb, mysql, postgres
from lockgate.engine.private.binaries import ServerBinary, find_binaries, version_matches
from lockgate.engine.private.flavor import Flavor
from lockgate.engine.private.process import PrivateServer, ServerStartError, start_server

__all__ = [
    "FLAVORS",
    "Flavor",
    "PrivateServer",
    "ServerBinary",
    "ServerStartError",
    "find_binaries",
    "private_server",
    "version_matches",
]

FLAVORS = {flavor.name: flavor for flavor in (postgres.FLAVOR, mysql.FLAVOR, mariadb.FLAVOR)}


def private_server(
    flavor: str,
    version: tuple[int, ...] = (),
    *,
    settings: tuple[tuple[str, str], ...] = (),
    near_port: int = 0,
    is_on_disk: bool = False,
) -> PrivateServer:
    """Start a private server of a flavor and return it; it is a context manager that stops it.

    Args:
        flavor: postgres, mysql or mariadb.
        version: The series that is needed, compared as far as the flavor's series goes (PostgreSQL: the major number;
            others: major and minor); empty for any, the newest first.
        settings: Server settings by name, given to the server at its start.
        near_port: Port of a server on this machine whose own binaries are tried first; 0 for none.
        is_on_disk: Its data may be much, so they are never kept in memory.

    Raises:
        ServerStartError: No binary of that series was found, or none of them started; tells what was looked at.
    """
    if os.name != "posix":
        raise ServerStartError("private servers are started on Linux and macOS only")
    kind = FLAVORS[flavor]
    found = find_binaries(kind.name, kind.programs, near_port=near_port)
    wanted = [binary for binary in found if version_matches(binary.version, version, kind.series_length)]
    failures = []
    for binary in wanted:
        try:
            return start_server(kind, binary, settings, is_on_disk=is_on_disk)
        except ServerStartError as error:
            failures.append(str(error))
    series = ".".join(map(str, version[: kind.series_length]))
    seen = ", ".join(f"{binary.version_text} ({binary.origin})" for binary in found) or "none"
    raise ServerStartError(
        "; ".join(failures) or f"no server program of {flavor} {series or '(any version)'} was found; found: {seen}"
    )
