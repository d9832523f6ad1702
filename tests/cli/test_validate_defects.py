"""`lockgate validate` on what is wrong with schema, rows and conventions: each rule fails once, one finding, exit 3."""

from __future__ import annotations

import json
import sqlite3
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from lockgate.cli.app import root
from tests.defects.bad import CLEAN

PARENT = "CREATE TABLE parent (id INTEGER PRIMARY KEY, code TEXT NOT NULL) STRICT;"


class Ran(NamedTuple):
    """What a command left."""

    code: int
    out: str


Run = Callable[..., Ran]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command in this process, in a folder with a database made by a script."""
    monkeypatch.chdir(tmp_path)

    def call(script: str, *arguments: str) -> Ran:
        connection = sqlite3.connect("app.db")
        connection.executescript(script)
        connection.close()
        capsys.readouterr()
        code = root.main([*arguments, "--url", "sqlite:///app.db"], prog_name="lockgate", standalone_mode=False)
        return Ran(code, capsys.readouterr().out)

    return call


def test_a_clean_database_exits_0_and_says_how_much_was_checked(run: Run) -> None:
    ran = run(";".join(CLEAN["sqlite"]), "validate", "--exit-code")
    assert ran.code == 0
    assert ran.out.startswith("clean: no finding (checked 2 tables, ")


def test_a_database_without_a_table_is_not_run(run: Run) -> None:
    ran = run("", "validate")
    assert ran.code == 2
    assert "there was nothing to check" in ran.out


@pytest.mark.parametrize(
    ("code", "script"),
    [
        ("table-without-primary-key", "CREATE TABLE t (a INTEGER) STRICT;"),
        (
            "foreign-key-type-mismatch",
            "CREATE TABLE t (id INTEGER PRIMARY KEY, p TEXT REFERENCES parent) STRICT;CREATE INDEX i ON t (p);",
        ),
        ("foreign-key-without-target", "CREATE TABLE t (id INTEGER PRIMARY KEY, p INTEGER REFERENCES nowhere) STRICT;"),
        ("foreign-key-without-index", "CREATE TABLE t (id INTEGER PRIMARY KEY, p INTEGER REFERENCES parent) STRICT;"),
        (
            "index-duplicate",
            "CREATE TABLE t (id INTEGER PRIMARY KEY, a INTEGER) STRICT; CREATE INDEX i ON t (a);"
            "CREATE INDEX j ON t (a);",
        ),
        (
            "index-covered",
            "CREATE TABLE t (id INTEGER PRIMARY KEY, a INTEGER, b INTEGER) STRICT;"
            "CREATE INDEX i ON t (a); CREATE INDEX j ON t (a, b);",
        ),
        ("money-in-float", "CREATE TABLE t (id INTEGER PRIMARY KEY, unitPrice REAL) STRICT;"),
        ("name-reserved", 'CREATE TABLE "group" (id INTEGER PRIMARY KEY) STRICT;'),
        (
            "collation-mixed",
            "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT COLLATE NOCASE, b TEXT COLLATE RTRIM) STRICT;",
        ),
        ("key-takes-null", "CREATE TABLE t (id TEXT PRIMARY KEY, n INTEGER);"),
        ("key-not-rowid", "CREATE TABLE t (id INT PRIMARY KEY NOT NULL) STRICT;"),
        ("type-affinity", "CREATE TABLE t (id INTEGER PRIMARY KEY, zip STRING);"),
        ("table-not-strict", "CREATE TABLE t (id INTEGER PRIMARY KEY);"),
        ("view-broken", "CREATE VIEW v AS SELECT gone FROM parent;"),
        ("trigger-broken", "CREATE TRIGGER r AFTER DELETE ON parent BEGIN DELETE FROM gone; END;"),
        (
            "orphan-rows",
            "CREATE TABLE t (id INTEGER PRIMARY KEY, p INTEGER REFERENCES parent) STRICT;"
            "CREATE INDEX i ON t (p); INSERT INTO t VALUES (1, 9);",
        ),
        (
            "rows-break-check",
            "PRAGMA ignore_check_constraints=ON; CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER"
            " CHECK (n > 0)) STRICT; INSERT INTO t VALUES (1, 0);",
        ),
        ("rows-break-not-null", "CREATE TABLE t (id TEXT PRIMARY KEY, n INTEGER); INSERT INTO t VALUES (NULL, 1);"),
        ("values-of-wrong-class", "CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER); INSERT INTO t VALUES (1, 'x');"),
        (
            "counter-near-end",
            "CREATE TABLE t (id INTEGER PRIMARY KEY) STRICT; INSERT INTO t VALUES (9223372036854775807);",
        ),
    ],
)
def test_one_defect_is_one_finding_of_its_rule(run: Run, code: str, script: str) -> None:
    ran = run(PARENT + script, "validate", "--strict", "--format", "json")
    found = {finding["code"] for finding in json.loads(ran.out)["findings"]}
    beside = {"table-not-strict", "key-takes-null"} if "STRICT;" not in script.replace(PARENT, "") else set()
    assert ran.code == 3
    assert code in found
    assert found - {code} <= beside


CONVENTION_TABLES = (
    "CREATE TABLE orders (id INTEGER PRIMARY KEY, version INTEGER NOT NULL DEFAULT 1, deleted_at TEXT) STRICT;"
    "CREATE TABLE clients (id INTEGER PRIMARY KEY, version INTEGER, deleted_at TEXT NOT NULL) STRICT;"
    "CREATE TABLE inventory (id INTEGER PRIMARY KEY) STRICT;"
)
LOCKING = "[conventions.optimistic_locking]\ntables = ['orders', 'clients']\n"


@pytest.mark.parametrize(
    ("code", "toml"),
    [
        ("version-column-missing", "[conventions.optimistic_locking]\ntables = ['orders', 'clients', 'inventory']"),
        ("version-column-wrong", LOCKING),
        ("versioned-table-unknown", "[conventions.optimistic_locking]\ntables = ['orders', 'clients', 'stock']"),
        ("versioned-lists-differ", "[conventions.optimistic_locking]\ntables = ['orders']"),
        ("locking-code-unread", LOCKING + "code = 'src/*.ts'"),
        ("locking-helper-missing", LOCKING + "helper = 'lib/lock.ts'"),
        ("two-writer-probe-failed", LOCKING + "update = 'UPDATE {table} SET {version} = {version} + 1 WHERE {key}'"),
        ("soft-delete-missing", "[conventions.soft_delete]\ntables = ['*']"),
        ("soft-delete-not-nullable", "[conventions.soft_delete]\nwithout = ['inventory']"),
        ("soft-delete-coverage", "[conventions.soft_delete]"),
        ("convention-plural", "[[conventions.rules]]\nname = 'plural'\nmatches = 's$'"),
        ("convention-without-tables", "[[conventions.rules]]\nname = 'x'\nmatches = 'x'\ntables = ['nowhere']"),
    ],
)
@pytest.mark.parametrize("command", [("verify", "--conventions"), ("validate", "--only", "conventions")])
def test_a_broken_convention_is_found(run: Run, code: str, toml: str, command: tuple[str, ...]) -> None:
    Path("lockgate.toml").write_text(toml)
    ran = run(CONVENTION_TABLES, *command, "--strict", "--format", "json")
    assert ran.code == 3
    assert code in {finding["code"] for finding in json.loads(ran.out)["findings"]}


def test_inventory_without_its_version_is_named(run: Run) -> None:
    Path("lockgate.toml").write_text(LOCKING.replace("'clients']", "'clients', 'inventory']"))
    ran = run(CONVENTION_TABLES, "verify", "--conventions")
    assert ran.code == 3
    assert "inventory has no column version" in ran.out


def test_conventions_that_hold_are_clean(run: Run) -> None:
    Path("lockgate.toml").write_text(
        "[conventions.optimistic_locking]\ntables = ['orders']\n[conventions.soft_delete]\ntables = ['orders']\n"
    )
    script = "CREATE TABLE orders (id INTEGER PRIMARY KEY, version INTEGER NOT NULL DEFAULT 1, deleted_at TEXT) STRICT;"
    ran = run(script, "verify", "--conventions", "--strict")
    assert ran.code == 0
    assert "1 two-writer probes" in ran.out


def test_the_analysis_shows_what_the_conventions_gave_with_its_evidence(run: Run) -> None:
    Path("lockgate.toml").write_text(LOCKING.replace("'clients']", "'inventory']"))
    ran = run(CONVENTION_TABLES, "report", "analysis", "--format", "markdown")
    assert ran.code == 0
    assert "inventory has no column version" in ran.out
    assert "1 two-writer probe" in ran.out and "version-column-missing" in ran.out


def test_49_tables_that_delete_softly_are_counted_and_the_others_listed(run: Run) -> None:
    Path("lockgate.toml").write_text("[conventions.soft_delete]\n")
    soft = "".join(f"CREATE TABLE s{n} (id INTEGER PRIMARY KEY, deletedAt TEXT) STRICT;" for n in range(49))
    hard = "".join(f"CREATE TABLE h{n} (id INTEGER PRIMARY KEY) STRICT;" for n in range(3))
    ran = run(soft + hard, "verify", "--conventions")
    assert "49 tables with deleted_at or deletedAt, 3 without" in ran.out
    assert "h0, h1, h2" in ran.out and "49 tables with soft delete" in ran.out


@pytest.mark.parametrize("form", ["json", "markdown", "sarif", "github", "junit"])
def test_findings_come_in_every_form(run: Run, form: str) -> None:
    ran = run("CREATE TABLE t (a INTEGER) STRICT;", "validate", "--format", form)
    assert ran.code == 3
    if form == "sarif":
        (result,) = json.loads(ran.out)["runs"][0]["results"]
        assert result["ruleId"] == "table-without-primary-key"
    elif form == "junit":
        assert ElementTree.fromstring(ran.out).attrib["failures"] == "1"
    elif form == "github":
        assert ran.out.startswith("::warning title=table-without-primary-key::t has no primary key")
    else:
        assert "table-without-primary-key" in ran.out


def test_what_was_too_large_is_unknown_and_not_clean(run: Run) -> None:
    ran = run(";".join(CLEAN["sqlite"]), "validate", "--max-rows", "1")
    assert ran.code == 5
    assert "not counted: about 2 rows, more than the limit of 1" in ran.out


def test_the_percentage_of_counters_is_an_option(run: Run) -> None:
    script = "CREATE TABLE t (id INTEGER PRIMARY KEY) STRICT; INSERT INTO t VALUES (4800000000000000000);"
    assert run(script, "validate").code == 0
    assert run("", "validate", "--overflow-percent", "50").code == 3


def test_the_tables_of_a_migration_tool_are_left_alone_and_counted(run: Run) -> None:
    """Drizzle's own table on SQLite has a key that takes NULL, holds NULL in it, and is nobody's to change."""
    script = (
        PARENT + "CREATE TABLE __drizzle_migrations (id SERIAL PRIMARY KEY, hash text NOT NULL, created_at numeric);"
        "INSERT INTO __drizzle_migrations (hash, created_at) VALUES ('x', 1);"
    )
    ran = run(script, "validate", "--strict")
    assert ran.code == 0
    assert "1 tables of migration tools left alone" in ran.out
    assert run("DROP TABLE parent", "validate").code == 2


def test_findings_that_were_agreed_on_are_left_out_and_counted(run: Run) -> None:
    Path("lockgate.toml").write_text('[validate]\nignore = ["table-without-primary-key:legacy_*"]\n')
    ran = run("CREATE TABLE legacy_log (a INTEGER) STRICT; CREATE TABLE t (a INTEGER) STRICT;", "validate")
    assert ran.code == 3
    assert "t has no primary key" in ran.out and "legacy_log has no" not in ran.out
    assert "1 ignored findings" in ran.out
    ran = run("DROP TABLE t", "validate")
    assert ran.code == 0


def test_a_code_to_ignore_that_no_rule_has_is_an_error(run: Run) -> None:
    from lockgate.errors import ConfigError

    Path("lockgate.toml").write_text('[validate]\nignore = ["table-without-primarykey"]\n')
    with pytest.raises(ConfigError, match="no rule") as raised:
        run(PARENT, "validate")
    assert raised.value.cause == "did you mean table-without-primary-key?"


def test_conventions_that_are_not_there_are_an_error(run: Run) -> None:
    from lockgate.errors import ConfigError

    with pytest.raises(ConfigError, match="no conventions"):
        run(PARENT, "verify", "--conventions")
    with pytest.raises(ConfigError, match="nothing to look at"):
        run("", "validate", "--only", "conventions")


def test_a_code_of_ones_own_can_be_explained(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert root.main(["explain", "convention-plural"], prog_name="lockgate", standalone_mode=False) == 0
    assert "A rule of your own is broken" in capsys.readouterr().out
