"""What the faults are tried on: tables with rows, a plan of the real planner, and the command line in a process."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from lockgate.model.plan import Plan, encode_plan
from lockgate.workflow.make_plan import PlanOptions, make_plan
from tests.execute.bench import Bench, make_bench

ROOT = Path(__file__).parents[2]
ROWS = 200
BEFORE = (
    "CREATE TABLE customers (id INTEGER NOT NULL PRIMARY KEY, name VARCHAR(50), zip VARCHAR(10))",
    "CREATE TABLE orders (id INTEGER NOT NULL PRIMARY KEY, customer_id INTEGER, total INTEGER)",
    "CREATE TABLE old_notes (id INTEGER NOT NULL PRIMARY KEY, note VARCHAR(100))",
)
AFTER = """
CREATE TABLE customers (id INTEGER NOT NULL PRIMARY KEY, name VARCHAR(50), zip INTEGER, email VARCHAR(80));
CREATE TABLE orders (id INTEGER NOT NULL PRIMARY KEY, customer_id INTEGER, total INTEGER,
  CONSTRAINT orders_customer_fk FOREIGN KEY (customer_id) REFERENCES customers (id));
CREATE INDEX orders_customer ON orders (customer_id);
CREATE INDEX orders_total ON orders (total);
"""
COLUMNS = {"customers": "id, name, zip", "orders": "id, customer_id, total", "old_notes": "id, note"}
Rows = dict[str, list[tuple[object, ...]]]


def build_stand(bench: Bench) -> None:
    """Make the tables and their rows; the zip codes have zeros that a number loses."""
    numbers = range(1, ROWS + 1)
    bench.run(
        *BEFORE,
        "INSERT INTO customers VALUES " + ", ".join(f"({i}, 'name 100% {i}', '{i:05}')" for i in numbers),
        "INSERT INTO orders VALUES " + ", ".join(f"({i}, {i}, {i * 10})" for i in numbers),
        "INSERT INTO old_notes VALUES " + ", ".join(f"({i}, 'note {i}')" for i in numbers),
    )


def read_rows(bench: Bench) -> Rows:
    """Return every row of the tables as they were before."""
    return {table: bench.rows(f"SELECT {names} FROM {table} ORDER BY id") for table, names in COLUMNS.items()}


@dataclass
class Stand:
    """A database with rows, its plan, and the command line on it."""

    bench: Bench
    plan: Plan
    rows: Rows
    folder: Path

    def call(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a command to its end, without a fault."""
        return self.strike(*arguments, pid=0, event="none")

    def strike(
        self,
        *arguments: str,
        pid: int,
        event: str,
        number: int = 1,
        name: str = "SIGKILL",
        delay_ms: int = 0,
        pause: float = 0.05,
    ) -> subprocess.CompletedProcess[str]:
        """Run a command that sends a signal at its n-th event of a type."""
        process = self.begin(*arguments, pid=pid, event=event, number=number, name=name, delay_ms=delay_ms, pause=pause)
        out, err = process.communicate(timeout=120)
        return subprocess.CompletedProcess(arguments, process.returncode, out, err)

    def begin(
        self, *arguments: str, pid: int, event: str, number: int, name: str, delay_ms: int = 0, pause: float = 1
    ) -> subprocess.Popen[str]:
        """Start such a command and do not wait for it."""
        fault = (str(pid), name, event, str(number), str(delay_ms), str(pause))
        kept = {key: value for key, value in os.environ.items() if not key.startswith("LOCKGATE_")}
        return subprocess.Popen(
            [sys.executable, str(Path(__file__).parent / "cli_child.py"), *fault, "--", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=self.folder,
            env={**kept, "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}", "LOCKGATE_URL": self.bench.url},
        )


def make_stand(url: str, folder: Path) -> Stand:
    """Build the tables in an empty database and plan the change."""
    bench = make_bench(url)
    build_stand(bench)
    desired = folder / "after.sql"
    desired.write_text(AFTER)
    plan = make_plan(bench.engine, bench.target, str(desired), PlanOptions(allow=("all",))).plan
    (folder / "plan.json").write_bytes(encode_plan(plan))
    return Stand(bench, plan, read_rows(bench), folder)
