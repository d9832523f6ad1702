"""Clients that write and read as an application does, each in a process of its own, started, paused and counted."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from lockgate.model.target import parse_target
from tests.fault.kit.clients import Client
from tests.fault.kit.ledger import READ, Ledger, Write, read_writes
from tests.fault.kit.shape import Shape
from tests.fault.kit.writer import Spec

ROOT = Path(__file__).parents[3]
READERS_RATE = 100.0


@dataclass(frozen=True)
class Rate:
    """How many writers there are and how much each does per second."""

    writers: int = 4
    per_second: float = 100.0
    reads: float = READERS_RATE


def usual_rate(url: str) -> Rate:
    """Return the load of the published figures: 4 × 100 writes/s, on SQLite 2 × 50."""
    return Rate(2, 50.0) if parse_target(url).engine == "sqlite" else Rate()


class Load:
    """Running clients. `window` gives what happened in a time, `check` whether every acknowledged write is there."""

    def __init__(self, url: str, shape: Shape, rows: int, rate: Rate, folder: Path, also: tuple[str, ...]) -> None:
        self.url, self.shape, self.rows = url, shape, rows
        self.files: list[Path] = []
        self._clients: list[subprocess.Popen[str]] = []
        pad = tuple((name, f"'{name}'") for name in also)
        for number in range(rate.writers + (1 if rate.reads else 0)):
            is_reader = number == rate.writers
            file = folder / f"{'reader' if is_reader else f'writer{number}'}.jsonl"
            spec = Spec(
                url=url,
                file=str(file),
                table=shape.table,
                tracked=shape.tracked,
                rows=rows,
                number=0 if is_reader else number,
                clients=rate.writers,
                rate=rate.reads if is_reader else rate.per_second,
                is_reader=is_reader,
                also=pad,
            )
            self.files.append(file)
            self._clients.append(_spawn(spec))
        for client in self._clients:
            _expect(client, "ready")

    def run(self) -> float:
        """Start all of them at one moment, or go on after a pause; return that moment."""
        begin = time.monotonic() + 0.05
        self._ask(f"run {begin}")
        return begin

    def pause(self) -> None:
        """Let each finish the statement it is at, and write nothing more until `run`."""
        self._ask("pause")

    def settle(self, limit_s: float = 60.0) -> float:
        """Wait until the writes that were late are made up for; return the seconds that took."""
        started = time.monotonic()
        while time.monotonic() - started < limit_s:
            if max(float(answer) for answer in self._ask("lag")) < 0.05:
                break
            time.sleep(0.1)
        return time.monotonic() - started

    def writes(self) -> list[Write]:
        """Return everything so far, in the order of each client; call it while paused or stopped."""
        return list(read_writes(self.files))

    def ledger(self) -> Ledger:
        """Return what the rows must hold; call it while paused or stopped."""
        return Ledger(self.rows).take_all(self.writes())

    def check(self, table: str = "", url: str = "") -> tuple[Ledger, list[str]]:
        """Read every row and return the ledger and what is lost or altered; call it while paused or stopped."""
        ledger = self.ledger()
        k, c = self.shape.tracked
        client = Client(url or self.url)
        try:
            rows = client.stream(f"SELECT id, {k}, {c} FROM {table or self.shape.table}")
            return ledger, ledger.compare(rows)
        finally:
            client.close()

    def close(self) -> None:
        """Stop all of them; one that does not stop is killed."""
        for client in self._clients:
            if client.stdin is not None:
                client.stdin.close()
        for client in self._clients:
            try:
                client.wait(timeout=20)
            except subprocess.TimeoutExpired:
                client.kill()
                client.wait()
            if client.stdout is not None:
                client.stdout.close()

    def _ask(self, command: str) -> list[str]:
        for client in self._clients:
            assert client.stdin is not None
            client.stdin.write(command + "\n")
            client.stdin.flush()
        return [_answer(client) for client in self._clients]


@contextmanager
def under_load(
    url: str, shape: Shape, rows: int, folder: Path, rate: Rate | None = None, also: tuple[str, ...] = ()
) -> Iterator[Load]:
    """Give clients that are connected and wait for `Load.run`; they are stopped in the end."""
    folder.mkdir(parents=True, exist_ok=True)
    load = Load(url, shape, rows, rate or usual_rate(url), folder, also)
    try:
        yield load
    finally:
        load.close()


def is_write(write: Write) -> bool:
    """Tell a write from a read."""
    return write.kind != READ


def _spawn(spec: Spec) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.fault.kit.writer", json.dumps(asdict(spec))],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"},
    )


def _answer(client: subprocess.Popen[str]) -> str:
    assert client.stdout is not None
    line = client.stdout.readline()
    if not line:
        raise AssertionError(f"a client of the load ended with {client.wait()}")
    return line.strip()


def _expect(client: subprocess.Popen[str], word: str) -> None:
    found = _answer(client)
    assert found == word, found
