"""The whole example in a folder: a database with rows, the service, its customers, and the procedure run on it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from examples.orders.database import fill, write_schemas
from examples.orders.traffic import Traffic

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
_SETTINGS = """target = "orders"

[targets.orders]
url = "${env:ORDERS_URL}"
"""
_TEAM = """
[notify.webhooks.team]
url = "%s"
secret = "${env:ORDERS_HOOK_SECRET}"
"""


@dataclass
class Stand:
    """A running service with customers. ``url`` is its database, ``folder`` where the procedure is run."""

    url: str
    folder: Path
    port: int
    service: subprocess.Popen[bytes]
    traffic: Traffic

    @property
    def app_url(self) -> str:
        """Where the service answers."""
        return f"http://127.0.0.1:{self.port}"

    def lockgate(self, *arguments: str, timeout_s: float = 300) -> subprocess.CompletedProcess[str]:
        """Run one command line to its end."""
        running = self.start(*arguments)
        out, err = running.communicate(timeout=timeout_s)
        return subprocess.CompletedProcess(arguments, running.returncode, out, err)

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start one command line."""
        return subprocess.Popen(
            [sys.executable, "-m", "lockgate", *arguments],
            cwd=self.folder,
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def environment(self) -> dict[str, str]:
        """Return what a command line gets: the database's address, and where the program is."""
        path = os.pathsep.join(p for p in (str(ROOT / "src"), os.environ.get("PYTHONPATH", "")) if p)
        secret = "only-for-the-example"
        return {**os.environ, "ORDERS_URL": self.url, "ORDERS_HOOK_SECRET": secret, "PYTHONPATH": path}

    def is_healthy(self) -> bool:
        """Ask the service, and for an order too."""
        try:
            for page in ("health", "orders/1"):
                with urllib.request.urlopen(f"{self.app_url}/{page}", timeout=5) as answer:
                    json.load(answer)
        except (OSError, ValueError):
            return False
        return True


@contextmanager
def open_stand(url: str, folder: Path, rate: float = 60, team: str = "") -> Iterator[Stand]:
    """Make the database's rows, start the service and let the customers in; all end with the block.

    ``team`` is where a signed webhook tells the team what happens; empty: nobody is told.
    """
    folder.mkdir(parents=True, exist_ok=True)
    fill(url)
    write_schemas(url, folder)
    (folder / "lockgate.toml").write_text(_SETTINGS + (_TEAM % team if team else ""), encoding="utf-8")
    (folder / "access.log").touch()
    command = [sys.executable, "-m", "examples.orders.service", "--url", url, "--port", "0"]
    service = subprocess.Popen([*command, "--log", str(folder / "access.log")], cwd=ROOT, stdout=subprocess.PIPE)
    port = _port_of(service)
    text = (HERE / "runbook.yaml").read_text(encoding="utf-8")
    (folder / "runbook.yaml").write_text(text.replace("127.0.0.1:8089", f"127.0.0.1:{port}"), encoding="utf-8")
    stand = Stand(url, folder, port, service, Traffic(port, rate))
    try:
        _wait(stand)
        stand.traffic.start()
        yield stand
    finally:
        stand.traffic.end()
        service.terminate()
        service.wait(60)


def met(counts: Counter[int]) -> str:
    """Say what the customers met."""
    return ", ".join(f"{count} × {status if status > 0 else 'no answer'}" for status, count in sorted(counts.items()))


def _wait(stand: Stand) -> None:
    until = time.monotonic() + 60
    while not stand.is_healthy():
        if time.monotonic() > until or stand.service.poll() is not None:
            raise RuntimeError("the service did not come up")
        time.sleep(0.05)


def _port_of(service: subprocess.Popen[bytes]) -> int:
    """Return the port that the service took, which is the first line it prints."""
    assert service.stdout is not None
    with service.stdout as out:
        line = out.readline()
    if not line:
        service.wait()
        raise RuntimeError("the service did not come up")
    return int(line)
