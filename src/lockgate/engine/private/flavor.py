"""What differs between the servers that can be started privately."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lockgate.engine.private.binaries import ServerBinary

Settings = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Flavor:
    """A kind of server.

    * ``series_length``: how many numbers of a version make a series with the same catalogue and grammar.
    * ``template_settings``: settings that are fixed when the data directory is made.
    * ``initialise(binary, folder, password, settings)`` makes ``folder/data``.
    * ``command(binary, home, port, settings)`` starts a server on ``home/data``.
    * ``is_ready(home, log)`` tells whether that server (and no other) accepts connections on its port.
    * ``stop_signal`` ends it at once, without care for its data.
    * ``allows_root``: whether the server runs as uid 0.
    """

    name: str
    scheme: str
    superuser: str
    default_database: str
    programs: tuple[str, ...]
    series_length: int
    template_settings: tuple[str, ...]
    initialise: Callable[[ServerBinary, Path, str, Settings], None]
    command: Callable[[ServerBinary, Path, int, Settings], tuple[str, ...]]
    is_ready: Callable[[Path, bytes], bool]
    stop_signal: signal.Signals
    allows_root: bool


def own_user(flavor: Flavor) -> tuple[int, int]:
    """Return the user and group id a server runs as: our own, but for a server that refuses root.

    Raises:
        OSError: There is no unprivileged user to run it as.
    """
    return unprivileged_user() if os.geteuid() == 0 and not flavor.allows_root else (os.geteuid(), os.getegid())


def unprivileged_user() -> tuple[int, int]:
    """Return user and group id of ``postgres``, else ``nobody``.

    Raises:
        OSError: Neither exists.
    """
    import pwd  # not on every system, and only needed by root

    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return entry.pw_uid, entry.pw_gid
    raise OSError("this server refuses to run as root and there is no user 'postgres' or 'nobody'")


def run_tool(
    command: tuple[str, ...], *, cwd: Path, user: tuple[int, int] | None = None, stdin: bytes | None = None
) -> None:
    """Run a tool of a server in a folder and wait for it.

    Raises:
        OSError: It could not be started, or failed; the message is the end of what it printed.
    """
    done = subprocess.run(
        command,
        cwd=cwd,
        env=server_environment(cwd),
        input=b"" if stdin is None else stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=300,
        **user_options(user),
    )
    if done.returncode:
        raise OSError(f"{os.path.basename(command[0])} failed: {done.stdout.decode(errors='replace')[-800:].strip()}")


def user_options(user: tuple[int, int] | None) -> dict[str, Any]:
    """Return what makes ``subprocess`` run a program as another user; nothing when it is ourselves."""
    if user is None or user[0] == os.geteuid():
        return {}
    return {"user": user[0], "group": user[1], "extra_groups": []}


def server_environment(home: Path) -> dict[str, str]:
    """Return the environment of a server: nothing that would change its settings, its own folder as home."""
    kept = {name: os.environ[name] for name in ("PATH", "TZ", "LD_LIBRARY_PATH") if name in os.environ}
    return {**kept, "LC_ALL": "C", "HOME": str(home), "TMPDIR": str(home)}
