"""Migrations on the command line: as a schema, against their history, and renumbered."""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
import subprocess
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from .conftest import Cli

TEXTS = {
    "0000_a": "CREATE TABLE a (id integer PRIMARY KEY) STRICT;\n",
    "0001_b": "ALTER TABLE a ADD note text;\n",
    "0001_c": "CREATE TABLE c (id integer PRIMARY KEY) STRICT;\n",
}


@pytest.fixture
def shop(cli: Cli) -> Cli:
    """A folder with a Drizzle project, its database with all of it applied, and lockgate.toml that names both."""
    for path in cli.folder.iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    folder = cli.folder / "drizzle"
    (folder / "meta").mkdir(parents=True)
    database = sqlite3.connect(cli.folder / "app.db")
    database.execute(
        "CREATE TABLE __drizzle_migrations (id integer PRIMARY KEY, hash text NOT NULL, created_at numeric)"
    )
    entries = []
    for index, (tag, text) in enumerate(TEXTS.items()):
        (folder / f"{tag}.sql").write_text(text)
        entries.append({"idx": index, "version": "6", "when": 1000 + index, "tag": tag, "breakpoints": True})
        database.execute(text)
        digest = hashlib.sha256(text.encode()).hexdigest()
        database.execute("INSERT INTO __drizzle_migrations (hash, created_at) VALUES (?, ?)", (digest, 1000 + index))
    database.commit()
    journal = {"version": "7", "dialect": "sqlite", "entries": entries}
    (folder / "meta/_journal.json").write_text(json.dumps(journal, indent=2))
    for number in ("0000", "0001"):
        (folder / f"meta/{number}_snapshot.json").write_text("{}")
    (cli.folder / "lockgate.toml").write_text('migrations = "drizzle"\ndesired = "migrations:drizzle"\n')
    return cli


def test_the_tools_own_table_is_no_drift_and_no_plan_drops_it(shop: Cli) -> None:
    assert shop("drift").code == 0
    ran = shop("plan", "--allow", "all", "-o", "plan.json")
    assert ran.code == 0
    assert "__drizzle_migrations" not in ran.out + (shop.folder / "plan.json").read_text()


def test_one_defect_is_one_finding_and_none_is_exit_code_0(shop: Cli) -> None:
    (shop.folder / "drizzle/meta/_journal.json").write_text(
        (shop.folder / "drizzle/meta/_journal.json").read_text().replace("0001_c", "0002_c")
    )
    (shop.folder / "drizzle/0001_c.sql").rename(shop.folder / "drizzle/0002_c.sql")
    (shop.folder / "drizzle/meta/0002_snapshot.json").write_text("{}")
    groups = ("--only", "migrations", "--only", "history", "--only", "replay", "--only", "agreement", "--exit-code")
    clean = shop("validate", *groups)
    assert (clean.code, clean.out.partition(":")[0]) == (0, "clean")
    assert "3 journal entries, 3 migration files, 3 applied migrations" in clean.out
    (shop.folder / "drizzle/0000_a.sql").write_text(TEXTS["0000_a"] + "-- a word\n")
    found = json.loads(shop("validate", *groups, "--format", "json").out)
    assert [finding["code"] for finding in found["findings"]] == ["migration-edited"]
    assert shop("validate", *groups).code == 3
    assert shop("validate", *groups, "--exit-zero").code == 0


@pytest.mark.parametrize("output_format", ["sarif", "github", "junit", "markdown", "text"])
def test_a_number_used_twice_stands_in_every_format_with_its_file(shop: Cli, output_format: str) -> None:
    ran = shop("validate", "--only", "migrations", "--format", output_format)
    assert ran.code == 3
    assert "migration-number-duplicate" in ran.out
    assert "0001_c.sql" in ran.out.replace("\\", "")
    if output_format == "junit":
        ElementTree.fromstring(ran.out)
    if output_format == "sarif":
        (run,) = json.loads(ran.out)["runs"]
        assert run["tool"]["driver"]["rules"][0]["fullDescription"]["text"]


def test_a_folder_that_is_also_the_desired_schema_is_not_found_twice(shop: Cli) -> None:
    findings = json.loads(shop("validate", "--skip", "schema", "--skip", "data", "--format", "json").out)["findings"]
    assert [finding["code"] for finding in findings] == ["migration-number-duplicate"]
    alone = json.loads(shop("validate", "--only", "source", "--format", "json").out)["findings"]
    assert alone == findings


def test_without_a_database_the_folder_is_checked_and_the_rest_is_not_run(shop: Cli) -> None:
    del shop.env["LOCKGATE_URL"]
    ran = shop("validate", "--skip", "source")
    assert ran.code == 3
    assert "history: not run: no database is given" in ran.out
    assert "replay: not run: no database is given" in ran.out


def git(folder: Path, *arguments: str) -> str:
    who = ["-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
    return subprocess.run(["git", *who, *arguments], cwd=folder, capture_output=True, text=True, check=True).stdout


def test_renumber_proposes_applies_as_one_commit_and_is_reverted(shop: Cli) -> None:
    (shop.folder / ".gitignore").write_text("app.db*\n.lockgate/\n")
    git(shop.folder, "init", "-q")
    git(shop.folder, "config", "user.name", "a")
    git(shop.folder, "config", "user.email", "a@example.org")
    git(shop.folder, "add", "-A")
    git(shop.folder, "commit", "-q", "-m", "all")
    before = (shop.folder / "drizzle/meta/_journal.json").read_text()

    proposed = shop("migrations", "renumber", "--dry-run", "drizzle")
    assert proposed.code == 0
    assert "0001_c.sql -> 0002_c.sql" in proposed.out
    assert "the same 3 texts run in the same order" in proposed.out
    assert "nothing was changed" in proposed.out
    assert git(shop.folder, "status", "--porcelain") == ""

    done = json.loads(shop("migrations", "renumber", "--format", "json").out)
    assert done["changes"] == [{"before": "0001_c.sql", "after": "0002_c.sql"}]
    assert git(shop.folder, "rev-parse", "HEAD").strip() == done["commit"]
    groups = ("--only", "history", "--only", "agreement")
    assert shop("validate", *groups).code == 0
    assert "nothing to do" in shop("migrations", "renumber", "drizzle").out
    git(shop.folder, "revert", "--no-edit", "HEAD")
    assert (shop.folder / "drizzle/meta/_journal.json").read_text() == before


def test_renumber_in_a_tree_that_is_not_clean_is_refused(shop: Cli) -> None:
    git(shop.folder, "init", "-q")
    git(shop.folder, "add", "-A")
    git(shop.folder, "commit", "-q", "-m", "all")
    (shop.folder / "note.txt").write_text("x")
    ran = shop("migrations", "renumber", "drizzle")
    assert ran.code == 4
    assert "note.txt" in ran.err
    assert (shop.folder / "drizzle/0001_c.sql").exists()


def test_renumber_without_a_folder_says_how_to_name_one(cli: Cli) -> None:
    ran = cli("migrations", "renumber")
    assert ran.code == 2
    assert "renumber --dry-run FOLDER" in ran.err
