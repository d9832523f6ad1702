"""Changes with backups: taken and proven before the first stage, listed with checkpoints, restored to rehearse on."""

from __future__ import annotations

import json
import sqlite3

import pytest

from .conftest import PROTECTED, Cli


@pytest.fixture
def protected(planned: Cli) -> Cli:
    """A planned database as a protected target, its plan approved and rehearsed."""
    planned.write("lockgate.toml", PROTECTED)
    assert planned("approve", "plan.json", "--yes").code == 0
    assert planned("rehearse", "plan.json").code == 0
    return planned


def test_a_protected_target_gets_a_proven_backup_before_its_first_stage(protected: Cli) -> None:
    ran = protected("apply", "plan.json", "--confirm", "app")
    assert ran.code == 0, ran.err
    listed = json.loads(protected("rollback", "--list", "--format", "json").out)["checkpoints"]
    with_backup = [point["backup"] for point in listed if point["backup"]]
    assert len(with_backup) == 1 and listed[-1]["backup"] == with_backup[0]
    assert with_backup[0]["is_verified"] and with_backup[0]["restore_s"] >= 0 <= with_backup[0]["loss_s"]
    text = protected("rollback", "--list").out
    assert with_backup[0]["backup"] in text and "writes of" in text
    events = [json.loads(line) for path in protected.folder.rglob("events.jsonl") for line in path.open()]
    assert any(event["type"] == "backup_taken" and with_backup[0]["backup"] in event["message"] for event in events)


def test_a_change_whose_backup_cannot_be_taken_does_not_begin(protected: Cli) -> None:
    protected.write("lockgate.toml", PROTECTED.rstrip() + '\n[targets.app.backup]\nfolder = "blocked/b"\n')
    (protected.folder / "blocked").write_text("a file, so no folder can be made in it")
    before = protected.own_free_dump()
    ran = protected("apply", "plan.json", "--confirm", "app")
    assert ran.code == 2 and "folder for backups cannot be made" in ran.err, ran.err
    assert protected.own_free_dump() == before


def test_off_needs_a_reason_on_a_protected_target(protected: Cli) -> None:
    ran = protected("apply", "plan.json", "--confirm", "app", "--backup", "off")
    assert ran.code == 2 and "needs a --reason" in ran.err
    assert protected("apply", "plan.json", "--confirm", "app", "--backup", "off", "--reason", "a copy").code == 0
    assert protected("backup", "list").out.startswith("no backups")


def test_a_rehearsal_restores_the_newest_backup_of_the_schema(planned: Cli) -> None:
    assert planned("backup", "create").code == 0
    ran = planned("rehearse", "plan.json", "--format", "json")
    assert ran.code == 0, ran.err
    found = json.loads(ran.out)
    assert found["backup"].endswith("-0001-full") and found["outcome"] == "passed"
    live = json.loads(planned("rehearse", "plan.json", "--from", "live", "--format", "json").out)
    assert live["backup"] == "" and {t["table"]: t["rows"] for t in live["tables"]} == {
        t["table"]: t["rows"] for t in found["tables"]
    }
    assert planned("rehearse", "plan.json", "--from", "latest", "--rows", "5").code == 2


def test_a_rehearsal_after_a_change_takes_the_backup_that_fits_and_closes_the_run_in_it(planned: Cli) -> None:
    assert planned("apply", "plan.json", "--yes", "--backup", "full").code == 0
    assert planned("rollback", "--to", "start", "--yes").code == 0
    ran = planned("rehearse", "plan.json", "--format", "json")
    assert ran.code == 0, ran.err
    assert json.loads(ran.out)["backup"].endswith("-0001-full")


def test_every_stage_gets_one_when_that_is_configured(planned: Cli) -> None:
    planned.write(
        "lockgate.toml",
        PROTECTED.replace("protected = true", "") + '[backup]\nbefore_change = "tables"\nbetween_stages = "auto"\n',
    )
    assert planned("apply", "plan.json", "--yes").code == 0
    listed = json.loads(planned("checkpoint", "list", "--format", "json").out)["checkpoints"]
    assert len(listed) > 1 and all(point["backup"]["is_verified"] for point in listed)


def test_a_database_that_shrank_by_half_is_not_changed_before_somebody_looked(planned: Cli) -> None:
    connection = sqlite3.connect(planned.folder / "app.db")
    connection.executemany("INSERT INTO old_log VALUES (?, ?)", [(n, "x" * 500) for n in range(10, 2000)])
    connection.commit()
    connection.execute("VACUUM")
    connection.close()
    assert planned("backup", "create").code == 0
    connection = sqlite3.connect(planned.folder / "app.db")
    connection.execute("DELETE FROM old_log WHERE id >= 10")
    connection.commit()
    connection.execute("VACUUM")
    connection.close()
    before = planned.own_free_dump()
    ran = planned("apply", "plan.json", "--yes", "--backup", "full")
    assert ran.code == 4 and "less than half of what it was" in ran.err, ran.err
    assert planned.own_free_dump() == before
    assert planned("apply", "plan.json", "--yes", "--backup", "full").code == 0


def test_a_dry_run_of_a_backup_says_what_it_would_need(planned: Cli) -> None:
    ran = planned("backup", "create", "--dry-run", "--format", "json")
    found = json.loads(ran.out)
    assert ran.code == 0 and found["tools"][0]["name"] == "SQLite" and found["problems"] == [] and found["bytes"] > 0
    assert "nothing was taken" in planned("backup", "create", "--dry-run").out
    assert planned("backup", "list").out.startswith("no backups")
