"""Lockgate as a user runs it: the command line in a process of its own, against one database."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from tests.fault.kit.load import ROOT


@dataclass(frozen=True)
class Done:
    """A finished command: exit code, output, and from when to when it ran (monotonic s)."""

    code: int
    out: str
    err: str
    begin: float
    end: float

    @property
    def seconds(self) -> float:
        """How long it took, start of Python included."""
        return self.end - self.begin


@dataclass
class Program:
    """The command line with its files in a folder."""

    url: str
    folder: Path
    limit_s: float = 600.0
    env: dict[str, str] = field(default_factory=dict)

    def call(self, *arguments: str, limit_s: float = 0.0) -> Done:
        """Run a command to its end."""
        begin = time.monotonic()
        process = self.begin(*arguments)
        try:
            out, err = process.communicate(timeout=limit_s or self.limit_s)
        except subprocess.TimeoutExpired:
            process.kill()
            out, err = process.communicate()
            err += f"\nkilled after {limit_s or self.limit_s} s"
        return Done(process.returncode, out, err, begin, time.monotonic())

    def begin(self, *arguments: str) -> subprocess.Popen[str]:
        """Start a command and do not wait for it."""
        return self.start([sys.executable, "-m", "lockgate", *arguments])

    def start(self, command: list[str]) -> subprocess.Popen[str]:
        """Start a program with the environment of the command line."""
        kept = {key: value for key, value in os.environ.items() if not key.startswith("LOCKGATE_")}
        path = f"{ROOT / 'src'}{os.pathsep}{ROOT}"
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=self.folder,
            env={**kept, "PYTHONPATH": path, "LOCKGATE_URL": self.url, **self.env},
        )

    def plan(self, desired: str, *options: str, name: str = "plan.json") -> Done:
        """Plan what leads to a schema given as SQL; the plan stands in a file of this name."""
        (self.folder / "desired.sql").write_text(desired, encoding="utf-8")
        return self.call("plan", "--desired", "desired.sql", "-o", name, *options)

    def strategies(self, name: str = "plan.json") -> list[str]:
        """Return how the steps of a plan are carried out, each once."""
        plan = json.loads((self.folder / name).read_text(encoding="utf-8"))
        steps = [step for stage in plan["stages"] for step in stage["steps"]]
        return sorted({str(step.get("strategy", "plain")) for step in steps})
