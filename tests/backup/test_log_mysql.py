"""Checkpoints as ranges of the binary log, on servers that keep one: small, exact, restored and compared."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from lockgate.backup.chain import find_gaps
from lockgate.backup.incremental import choose_kind
from lockgate.backup.repository import Backup, Repository
from lockgate.backup.settings import BackupSettings
from lockgate.engine import load_engine
from lockgate.engine.private import PrivateServer, private_server
from lockgate.model.backup import BackupKind, Verification
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
        "DELETE FROM odd WHERE d IS NULL",
        "UPDATE odd SET b = REPEAT(0xFF, 30000)",
        "INSERT INTO item (code) VALUES ('last')",
    )
    second = world.take()
    world.do("DELETE FROM item")
    assert second.manifest.parents == (full.id, first.id) and second.manifest.since == first.manifest.position
    for backup in (second, first):
        found = world.prove(backup)
        assert found.is_verified, found
    assert find_gaps(world.repository) == {}
