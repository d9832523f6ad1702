"""Backups of SQLite files: of one moment, exact, and restored by the stock commands alone."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyrage
import pytest

from lockgate.backup.create import CreateOptions, create_backup
from lockgate.backup.repository import Backup, Repository
from lockgate.backup.stream import Coding
from lockgate.backup.verify import VerifyOptions, verify_backup
from lockgate.engine import load_engine
from lockgate.engine.backup import DumpOptions
from lockgate.errors import BackupFailed, ConfigError, Interrupted, LeaseHeld
from lockgate.model import codec
from lockgate.model.backup import Level, Manifest, seal_manifest
from lockgate.model.target import parse_target

ENGINE = load_engine("sqlite")
IDENTITY = pyrage.x25519.Identity.generate()
EVERYTHING = """
PRAGMA user_version = 7;
PRAGMA application_id = 77;
CREATE TABLE "odd ""name" (
    id INTEGER PRIMARY KEY AUTOINCREMENT, "Größe" TEXT COLLATE NOCASE, b BLOB, r REAL, n NUMERIC
);
CREATE TABLE child (id INTEGER PRIMARY KEY, other INTEGER REFERENCES parent (id) DEFERRABLE INITIALLY DEFERRED);
CREATE TABLE parent (id INTEGER PRIMARY KEY, first INTEGER REFERENCES child (id) DEFERRABLE INITIALLY DEFERRED);
CREATE TABLE pairs (a TEXT, b TEXT, PRIMARY KEY (a, b)) WITHOUT ROWID;
CREATE TABLE strict_one (id INTEGER PRIMARY KEY, v ANY, g TEXT AS (upper(v)) STORED) STRICT;
CREATE TABLE empty (x);
CREATE VIRTUAL TABLE words USING fts5 (body);
CREATE INDEX part ON "odd ""name" ("Größe") WHERE r > 0;
CREATE VIEW sums AS SELECT a, count(*) AS n FROM pairs GROUP BY a;
CREATE TRIGGER counted AFTER INSERT ON pairs BEGIN INSERT INTO words VALUES (new.a); END;
INSERT INTO "odd ""name" ("Größe", b, r, n)
    VALUES ('日本 🎉', x'00ff00', 1e308, '007'), (NULL, zeroblob(300000), -0.0, 12);
