"""Every error has its exit code, five parts in a fixed order, and leaves everything as it was.

The texts are kept in ``golden/``; ``LOCKGATE_UPDATE_GOLDEN=1`` writes them anew.
"""

from __future__ import annotations

import json
import os
import re
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pytest

from .conftest import Cli, Ran

GOLDEN = Path(__file__).parent / "golden"
PLAN = ("plan", "--desired", "desired.sql", "--allow", "all", "-o", "other.json")
APPLY = ("apply", "plan.json", "--yes")
LABELS = ("error:", "where:", "cause:", "state:", "next:")


def _edit_plan(cli: Cli) -> None:
    path = cli.folder / "plan.json"
    path.write_text(path.read_text().replace("orders", "ordres", 1))


def _cut_plan(cli: Cli) -> None:
    path = cli.folder / "plan.json"
    path.write_text(path.read_text()[:500])


def _foreign_plan(cli: Cli) -> None:
    path = cli.folder / "plan.json"
    plan = json.loads(path.read_text())
    path.write_text(json.dumps({**plan, "format_version": 99}))


def _sql(*statements: str) -> Callable[[Cli], None]:
    def run(cli: Cli) -> None:
        connection = sqlite3.connect(cli.folder / "app.db")
        for statement in statements:
            connection.execute(statement)
        connection.commit()
        connection.close()

    return run


def _other_database(cli: Cli) -> None:
    connection = sqlite3.connect(cli.folder / "other.db")
    connection.execute("CREATE TABLE unrelated (id integer PRIMARY KEY)")
    connection.close()


def _run_then_foreign_journal(cli: Cli) -> None:
    assert cli("checkpoint", "create", "--yes").code == 0
    _sql("UPDATE lockgate_meta SET meta_value = '99' WHERE meta_name = 'format_version'")(cli)


def _write(name: str, text: str) -> Callable[[Cli], None]:
    return lambda cli: cli.write(name, text) and None


@dataclass(frozen=True)
class Mistake:
    """One error: how it is provoked and the exit code it must have."""

    command: tuple[str, ...]
    code: int = 2
    prepare: Callable[[Cli], object] = lambda cli: None
    env: dict[str, str] = field(default_factory=dict)


MISTAKES = {
    "unknown-url-scheme": Mistake(("drift", "--desired", "desired.sql"), env={"LOCKGATE_URL": "mongodb://h/db"}),
    "url-without-scheme": Mistake(("drift", "--desired", "desired.sql"), env={"LOCKGATE_URL": "app.db"}),
    "no-target": Mistake(("drift", "--desired", "desired.sql"), env={"LOCKGATE_URL": ""}),
    "no-desired": Mistake(("drift",)),
    "missing-database-file": Mistake(("drift", "--desired", "desired.sql"), env={"LOCKGATE_URL": "sqlite:///no.db"}),
    "not-a-database": Mistake(
        ("drift", "--desired", "desired.sql"),
        prepare=_write("text.db", "this is no database, only text that is long enough to be read" * 20),
        env={"LOCKGATE_URL": "sqlite:///text.db"},
    ),
    "unreachable-host": Mistake(
        ("drift", "--desired", "desired.sql"), env={"LOCKGATE_URL": "postgresql://nobody@127.0.0.1:1/none"}
    ),
    "missing-desired-file": Mistake(("plan", "--desired", "missing.sql", "-o", "p.json")),
    "sql-syntax-error": Mistake(
        ("plan", "--desired", "bad.sql", "-o", "p.json"),
        prepare=_write("bad.sql", "CREATE TABLE a (id integer);\n\nCREATE TABEL b (id integer);\n"),
    ),
    "sql-names-what-is-not-there": Mistake(
        ("drift", "--desired", "bad.sql"),
        prepare=_write("bad.sql", "CREATE TABLE a (id integer);\nCREATE INDEX i ON b (id);\n"),
    ),
    "unknown-option": Mistake(("plan", "--desird", "desired.sql")),
    "unknown-command": Mistake(("aply", "plan.json")),
    "unknown-hazard": Mistake(("plan", "--desired", "desired.sql", "--allow", "everything")),
    "unknown-engine": Mistake(("drift", "--desired", "desired.sql", "--engine", "oracle")),
    "other-engine": Mistake(("drift", "--desired", "desired.sql", "--engine", "postgres")),
    "bad-rename": Mistake(("plan", "--desired", "desired.sql", "--allow", "all", "--rename", "a=b")),
    "rename-of-nothing": Mistake(("plan", "--desired", "desired.sql", "--allow", "all", "--rename", "a:b")),
    "hazard-not-allowed": Mistake(("plan", "--desired", "desired.sql", "-o", "p.json"), code=4),
    "config-typo": Mistake(("drift",), prepare=_write("lockgate.toml", 'desird = "desired.sql"\n')),
    "config-no-toml": Mistake(("drift",), prepare=_write("lockgate.toml", "[targets\n")),
    "password-in-argument": Mistake(("drift", "--desired", "desired.sql", "--url", "mysql://u:geheim77@h/db")),
    "missing-plan": Mistake(("apply", "missing.json", "--yes")),
    "empty-plan-file": Mistake(APPLY, prepare=_write("plan.json", "")),
    "cut-plan": Mistake(APPLY, prepare=_cut_plan),
    "edited-plan": Mistake(APPLY, prepare=_edit_plan),
    "plan-of-another-version": Mistake(APPLY, prepare=_foreign_plan),
    "plan-for-another-database": Mistake(APPLY, prepare=_other_database, env={"LOCKGATE_URL": "sqlite:///other.db"}),
    "stale-plan": Mistake(APPLY, code=9, prepare=_sql("ALTER TABLE orders ADD COLUMN note text")),
    "rows-in-the-way": Mistake(APPLY, code=4, prepare=_sql("INSERT INTO customers VALUES (3, NULL, NULL)")),
    "foreign-journal": Mistake(APPLY, prepare=_run_then_foreign_journal),
    "no-answer": Mistake(("apply", "plan.json")),
    "no-place-to-go-back-to": Mistake(("rollback",)),
    "nothing-to-go-back-to": Mistake(("rollback", "--to", "start", "--yes"), code=4),
    "unknown-checkpoint": Mistake(("checkpoint", "show", "cp-unknown")),
    "unknown-run": Mistake(("finalize", "run-unknown", "--now", "--confirm", "app")),
    "wrong-name": Mistake(("finalize", "latest", "--now", "--confirm", "prod")),
    "log-file-in-no-folder": Mistake(("status", "--log-file", "plan.json/log.txt")),
}


