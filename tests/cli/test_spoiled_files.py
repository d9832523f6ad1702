"""A spoiled file, whoever wrote it, is one clear error and never a traceback."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from tests.cli.conftest import DESIRED, LIVE, Cli
from tests.cli.inside import Inside

RUNBOOK = """
runbook: orders
title: Orders get a total
phases:
- id: "0"
  title: Pre-flight
  tasks:
  - {id: "0.0", title: Look, do: {sh: "true"}}
"""
ACCEPTED = '[[accept]]\nkind = "extra_table"\nobject = "old_log"\nreason = "kept"\nuntil = 2099-01-01\n'
PLAN_MD = "# Plan\n\n| Phase | Step | Command |\n|---|---|---|\n| 1 | 1.1 Look around | `ls` |\n"
CASES = {
    "configuration": ("lockgate.toml", ("drift", "--desired", "desired.sql")),
    "desired schema": ("desired.sql", ("drift", "--desired", "desired.sql")),
    "desired schema to validate": ("desired.sql", ("validate", "--desired", "desired.sql")),
    "plan of a document": ("plan.md", ("runbook", "import", "plan.md")),
    "plan to show": ("plan.json", ("show", "plan.json")),
    "plan to apply": ("plan.json", ("apply", "plan.json", "--yes")),
    "linted statements": ("desired.sql", ("lint", "desired.sql")),
    "runbook": ("runbook.yaml", ("runbook", "show", "runbook.yaml")),
    "runbook to run": ("runbook.yaml", ("runbook", "run", "runbook.yaml", "--yes")),
    "runbook to lint": ("runbook.yaml", ("runbook", "lint", "runbook.yaml")),
    "monitors": ("runbook.yaml", ("monitor", "test", "runbook.yaml")),
    "roadmap": ("docs/roadmap.md", ("roadmap", "validate", "docs/roadmap.md")),
    "snapshot": ("snapshot.json", ("drift", "--desired", "snapshot.json")),
}


@pytest.fixture
def project(tmp_path: Path) -> Inside:
    cli = Inside(tmp_path, {"LOCKGATE_URL": "sqlite:///app.db", "LOCKGATE_STATE_DIR": str(tmp_path / "state")})
    connection = sqlite3.connect(tmp_path / "app.db")
    connection.executescript(LIVE)
    connection.close()
    cli.write("desired.sql", DESIRED)
    cli.write("lockgate.toml", '[session]\ndocs = "docs"\n')
    cli.write("runbook.yaml", RUNBOOK)
    cli.write("plan.md", PLAN_MD)
    (tmp_path / "docs").mkdir()
    cli.write("docs/roadmap.md", "# Roadmap\n\n- [ ] **SCH-1** Orders get a total\n")
    assert cli("plan", "--desired", "desired.sql", "--allow", "all", "-o", "plan.json").code in (0, 3)
    (tmp_path / "snapshot.json").write_text(cli("inspect", "--format", "json").out)
    return cli


def spoil(path: Path) -> None:
    """Put a byte into the middle that begins no letter."""
    data = path.read_bytes()
    place = data.index(b"o", len(data) // 2) if b"o" in data[len(data) // 2 :] else len(data) // 2
    path.write_bytes(data[:place] + b"\xf0" + data[place + 1 :])


@pytest.mark.parametrize("case", CASES)
def test_it_is_one_clear_error(project: Inside, case: str) -> None:
    name, command = CASES[case]
    spoil(project.folder / name)
    done = project(*command)
    assert done.code in (2, 5), (done.code, done.out, done.err)
    assert name.rpartition("/")[2] in done.out + done.err and "bug of its own" not in done.err


def test_damage_in_a_manifest_is_never_a_bug_and_never_restored(project: Inside) -> None:
    created = project("backup", "create", "--format", "json")
    assert created.code == 0, created.err
    manifest = next(project.folder.rglob("manifest.json"))
    backup = manifest.parent.name
    whole = manifest.read_bytes()
    for place in range(0, len(whole), 97):
        manifest.write_bytes(whole[:place] + b"\xf0" + whole[place + 1 :])
        done = project("restore", backup, "--force")
        assert done.code in (2, 4, 6) and "bug of its own" not in done.err, (place, done.code, done.err)
        listed = project("backup", "list")
        assert listed.code != 1 and "bug of its own" not in listed.err, (place, listed.err)


def test_a_file_that_the_system_refuses_is_named_and_no_bug(cli: Cli) -> None:
    assert cli("backup", "create").code == 0
    place = next(cli.folder.rglob("backups/*/reading"))
    place.unlink()
    place.mkdir()
    done = cli("backup", "create")
    assert (done.code, "bug of its own" in done.err) == (6, False), done.err
    assert f"where: {place}" in done.err and "cause: Is a directory" in done.err
