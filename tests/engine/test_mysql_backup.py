"""A database with everything is dumped under load and comes back exactly; what cannot be dumped truly is refused."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from lockgate.backup.files import StoredFiles
from lockgate.backup.stream import Coding
from lockgate.backup.verify import VerifyOptions, verify_backup
from lockgate.engine.backup import DumpOptions, LoadOptions, What
from lockgate.engine.mysql.backup_tools import find_tools
from lockgate.engine.private import private_server
from lockgate.errors import BackupFailed, RefusedError
from lockgate.model.backup import Consistency, Level
from lockgate.model.schema import Key
from lockgate.model.target import parse_target
from tests.engine.mysql_backups import ENGINE, Shop, build_shop, facts_of, fingerprint_of, moment, take
from tests.fault.backup_kit.watch import below, bytes_of
from tests.moments import wait_until
from tests.servers import TestServers

READ = ("SELECT, SHOW VIEW, TRIGGER, EVENT ON {db}.*",)
ROUTINES = {"mysql": ("SHOW_ROUTINE ON *.*",), "mariadb": ("SELECT ON mysql.proc",)}


@pytest.fixture(scope="module", params=["mysql", "mariadb"])
def shop(request: pytest.FixtureRequest, servers: TestServers) -> Iterator[Shop]:
    with servers.get(request.param).fresh_database() as url:
        yield build_shop(url, request.param)


class Writer:
    """Adds a row to one table and its value to a sum in another, in one transaction, as fast as it can."""

    def __init__(self, shop: Shop) -> None:
        self._shop, self._stop, self.count, self.more = shop, threading.Event(), 0, 0
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> Writer:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        with self._shop.session() as session:
            while not self._stop.wait(0.002):
                session.begin()
                session.execute(f"INSERT INTO pairs (v) VALUES ({self.count})")
                session.execute(f"UPDATE sums SET v = v + {self.count}")
                session.commit()
                self.count += 1

    def wait_for_more(self, _count: int) -> None:
        """Hold the dump up until something was written since it began."""
        if not self.more:
            before = self.count
            wait_until(lambda: self.count > before + 5, "a write while the rows are dumped")
            self.more = self.count - before


def test_everything_comes_back_exactly_while_others_write(shop: Shop, tmp_path: Path) -> None:
    with Writer(shop) as writer:
        backup = take(shop, tmp_path, on_bytes=writer.wait_for_more)

    proven = verify_backup(ENGINE, backup, VerifyOptions(assertions=(SUMS_AGREE,)), lambda text: None)

    manifest = backup.manifest
    assert (proven.problem, proven.level) == ("", Level.SCHEMA)
    assert writer.more > 5, "writers were held up while the rows were dumped"
    assert manifest.consistency is Consistency.SHARED_SNAPSHOT
    assert 0 < manifest.lock_held_ms < manifest.duration_s * 1000
    assert {fact.table: fact.lossy for fact in manifest.tables if fact.lossy} == {"wave": ("f",)}
    assert any("old_engine (MyISAM)" in warning for warning in manifest.warnings)
    assert "`lg stranger`@`10.%`" in manifest.roles


SUMS_AGREE = "SELECT (SELECT COALESCE(SUM(v), 0) FROM pairs) = (SELECT v FROM sums)"


def test_the_stock_commands_restore_an_encrypted_backup(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import pyrage

    key = pyrage.x25519.Identity.generate()
    (tmp_path / "key").write_text(f"{key}\n")
    with moment(shop, tmp_path) as snapshot:
        wanted = facts_of(snapshot.sessions[0])
    backup = take(shop, tmp_path / "backups", coding=Coding(recipients=(str(key.to_public()),)))

    with private_server(shop.flavor, backup.manifest.version) as server:
        tools = find_tools(shop.server(), shop.target)
        programs = _shims(tmp_path, {tools.client.name: tools.client.command, "age": _age()})
        target = server.target(shop.target.database)
        (tmp_path / "my.cnf").write_text(
            f"[client]\nhost=127.0.0.1\nport={target.port}\nuser={target.user}\npassword={target.password}\n"
        )
        done = subprocess.run(
            ["bash", "-c", "\n".join(backup.manifest.restore)],
            cwd=backup.folder,
            env={
                "PATH": f"{programs}:/usr/bin:/bin",
                "MYSQL_OPTS": f"--defaults-file={tmp_path}/my.cnf",
                "AGE_KEY": f"{tmp_path}/key",
            },
            capture_output=True,
            text=True,
        )
        assert (done.returncode, done.stderr) == (0, "")
        with shop.session(target) as session:
            assert facts_of(session) == wanted
            assert session.query("SELECT COUNT(*) FROM on_stranger") == [(3,)]
            assert session.query("SELECT EVENT_NAME FROM information_schema.EVENTS WHERE STATUS = 'ENABLED'") == [
                ("soon",)
            ]


def _age() -> tuple[str, ...]:
    from tools.get_clients import CLIENTS, find_one

    place = find_one("age", "age", CLIENTS["age"])
    assert place, "the tests need age: run 'python tools/get_clients.py age'"
    return (place,)


def _shims(folder: Path, commands: dict[str, tuple[str, ...]]) -> Path:
    """Make programs that run others, for those that need a loader before them."""
    place = folder / "bin"
    place.mkdir()
    for name, command in commands.items():
        (place / name).write_text('#!/bin/sh\nexec {} "$@"\n'.format(" ".join(f"'{word}'" for word in command)))
        (place / name).chmod(0o755)
    return place


def test_a_copy_under_another_name_leaves_the_database_alone(shop: Shop, tmp_path: Path) -> None:
    backup = take(shop, tmp_path)
    other = replace(shop.target, database=f"{shop.target.database}_copy")
    with shop.session() as session:
        before = fingerprint_of(session)
        session.execute(f"CREATE DATABASE `{other.database}` CHARACTER SET utf8mb4")
        try:
            ENGINE.backup().load(StoredFiles(backup), other, LoadOptions(work=tmp_path, is_private=False))
            with shop.session(other) as copy:
                copied = [fact.rows for fact in facts_of(copy)]
                wrong = ENGINE.backup().check(copy)
                triggers = copy.query("SHOW TRIGGERS")
                running = copy.query(
                    "SELECT COUNT(*) FROM information_schema.EVENTS"
                    " WHERE EVENT_SCHEMA = DATABASE() AND STATUS = 'ENABLED'"
                )
                text = "".join(str(copy.query(f"SHOW CREATE TABLE `{name}`")) for name in _drawn(shop))
        finally:
            session.execute(f"DROP DATABASE `{other.database}`")

        assert fingerprint_of(session) == before
    assert copied == [fact.rows for fact in backup.manifest.tables]
    assert {row[0] for row in triggers} == {"qualified", "person_history", "odd_trigger"}
    assert running == [(0,)]
    assert wrong == ()
    assert f"`{shop.target.database}`" not in text


def _drawn(shop: Shop) -> tuple[str, ...]:
    return ("drawn",) if shop.flavor == "mariadb" else ()


def test_rows_of_the_past_come_back_too(servers: TestServers, tmp_path: Path) -> None:
    with servers.get("mariadb").fresh_database() as url:
        shop = build_shop(url, "mariadb")
        with shop.session() as session:
            past = "SELECT id, v, row_start, row_end FROM past FOR SYSTEM_TIME ALL ORDER BY id, row_end"
            wanted = session.query(past)
            backup = take(shop, tmp_path, tables=(Key("table", "", "past"),))
            session.execute("DROP TABLE past")
            with closing(_empty(shop, session)) as copy:
                ENGINE.backup().load(StoredFiles(backup), copy.target, LoadOptions(work=tmp_path, is_private=False))
                found = copy.query(past)
                session.execute(f"DROP DATABASE {copy.target.database}")

    assert found == wanted
    assert any("are not compared" in warning for warning in backup.manifest.warnings)


def _empty(shop: Shop, session: object) -> object:
    target = replace(shop.target, database=f"{shop.target.database}_copy")
    session.execute(f"CREATE DATABASE {target.database}")  # type: ignore[attr-defined]
    return ENGINE.connect(target, is_read_only=False)


DDL = (
    ("ALTER TABLE tree ADD COLUMN extra int",),
    ("ALTER TABLE part DROP COLUMN v",),
    ("CREATE VIEW new_view AS SELECT 1 AS one",),
    ("ALTER TABLE tree ADD COLUMN more int", "ALTER TABLE tree DROP COLUMN more"),
)


@pytest.mark.parametrize("flavor", ["mysql", "mariadb"])
def test_a_changed_schema_is_found_though_every_program_ends_well(
    servers: TestServers, tmp_path: Path, flavor: str
) -> None:
    with servers.get(flavor).fresh_database() as url:
        shop = Shop(flavor, parse_target(url))
        shop.run(
            "CREATE TABLE tree (id int PRIMARY KEY)",
            "CREATE TABLE part (id int PRIMARY KEY, v int)",
            "INSERT INTO part VALUES (1, 1)",
        )
        for number, ddl in enumerate(DDL):
            if number == len(DDL) - 1:
                shop.run("DO SLEEP(1.1)")  # the servers note in whole seconds when a table was made
            with moment(shop, tmp_path) as snapshot:
                facts_of(snapshot.sessions[0])
                shop.run("SET SESSION lock_wait_timeout = 60", *ddl)
                with pytest.raises(BackupFailed, match=r"changed while the backup was taken|failed"):
                    snapshot.dump(What(), tmp_path, Kept())
                    snapshot.check_complete()


class Kept:
    """Sinks that keep what is written, by path."""

    def __init__(self) -> None:
        self.texts: dict[str, bytearray] = {}
        self.broken: list[str] = []

    def __call__(self, path: str, role: str, tables: object = ()) -> object:
        @contextmanager
        def sink() -> Iterator[object]:
            text = bytearray()
            try:
                yield type("Sink", (), {"write": lambda self, data: text.extend(data) or len(data)})()
            except BaseException:
                self.broken.append(path)
                raise
            self.texts[path] = text

        return sink()


@contextmanager
def heavy(shop: Shop) -> Iterator[None]:
    """Add two tables, one for each dump program, that no pipe holds: no program ends before it is read."""
    megabytes = 6
    rows = ", ".join(f"({number}, REPEAT('x', 1000000))" for number in range(megabytes))
    for name in ("heavy_one", "heavy_two"):
        shop.run(f"CREATE TABLE {name} (id int PRIMARY KEY, v longtext)", f"INSERT INTO {name} VALUES {rows}")
    try:
        yield
    finally:
        shop.run("DROP TABLE heavy_one", "DROP TABLE heavy_two")


def test_a_killed_dump_program_is_an_error_and_ends_the_others(shop: Shop, tmp_path: Path) -> None:
    with heavy(shop), moment(shop, tmp_path) as snapshot:
        children = _children()
        assert len(children) == 2
        os.kill(children[0], signal.SIGKILL)
        with pytest.raises(BackupFailed, match=r"signal 9|did not end|not complete"):
            snapshot.dump(What(), tmp_path, Kept())
            snapshot.check_complete()

    assert _children() == []


def _children() -> list[int]:
    """Return our children that dump. One that has ended has no command, though it may still be a child."""
    return [pid for pid in below(os.getpid()) if b"--single-transaction" in bytes_of(f"/proc/{pid}/cmdline")]


def test_secrets_are_in_no_command_and_no_environment(shop: Shop, tmp_path: Path) -> None:
    from tests.engine.mysql_backups import PASSWORD

    rights = (*READ, *ROUTINES[shop.flavor], "RELOAD ON *.*")
    with heavy(shop), shop.user(*rights) as user, moment(shop, tmp_path, user):
        seen = b""
        for pid in _children():
            seen += bytes_of(f"/proc/{pid}/cmdline") + bytes_of(f"/proc/{pid}/environ")

    assert seen
    assert PASSWORD.encode() not in seen


@pytest.mark.parametrize("missing", ["SELECT", "SHOW VIEW", "TRIGGER", "EVENT", "routines"])
def test_a_missing_right_is_named(shop: Shop, tmp_path: Path, missing: str) -> None:
    rights = [right for right in ("SELECT", "SHOW VIEW", "TRIGGER", "EVENT") if right != missing]
    more = () if missing == "routines" else ROUTINES[shop.flavor]
    with shop.user(f"{', '.join(rights)} ON {{db}}.*", *more) as user, shop.session(user) as session:
        found = ENGINE.backup().preflight(session, ENGINE.identify(session), What(), DumpOptions())

    assert missing in " ".join(found.problems)
    assert len(found.problems) == 1 or missing == "SELECT"


def test_without_a_right_to_stop_all_writers_the_tables_are_locked(shop: Shop, tmp_path: Path) -> None:
    with shop.user(*READ, "LOCK TABLES ON {db}.*", *ROUTINES[shop.flavor]) as user:
        backup = take(shop, tmp_path, user)

    assert backup.manifest.consistency is Consistency.SHARED_SNAPSHOT
    assert "LOCK TABLES" in backup.manifest.method


def test_without_any_right_to_stop_writers_two_snapshots_must_agree(shop: Shop, tmp_path: Path) -> None:
    with shop.user(*READ, *ROUTINES[shop.flavor]) as user:
        backup = take(shop, tmp_path, user)
        with pytest.raises(BackupFailed, match="rows changed between"), moment(shop, tmp_path, user) as snapshot:
            assert len(snapshot.sessions) == 1
            shop.run("UPDATE sums SET v = v + 1")
            snapshot.second.rollback()
            snapshot.second.begin()
            snapshot.dump(What(), tmp_path, Kept())
            snapshot.check_complete()
        shop.run("UPDATE sums SET v = v - 1")

    assert backup.manifest.consistency is Consistency.BRACKETED
    assert "between two equal snapshots" in backup.manifest.method


def test_a_table_without_snapshots_must_stay_as_it_is(shop: Shop, tmp_path: Path) -> None:
    with moment(shop, tmp_path) as snapshot:
        shop.run("INSERT INTO old_engine VALUES (2, 'two')")
        with pytest.raises(BackupFailed, match="without snapshots changed") as caught:
            snapshot.dump(What(), tmp_path, Kept())
            snapshot.check_complete()
    shop.run("DELETE FROM old_engine WHERE id = 2")

    assert "old_engine" in str(caught.value)


def test_the_moment_is_given_up_when_others_hold_it_off(shop: Shop, tmp_path: Path) -> None:
    with shop.session() as session:
        session.execute("LOCK TABLES tree WRITE")
        with pytest.raises(BackupFailed, match="others held the database up"), moment(shop, tmp_path, lock_ms=1000):
            pass
        session.execute("UNLOCK TABLES")
    with moment(shop, tmp_path):
        shop.run("UPDATE sums SET v = v")


def test_what_cannot_be_loaded_is_an_error_without_values(shop: Shop, tmp_path: Path) -> None:
    backup = take(shop, tmp_path)
    with shop.session() as session, closing(_empty(shop, session)) as copy:
        copy.execute("CREATE TABLE tree (id int PRIMARY KEY)")
        with pytest.raises(BackupFailed) as caught:
            ENGINE.backup().load(StoredFiles(backup), copy.target, LoadOptions(work=tmp_path))
        session.execute(f"DROP DATABASE {copy.target.database}")

    assert "ERROR 1050" in str(caught.value) or "already exists" in str(caught.value)


def test_an_unknown_table_is_refused(shop: Shop, tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match="there is no table nowhere"):
        take(shop, tmp_path, tables=(Key("table", "", "nowhere"),))
