"""Decides where a scratch for a target may be, in a fixed order, and says what was looked at when there is none."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from lockgate.engine.base import ScratchOptions
from lockgate.engine.private import FLAVORS, ServerStartError, private_server
from lockgate.engine.private.binaries import ENV_NAME
from lockgate.engine.private.flavor import Settings
from lockgate.errors import ScratchUnavailable
from lockgate.model.server import Server
from lockgate.model.target import Target, parse_target

_PREFIX = "lockgate_scratch_"


@dataclass(frozen=True)
class Place:
    """Where scratch databases are made. ``is_private``: on a server of our own, started for it."""

    target: Target
    is_private: bool


@contextmanager
def open_place(server: Server, target: Target, options: ScratchOptions, settings: Settings = ()) -> Iterator[Place]:
    """Open the first place that can be had for the target's version; a private server ends with the context.

    The order: the server given by the user; a private server; the target's own server when that is allowed.

    Raises:
        ScratchUnavailable: There is none.
    """
    if options.url:
        yield Place(_given(server, options.url), is_private=False)
        return
    near_port = target.port if is_on_this_machine(target) else 0
    try:
        started = private_server(
            server.flavor, server.version, settings=settings, near_port=near_port, is_on_disk=options.holds_rows
        )
    except ServerStartError as error:
        if not options.is_beside_target_allowed:
            raise _unavailable(server, str(error)) from error
        yield Place(target, is_private=False)
        return
    with started:
        yield Place(started.target(), is_private=True)


def series_text(server: Server) -> str:
    """Return the series whose servers read DDL alike: ``postgres 15``, ``mariadb 10.11``."""
    length = FLAVORS[server.flavor].series_length
    return f"{server.flavor} {'.'.join(map(str, server.version[:length]))}"


def check_series(wanted: Server, found: Server) -> None:
    """Refuse a scratch server of another flavor or series.

    Raises:
        ScratchUnavailable: It is another one.
    """
    if series_text(wanted) != series_text(found):
        raise ScratchUnavailable(
            "the scratch server has another version than the target",
            cause=f"the target is {series_text(wanted)}, the scratch server {series_text(found)}",
            state="nothing was touched",
            hint="give the URL of a scratch server of the target's version",
        )


def scratch_name(token: str, number: int) -> str:
    """Return the name of the n-th scratch database on a server that is not ours."""
    return f"{_PREFIX}{token}_{number}"


def is_on_this_machine(target: Target) -> bool:
    """Tell whether an address is this machine's loopback or a socket."""
    return target.host.startswith(("127.", "/")) or target.host in ("", "localhost", "::1")


def _given(server: Server, url: str) -> Target:
    given = parse_target(url)
    if given.engine != server.engine:
        raise ScratchUnavailable(
            "the scratch server is of another kind than the target",
            cause=f"the target is {series_text(server)}, the scratch URL begins with {given.scheme}://",
            state="nothing was touched",
        )
    return given


def _unavailable(server: Server, looked: str) -> ScratchUnavailable:
    return ScratchUnavailable(
        f"there is no isolated {series_text(server)} to read the desired schema in",
        cause=looked,
        state="nothing was touched",
        hint=(
            f"install the server's programs, or name their folder in {ENV_NAME}; or name a scratch server as "
            "scratch_url in lockgate.toml; or allow a scratch database on the target's server there with "
            "allow_scratch_beside_target = true"
        ),
    )
