"""One database with a load on it and a plan, on which runs are killed and recovered, over and over."""

from __future__ import annotations

import os
import random
import shutil
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from bench.operations import Operation
from lockgate.engine import load_engine
from lockgate.errors import LockgateError
from lockgate.model.plan import Plan, decode_plan
from lockgate.model.target import parse_target
from lockgate.workflow.status import Status, read_status
from tests.fault.durable import DurableServer, make_durable
from tests.fault.forked import Fault, call_forked
from tests.fault.kit.clients import Client
from tests.fault.kit.load import Load, Rate
from tests.fault.kit.program import Done, Program
from tests.fault.kit.shape import build

BEFORE, AFTER, UNKNOWN = "before", "after", "unknown"
_RATE = Rate(2, 30.0, 10.0)
_NAME = "killed"


class Home:
    """Where databases of one engine are made: a durable server of our own, or a folder of files."""

    def __init__(self, engine: str, place: str = "/tmp") -> None:
        self.engine = engine
        self.folder = Path(tempfile.mkdtemp(prefix="lockgate-kill-"))
        self.server: DurableServer | None = None if engine == "sqlite" else make_durable(engine, (), place)
        self.version = _sqlite_version() if self.server is None else self.server.binary.version_text

    def fresh(self) -> str:
        """Return the URL of an empty database, in place of the one before."""
        if self.server is None:
            for file in self.folder.glob(f"{_NAME}.db*"):
                file.unlink()
            (self.folder / f"{_NAME}.db").touch()
            url = f"sqlite:///{self.folder}/{_NAME}.db"
            client = Client(url)
            client.query("PRAGMA journal_mode = WAL")
            client.close()
            return url
        self.server.start()
        client = Client(self.server.url())
        force = " WITH (FORCE)" if self.engine == "postgres" else ""
        client.execute(f"DROP DATABASE IF EXISTS {_NAME}{force}")
        client.execute(f"CREATE DATABASE {_NAME}")
        client.close()
        return self.server.url(_NAME)

    def close(self) -> None:
        """End the server and remove the folder."""
        if self.server is not None:
            self.server.close()
        shutil.rmtree(self.folder, ignore_errors=True)


def _sqlite_version() -> str:
    import sqlite3

    return sqlite3.sqlite_version


@dataclass
class World:
    """The table of an operation, its plan, and clients that write all the while."""

    home: Home
    operation: Operation
    strategy: str
    rows: int
    chance: random.Random
    where: str = BEFORE
    url: str = ""
    program: Program = field(init=False)
    plan: Plan = field(init=False)
    load: Load = field(init=False)
    lengths: dict[str, tuple[int, float]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.url = self.home.fresh()
        folder = Path(tempfile.mkdtemp(dir=self.home.folder))
        shape = self.operation.shape()
        client = Client(self.url)
        build(client, shape, self.rows)
        client.close()
        self.program = Program(self.url, folder, limit_s=180.0)
        options = ("--strategy", self.strategy) if self.strategy else ()
        done = self.program.plan(self.operation.desired(self.home.engine), "--allow", "all", *options)
        if done.code:
            raise PlanRefused(done.err)
        self.plan = decode_plan((folder / "plan.json").read_bytes())
        self.load = Load(self.url, shape, self.rows, _RATE, folder, self.operation.also)
        self.load.run()

    def close(self) -> None:
        """End the load and forget its files."""
        self.load.close()
        shutil.rmtree(self.program.folder, ignore_errors=True)

    def next_verb(self) -> tuple[str, ...]:
        """Return the command that comes next: there when before, back (or, now and then, for good) when after."""
        if self.where == BEFORE:
            return ("apply", "plan.json", "--yes")
        if self.chance.random() < 0.1:
            name = parse_target(self.url).name
            return ("finalize", "latest", "--now", "--all", "--confirm", name)
        return ("rollback", "--to", "start", "--yes")

    def strike(self, verb: tuple[str, ...], *, is_server: bool) -> Done:
        """Run a command and kill it, or its server, at a random event or a random time; `code` 0 when it came late."""
        events, seconds = self.lengths.get(verb[0], (30, 1.0))
        if self.chance.random() < 0.5:
            number, delay = self.chance.randint(1, events), 0
        else:
            number, delay = 1, 1 + int(self.chance.random() * seconds * 1000)
        pid = self.home.server.pid if is_server and self.home.server else 0
        return self.fault(verb, pid, number, delay)

    def fault(self, verb: tuple[str, ...], pid: int, number: int, delay_ms: int) -> Done:
        """Run a command; at its n-th event (0: never), so many ms later, the process (0: its own) is killed."""
        count = self.program.folder / "events"
        count.unlink(missing_ok=True)
        done = call_forked(verb, self.url, self.program.folder, Fault(number, delay_ms, pid, str(count)))
        if done.code == 0 and count.exists():
            events, seconds = count.read_text().split()
            self.lengths[verb[0]] = (max(1, int(events)), float(seconds))
        return done

    def revive(self) -> None:
        """Start the server again when it is dead."""
        server = self.home.server
        if server is not None and (server.process is None or server.process.poll() is not None):
            server.start()

    def recover(self, *, is_finish: bool) -> Done:
        """Recover once."""
        verb = ("recover", "--yes", *(["--finish"] if is_finish else []))
        return call_forked(verb, self.url, self.program.folder, Fault())

    def look(self) -> tuple[str, list[str]]:
        """Return whether the schema is as before or after, and what is wrong with journal, schema or rows."""
        found: list[str] = []
        status = self._status()
        if status.unfinished is not None:
            found.append(f"run {status.unfinished.id} is {status.unfinished.state.value}")
        if status.is_as_left is False:
            found.append("the live schema is not what the journal says was left")
        if status.holder:
            found.append(f"the lease is still held by {status.holder}")
        where = {self.plan.before: BEFORE, self.plan.after: AFTER}.get(status.fingerprint, UNKNOWN)
        if where == UNKNOWN:
            found.append("the live schema is neither as before nor as after")
        self.where = where
        return where, found

    def lost(self) -> list[str]:
        """Return rows that do not hold what was acknowledged."""
        self.load.settle()
        self.load.pause()
        _, found = self.load.check()
        return found

    def errors(self) -> dict[str, int]:
        """Return the application's errors so far, without lost connections; call it while the load is paused."""
        return {kind: count for kind, count in self.load.ledger().errors.items() if kind != "connection"}

    def _status(self) -> Status:
        target = parse_target(self.url)
        end = time.monotonic() + 30
        while True:
            try:
                return read_status(load_engine(target.engine), target)
            except LockgateError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.2)


class PlanRefused(Exception):
    """The change cannot be planned so on this engine; the message tells why."""


def low_priority() -> None:
    """Let others go first."""
    os.nice(10)