INSERT INTO pairs VALUES ('a', 'b'), ('a', 'c');
INSERT INTO strict_one (id, v) VALUES (1, 'x'), (2, 5);
"""


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """A file with everything SQLite has."""
    path = tmp_path / "app.db"
    connection = sqlite3.connect(path)
    connection.executescript(EVERYTHING)
    connection.close()
    return path


def take(database: Path, folder: Path, coding: Coding | None = None, **options: object) -> Backup:
    """Take a backup of a file."""
    target = parse_target(f"sqlite:///{database}")
    chosen = CreateOptions(coding=coding or Coding(), **options)  # type: ignore[arg-type]
    return create_backup(ENGINE, target, "app", Repository(folder / "repository"), chosen, lambda text: None)


def prove(backup: Backup, **options: object) -> tuple[Level | None, str]:
    """Prove a backup; return how far it held, and why not farther."""
    found = verify_backup(ENGINE, backup, VerifyOptions(identities=(IDENTITY,), **options), lambda text: None)  # type: ignore[arg-type]
    return found.level, found.problem


def dump(path: Path) -> list[str]:
    """Return a database as text, with what the text does not hold."""
    connection = sqlite3.connect(path)
    try:
        pragmas = [str(connection.execute(f"PRAGMA {name}").fetchone()) for name in ("user_version", "application_id")]
        return [*pragmas, *connection.iterdump()]
    finally:
        connection.close()


@pytest.mark.parametrize("coding", [Coding(), Coding(recipients=(str(IDENTITY.to_public()),))], ids=["plain", "age"])
def test_everything_is_in_it_and_it_is_verified(database: Path, tmp_path: Path, coding: Coding) -> None:
    backup = take(database, tmp_path, coding)
    assert prove(backup) == (Level.SCHEMA, "")
    rows = {fact.table: fact.rows for fact in backup.manifest.tables}
    assert rows['odd "name'] == 2 and rows["pairs"] == 2 and rows["empty"] == 0
    assert not list((tmp_path / "repository" / ".stage").iterdir())


def test_the_stock_commands_restore_it(database: Path, tmp_path: Path) -> None:
    backup = take(database, tmp_path)
    copy = tmp_path / "elsewhere"
    shutil.copytree(backup.folder, copy)
    lines = [line[4:] for line in (copy / "RESTORE.txt").read_text().splitlines() if line.startswith("    ")]
    script = "set -e\n" + "\n".join(lines).replace("/path/to/app.db", "restored.db")
    done = subprocess.run(["sh", "-c", script], cwd=copy, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert dump(copy / "restored.db") == dump(database)


@pytest.mark.parametrize("mode", ["wal", "delete"])
def test_it_is_of_one_moment_while_others_write(database: Path, tmp_path: Path, mode: str) -> None:
    writer = sqlite3.connect(database, isolation_level=None, timeout=30, check_same_thread=False)
    writer.execute(f"PRAGMA journal_mode={mode}")
    writer.executescript("CREATE TABLE book (id INTEGER PRIMARY KEY, a INT, b INT); INSERT INTO book VALUES (1, 0, 0)")
    stop = threading.Event()

    def write() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            writer.executescript(
                f"BEGIN IMMEDIATE; UPDATE book SET a = {number}; INSERT INTO pairs VALUES ('w', {number});"
                f"UPDATE book SET b = {number}; COMMIT"
            )
            stop.wait(0.02)  # whoever never lets go of a file with a rollback journal starves everybody

    thread = threading.Thread(target=write)
    thread.start()
    try:
        backups = [take(database, tmp_path, dump=DumpOptions(lock_ms=60_000)) for _ in range(3)]
    finally:
        stop.set()
        thread.join()
        writer.close()
    for backup in backups:
        assert prove(backup) == (Level.SCHEMA, "")
        plain = tmp_path / f"{backup.id}.db"
        file = next(file for file in backup.manifest.files if file.role == "rows")
        plain.write_bytes(subprocess.run(["zstd", "-dc", backup.folder / file.path], capture_output=True).stdout)
        connection = sqlite3.connect(plain)
        a, b, pairs = connection.execute("SELECT a, b, (SELECT count(*) FROM pairs WHERE a = 'w') FROM book").fetchone()
        connection.close()
        assert a == b == pairs


def test_a_file_that_somebody_holds_is_given_up_in_time(database: Path, tmp_path: Path) -> None:
    holder = sqlite3.connect(database, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    try:
        with pytest.raises(Exception, match=r"could not be copied in time|locked|lock") as caught:
            take(database, tmp_path, dump=DumpOptions(lock_ms=200))
        assert "Traceback" not in str(caught.value)
    finally:
        holder.close()
    assert Repository(tmp_path / "repository").backups() == ()
    assert [note.type for note in Repository(tmp_path / "repository").notes()] == ["started", "failed"]


def test_a_damaged_file_is_not_published(database: Path, tmp_path: Path) -> None:
    connection = sqlite3.connect(database)
    root, size = connection.execute("SELECT rootpage, 4096 FROM sqlite_schema WHERE name = 'pairs'").fetchone()
    connection.close()
    data = bytearray(database.read_bytes())
    data[(root - 1) * size + 3 : (root - 1) * size + 12] = b"\xff" * 9
    database.write_bytes(data)
    with pytest.raises(Exception, match=r"not sound|malformed|failed") as caught:
        take(database, tmp_path)
    assert type(caught.value).__module__ == "lockgate.errors"
    assert Repository(tmp_path / "repository").backups() == ()


def test_a_stop_and_a_held_lease_publish_nothing(database: Path, tmp_path: Path) -> None:
    def stop(_count: int) -> None:
        raise Interrupted("stopped on request")

    with pytest.raises(Interrupted):
        take(database, tmp_path, on_bytes=stop)
    holder = ENGINE.connect(parse_target(f"sqlite:///{database}"))
    assert holder.acquire_lease("lockgate")
    try:
        with pytest.raises(LeaseHeld, match="a runner is at work"):
            take(database, tmp_path)
        assert take(database, tmp_path, has_lease=True).manifest.sequence == 3
    finally:
        holder.close()


def test_a_schema_that_changes_meanwhile_fails_the_backup(database: Path, tmp_path: Path) -> None:
    def change(_count: int) -> None:
        connection = sqlite3.connect(database)
        connection.execute("CREATE TABLE IF NOT EXISTS late (x)")
        connection.close()

    with pytest.raises(BackupFailed, match="schema changed while"):
        take(database, tmp_path, on_bytes=change)


@pytest.mark.parametrize("lie", ["rows", "fingerprint", "missing"])
def test_a_manifest_that_lies_is_found_out_by_restoring(database: Path, tmp_path: Path, lie: str) -> None:
    backup = take(database, tmp_path)
    document = json.loads((backup.folder / "manifest.json").read_text())
    if lie == "rows":
        document["tables"][0]["rows"] += 1
    elif lie == "fingerprint":
        document["fingerprint"] = "0" * 64
    else:
        document["tables"].append({"table": "ghost", "rows": 1})
    forged = seal_manifest(codec.decode(json.dumps(document), Manifest, "manifest"))
    for name in ("manifest.json", "SHA256SUMS", "RESTORE.txt"):
        (backup.folder / name).unlink()
    from lockgate.backup.manifest import write_manifest

    write_manifest(backup.folder, forged)
    level, problem = prove(Backup(backup.folder, forged))
    assert level is (Level.ROWS if lie == "fingerprint" else Level.RESTORED)
    assert problem
    assert prove(Backup(backup.folder, forged), level=Level.READABLE) == (Level.READABLE, "")


def test_assertions_run_on_the_restored_copy(database: Path, tmp_path: Path) -> None:
    backup = take(database, tmp_path)
    assert prove(backup, assertions=("SELECT count(*) = 2 FROM pairs",)) == (Level.SCHEMA, "")
    level, problem = prove(backup, assertions=("SELECT count(*) > 2 FROM pairs",))
    assert level is Level.RESTORED and "assertion" in problem


def test_two_databases_of_one_name_do_not_share_a_repository(database: Path, tmp_path: Path) -> None:
    take(database, tmp_path)
    other = tmp_path / "other" / "app.db"
    other.parent.mkdir()
    shutil.copy(database, other)
    with pytest.raises(ConfigError, match="those of another database"):
        take(other, tmp_path)
    assert take(other, tmp_path, is_moved=True).manifest.host == str(other.parent)


def test_a_restore_that_its_own_clients_disturbed_is_tried_once_more_by_one(database: Path, tmp_path: Path) -> None:
    backup = take(database, tmp_path)
    tried: list[int] = []
    told: list[str] = []
    dialect = ENGINE.backup()

    def load(files: Any, target: Any, options: Any) -> None:
        tried.append(options.jobs)
        if options.jobs > 1:
            raise BackupFailed("the client failed", cause="deadlock detected")
        dialect.load(files, target, options)

    engine = replace(ENGINE, backup=lambda: replace(dialect, load=load))

    found = verify_backup(engine, backup, VerifyOptions(), told.append)

    assert (found.level, found.problem, tried) == (Level.SCHEMA, "", [2, 1])
    assert any("once more" in text for text in told)