@pytest.mark.parametrize("name", list(MISTAKES))
def test_an_error_has_its_code_and_parts_and_touches_nothing(planned: Cli, name: str) -> None:
    mistake = MISTAKES[name]
    mistake.prepare(planned)
    before = planned.own_free_dump()
    ran = planned(*mistake.command, **mistake.env)
    assert ran.code == mistake.code, ran.err
    assert planned.own_free_dump() == before
    assert "Traceback" not in ran.err
    message = _message(ran, planned)
    positions = [message.find(f"\n{label}") for label in LABELS]
    assert positions == sorted(positions), message
    assert -1 not in positions, message
    _compare(name, message)


def _message(ran: Ran, cli: Cli) -> str:
    """Return the error's lines with what differs from machine to machine evened out."""
    text = "\n" + ran.err[ran.err.index("error:") :].replace(str(cli.folder), "<folder>")
    text = re.sub(r"\b[0-9a-f]{12}\b", "<digest>", text)
    text = re.sub(r"\b[0-9a-f]{64}\b", "<digest>", text)
    return re.sub(r"plan-<digest>|plan-[0-9a-f]{12}", "plan-<digest>", text)


def _compare(name: str, message: str) -> None:
    path = GOLDEN / f"{name}.txt"
    if os.environ.get("LOCKGATE_UPDATE_GOLDEN"):
        path.write_text(message.lstrip("\n"), encoding="utf-8")
    assert message.lstrip("\n") == path.read_text(encoding="utf-8")


def test_a_bug_shows_its_traceback_and_asks_for_a_report(planned: Cli) -> None:
    code = (
        "import lockgate.workflow.status as s\n"
        "def boom(*a, **k): raise RuntimeError('boom')\n"
        "s.read_status = boom\n"
        "from lockgate.cli import main\n"
        "main(['status'])\n"
    )
    import subprocess
    import sys

    done = subprocess.run(
        [sys.executable, "-c", code], cwd=planned.folder, env=planned.environment, capture_output=True, text=True
    )
    assert done.returncode == 1
    assert "Traceback" in done.stderr
    assert "please report" in done.stderr
    assert [label for label in LABELS if f"\n{label}" not in done.stderr] == []


@pytest.mark.parametrize("flavor", ["mysql", "mariadb"])
def test_a_wrong_password_is_a_clear_error(planned: Cli, request: pytest.FixtureRequest, flavor: str) -> None:
    url: str = request.getfixturevalue(f"{flavor}_url")
    scheme, _, rest = url.partition("://")
    wrong = f"{scheme}://root:canary-4711@{rest.rpartition('@')[2]}"
    ran = planned("drift", "--desired", "desired.sql", LOCKGATE_URL=wrong)
    assert ran.code == 2, ran.err
    assert "denied" in ran.err.lower()
    assert "canary-4711" not in ran.err + ran.out
    assert not [label for label in LABELS if label not in ran.err]


def test_a_database_that_is_not_there(planned: Cli, postgres_url: str) -> None:
    ran = planned("drift", "--desired", "desired.sql", LOCKGATE_URL=postgres_url + "_missing")
    assert ran.code == 2, ran.err
    assert "does not exist" in ran.err


def test_a_user_who_may_only_read_can_plan_and_cannot_apply(planned: Cli, postgres_url: str) -> None:
    user = f"reader_{postgres_url.rpartition('/')[2].partition('?')[0]}"
    scheme, _, rest = postgres_url.partition("://")
    url = f"{scheme}://{user}:reads@{rest.rpartition('@')[2]}"
    wanted = planned.folder / "wanted.sql"
    wanted.write_text("CREATE TABLE t (id integer PRIMARY KEY, note text);")
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute("CREATE TABLE t (id integer PRIMARY KEY)")
        connection.execute(f"CREATE ROLE {user} LOGIN PASSWORD 'reads'".encode())
        connection.execute(f"GRANT SELECT ON t TO {user}".encode())
        try:
            made = planned("plan", "--desired", str(wanted), "-o", "reader.json", LOCKGATE_URL=postgres_url)
            ran = planned("apply", "reader.json", "--yes", LOCKGATE_URL=url)
            left = connection.execute("SELECT count(*) FROM pg_namespace WHERE nspname = 'lockgate'").fetchone()
        finally:
            connection.execute(f"DROP OWNED BY {user}".encode())
            connection.execute(f"DROP ROLE {user}".encode())
    assert made.code == 0, made.err
    assert ran.code in (2, 4, 6), ran.err
    assert "permission denied" in ran.err
    assert "Traceback" not in ran.err
    assert left == (0,)
