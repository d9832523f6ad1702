"""Starts a private server in a folder of its own and ends both, whatever becomes of this process.

A small shell, the keeper, stands between us and the server: it holds the reading end of a pipe from us. One line on it
says that the data is in the folder and the server may start. When we close the pipe, or end in any way at all, before
that line or after it, the keeper ends the server (its own child, so never another process) and removes the folder.
"""

from __future__ import annotations

import atexit
import os
import shutil
import socket
import subprocess
import tempfile
import time
import weakref
from pathlib import Path
from types import TracebackType
from typing import IO
from urllib.parse import quote

from lockgate.engine.private.binaries import ServerBinary
from lockgate.engine.private.flavor import Flavor, Settings, own_user, server_environment, user_options
from lockgate.engine.private.template import copy_template
from lockgate.model.target import Target, parse_target

START_LIMIT_S = 60.0
_PORT_TRIES = 5
_POLL_S = 0.004
_MEMORY_PLACE = "/dev/shm"
_MEMORY_MIN_BYTES = 1 << 30
_KEEPER = """
signal=$1 home=$2
shift 2
clear_home() {
    tries=0
    while [ -e "$home" ] && [ "$tries" -lt 100 ]; do
        rm -rf -- "$home" 2>/dev/null || sleep 0.1
        tries=$((tries + 1))
    done
}
read -r _ || { clear_home; exit 1; }
exec 3<&0
"$@" </dev/null 3<&- &
server=$!
{ read -r _; kill -s "$signal" "$server"; } <&3 2>/dev/null &
watcher=$!
exec 3<&-
wait "$server"
status=$?
kill "$watcher" 2>/dev/null
wait "$watcher" 2>/dev/null
clear_home
exit "$status"
"""


class ServerStartError(Exception):
    """A private server could not be had; the message tells why."""


class PrivateServer:
    """A running private server; a context manager. Only its superuser can log in, with a password of its own."""

    def __init__(
        self,
        flavor: Flavor,
        binary: ServerBinary,
        home: Path,
        port: int,
        password: str,
        keeper: subprocess.Popen[bytes],
    ) -> None:
        self.flavor, self.binary, self.home, self.port = flavor, binary, home, port
        self._password, self._keeper = password, keeper
        _running.add(self)

    def url(self, database: str = "") -> str:
        """Return the URL of one of its databases, password included: never print it."""
        name = quote(database or self.flavor.default_database, safe="")
        user = f"{self.flavor.superuser}:{quote(self._password, safe='')}"
        return f"{self.flavor.scheme}://{user}@127.0.0.1:{self.port}/{name}"

    def target(self, database: str = "") -> Target:
        """Return the address of one of its databases."""
        return parse_target(self.url(database))

    def is_running(self) -> bool:
        """Tell whether the server is still there."""
        return self._keeper.poll() is None

    def close(self) -> None:
        """End the server at once and remove its folder; may be called again."""
        _running.discard(self)
        _end(self._keeper, self.home)

    def __enter__(self) -> PrivateServer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


_running: weakref.WeakSet[PrivateServer] = weakref.WeakSet()


@atexit.register
def _close_all() -> None:
    for server in list(_running):
        server.close()


def start_server(
    flavor: Flavor, binary: ServerBinary, settings: Settings = (), *, is_on_disk: bool = False
) -> PrivateServer:
    """Start a server on a free port of 127.0.0.1 and wait until it accepts connections.

    Raises:
        ServerStartError: It did not start; the message ends with the last lines of its log.
    """
    problem = ""
    for _ in range(_PORT_TRIES):
        try:
            started, problem = _try_start(flavor, binary, settings, _make_home(flavor, is_on_disk=is_on_disk))
        except (OSError, subprocess.SubprocessError) as error:
            raise ServerStartError(f"{binary.program}: {error}") from error
        if started:
            return started
        if "ddress already in use" not in problem:
            break
    raise ServerStartError(f"{binary.program} did not start: {problem[-1500:].strip()}")


def _try_start(
    flavor: Flavor, binary: ServerBinary, settings: Settings, home: Path
) -> tuple[PrivateServer | None, str]:
    """Start it once, on a port that was free a moment ago; return it, or None and its log."""
    port = _free_port()
    with tempfile.TemporaryFile() as log:
        keeper = _start_keeper(flavor, flavor.command(binary, home, port, settings), home, log)
        try:
            password = copy_template(flavor, binary, settings, home)
            _let_start(keeper)
            is_ready = _wait_until_ready(flavor, keeper, home, log)
        except BaseException:
            _end(keeper, home)
            raise
        if is_ready:
            return PrivateServer(flavor, binary, home, port, password, keeper), ""
        _end(keeper, home)
        return None, _read_log(log).decode(errors="replace")


def _let_start(keeper: subprocess.Popen[bytes]) -> None:
    if keeper.stdin:
        keeper.stdin.write(b"start\n")
        keeper.stdin.flush()


def _make_home(flavor: Flavor, *, is_on_disk: bool) -> Path:
    """Make the server's folder, in memory when there is room and it may be: a template is a thousand small files.

    The path is kept short, for socket paths are limited to 107 characters.
    """
    user = own_user(flavor)
    is_other = user[0] != os.geteuid()
    place = tempfile.gettempdir()
    if is_other or len(place) > 60:
        place = "/tmp"
    if not is_on_disk and _free_bytes(_MEMORY_PLACE) >= _MEMORY_MIN_BYTES:
        place = _MEMORY_PLACE
    home = Path(tempfile.mkdtemp(prefix="lockgate-", dir=place))
    if is_other:
        os.chown(home, *user)
    return home


def _free_bytes(folder: str) -> int:
    """Return how much may be written to a folder; 0 when it is not there or not ours to write."""
    try:
        return shutil.disk_usage(folder).free if os.access(folder, os.W_OK | os.X_OK) else 0
    except OSError:
        return 0


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
    return port


def _start_keeper(flavor: Flavor, command: tuple[str, ...], home: Path, log: IO[bytes]) -> subprocess.Popen[bytes]:
    signal_name = flavor.stop_signal.name.removeprefix("SIG")
    return subprocess.Popen(
        ["/bin/sh", "-c", _KEEPER, "lockgate-keeper", signal_name, str(home), *command],
        stdin=subprocess.PIPE,
        stdout=log,
        stderr=log,
        cwd=home,
        env=server_environment(home),
        start_new_session=True,
        **user_options(own_user(flavor)),
    )


def _wait_until_ready(flavor: Flavor, keeper: subprocess.Popen[bytes], home: Path, log: IO[bytes]) -> bool:
    end = time.monotonic() + START_LIMIT_S
    while time.monotonic() < end and keeper.poll() is None:
        if flavor.is_ready(home, _read_log(log)):
            return True
        time.sleep(_POLL_S)
    return False


def _read_log(log: IO[bytes]) -> bytes:
    return os.pread(log.fileno(), 1 << 20, 0)


def _end(keeper: subprocess.Popen[bytes], home: Path) -> None:
    if keeper.stdin and not keeper.stdin.closed:
        keeper.stdin.close()
    try:
        keeper.wait(timeout=20)
    finally:
        shutil.rmtree(home, ignore_errors=True)
