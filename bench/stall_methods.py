"""One change on a table under load, done in one way, with what its clients felt beside the minute before."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from bench.operations import Operation
from lockgate.model.target import parse_target
from tests.fault.kit.clients import Client, Failure
from tests.fault.kit.holders import open_transaction
from tests.fault.kit.load import Load
from tests.fault.kit.program import Done, Program
from tests.fault.kit.stalls import Felt, felt

PT_OSC = "pt-online-schema-change"
_HOLD_LEAD_S = 0.3
_AFTER_S = 0.3
_STALE, _OWED = 9, 3
_SETTLE_S = 10.0


@dataclass
class Outcome:
    """One method on one operation: seconds and what was felt; `status` is ``ok``, ``not found`` or what went wrong."""

    method: str
    status: str = "ok"
    note: str = ""
    control: Felt | None = None
    parts: dict[str, Felt] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    lost: list[str] = field(default_factory=list)
    strategies: list[str] = field(default_factory=list)

    def as_dict(self) -> dict[str, object]:
        """Return it for JSON."""
        return {
            "method": self.method,
            "status": self.status,
            "note": self.note,
            "control": self.control.as_dict() if self.control else None,
            "parts": {name: part.as_dict() for name, part in self.parts.items()},
            "seconds": {name: round(value, 3) for name, value in self.seconds.items()},
            "lost_or_altered": len(self.lost),
            "lost_examples": self.lost[:5],
            "strategies": self.strategies,
        }


@dataclass
class Scene:
    """The database under load, and how long the load runs by itself before each method."""

    url: str
    flavor: str
    operation: Operation
    load: Load
    folder: Path
    control_s: float

    def measure(self, outcome: Outcome, parts: list[tuple[str, Callable[[], str]]]) -> None:
        """Run the load, the control, then each part; what it returns, when not empty, is the end of the method."""
        begin = self.load.run()
        time.sleep(self.control_s)
        windows = {"control": (begin + 0.5, time.monotonic())}
        for name, act in parts:
            with ExitStack() as stack:
                if self.operation.held_s:
                    stack.enter_context(open_transaction(self.url, "t", self.operation.held_s))
                    time.sleep(_HOLD_LEAD_S)
                started = time.monotonic()
                problem = act()
                ended = time.monotonic()
                outcome.seconds[name] = ended - started
                time.sleep(_AFTER_S)
                windows[name] = (started, ended + _AFTER_S)
                self.load.settle(_SETTLE_S)
            if problem:
                outcome.status, outcome.note = "failed", f"{name}: {problem}"
                break
        self.load.pause()
        writes = self.load.writes()
        found = {name: felt(writes, *window) for name, window in windows.items()}
        outcome.control = found.pop("control")
        outcome.parts = found
        _, outcome.lost = self.load.check()


def run_plain(scene: Scene) -> Outcome:
    """Send the statement that a person would send, and its reverse."""
    outcome = Outcome("plain DDL")
    forward, backward = scene.operation.forward(scene.flavor), scene.operation.backward(scene.flavor)
    if not forward:
        return Outcome("plain DDL", "no such statement", "this server changes it only by building the table anew")
    scene.measure(outcome, [("apply", _sending(scene, forward)), ("revert", _sending(scene, backward))])
    return outcome


def run_pt_osc(scene: Scene, program: str) -> Outcome:
    """Drive pt-online-schema-change with its defaults; the plain way back is taken afterwards, without load."""
    outcome = Outcome(PT_OSC)
    found = program or shutil.which(PT_OSC) or ""
    if not found:
        return Outcome(PT_OSC, "not found", "give its place with --pt-osc, or put it on the PATH")
    scene.measure(outcome, [("apply", lambda: _pt_osc(scene, found))])
    if outcome.status == "ok":
        problem = _sending(scene, scene.operation.backward(scene.flavor))()
        outcome.note = f"the way back: {problem}" if problem else ""
    return outcome


def run_lockgate(scene: Scene, strategy: str, pace: str = "") -> Outcome:
    """Plan, apply, roll back and apply again with the command line, as a user would; last it is rolled back."""
    outcome = Outcome("Lockgate")
    program = Program(scene.url, scene.folder)
    chosen = ("--strategy", strategy) if strategy else ()
    planned = program.plan(scene.operation.desired(scene.flavor), "--allow", "all", *chosen)
    if planned.code:
        return Outcome("Lockgate", "failed", f"plan: {planned.err.strip()[-600:]}")
    outcome.strategies = program.strategies()
    speed = ("--pace", pace) if pace else ()
    apply = ("apply", "plan.json", "--yes", *speed)
    back = ("rollback", "--to", "start", "--yes")
    scene.measure(
        outcome,
        [
            ("apply", lambda: _told(program.call(*apply))),
            ("revert", lambda: _told(program.call(*back))),
            ("redo", lambda: _told(program.call(*apply))),
            ("revert again", lambda: _told(program.call(*back))),
        ],
    )
    if outcome.note.startswith(f"redo: exit {_STALE}"):  # a way back that parks needs a new plan, and said so
        outcome.status, outcome.note = "ok", "after the way back a new plan is needed"
    return outcome


def _sending(scene: Scene, sql: str) -> Callable[[], str]:
    def send() -> str:
        try:
            client = Client(scene.url, 600.0)
            client.execute(sql)
            client.close()
        except Failure as failure:
            return str(failure)
        return ""

    return send


def _pt_osc(scene: Scene, program: str) -> str:
    target = parse_target(scene.url)
    place = f"h={target.host},P={target.port},u={target.user},D={target.database},t=t"
    command = [program, "--alter", scene.operation.pt, "--execute", "--no-version-check", place]
    env = {**os.environ, "PTDEBUG": "", **({"MYSQL_PWD": target.password} if target.password else {})}
    command += ["--password", target.password] if target.password else []
    if scene.flavor == "mysql":
        command.append("--recursion-method=none")  # 3.2.1 looks for replicas with a statement that MySQL 9 lacks
    if scene.operation.pt.startswith("ADD UNIQUE"):
        command.append("--no-check-unique-key-change")
    done = subprocess.run(command, capture_output=True, text=True, env=env, timeout=900, check=False)
    return "" if not done.returncode else f"exit {done.returncode}: {(done.stderr or done.stdout).strip()[-400:]}"


def _told(done: Done) -> str:
    return "" if done.code in (0, _OWED) else f"exit {done.code}: {done.err.strip()[-600:]}"
