"""A password goes into no output, file, journal row or argument list, whatever the command does."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from .conftest import Cli

CANARY = "canary-Zq7/93%x"
ENCODED = "canary-Zq7%2F93%25x"
DESIRED = "CREATE TABLE a (id integer PRIMARY KEY, b text);\nCREATE INDEX a_b ON a (b);\n"


@pytest.fixture
def secret_url(postgres_url: str) -> Iterator[str]:
    """The URL of a database whose user has the canary for a password."""
    user = f"canary_{postgres_url.rpartition('/')[2].partition('?')[0]}"
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(f"CREATE ROLE {user} SUPERUSER LOGIN PASSWORD '{CANARY}'".encode())
    scheme, _, rest = postgres_url.partition("://")
    yield f"{scheme}://{user}:{ENCODED}@{rest.rpartition('@')[2]}"
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(f"REASSIGN OWNED BY {user} TO CURRENT_USER".encode())
        connection.execute(f"DROP OWNED BY {user}".encode())
        connection.execute(f"DROP ROLE {user}".encode())


class _Watch:
    """Reads the argument lists and environments' names of all processes for a while."""

    def __init__(self) -> None:
        self.found: list[str] = []
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> _Watch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.is_set():
            for path in Path("/proc").glob("[0-9]*/cmdline"):
                try:
                    text = path.read_bytes().decode(errors="replace")
                except OSError:
                    continue
                if CANARY in text or ENCODED in text:
                    self.found.append(text)
            time.sleep(0.05)


def test_the_password_appears_nowhere(cli: Cli, secret_url: str) -> None:
    cli.write("desired.sql", DESIRED)
    cli.write("broken.sql", "CREATE TABLE a (id integer;\n")
    url = secret_url
    cli.env.update({"LOCKGATE_URL": url})
    name = url.rpartition("/")[2].partition("?")[0]
    commands = [
        ("init", "--desired", "desired.sql"),
        ("inspect",),
        ("drift", "--desired", "desired.sql", "--format", "json"),
        ("drift", "--desired", "broken.sql"),
        ("plan", "--desired", "desired.sql", "--allow", "all", "-o", "plan.json"),
        ("show", "plan.json"),
        ("approve", "plan.json", "--yes"),
        ("apply", "plan.json", "--dry-run", "-vv"),
        ("apply", "plan.json", "--yes", "-vv"),
        ("apply", "plan.json", "--yes"),
        ("status", "--format", "json"),
        ("verify",),
        ("checkpoint", "create", "--yes"),
        ("checkpoint", "list"),
        ("rollback", "--list"),
        ("rollback", "--to", "start", "--yes"),
        ("recover", "--yes"),
        ("finalize", "latest", "--all", "--now", "--confirm", name),
        ("drift", "--desired", url),
        ("drift", "--url", url, "--desired", "desired.sql"),
        ("plan", "--frobnicate", url),
    ]
    # The two that carry the password in their own arguments are refused; a process list shows only what the user typed.
    typed = [command for command in commands if url in command]
    codes: list[tuple[str, int]] = []
    with _Watch() as watch:
        for command in commands:
            if command in typed:
                continue
            ran = cli(*command, "--log-file", "log.txt")
            codes.append((" ".join(command), ran.code))
            assert CANARY not in ran.out + ran.err, command
            assert ENCODED not in ran.out + ran.err, command
    assert watch.found == []
    failed = [text for text, code in codes if code]
    assert failed == [
        "drift --desired desired.sql --format json",
        "drift --desired broken.sql",
        "apply plan.json --yes",
    ]
    for command in typed:
        ran = cli(*command)
        assert ran.code == 2, (command, ran.err)
        assert CANARY not in ran.out + ran.err, command
        assert ENCODED not in ran.out + ran.err, command
    for path in cli.folder.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            assert CANARY.encode() not in data, path
            assert ENCODED.encode() not in data, path
    _assert_not_in_journal(url)


def _assert_not_in_journal(url: str) -> None:
    with psycopg.connect(url) as connection:
        tables = connection.execute(
            "SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
            " WHERE c.relkind = 'r' AND (n.nspname = 'lockgate' OR c.relname LIKE 'lockgate%')"
        ).fetchall()
        assert tables
        for schema, table in tables:
            query = f'SELECT t::text FROM "{schema}"."{table}" t'
            for (row,) in connection.execute(query.encode()).fetchall():
                assert CANARY not in row, table
                assert ENCODED not in row, table


def test_a_traceback_is_redacted(cli: Cli) -> None:
    code = (
        "import lockgate.workflow.status as s\n"
        "def boom(engine, target, **k): raise RuntimeError('login with ' + target.password + ' failed')\n"
        "s.read_status = boom\n"
        "from lockgate.cli import main\n"
        "main(['status'])\n"
    )
    env = {**cli.environment, "LOCKGATE_URL": f"postgresql://u:{ENCODED}@127.0.0.1/x"}
    done = subprocess.run([sys.executable, "-c", code], cwd=cli.folder, env=env, capture_output=True, text=True)
    assert done.returncode == 1
    assert "login with **** failed" in done.stderr
    assert CANARY not in done.stderr
