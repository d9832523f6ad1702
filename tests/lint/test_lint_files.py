"""Files, folders, formats, comments and hostile input of `lockgate lint`."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import time
import tomllib
from pathlib import Path

import pytest

from lockgate.errors import ConfigError, InputError
from lockgate.model.finding import CheckStatus, FindingReport
from lockgate.workflow.lint_files import LintOptions, lint_files

ROOT = Path(__file__).parents[2]


def lint(*paths: Path | str, engine: str = "postgres", stdin: str = "", **options: object) -> FindingReport:
    return lint_files([str(path) for path in paths], LintOptions(engine, **options), stdin)  # type: ignore[arg-type]


def codes(report: FindingReport) -> set[str]:
    return {finding.code for finding in report.findings}


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def run(*arguments: str, folder: Path, stdin: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "lockgate", *arguments]
    environ = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT / "src"), "HOME": str(folder), "PYTHONUTF8": "1"}
    return subprocess.run(command, capture_output=True, text=True, cwd=folder, input=stdin, env=environ, timeout=60)


def test_a_clean_file_has_no_finding(tmp_path: Path) -> None:
    file = write(tmp_path, "a.sql", "SET lock_timeout = '2s';\nCREATE INDEX CONCURRENTLY i ON t (a);\n")

    report = lint(file)

    assert report.status is CheckStatus.CLEAN
    assert report.checked == {"statements": 2, "files": 1}


def test_a_finding_names_file_line_and_object(tmp_path: Path) -> None:
    file = write(tmp_path, "a.sql", "SET lock_timeout = 1;\r\n-- why\r\n\r\nALTER TABLE shop.t\r\n  DROP COLUMN c;\r\n")

    finding = lint(file).findings[0]

    assert (finding.code, finding.file, finding.line, finding.object) == ("drop-column", str(file), 4, "shop.t.c")


@pytest.mark.parametrize("text", ["", "  \n", "-- only a comment\n", "\ufeff"])
def test_nothing_to_check_is_not_clean(tmp_path: Path, text: str) -> None:
    assert lint(write(tmp_path, "a.sql", text)).status is CheckStatus.NOT_RUN


@pytest.mark.parametrize("data", [b"\xff\xfe\x00A", b"DROP TABLE t;\0", b"SELECT 'open", b"/* open", b"\\d t\n"])
def test_a_file_that_cannot_be_read_is_a_finding_and_unknown(tmp_path: Path, data: bytes) -> None:
    file = tmp_path / "bad.sql"
    file.write_bytes(data)
    good = write(tmp_path, "good.sql", "SELECT 1;")

    report = lint(file, good)

    assert codes(report) == {"statement-not-read"}
    assert report.unknown


@pytest.mark.parametrize("engine", ["postgres", "mysql", "sqlite"])
@pytest.mark.parametrize(
    "text",
    ["ALTER TABLE", "CREATE", "DROP TABLE ,", "(((((", "CREATE TABLE t (", "ALTER TABLE t ADD", ")", "'", ";;;",
     "CREATE INDEX ON", "UPDATE", "DELETE", "SET", "WITH", "ALTER TABLE t ADD CONSTRAINT", "\U0001f600", "\x01" * 50,
     "CREATE TABLE t (" + "(" * 3000 + ")" * 3000 + ")"],
)  # fmt: skip
def test_hostile_text_gives_no_traceback(tmp_path: Path, engine: str, text: str) -> None:
    lint(write(tmp_path, "a.sql", text), engine=engine)


def test_a_folder_is_read_in_order_without_its_ways_back(tmp_path: Path) -> None:
    write(tmp_path, "1.up.sql", "ALTER TABLE t ADD COLUMN v varchar(10);")
    write(tmp_path, "1.down.sql", "DROP TABLE t;")
    write(tmp_path, "2.up.sql", "ALTER TABLE t ALTER COLUMN v TYPE varchar(20);")

    report = lint(tmp_path)

    assert report.checked == {"statements": 2, "files": 2}
    assert "change-type-rewrites-table" not in codes(report)
    assert [Path(f.file).name for f in report.findings if f.code == "missing-way-back"] == ["2.up.sql"]


def test_a_glob_and_a_missing_path(tmp_path: Path) -> None:
    write(tmp_path, "a.sql", "SELECT 1;")

    assert lint(tmp_path / "*.sql").checked["files"] == 1
    with pytest.raises(InputError):
        lint(tmp_path / "none.sql")
    with pytest.raises(InputError):
        lint(write(tmp_path, "empty/x.txt", "").parent)


GOOSE = "-- +goose Up\nALTER TABLE t ADD COLUMN a text;\n-- +goose Down\nALTER TABLE t DROP COLUMN a;\n"
DBMATE = "-- migrate:up\nALTER TABLE t ADD COLUMN a text;\n-- migrate:down\n"


def test_only_the_part_that_runs_is_checked(tmp_path: Path) -> None:
    goose, dbmate = write(tmp_path, "g.sql", GOOSE), write(tmp_path, "d.sql", DBMATE)

    assert "drop-column" not in codes(lint(goose))
    assert "missing-way-back" not in codes(lint(goose))
    assert "missing-way-back" in codes(lint(dbmate))


@pytest.mark.parametrize(
    ("text", "is_found"),
    [
        ("-- +goose Up\nCREATE INDEX CONCURRENTLY i ON t (a);\n", True),
        ("-- +goose NO TRANSACTION\n-- +goose Up\nCREATE INDEX CONCURRENTLY i ON t (a);\n", False),
        ("-- migrate:up\nCREATE INDEX CONCURRENTLY i ON t (a);\n", True),
        ("-- migrate:up transaction:false\nCREATE INDEX CONCURRENTLY i ON t (a);\n", False),
        ("CREATE INDEX CONCURRENTLY i ON t (a);--> statement-breakpoint\nSELECT 1;", True),
        ("CREATE INDEX CONCURRENTLY i ON t (a);", False),
    ],
)
def test_the_tool_decides_about_the_transaction(tmp_path: Path, text: str, is_found: bool) -> None:
    file = write(tmp_path, "a.sql", text)

    assert ("concurrently-in-transaction" in codes(lint(file))) is is_found
    assert "concurrently-in-transaction" in codes(lint(file, is_wrapped=True))
    assert "concurrently-in-transaction" not in codes(lint(file, is_wrapped=False))


def test_flyway_runs_a_file_in_a_transaction(tmp_path: Path) -> None:
    file = write(tmp_path, "V2__index.sql", "CREATE INDEX CONCURRENTLY i ON t (a);")

    assert "concurrently-in-transaction" in codes(lint(file))


def test_only_and_skip_choose_rules(tmp_path: Path) -> None:
    file = write(tmp_path, "a.sql", "ALTER TABLE t DROP COLUMN c;")

    assert codes(lint(file, only=("drop-column",))) == {"drop-column"}
    assert "drop-column" not in codes(lint(file, skip=("drop-column, missing-lock-timeout",)))
    with pytest.raises(ConfigError, match="no lint rule"):
        lint(file, skip=("drop-colum",))


def test_a_comment_in_a_string_allows_nothing(tmp_path: Path) -> None:
    file = write(tmp_path, "a.sql", "SELECT '\n-- lockgate: allow drop-table no\n';\nDROP TABLE t;")

    assert "drop-table" in codes(lint(file))


def test_the_engine_must_be_known(tmp_path: Path) -> None:
    file = write(tmp_path, "a.sql", "SELECT 1;")

    for engine in ("", "oracle"):
        with pytest.raises(ConfigError):
            lint(file, engine=engine)
    with pytest.raises(ConfigError, match="version"):
        lint(file, version="new")


def test_the_command_has_codes_formats_and_standard_input(tmp_path: Path) -> None:
    found = run("lint", "--engine", "mysql", "-", folder=tmp_path, stdin="DROP TABLE t;")
    clean = run("lint", "--engine", "sqlite", "-", folder=tmp_path, stdin="SELECT 1;")
    empty = run("lint", "--engine", "sqlite", "-", folder=tmp_path)

    assert (found.returncode, clean.returncode, empty.returncode) == (3, 0, 2), found.stderr
    document = json.loads(run("--format", "json", "lint", "--engine", "mysql", "--exit-zero", "-", folder=tmp_path,
                              stdin="DROP TABLE t;").stdout)  # fmt: skip
    assert document["status"] == "found"
    sarif = run("lint", "--format", "sarif", "--engine", "mysql", "-", folder=tmp_path, stdin="DROP TABLE t;").stdout
    assert json.loads(sarif)["runs"][0]["results"][0]["ruleId"]


def test_the_engine_comes_from_the_configuration_without_connecting(tmp_path: Path) -> None:
    write(tmp_path, "a.sql", "DROP TABLE t;")

    assert run("lint", "a.sql", folder=tmp_path).returncode == 2
    write(tmp_path, "lockgate.toml", 'url = "postgresql://nobody@203.0.113.1/none"\n[lint]\nskip = ["drop-table"]\n')
    done = run("lint", "a.sql", "--skip", "missing-lock-timeout", folder=tmp_path)

    assert done.returncode == 0, done.stdout + done.stderr


def test_lint_needs_no_driver(tmp_path: Path) -> None:
    file = write(tmp_path, "a.sql", "DROP TABLE t;")
    code = (
        "import sys; sys.modules['psycopg'] = None; sys.modules['pymysql'] = None\n"
        "from lockgate.workflow.lint_files import LintOptions, lint_files\n"
        f"[lint_files([{str(file)!r}], LintOptions(e)) for e in ('postgres', 'mysql', 'mariadb', 'sqlite')]"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT / "src")

    assert done.returncode == 0, done.stderr


def test_the_hook_runs_as_pre_commit_would(tmp_path: Path) -> None:
    hook = dict(
        line.strip().lstrip("- ").split(": ", 1)
        for line in (ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8").splitlines()
        if line.strip()
    )
    write(tmp_path, "a.sql", "DROP TABLE t;")

    program, *arguments = hook["entry"].split()
    done = run(*arguments, "--engine", "postgres", "a.sql", folder=tmp_path)

    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["scripts"]
    assert hook["id"] == "lockgate-lint" and hook["language"] == "python" and program in scripts
    assert done.returncode == 3


def test_the_action_runs_lint_with_its_inputs(tmp_path: Path) -> None:
    text = (ROOT / "action.yml").read_text(encoding="utf-8")
    script = text.split("run: |\n")[-1]
    fake = write(tmp_path, "lockgate/bin/lockgate", f'#!/bin/sh\nexec {sys.executable} -m lockgate "$@"\n')
    fake.chmod(0o755)
    write(tmp_path, "a b.sql", "SELECT 1;")
    write(tmp_path, "c.sql", "DROP TABLE t;")
    environ = {"PATH": "/usr/bin:/bin", "RUNNER_TEMP": str(tmp_path), "PYTHONPATH": str(ROOT / "src"), "HOME": "/",
               "FILES": "c.sql", "ENGINE": "postgres", "SERVER_VERSION": "15", "ARGS": "--strict", "FORMAT": "github",
               "OUTPUT": ""}  # fmt: skip

    done = subprocess.run(["bash", "-e", "-c", script], capture_output=True, text=True, cwd=tmp_path, env=environ)

    assert done.returncode == 3, done.stderr
    assert "::error file=c.sql,line=1,title=drop-table::" in done.stdout


def test_a_plan_is_linted_with_the_same_rules(tmp_path: Path) -> None:
    write(
        tmp_path,
        "before.sql",
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b TEXT); INSERT INTO t VALUES (1, 2, 3);",
    )
    write(tmp_path, "after.sql", "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT);")
    database = sqlite3.connect(tmp_path / "a.db")
    database.executescript((tmp_path / "before.sql").read_text())
    database.close()
    made = run("--url", "sqlite:///a.db", "plan", "--desired", "after.sql", "--allow", "all", "-o", "plan.json",
               folder=tmp_path)  # fmt: skip

    done = run("--format", "json", "lint", "plan.json", folder=tmp_path)

    assert made.returncode == 0, made.stderr
    document = json.loads(done.stdout)
    assert document["checked"]["statements"] > 0
    assert not [f for f in document["findings"] if f["code"] == "statement-not-read"]
    assert run("lint", "missing.json", folder=tmp_path).returncode == 2
    write(tmp_path, "cut.json", (tmp_path / "plan.json").read_text()[:100])
    assert run("lint", "cut.json", folder=tmp_path).returncode == 2


def test_three_thousand_statements_are_checked_in_seconds(tmp_path: Path) -> None:
    lines = "".join(f"ALTER TABLE t{i} ADD COLUMN c bigint NOT NULL DEFAULT 0;\n" for i in range(3_000))
    file = write(tmp_path, "big.sql", lines)

    started = time.monotonic()
    report = lint(file, is_wrapped=False)

    assert report.checked["statements"] == 3_000
    assert time.monotonic() - started < 20
