"""Checkpoints as ranges of the binary log, on servers that keep one: small, exact, restored and compared."""

from __future__ import annotations

import os
import shlex
import subprocess
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from lockgate.backup.chain import find_gaps, read_chain
from lockgate.backup.files import StoredFiles
from lockgate.backup.incremental import choose_kind
from lockgate.backup.repository import Backup, Repository
from lockgate.backup.settings import BackupSettings
from lockgate.backup.verify import compare_facts, load_backup, read_restored_facts
from lockgate.engine import load_engine
from lockgate.engine.backup import LoadOptions
from lockgate.engine.client.find import beside
from lockgate.engine.mysql.backup_tools import find_tools
from lockgate.engine.private import PrivateServer, private_server
from lockgate.errors import InputError, LogUnusable
from lockgate.model.backup import BackupKind, Level, Verification
from lockgate.model.server import Server
from lockgate.model.target import Target, parse_target
from lockgate.workflow.back_up import back_up, prove
from lockgate.workflow.choose_backup import choose_backup

ENGINE = load_engine("mysql")
SETTINGS = BackupSettings(log=True)
LOG_ON = {
    "mysql": (("log-bin", "b"), ("server-id", "7"), ("gtid-mode", "ON"), ("enforce-gtid-consistency", "ON")),
    "mariadb": (("log-bin", "b"), ("server-id", "7"), ("binlog-format", "ROW")),
}


@pytest.fixture(scope="module", params=["mysql", "mariadb"])
def server(request: pytest.FixtureRequest) -> Iterator[PrivateServer]:
    """A server that keeps a binary log."""
    with private_server(request.param, settings=LOG_ON[request.param]) as running:
        yield running


class World:
    """A database with rows, another one beside it, and a repository."""

    def __init__(self, server: PrivateServer, name: str, folder: Path) -> None:
        self.root = ENGINE.connect(parse_target(server.url()))
        self.name = name
        self.run(f"CREATE DATABASE {name} CHARACTER SET utf8mb4", "CREATE DATABASE IF NOT EXISTS beside")
        self.target: Target = parse_target(server.url()).with_database(name)
        self.session = ENGINE.connect(self.target)
        self.repository = Repository(folder)

    def run(self, *statements: str) -> None:
        """Run statements from outside the database."""
        for statement in statements:
            self.root.execute(statement)

    def do(self, *statements: str) -> None:
        """Run statements inside it."""
        for statement in statements:
            self.session.execute(statement)

    def take(self, kind: BackupKind = BackupKind.LOG, settings: BackupSettings = SETTINGS, **more: Any) -> Backup:
        """Take a backup; a log follows the newest."""
        wanted = choose_backup(ENGINE, self.target, self.repository, kind)
        made = back_up(
            ENGINE, self.target, self.name, self.repository, settings, kind=kind, parent=wanted.parent, **more
        )
        return made.backup

    def prove(self, backup: Backup) -> Verification:
        """Restore it on a private server and compare everything."""
        return prove(ENGINE, self.repository, backup, SETTINGS)

    def why_no_log(self) -> str:
        """Say what is chosen instead of a log."""
        choice = choose_kind(ENGINE, self.session, self.repository)
        return "" if choice.kind is BackupKind.LOG else choice.why

    def options(self, folder: Path) -> str:
        """Return what tells the stock programs how to connect."""
        file = folder / "my.cnf"
        target = self.target
        file.write_text(
            f"[client]\nhost={target.host}\nport={target.port}\nuser={target.user}\npassword={target.password}\n"
        )
        return f"--defaults-file={file}"

    def close(self) -> None:
        """End the connections and drop the database."""
        self.session.close()
        self.run(f"DROP DATABASE IF EXISTS {self.name}")
        self.root.close()


