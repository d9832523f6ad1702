"""Run the command line as its users do: a process of its own, without a terminal."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

LIVE = """
CREATE TABLE customers (id integer PRIMARY KEY, name text, fax text);
CREATE TABLE orders (id integer PRIMARY KEY, customer_id integer REFERENCES customers (id), total text);
CREATE TABLE old_log (id integer PRIMARY KEY, line text);
INSERT INTO customers VALUES (1, 'Ada', '11'), (2, 'Grace', NULL);
INSERT INTO orders VALUES (1, 1, '007'), (2, 2, '12');
INSERT INTO old_log VALUES (1, 'kept');
"""
DESIRED = """
CREATE TABLE customers (id integer PRIMARY KEY, name text NOT NULL, email text);
CREATE TABLE orders (id integer PRIMARY KEY, customer_id integer REFERENCES customers (id), total integer);
CREATE TABLE invoices (id integer PRIMARY KEY, order_id integer NOT NULL REFERENCES orders (id));
CREATE INDEX orders_by_customer ON orders (customer_id);
"""
PROTECTED = """
target = "app"
[targets.app]
url = "sqlite:///app.db"
desired = "desired.sql"
protected = true
"""
"""A configuration that makes the database a protected target."""


@dataclass(frozen=True)
class Ran:
    """What a command left: its exit code and both streams."""

    code: int
    out: str
    err: str


@dataclass
class Cli:
    """The command line in a folder of its own; ``env`` is added to a clean environment."""

    folder: Path
    env: dict[str, str]

    def __call__(self, *arguments: str, **env: str) -> Ran:
        """Run one command without a terminal."""
        done = subprocess.run(
            [sys.executable, "-m", "lockgate", *arguments],
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            cwd=self.folder,
            env={**self.environment, **env},
            timeout=280,
            check=False,
        )
        return Ran(done.returncode, done.stdout, done.stderr)

    @property
    def environment(self) -> dict[str, str]:
        """The environment of this process, which forgot who started it, and what the test adds."""
        return {**os.environ, "TERM": "xterm", "PYTHONPATH": os.pathsep.join(sys.path), **self.env}

    def write(self, name: str, text: str) -> str:
        """Write a file into the folder; return its name."""
        (self.folder / name).write_text(text, encoding="utf-8")
        return name

    def sql(self, query: str) -> list[tuple[object, ...]]:
        """Ask the SQLite database directly."""
        connection = sqlite3.connect(self.folder / "app.db")
        try:
            return connection.execute(query).fetchall()
        finally:
            connection.close()

    def dump(self) -> str:
        """Return the whole SQLite database as text."""
        connection = sqlite3.connect(self.folder / "app.db")
        try:
            return "\n".join(connection.iterdump())
        finally:
            connection.close()

    def own_free_dump(self) -> list[str]:
        """Return the dump without Lockgate's own tables, sorted, spaces and quotes evened out."""
        lines = (" ".join(line.replace('"', "").split()) for line in self.dump().split(";\n"))
        return sorted(line for line in lines if "lockgate_" not in line and "sqlite_sequence" not in line)


@pytest.fixture
def cli(tmp_path: Path) -> Cli:
    """The command line with a small live database and a desired schema."""
    connection = sqlite3.connect(tmp_path / "app.db")
    connection.executescript(LIVE)
    connection.close()
    (tmp_path / "desired.sql").write_text(DESIRED, encoding="utf-8")
    return Cli(tmp_path, {"LOCKGATE_URL": "sqlite:///app.db"})


@pytest.fixture
def planned(cli: Cli) -> Cli:
    """The same with a plan in plan.json."""
    ran = cli("plan", "--desired", "desired.sql", "--allow", "all", "-o", "plan.json")
    assert ran.code == 0, ran.err
    return cli
