"""Checkpoints as decoded changes of PostgreSQL's log: exact for every type, refused where they would not be."""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from lockgate.backup.files import StoredFiles
from lockgate.backup.incremental import choose_kind
from lockgate.backup.repository import Backup, Repository
from lockgate.backup.settings import BackupSettings
from lockgate.engine import load_engine
from lockgate.engine.postgres.client import need_program
from lockgate.engine.private import PrivateServer, private_server
from lockgate.errors import InputError, LogUnusable
from lockgate.model.backup import BackupKind, Level
from lockgate.model.target import Target, parse_target
from lockgate.workflow.back_up import back_up, prove
from lockgate.workflow.choose_backup import choose_backup

ENGINE = load_engine("postgres")
SETTINGS = BackupSettings(log=True)
LOGICAL = (("wal_level", "logical"), ("max_wal_senders", "4"), ("max_replication_slots", "4"))


@pytest.fixture(scope="module")
def server() -> Iterator[PrivateServer]:
    """A server whose log holds changes."""
    with private_server("postgres", settings=LOGICAL) as running:
        yield running


class World:
    """A database and its repository."""

    def __init__(self, server: PrivateServer, name: str, folder: Path) -> None:
        self.name = name
        self.root = ENGINE.connect(parse_target(server.url()))
        self.root.execute(f"CREATE DATABASE {name}")
        self.target: Target = parse_target(server.url()).with_database(name)
        self.session = ENGINE.connect(self.target)
        self.repository = Repository(folder)

    def do(self, *statements: str) -> None:
        """Run statements."""
        for statement in statements:
            self.session.execute(statement)

    def take(self, kind: BackupKind = BackupKind.LOG, settings: BackupSettings = SETTINGS, **more: Any) -> Backup:
        """Take a backup; a log follows the newest."""
        wanted = choose_backup(ENGINE, self.target, self.repository, kind)
        return back_up(
            ENGINE, self.target, self.name, self.repository, settings, kind=kind, parent=wanted.parent, **more
        ).backup

    def slots(self) -> list[str]:
        """Return the slots of this database."""
        rows = self.root.query("SELECT slot_name FROM pg_replication_slots WHERE database = %s", (self.name,))
        return [str(row[0]) for row in rows]

    def why_no_log(self) -> str:
        """Say why something else would be chosen."""
        choice = choose_kind(ENGINE, self.session, self.repository)
        return "" if choice.kind is BackupKind.LOG else choice.why

    def empty(self) -> None:
        """Drop the database and what is held for it."""
        self.session.close()
        for slot in self.slots():
            self.root.query("SELECT pg_drop_replication_slot(%s)", (slot,))
        self.root.execute(f"DROP DATABASE {self.name} WITH (FORCE)")

    def close(self) -> None:
        """End the connections and drop everything."""
        self.empty()
        self.root.close()