@pytest.fixture
def world(server: PrivateServer, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[World]:
    """A fresh database on the server."""
    with closing(World(server, f"erp{abs(hash(request.node.name)) % 10_000}", tmp_path / "r")) as made:
        yield made


NOISE = "CONCAT(SHA2(RAND(), 512), SHA2(RAND(), 512))"


def fill(world: World) -> None:
    """Make tables with rows that do not compress well."""
    world.do(
        "CREATE TABLE item (id int PRIMARY KEY AUTO_INCREMENT, code varchar(80), note text, at datetime(6), f double)",
        "CREATE TABLE odd (`na``me é` varchar(20) PRIMARY KEY, b blob, j json, d decimal(20,5), e enum('x'), s bit(9))",
        "INSERT INTO odd VALUES ('emoji 😀', 0x0027000D0A5C22, '{\"a\": \"it''s\"}', -1.5, 'x', b'100000001')",
        "INSERT INTO odd VALUES ('n', NULL, NULL, NULL, NULL, NULL)",
        "INSERT INTO item (code, note, at, f)"
        " WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 900)"
        f" SELECT i, {NOISE}, NOW(6), RAND(i) FROM n",
        *[f"INSERT INTO item (code, note, at, f) SELECT code, {NOISE}, at, RAND() FROM item"] * 3,
    )


def test_a_log_after_one_percent_of_scattered_rows_is_small_and_restores_to_its_exact_point(world: World) -> None:
    fill(world)
    full = world.take(BackupKind.FULL)
    assert full.manifest.position.is_known
    world.do("UPDATE item SET f = f + 1 WHERE id MOD 100 = 3")
    first = world.take()
    assert first.manifest.kind is BackupKind.LOG and first.manifest.parents == (full.id,)
    assert first.manifest.bytes <= 0.03 * full.manifest.bytes, (first.manifest.bytes, full.manifest.bytes)
    world.run("FLUSH LOGS")
    world.do(
        "ALTER TABLE odd ADD COLUMN more int DEFAULT 5",
        "DELETE FROM odd WHERE d IS NULL",
        "UPDATE odd SET b = REPEAT(0xFF, 30000)",
        "INSERT INTO item (code) VALUES ('last')",
    )
    second = world.take()
    world.do("DELETE FROM item")
    assert second.manifest.parents == (full.id, first.id) and second.manifest.since == first.manifest.position
    for backup in (second, first) if "mariadb" in full.manifest.flavor else (second,):
        found = world.prove(backup)
        assert found.is_verified, found.problem
    assert find_gaps(world.repository) == {}


@pytest.mark.parametrize("server", ["mysql"], indirect=True)
def test_ddl_and_other_databases_while_others_write(world: World) -> None:
    world.run("CREATE TABLE IF NOT EXISTS beside.t (id int PRIMARY KEY AUTO_INCREMENT, v varchar(99))")
    world.do("CREATE TABLE a (id int PRIMARY KEY, v varchar(99))", "INSERT INTO a VALUES (1, 'x'), (2, NULL)")
    full = world.take(BackupKind.FULL)
    stop = threading.Event()

    def write() -> None:
        with closing(ENGINE.connect(world.target)) as session:
            while not stop.wait(0.005):
                session.execute("UPDATE a SET v = MID(UUID(), 1, 30)")
                session.execute("INSERT INTO beside.t (v) VALUES ('customer of another')")

    writer = threading.Thread(target=write)
    writer.start()
    try:
        world.do(
            "CREATE TABLE b (id int PRIMARY KEY, a int, FOREIGN KEY (a) REFERENCES a (id) ON DELETE CASCADE)",
            "INSERT INTO b VALUES (1, 1), (2, 2)",
            "ALTER TABLE b ADD COLUMN c int NOT NULL DEFAULT 7, ADD INDEX (c)",
            "CREATE TRIGGER tg BEFORE INSERT ON b FOR EACH ROW SET NEW.c = 8",
            "INSERT INTO b (id) VALUES (3)", "RENAME TABLE b TO b2",
            "CREATE VIEW w AS SELECT a.v, b2.c FROM a JOIN b2 ON a.id = b2.a",
            "CREATE PROCEDURE p() INSERT INTO b2 (id) VALUES (99)",
            "CALL p()",
            "BEGIN", "INSERT INTO b2 (id) VALUES (50)", "SAVEPOINT s", "INSERT INTO b2 (id) VALUES (51)",
            "INSERT INTO beside.t (v) VALUES ('in between')", "ROLLBACK TO s", "COMMIT",
        )  # fmt: skip
        world.run("CREATE USER IF NOT EXISTS nobody@localhost")
        log = world.take()
    finally:
        stop.set()
        writer.join()
    assert any("accounts" in text for text in log.manifest.warnings)
    assert log.manifest.parents == (full.id,)
    plain = b"".join(read_plain(log))
    assert b"customer of another" not in plain and b"in between" not in plain
    found = world.prove(log)
    assert found.is_verified, found.problem


def read_plain(backup: Backup) -> Iterator[bytes]:
    """Yield the log files of a backup as they were before compression."""
    files = StoredFiles(backup)
    for file in backup.manifest.files:
        if file.role == "log":
            with files.open(file) as source:
                yield source.read()


@pytest.mark.parametrize("server", ["mysql"], indirect=True)
def test_what_cannot_be_had_is_said_and_something_else_is_taken(world: World) -> None:
    world.do("CREATE TABLE a (id int PRIMARY KEY)")
    assert "no earlier full backup" in world.why_no_log()
    with pytest.raises(InputError, match="no backup that a log could follow"):
        world.take()
    full = world.take(BackupKind.FULL)
    assert world.why_no_log() == ""
    world.do("SET SESSION binlog_format = STATEMENT", "INSERT INTO a VALUES (1)")
    with pytest.raises(LogUnusable) as caught:
        world.take()
    assert "not ROW" in caught.value.cause
    made = back_up(
        ENGINE, world.target, world.name, world.repository, SETTINGS, kind=BackupKind.LOG, parent=full, or_full=True
    ).backup
    assert made.manifest.kind is BackupKind.FULL and world.why_no_log() == ""
    world.run(f"CREATE TABLE {world.name}.c (id int)")
    with pytest.raises(LogUnusable) as caught:
        world.take()
    assert "another database changed this one" in caught.value.cause
    world.take(BackupKind.FULL)
    world.run("FLUSH LOGS")
    last = str(world.root.query("SHOW BINARY LOGS")[-1][0])
    world.run(f"PURGE BINARY LOGS TO '{last}'")
    assert "has purged its log" in world.why_no_log()
    with pytest.raises(LogUnusable, match="a log backup cannot be taken"):
        world.take()
    wanted = choose_backup(ENGINE, world.target, world.repository, None, table_names=["a"])
    assert wanted.kind is BackupKind.TABLES and wanted.tables is not None and "has purged" in wanted.why
    assert [backup.manifest.kind for backup in world.repository.backups()] == [BackupKind.FULL] * 3


@pytest.mark.parametrize("server", ["mariadb"], indirect=True)
def test_a_gap_is_found_and_a_mark_holds_no_rows(world: World) -> None:
    world.do("CREATE TABLE a (id int PRIMARY KEY)")
    full = world.take(BackupKind.FULL)
    first = world.take()
    assert {file.role for file in first.manifest.files} == {"facts"}, "nothing had changed"
    world.do("INSERT INTO a VALUES (1)")
    second, mark = world.take(), world.take(BackupKind.MARK)
    assert mark.manifest.position.is_known and not mark.manifest.parents
    assert [link.id for link in read_chain(second)] == [full.id, first.id, second.id]
    assert "mysqlbinlog" in " ".join(second.manifest.restore) or "mariadb-binlog" in " ".join(second.manifest.restore)
    world.repository.move_away(first, ".trash", "test")
    assert set(find_gaps(world.repository)) == {second.id}
    found = prove(ENGINE, world.repository, second, SETTINGS, level=Level.READABLE)
    assert not found.is_passed and f"its parent {first.id} is not beside it" in found.problem
    third = world.take()
    assert third.manifest.parents == (full.id,), "the newest link that holds is followed"


@pytest.mark.parametrize("server", ["mariadb"], indirect=True)
def test_a_log_comes_back_under_another_name_by_way_of_a_private_server(world: World, tmp_path: Path) -> None:
    world.do("CREATE TABLE a (id int PRIMARY KEY, v varchar(9))", "INSERT INTO a VALUES (1, 'x')")
    world.take(BackupKind.FULL)
    world.do("UPDATE a SET v = 'y'", "INSERT INTO a VALUES (2, 'z')")
    log = world.take()
    world.do("DELETE FROM a")
    world.run(f"CREATE DATABASE {world.name}_side")
    side = world.target.with_database(f"{world.name}_side")
    try:
        load_backup(ENGINE, StoredFiles(log), side, LoadOptions(work=tmp_path, is_private=False))
        with closing(ENGINE.connect(side)) as session:
            assert session.query("SELECT * FROM a ORDER BY id") == [(1, "y"), (2, "z")]
            assert compare_facts(log.manifest, read_restored_facts(ENGINE, session, log.manifest)) == ""
        assert world.session.query("SELECT * FROM a") == [], "the live rows were left alone"
    finally:
        world.run(f"DROP DATABASE {side.database}")


@pytest.mark.parametrize("server", ["mysql"], indirect=True)
def test_the_stock_commands_play_it_back(world: World, tmp_path: Path) -> None:
    world.do("CREATE TABLE a (id int PRIMARY KEY, v text)", "INSERT INTO a VALUES (1, 'x')")
    full = world.take(BackupKind.FULL)
    world.do("UPDATE a SET v = 'it''s'", "ALTER TABLE a ADD c int DEFAULT 3", "INSERT INTO a VALUES (2, NULL, 4)")
    log = world.take()
    world.run(f"DROP DATABASE {world.name}")
    path = f"{programs(tmp_path)}:{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "MYSQL_OPTS": world.options(tmp_path)}
    for backup in (full, log):
        lines = "\n".join(backup.manifest.restore)
        subprocess.run(["bash", "-e", "-c", lines], cwd=backup.folder, env=environment, check=True)
    with closing(ENGINE.connect(world.target)) as session:
        assert session.query("SELECT * FROM a ORDER BY id") == [(1, "it's", 3), (2, None, 4)]
    StoredFiles(log).check_stored()


def programs(folder: Path) -> Path:
    """Return a folder with MySQL's programs under their names."""
    client = find_tools(Server(engine="mysql", flavor="mysql", version=(8,), version_text="8"), None).client
    for name in ("mysql", "mysqlbinlog"):
        program = beside(client, name)
        assert program is not None
        script = folder / name
        words = " ".join(map(shlex.quote, program.command))
        script.write_text(f'#!/bin/sh\nexec {words} "$@"\n')
        script.chmod(0o755)
    return folder
