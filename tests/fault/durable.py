"""A private server that survives ``kill -9`` as a real one does: durable settings, the same data and port again."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from lockgate.engine import load_engine
from lockgate.engine.private import FLAVORS, find_binaries
from lockgate.engine.private.binaries import ServerBinary
from lockgate.engine.private.flavor import Flavor, Settings, own_user, server_environment, user_options
from lockgate.engine.private.template import copy_template
from lockgate.errors import LockgateError
from lockgate.model.target import parse_target

_INNODB = (
    ("innodb_flush_log_at_trx_commit", "1"),
    ("innodb_flush_method", "fsync"),
    ("innodb_doublewrite", "1"),
)
DURABLE = {
    "postgres": (("fsync", "on"), ("synchronous_commit", "on"), ("full_page_writes", "on")),
    "mysql": _INNODB,
    "mariadb": _INNODB,
}
_LIMIT_S = 90.0


@dataclass
class DurableServer:
    """A server on disk that is started, killed and started again; `close` ends it and removes its folder."""

    flavor: Flavor
    binary: ServerBinary
    home: Path
    port: int
    password: str
    settings: Settings = ()
    process: subprocess.Popen[bytes] | None = field(default=None)

    @property
    def pid(self) -> int:
        """The process to kill."""
        assert self.process is not None
        return self.process.pid

    def url(self, database: str = "") -> str:
        """Return the URL of one of its databases."""
        user = f"{self.flavor.superuser}:{quote(self.password, safe='')}"
        return f"{self.flavor.scheme}://{user}@127.0.0.1:{self.port}/{database or self.flavor.default_database}"

    def start(self) -> None:
        """Start it on its data and wait until one can log in; again while orphans of a killed one still end."""
        end = time.monotonic() + _LIMIT_S
        while time.monotonic() < end:
            if self.process is None or self.process.poll() is not None:
                self._spawn()
            if self._answers():
                return
            time.sleep(0.1)
        raise AssertionError(f"the server did not come back: {(self.home / 'log').read_text(errors='replace')[-1500:]}")

    def wait_until_dead(self) -> None:
        """Wait for the end of the killed process."""
        assert self.process is not None
        assert self.process.wait(timeout=_LIMIT_S) == -signal.SIGKILL

    def close(self) -> None:
        """End it and remove its folder."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(self.flavor.stop_signal)
            self.process.wait(timeout=30)
        shutil.rmtree(self.home, ignore_errors=True)

    def _spawn(self) -> None:
        command = self.flavor.command(self.binary, self.home, self.port, (*DURABLE[self.flavor.name], *self.settings))
        with (self.home / "log").open("ab") as log:
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.home,
                env=server_environment(self.home),
                start_new_session=True,
                **user_options(own_user(self.flavor)),
            )

    def _answers(self) -> bool:
        target = parse_target(self.url())
        try:
            load_engine(target.engine).connect(target, is_read_only=True).close()
        except LockgateError:
            return False
        return self.process is not None and self.process.poll() is None


def make_durable(name: str, settings: Settings = (), place: str = "/tmp") -> DurableServer:
    """Make a server of a flavor in a folder of its own, and start it; its settings add to the durable ones."""
    flavor = FLAVORS[name]
    found = find_binaries(flavor.name, flavor.programs)
    assert found, f"no server program of {name}: run 'python tools/get_servers.py {name}'"
    home = Path(tempfile.mkdtemp(prefix="lockgate-fault-", dir=place))
    user = own_user(flavor)
    if user[0] != os.geteuid():
        os.chown(home, *user)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    try:
        server = DurableServer(
            flavor, found[0], home, port, copy_template(flavor, found[0], DURABLE[flavor.name], home), settings
        )
    except BaseException:
        shutil.rmtree(home, ignore_errors=True)
        raise
    try:
        server.start()
    except BaseException:
        server.close()
        raise
    return server