@pytest.fixture
def world(server: PrivateServer, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[World]:
    """A fresh database on the server."""
    with closing(World(server, f"erp{abs(hash(request.node.name)) % 10_000}", tmp_path / "r")) as made:
        yield made


ODD = """
CREATE TYPE "Mood" AS ENUM ('it''s', 'no"ne');
CREATE TABLE "Odd na""me" (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, "a b]" text, i int[], b bytea, j jsonb, n numeric, f float8,
  t timestamptz, m "Mood", bits bit varying, v int GENERATED ALWAYS AS (i[1] * 2) STORED, ok boolean, iv interval,
  r int4range, mm "Mood"[]);
INSERT INTO "Odd na""me" ("a b]", i, b, j, n, f, t, m, bits, ok, iv, r, mm) VALUES
  ('x', '{1,2}', '\\x0027ff', '{"a": "it''s new-tuple: b[text]:''x''"}', 'NaN', 0.1, now(), 'no"ne', B'101', true,
   '1 mon -3 days 00:00:01.5', '[1,5)', '{"it''s"}'), (E'\\\\ \\n\\'emoji 😀', NULL, NULL, NULL, NULL, '-Infinity',
   'infinity', NULL, NULL, NULL, NULL, NULL, NULL);
CREATE TABLE big (k text, z int, body text, PRIMARY KEY (k, z));
ALTER TABLE big ALTER body SET STORAGE EXTERNAL;
INSERT INTO big VALUES ('a', 1, repeat('langer Text', 2000)), ('b', 2, 'short');
CREATE TABLE part (id int, at date, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
CREATE TABLE part_1 PARTITION OF part FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
INSERT INTO part VALUES (1, '2020-05-05');
CREATE TABLE child (id int PRIMARY KEY REFERENCES child DEFERRABLE INITIALLY DEFERRED, u int UNIQUE DEFERRABLE);
INSERT INTO child SELECT n, n FROM generate_series(1, 9) n;
CREATE TABLE no_key (a int);
CREATE TABLE short AS SELECT 1 AS a;
CREATE TABLE far (id serial PRIMARY KEY); CREATE TABLE near (id int PRIMARY KEY, far int REFERENCES far);
INSERT INTO far DEFAULT VALUES; INSERT INTO near VALUES (1, 1);
CREATE FUNCTION shout() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''no''; END';
CREATE SEQUENCE loose START 77;
CREATE TABLE item AS SELECT n AS id, md5(n::text) || md5((n * 7)::text) AS note, random() AS f
FROM generate_series(1, 20000) n;
ALTER TABLE item ADD PRIMARY KEY (id)
"""
CHANGES = (
    'UPDATE "Odd na""me" SET "a b]" = "a b]" || \' \'\'new-tuple: \', i = i || 7, bits = NULL, f = 1e-300',
    'INSERT INTO "Odd na""me" (t) VALUES (\'0001-01-01 BC\')',
    "UPDATE big SET z = z + 1; UPDATE big SET k = 'it''s' WHERE k = 'b'",
    "BEGIN; INSERT INTO part SELECT 2, '2020-06-06'; UPDATE part SET id = 9 WHERE id = 1; COMMIT",
    "UPDATE child SET u = u + 1; INSERT INTO child VALUES (20, 30); DELETE FROM child WHERE id < 4",
    "INSERT INTO no_key VALUES (1), (1), (NULL)",
    "SELECT nextval('loose'), nextval('loose')",
    "BEGIN; DELETE FROM big; ROLLBACK",
    "TRUNCATE short; INSERT INTO short VALUES (3); TRUNCATE far RESTART IDENTITY CASCADE",
)


def test_a_log_is_small_and_restores_every_type_to_the_exact_point(world: World) -> None:
    world.do(ODD)
    full = world.take(BackupKind.FULL)
    assert world.slots() == [full.manifest.position.file]
    world.do("UPDATE item SET f = f + 1 WHERE id % 100 = 3")
    first = world.take()
    assert first.manifest.bytes <= 0.03 * full.manifest.bytes, (first.manifest.bytes, full.manifest.bytes)
    assert world.slots() == [first.manifest.position.file], "the one before is given back"
    world.do(*CHANGES)
    second = world.take()
    assert second.manifest.parents == (full.id, first.id)
    found = prove(ENGINE, world.repository, second, SETTINGS)
    assert found.is_verified, found.problem


def test_a_log_is_of_one_moment_while_others_write(world: World) -> None:
    world.do("CREATE TABLE account (id int PRIMARY KEY, saldo int)")
    world.do("INSERT INTO account SELECT n, 0 FROM generate_series(1, 50) n")
    world.take(BackupKind.FULL)
    stop = threading.Event()

    def move(rest: int) -> None:
        with closing(ENGINE.connect(world.target)) as session:
            while not stop.wait(0.004):
                session.execute(f"UPDATE account SET saldo = saldo + id WHERE id % 2 = {rest}")

    writers = [threading.Thread(target=move, args=(rest,)) for rest in range(2)]
    for writer in writers:
        writer.start()
    try:
        log = world.take()
    finally:
        stop.set()
        for writer in writers:
            writer.join()
    found = prove(ENGINE, world.repository, log, SETTINGS)
    assert found.is_verified, found.problem


def test_what_the_log_cannot_tell_is_refused_and_something_else_is_chosen(world: World) -> None:
    world.do("CREATE TABLE a (id int PRIMARY KEY, x int)", "CREATE TABLE no_key AS SELECT 1 AS x")
    world.take(BackupKind.FULL)
    assert world.why_no_log() == ""
    for obstacle, undo, words in (
        ("CREATE UNLOGGED TABLE u (id int)", "DROP TABLE u", "schema was changed"),
        ("ALTER TABLE a ADD c int", "ALTER TABLE a DROP c", "schema was changed"),
        ("SELECT lo_create(0)", "SELECT lo_unlink(oid) FROM pg_largeobject_metadata", "large objects"),
    ):
        world.do(obstacle)
        assert words in world.why_no_log()
        world.do(undo)
    assert "columns of tables were changed" in world.why_no_log(), "a column came and went"
    with pytest.raises(LogUnusable, match="a log backup cannot be taken"):
        world.take()
    again = world.take(BackupKind.FULL)
    world.do("DELETE FROM no_key")
    with pytest.raises(LogUnusable, match="played back exactly") as caught:
        world.take()
    assert "without a primary key" in caught.value.cause
    assert world.slots() == [again.manifest.position.file], "what failed left no slot"
    world.root.query("SELECT pg_drop_replication_slot(%s)", (world.slots()[0],))
    assert "keeps no log for it any more" in world.why_no_log()
    world.take(BackupKind.FULL, BackupSettings(log=False))
    assert world.slots() == []
    assert "without the server keeping its log" in world.why_no_log()


def test_a_mark_is_a_restore_point_and_holds_no_rows(world: World) -> None:
    world.do("CREATE TABLE a (id int PRIMARY KEY)", "INSERT INTO a VALUES (1), (2)")
    mark = world.take(BackupKind.MARK)
    manifest = mark.manifest
    assert manifest.position.offset and manifest.position.set.startswith("lockgate_20")
    assert [(fact.table, fact.rows) for fact in manifest.tables] == [("public.a", 2)]
    assert {file.role for file in manifest.files} == {"facts"} and world.slots() == []
    assert prove(ENGINE, world.repository, mark, SETTINGS, level=Level.READABLE).is_passed
    with pytest.raises(InputError, match="is a mark"):
        prove(ENGINE, world.repository, mark, SETTINGS)
    assert [backup.id for backup in world.repository.backups()] == [mark.id], "it is not condemned for that"


def test_without_the_right_level_a_full_backup_says_that_no_log_can_follow(postgres_url: str, tmp_path: Path) -> None:
    target, repository = parse_target(postgres_url), Repository(tmp_path)
    made = back_up(ENGINE, target, "app", repository, SETTINGS).backup
    assert any("no log can follow it as things are: wal_level is" in text for text in made.manifest.warnings)
    with closing(ENGINE.connect(target)) as session:
        choice = choose_kind(ENGINE, session, repository, has_tables=True)
    assert choice.kind is BackupKind.TABLES and "wal_level is" in choice.why


def test_the_stock_commands_play_it_back(world: World) -> None:
    world.do("CREATE TABLE a (id int PRIMARY KEY, v text)", "INSERT INTO a VALUES (1, 'x')")
    full = world.take(BackupKind.FULL)
    world.do("UPDATE a SET v = 'it''s'", "INSERT INTO a VALUES (2, NULL)")
    log = world.take()
    world.empty()
    target = world.target
    environment = os.environ | {
        "PATH": f"{Path(need_program('psql', 15).command[-1]).parent}:{os.environ['PATH']}",
        "PGHOST": target.host, "PGPORT": str(target.port), "PGUSER": target.user, "PGPASSWORD": target.password,
    }  # fmt: skip
    for backup in (full, log):
        lines = "\n".join(backup.manifest.restore)
        subprocess.run(["bash", "-e", "-c", lines], cwd=backup.folder, env=environment, check=True)
    with closing(ENGINE.connect(target)) as session:
        assert session.query("SELECT * FROM a ORDER BY id") == [(1, "it's"), (2, None)]
    StoredFiles(log).check_stored()
