"""`lockgate restore` as people use it: what must be said, what is refused, what is printed."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from tests.cli.conftest import Cli, cli

__all__ = ["cli"]
CONFIG = """
url = "sqlite:///app.db"
[backup.hooks]
state = "cat instances"
stop = "echo 0 > instances"
start = "echo $LOCKGATE_APP_STATE > instances"
"""


@pytest.fixture
def shop(cli: Cli) -> Cli:
    """A database that was backed up and proven, then changed; an application of 3 instances."""
    cli.env.clear()
    cli.write("lockgate.toml", CONFIG)
    cli.write("instances", "3\n")
    made = cli("backup", "create", "--verify", "schema")
    assert made.code == 0, made.err
    connection = sqlite3.connect(cli.folder / "app.db")
    connection.executescript("CREATE TABLE since (id integer); INSERT INTO since VALUES (1); DELETE FROM orders;")
    connection.close()
    return cli


def orders(shop: Cli) -> int:
    """Return how many orders are live."""
    return int(str(shop.sql("SELECT count(*) FROM orders")[0][0]))


def test_a_restore_from_the_first_look_to_the_last_word(shop: Cli) -> None:
    dry = shop("restore", "latest", "--dry-run")
    assert dry.code == 0 and "since: 1 rows now, not in the backup" in dry.out and "stop hook" in dry.out
    assert dry.out.rstrip().endswith("nothing was touched") and orders(shop) == 0
    plan = json.loads(shop("restore", "latest", "--dry-run", "--format", "json").out)
    assert plan["format_version"] == 1 and plan["is_verified"] and plan["estimate_s"] >= 0
    ran = shop("restore", "latest", "--confirm", "app")
    assert ran.code == 0, ran.err
    assert "verified: rows, checksums and schema equal the manifest" in ran.out
    assert "application: started, its state is 3 as before" in ran.out
    assert (shop.folder / "instances").read_text() == "3\n" and orders(shop) == 2
    for word in ("next: lockgate drift", "next: lockgate status", "restore --undo", "restore --drop-kept"):
        assert word in ran.out
    listed = json.loads(shop("restore", "--list", "--format", "json").out)["restores"]
    assert [item["phase"] for item in listed] == ["done"]
    undone = shop("restore", "--undo", "--confirm", "app")
    assert undone.code == 0 and orders(shop) == 0, undone.err
    dropped = shop("restore", "--drop-kept", listed[0]["id"], "--confirm", "app")
    assert dropped.code == 0 and not list(shop.folder.glob("app__*"))


def test_what_is_refused_before_anything_is_stopped(shop: Cli) -> None:
    assert shop("restore", "latest").code == 2
    wrong = shop("restore", "latest", "--confirm", "other")
    assert wrong.code == 2 and "nothing was touched" in wrong.err
    agent = shop("restore", "latest", "--confirm", "app", "--force", CLAUDECODE="1")
    assert agent.code == 4 and "a coding agent may not" in agent.err and "--confirm app" in agent.err
    assert shop("restore", "nonsense", "--confirm", "app").code == 2
    assert shop("restore", "--confirm", "app").code == 2
    assert shop("restore", "--resume", "--confirm", "app").code == 4
    assert shop("restore", "--undo", "--confirm", "app").code == 2
    assert orders(shop) == 0 and (shop.folder / "instances").read_text() == "3\n"


def test_a_corrupt_file_is_found_before_the_application_is_stopped(shop: Cli) -> None:
    folder = Path(json.loads(shop("backup", "show", "latest", "--format", "json").out)["folder"])
    file = next(folder.glob("database.sqlite*"))
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(bytes(data))
    shop.write("lockgate.toml", CONFIG.replace("echo 0 >", "echo stopped >> was_stopped; echo 0 >"))
    for arguments in (["--backup-file", str(file)], [str(folder)]):
        ran = shop("restore", *arguments, "--confirm", "app")
        assert ran.code == 4 and "nothing was" in ran.err, ran.err
    assert not (shop.folder / "was_stopped").exists() and orders(shop) == 0


def test_force_asks_nothing_and_stands_in_the_journal(shop: Cli) -> None:
    connection = sqlite3.connect(shop.folder / "app.db")
    connection.close()
    (shop.folder / "app.db").rename(shop.folder / "renamed.db")
    shop.write("lockgate.toml", CONFIG.replace("app.db", "renamed.db"))
    folder = next((shop.folder / ".lockgate" / "backups").rglob("b/*"))
    asked = shop("restore", str(folder), "--confirm", "renamed")
    assert asked.code == 2 and "is of the database app.db" in asked.err
    ran = shop("restore", str(folder), "--confirm", "renamed", "--force", LOCKGATE_ACTOR="ada")
    assert ran.code == 0, ran.err
    connection = sqlite3.connect(shop.folder / "renamed.db")
    notes = [row[0] for row in connection.execute("SELECT body FROM lockgate_event")]
    connection.close()
    assert any("by ada, by force" in note for note in notes)
    listed = json.loads(shop("restore", "--list", "--format", "json").out)["restores"]
    assert (listed[0]["operator"], listed[0]["is_forced"]) == ("ada", True)


def test_a_hook_that_fails_stops_it_with_the_application_as_it_was(shop: Cli) -> None:
    shop.write("lockgate.toml", CONFIG.replace("echo 0 > instances", "echo no > /dev/stderr; exit 9"))
    ran = shop("restore", "latest", "--confirm", "app")
    assert ran.code == 6 and "the stop hook failed" in ran.err and "the old database is in place" in ran.err
    assert (shop.folder / "instances").read_text() == "3\n" and orders(shop) == 0
    shop.write("lockgate.toml", CONFIG.replace("echo $LOCKGATE_APP_STATE > instances", "exit 9"))
    ran = shop("restore", "latest", "--confirm", "app")
    assert ran.code == 6 and "the application is not started" in ran.err and orders(shop) == 2
    assert "restore --resume" in shop("status").out
    shop.write("lockgate.toml", CONFIG)
    ran = shop("restore", "--resume", "--confirm", "app")
    assert ran.code == 0 and (shop.folder / "instances").read_text() == "3\n", ran.err
