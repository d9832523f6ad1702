"""Backups of PostgreSQL: everything comes back, of one moment, by us and by stock commands; or nothing is published."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path

import msgspec
import psycopg
import pytest

from lockgate.backup.create import CreateOptions, create_backup
from lockgate.backup.files import StoredFiles
from lockgate.backup.repository import Backup, Repository
from lockgate.backup.verify import VerifyOptions, compare_facts, read_restored_facts, verify_backup
from lockgate.engine import load_engine
from lockgate.engine.backup import DumpOptions, LoadOptions, What
from lockgate.engine.base import Scope
from lockgate.engine.postgres.backup_same import settle_text
from lockgate.engine.private import private_server
from lockgate.errors import BackupFailed, ConfigError, LockgateError, LockTimeout, RefusedError
from lockgate.model.backup import BackupKind, Level, Manifest
from lockgate.model.schema import Key
from lockgate.model.target import Target, parse_target
from lockgate.store.sessions import ensure_session_table
from lockgate.store.tables import Store
from tests.fault.backup_kit.everything import build_everything
from tests.moments import wait_until
from tests.servers import TestServers

ENGINE = load_engine("postgres")
SCHEMA = Path(__file__).with_name("postgres_everything.sql")
MORE = """
ALTER SEQUENCE app.down RESTART WITH -77;
CREATE TABLE "new\nline" (a integer); INSERT INTO "new\nline" VALUES (7);
CREATE TABLE app."new\nline" (b integer);
SET session_replication_role = replica;
INSERT INTO app.events VALUES (1, '2020-05-05', 'a', 'x'), (2, '2021-05-05', 'b', NULL), (3, '1999-01-01', 'c', 'z');
INSERT INTO app.no_columns DEFAULT VALUES; INSERT INTO app.no_columns DEFAULT VALUES;
INSERT INTO app.base VALUES (1, 'base'); INSERT INTO app.derived (a, b, c) VALUES (2, 'derived', 3);
INSERT INTO app.full_identity VALUES (3), (-4), (NULL);
SELECT lo_from_bytea(0, decode('00ff0a', 'hex')), lo_create(0);
"""


def tell(_text: str) -> None:
    """Nobody listens."""


def back_up(url: str, folder: Path, tell: Callable[[str], None] = tell, **options: object) -> Backup:
    """Take a backup into a repository of its own."""
    return create_backup(ENGINE, parse_target(url), "shop", Repository(folder), CreateOptions(**options), tell)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def source(servers: TestServers) -> Iterator[str]:
    """The URL of a database with everything; nobody changes it."""
    with servers.get("postgres").fresh_database() as url:
        build_everything(url, "postgres")
        with psycopg.connect(url, autocommit=True) as connection:
            for text in (SCHEMA.read_text(), MORE):
                connection.execute(text.encode())
            name = parse_target(url).database
            connection.execute(f'ALTER DATABASE {name} SET search_path TO app, "Odd schema"'.encode())
            connection.execute(f"ALTER ROLE postgres IN DATABASE {name} SET \"my.own\" TO 'it''s'".encode())
            connection.execute(
                f"COMMENT ON DATABASE {name} IS 'ours'; GRANT CREATE ON DATABASE {name} TO PUBLIC".encode()
            )
        yield url


@pytest.fixture(scope="module")
def taken(source: str, tmp_path_factory: pytest.TempPathFactory) -> Backup:
    """A full backup of it."""
    return back_up(source, tmp_path_factory.mktemp("repository"))


def test_everything_comes_back_on_a_server_of_its_own(taken: Backup) -> None:
    found = verify_backup(ENGINE, taken, VerifyOptions(), tell)
    assert (found.level, found.problem) == (Level.SCHEMA, "")


def test_a_registry_of_ours_is_no_difference_where_a_text_is_written_another_way(
    servers: TestServers, tmp_path: Path
) -> None:
    with servers.get("postgres").fresh_database() as url:
        session = ENGINE.connect(parse_target(url), is_read_only=False)
        session.execute("CREATE TABLE t (state varchar(9) CHECK (state IN ('a', 'b')))")
        ensure_session_table(Store(session, ENGINE.state))
        session.close()

        found = verify_backup(ENGINE, back_up(url, tmp_path), VerifyOptions(), tell)

    assert (found.level, found.problem) == (Level.SCHEMA, "")


def test_the_manifest_tells_how_it_was_taken(taken: Backup) -> None:
    manifest = taken.manifest
    assert manifest.method == "pg_dump -Fd -j2 --snapshot"
    assert {tool.name for tool in manifest.tools} == {"pg_dump", "pg_restore", "pg_dumpall"}
    assert manifest.position.kind == "wal" and manifest.position.offset > 0 and manifest.lock_held_ms == 0
    assert "postgres" in manifest.roles
    rows = {fact.table: fact.rows for fact in manifest.tables}
    assert (rows["app.events"], rows["app.no_columns"], rows["app.base"], rows["(large objects)"]) == (3, 2, 1, 2)
    files = {table: file.path for file in manifest.files for table in file.tables}
    assert files["app.events_2020"].startswith("dump/") and "app.events" in files
    assert {"schema.sql.zst", "globals.sql.zst", "dump/toc.dat.zst"} <= {file.path for file in manifest.files}
    assert any("foreign tables" in warning for warning in manifest.warnings)


def test_the_stock_commands_restore_it_without_us(taken: Backup) -> None:
    question = """
        SELECT nextval('public.ticket'), nextval('app.down'), current_setting('search_path'), current_setting('my.own'),
               shobj_description(oid, 'pg_database'), (SELECT count(*) FROM aclexplode(datacl) WHERE grantee = 0)
        FROM pg_database WHERE datname = current_database()"""
    restore_by_hand(taken, question, (114, -77, 'app, "Odd schema"', "it's", "ours", 3))


def restore_by_hand(taken: Backup, question: str, answer: tuple[object, ...]) -> None:
    """Run the manifest's commands in a shell that knows nothing of us; compare all rows, and ask something besides."""
    with private_server("postgres") as server:
        target = server.target()
        environment = {
            "PATH": os.environ["PATH"], "PGHOST": target.host, "PGPORT": str(target.port), "PGUSER": target.user,
            "PGPASSWORD": target.password,
        }  # fmt: skip
        script = "\n".join(taken.manifest.restore)
        done = subprocess.run(
            ["/bin/sh", "-e", "-c", script], cwd=taken.folder, env=environment, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        assert facts_problem(taken.manifest, target.with_database(taken.manifest.database)) == ""
        with psycopg.connect(server.url(taken.manifest.database)) as connection:
            assert connection.execute(question.encode()).fetchone() == answer


def facts_problem(manifest: Manifest, target: Target) -> str:
    """Say where a restored database differs from a manifest."""
    session = ENGINE.connect(target, is_read_only=True)
    try:
        return compare_facts(manifest, read_restored_facts(ENGINE, session, manifest))
    finally:
        session.close()


@pytest.mark.parametrize("kind", [BackupKind.SCHEMA, BackupKind.TABLES])
def test_less_than_everything_comes_back_as_what_it_is(source: str, tmp_path: Path, kind: BackupKind) -> None:
    tables = (Key("table", "public", "egg"), Key("table", "app", "events"))
    backup = back_up(source, tmp_path, kind=kind, tables=tables if kind is BackupKind.TABLES else None)
    measured = {fact.table: fact.rows for fact in backup.manifest.tables}
    assert measured == ({"public.egg": 2, "app.events": 3} if kind is BackupKind.TABLES else {})
    found = verify_backup(ENGINE, backup, VerifyOptions(), tell)
    assert (found.level, found.problem) == (Level.SCHEMA, "")
    if kind is BackupKind.TABLES:
        disabled = "SELECT count(*) FROM pg_trigger WHERE tgrelid = 'app.events_2020'::regclass AND tgenabled = 'D'"
        restore_by_hand(backup, disabled, (1,))


def test_facts_depend_neither_on_order_nor_on_layout_nor_on_settings(postgres_url: str) -> None:
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute("CREATE TABLE a (x integer, y float8, z timestamptz, b bytea)")
        connection.execute("CREATE TABLE b (b bytea, gone text, z timestamptz, y float8, x integer)")
        connection.execute("ALTER TABLE b DROP COLUMN gone")
        connection.execute("INSERT INTO a SELECT n, n / 3.0, now(), '\\x00ff' FROM generate_series(1, 50) n")
        connection.execute("INSERT INTO b (x, y, z, b) SELECT x, y, z, b FROM a ORDER BY x DESC")
        one, other = (measure(postgres_url, name) for name in "ab")
        assert (one[0], other[0]) == (50, 50) and one == other
        connection.execute("UPDATE b SET y = y + 1e-12 WHERE x = 25")
        assert measure(postgres_url, "b")[1] != one[1]
        connection.execute("UPDATE a SET y = NULL, b = '' WHERE x = 1")
        connection.execute("UPDATE b SET y = NULL, b = NULL WHERE x = 1")
        assert measure(postgres_url, "a")[1] != measure(postgres_url, "b")[1]


def measure(url: str, name: str) -> tuple[int, str]:
    session = ENGINE.connect(parse_target(url), is_read_only=True)
    try:
        session.execute("SET extra_float_digits = -10")
        session.execute("SET TimeZone = 'Asia/Tokyo'")
        schema = ENGINE.inspect(session, ENGINE.identify(session), Scope())
        [fact] = ENGINE.backup().read_facts(session, schema, [Key("table", "public", name)])
        return fact.rows, fact.checksum
    finally:
        session.close()


def test_it_is_of_one_moment_while_others_write(postgres_url: str, tmp_path: Path) -> None:
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute("CREATE TABLE account (id integer PRIMARY KEY, cents bigint)")
        connection.execute("CREATE TABLE booking (account integer REFERENCES account, cents bigint)")
        connection.execute("INSERT INTO account SELECT n, 0 FROM generate_series(1, 100) n")
        connection.execute("INSERT INTO booking SELECT 1, 0 FROM generate_series(1, 20000)")
    stop = threading.Event()
    written = threading.Thread(target=write, args=(postgres_url, stop))
    written.start()
    try:
        backup = back_up(postgres_url, tmp_path)
    finally:
        stop.set()
        written.join()
    balanced = "SELECT (SELECT sum(cents) FROM account) = (SELECT sum(cents) FROM booking)"
    found = verify_backup(ENGINE, backup, VerifyOptions(assertions=(balanced,)), tell)
    assert (found.level, found.problem) == (Level.SCHEMA, "")


def write(url: str, stop: threading.Event) -> None:
    with psycopg.connect(url) as connection:
        number = 0
        while not stop.wait(0.002):
            number += 1
            connection.execute("UPDATE account SET cents = cents + 1 WHERE id = %s", (number % 100 + 1,))
            connection.execute("INSERT INTO booking VALUES (%s, 1)", (number % 100 + 1,))
            connection.commit()


def test_no_table_can_be_emptied_or_altered_between_the_moment_and_the_dump(postgres_url: str, tmp_path: Path) -> None:
    with psycopg.connect(postgres_url, autocommit=True) as connection, ExitStack() as stack:
        connection.execute("CREATE TABLE t (id integer); INSERT INTO t VALUES (1)")
        connection.execute("SET lock_timeout = '50ms'")
        session = ENGINE.connect(parse_target(postgres_url))
        stack.callback(session.close)
        server = ENGINE.identify(session)
        options = DumpOptions(raw=tmp_path)
        snapshot = stack.enter_context(
            ENGINE.backup().open_snapshot(parse_target(postgres_url), server, What(), options)
        )
        for statement in ("TRUNCATE t", "ALTER TABLE t ADD COLUMN more integer", "DROP TABLE t"):
            with pytest.raises(psycopg.errors.LockNotAvailable):
                connection.execute(statement.encode())
        connection.execute("INSERT INTO t VALUES (2)")
        assert [s.query("SELECT count(*) FROM t") for s in snapshot.sessions] == [[(1,)], [(1,)]]


def test_who_holds_a_table_alone_is_not_waited_for_for_ever(postgres_url: str, tmp_path: Path) -> None:
    with psycopg.connect(postgres_url) as connection:
        connection.execute("CREATE TABLE t (id integer)")
        connection.commit()
        connection.execute("LOCK TABLE t IN ACCESS EXCLUSIVE MODE")
        with pytest.raises(LockTimeout):
            back_up(postgres_url, tmp_path, dump=DumpOptions(lock_ms=200))
    assert not list((tmp_path / "b").glob("*"))


def test_a_change_of_the_schema_meanwhile_publishes_nothing(postgres_url: str, tmp_path: Path) -> None:
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute("CREATE TABLE t (id integer); INSERT INTO t VALUES (1)")
        once = iter([True])

        def alter(_count: int) -> None:
            if next(once, False):
                connection.execute("CREATE TABLE late (id integer)")

        with pytest.raises(BackupFailed, match="schema changed"):
            back_up(postgres_url, tmp_path, on_bytes=alter)
    assert not list((tmp_path / "b").glob("*"))


def test_a_pg_dump_that_is_killed_publishes_nothing_and_leaves_nothing(postgres_url: str, tmp_path: Path) -> None:
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        for number in range(4):
            connection.execute(
                f"CREATE TABLE t{number} AS SELECT n, repeat('x', 500) FROM generate_series(1, 9000) n".encode()
            )
    killer = threading.Thread(target=kill_a_dump, args=(tmp_path,))
    killer.start()
    with closing(psycopg.connect(postgres_url)) as holder:

        def hold_up(text: str) -> None:
            if text.startswith("dumping"):
                queue_up(holder, "t3")

        with pytest.raises(BackupFailed) as caught:
            back_up(postgres_url, tmp_path, hold_up, dump=DumpOptions(lock_ms=100_000))
    killer.join()
    assert caught.value.what == "pg_dump failed" and "signal 9" in caught.value.cause
    assert not list((tmp_path / "b").glob("*"))
    assert not list((tmp_path / ".stage").glob("*"))
    assert not dumps_of(tmp_path)


def dumps_of(folder: Path) -> list[int]:
    """Return the pg_dump processes that write below a folder."""
    found = []
    for place in Path("/proc").glob("[0-9]*"):
        try:
            words = (place / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if words[0].endswith(b"pg_dump") and any(str(folder).encode() in word for word in words):
            found.append(int(place.name))
    return sorted(found)


def queue_up(connection: psycopg.Connection, table: str) -> None:
    """Wait for a table alone: whoever asks for it from now on waits behind us, so a pg_dump cannot end."""
    connection.pgconn.send_query(f"BEGIN; LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE".encode())
    waits = "SELECT count(*) FROM pg_locks WHERE pid = %s AND NOT granted"
    with psycopg.connect(connection.info.dsn, password=connection.info.password, autocommit=True) as other:
        asked = (connection.info.backend_pid,)
        wait_until(lambda: other.execute(waits, asked).fetchone() == (1,), "the wait for the table")


def kill_a_dump(folder: Path) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        if found := dumps_of(folder):
            os.kill(found[0], signal.SIGKILL)
            return
        time.sleep(0.001)


def test_what_a_user_may_not_see_forbids_the_backup(make_database: Callable[[str], str], tmp_path: Path) -> None:
    url = make_database("postgres")
    role = f"reader_{os.getpid()}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"DROP ROLE IF EXISTS {role}; CREATE ROLE {role} LOGIN PASSWORD 'x:y\\z'".encode())
        try:
            target = replace(parse_target(url), user=role, password="x:y\\z")
            backup = create_backup(ENGINE, target, "shop", Repository(tmp_path), CreateOptions(), tell)
            assert backup.manifest.user == role and role in backup.manifest.roles
            connection.execute(
                "CREATE TABLE secret (id integer); CREATE SEQUENCE hidden; SELECT lo_create(0); CREATE TABLE s ();"
                "GRANT SELECT ON s TO PUBLIC; ALTER TABLE s ENABLE ROW LEVEL SECURITY"
            )
            with pytest.raises(RefusedError) as caught:
                create_backup(ENGINE, target, "shop", Repository(tmp_path), CreateOptions(), tell)
        finally:
            connection.execute(f"DROP ROLE {role}".encode())
    for words in (
        "may not read public.hidden, public.secret",
        "row security hides rows of public.s",
        "1 large objects",
    ):
        assert words in caught.value.cause


def test_a_missing_program_is_one_clear_error(
    postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake = tmp_path / "pg_dump"
    fake.write_text("#!/bin/sh\necho 'pg_dump (PostgreSQL) 9.6'\n")
    fake.chmod(0o755)
    monkeypatch.setenv("LOCKGATE_CLIENT_BIN", str(tmp_path))
    monkeypatch.setattr("lockgate.engine.client.find.usual_places", list)
    monkeypatch.setattr("lockgate.engine.client.find.find_binaries", lambda *a, **k: ())
    with pytest.raises(ConfigError) as caught:
        back_up(postgres_url, tmp_path / "repository")
    assert "there is no pg_dump for PostgreSQL" in caught.value.what and "9.6" in caught.value.cause


def test_a_stop_is_heard_while_pg_dump_runs(postgres_url: str, tmp_path: Path) -> None:
    class Stop(LockgateError):
        """The one we raise."""

    def stop(_count: int) -> None:
        raise Stop("a stop was asked for")

    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute("CREATE TABLE t AS SELECT n FROM generate_series(1, 1000) n")
    with pytest.raises(Stop):
        back_up(postgres_url, tmp_path, on_bytes=stop)
    assert not dumps_of(tmp_path)


def test_a_database_that_lets_nobody_change_its_schema_and_lies_on_several_disks(
    postgres_url: str, servers: TestServers, tmp_path: Path
) -> None:
    space = f"Fast {os.getpid()}"
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute("SET allow_in_place_tablespaces = on")
        connection.execute(f"CREATE TABLESPACE \"{space}\" LOCATION ''".encode())
        try:
            connection.execute(f'CREATE TABLE t (id integer PRIMARY KEY) TABLESPACE "{space}"'.encode())
            connection.execute(
                "CREATE FUNCTION refuse() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN RAISE ''no''; END';"
                "CREATE EVENT TRIGGER refuse ON ddl_command_start EXECUTE FUNCTION refuse()"
            )
            found = verify_backup(ENGINE, back_up(postgres_url, tmp_path), VerifyOptions(), tell)
            assert (found.level, found.problem) == (Level.SCHEMA, "")
        finally:
            connection.execute("SET session_replication_role = replica")
            connection.execute("DROP TABLE t")
            connection.execute(f'DROP TABLESPACE "{space}"'.encode())


@pytest.mark.parametrize(("roles", "statement", "problem"), [
    (("nobody here",), "SELECT", "the server lacks roles that the backup needs"),
    ((), "CREATE TABLE t ()", "a backup is only loaded into an empty database"),
])  # fmt: skip
def test_where_it_cannot_be_loaded_nothing_is(
    taken: Backup, postgres_url: str, tmp_path: Path, roles: tuple[str, ...], statement: str, problem: str
) -> None:
    manifest = msgspec.structs.replace(taken.manifest, roles=roles)
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(statement.encode())
        before = connection.execute("SELECT count(*) FROM pg_class").fetchone()
        with pytest.raises(BackupFailed, match=problem):
            files = StoredFiles(replace(taken, manifest=manifest))
            ENGINE.backup().load(files, parse_target(postgres_url), LoadOptions(work=tmp_path))
        assert connection.execute("SELECT count(*) FROM pg_class").fetchone() == before


@pytest.mark.parametrize(
    ("text", "settled"),
    [
        (
            "(s = ANY (((ARRAY['a,]'::character varying, 'b'::character varying])::character varying[])::text[]))",
            "(s = ANY (ARRAY[('a,]'::character varying)::text, ('b'::character varying)::text]))",
        ),
        (
            "(s = ANY ((ARRAY['it''s'::bpchar])::text[])) OR (t = ANY (ARRAY[1, 2]))",
            "(s = ANY (ARRAY[('it''s'::bpchar)::text])) OR (t = ANY (ARRAY[1, 2]))",
        ),
        ("SERVER x OPTIONS (host 'a, b', \"Odd\" 'c''')", "SERVER x OPTIONS (\"Odd\" 'c''', host 'a, b')"),
        ("'(ARRAY[1])::text[]'::text", "'(ARRAY[1])::text[]'::text"),
    ],
)  # fmt: skip
def test_texts_are_compared_as_they_read_after_a_dump_and_a_load(text: str, settled: str) -> None:
    assert settle_text(text) == settled
    assert settle_text(settled) == settled
