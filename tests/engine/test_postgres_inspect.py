"""Inspection, rendering, sessions and witnesses against a real PostgreSQL server."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from lockgate.diff.compare import diff_schemas
from lockgate.engine.base import Scope
from lockgate.engine.postgres import ENGINE
from lockgate.engine.postgres.session import PostgresSession, connect
from lockgate.errors import ConnectError, ConnectionLost, Interrupted, LockTimeout, StatementFailed, StatementTimeout
from lockgate.model.codec import fingerprint
from lockgate.model.schema import Definition, Key, Schema, Table
from lockgate.model.target import parse_target

HERE = Path(__file__).parent


@pytest.fixture
def session(postgres_url: str) -> Iterator[PostgresSession]:
    opened = connect(parse_target(postgres_url))
    yield opened
    opened.close()


@pytest.fixture
def empty(session: PostgresSession) -> Iterator[PostgresSession]:
    """A second, empty database on the same server."""
    name = f"{session.target.database}_copy"
    session.execute(f'DROP DATABASE IF EXISTS "{name}"')
    session.execute(f'CREATE DATABASE "{name}" TEMPLATE template0')
    opened = connect(session.target.with_database(name))
    yield opened
    opened.close()
    session.execute(f'DROP DATABASE "{name}"')


def run(session: PostgresSession, script: str) -> None:
    for statement in ENGINE.split_sql(script):
        session.execute(statement.text)


def read(session: PostgresSession, *, include_own: bool = False) -> Schema:
    return ENGINE.inspect(session, ENGINE.identify(session), Scope(include_own=include_own))


def table(schema: Schema, name: str) -> Table:
    return next(t for t in schema.tables if t.name == name)


def definition(schema: Schema, kind: str, name: str) -> Definition:
    return next(d for d in schema.definitions if (d.kind, d.name) == (kind, name))


@pytest.mark.parametrize(("file", "since"), [("postgres_everything.sql", 15), ("postgres_18.sql", 18)])
def test_everything_inspected_can_be_built_again(
    session: PostgresSession, empty: PostgresSession, file: str, since: int
) -> None:
    server = ENGINE.identify(session)
    if server.version[0] < since:
        with pytest.raises(StatementFailed):  # this server has no such things to inspect, and says so itself
            run(session, (HERE / file).read_text())
        return
    run(session, (HERE / file).read_text())
    schema = read(session)

    for statement in ENGINE.render_schema(schema, server):
        empty.execute(statement)

    again = read(empty)
    assert schema.unmanaged == ()
    assert diff_schemas(schema, again) == ()
    assert fingerprint(schema) == fingerprint(again)
    assert ENGINE.dump_schema(session, server) == ENGINE.dump_schema(empty, server)


def test_an_array_cast_as_a_whole_stays_so_when_built_again(session: PostgresSession, empty: PostgresSession) -> None:
    session.execute("CREATE TABLE t (s varchar(9) CHECK (s IN ('a', 'b')), CHECK (s NOT IN ('c', 'd')))")
    session.execute("CREATE INDEX i ON t (s) WHERE s IN ('x', 'y')")
    for statement in ENGINE.render_schema(read(session), ENGINE.identify(session)):
        empty.execute(statement)
    query = "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = 't'::regclass ORDER BY 1"
    assert session.query(query) == empty.query(query)
    query = "SELECT pg_get_indexdef('i'::regclass)"
    assert session.query(query) == empty.query(query)


def test_what_an_object_uses_is_told(session: PostgresSession) -> None:
    run(
        session,
        """
        CREATE TYPE mood AS ENUM ('a'); CREATE SEQUENCE s;
        CREATE FUNCTION f(x integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT 1';
        CREATE TABLE t (m mood[], n bigint DEFAULT nextval('s'), g integer GENERATED ALWAYS AS (f(1)) STORED,
            c integer CHECK (f(c) > 0));
        CREATE INDEX i ON t (f(c)) WHERE g > 0;
        CREATE VIEW v AS SELECT n, f(c) AS fc FROM t;
        CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
        CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION touch();
        """,
    )
    schema = read(session)
    t = table(schema, "t")
    function, mood = Key("function", "public", "f(integer)"), Key("enum", "public", "mood")
    columns = {c.name: c for c in t.columns}
    assert columns["m"].depends_on == (mood,)
    assert columns["n"].depends_on == (Key("sequence", "public", "s"),)
    assert function in columns["g"].depends_on
    assert set(t.checks[0].depends_on) == {Key("column", "public", "t", "c"), function}
    assert set(t.indexes[0].depends_on) == {
        Key("column", "public", "t", "c"), Key("column", "public", "t", "g"), function,
    }  # fmt: skip
    assert set(definition(schema, "view", "v").depends_on) == {
        Key("column", "public", "t", "n"), Key("column", "public", "t", "c"), function,
    }  # fmt: skip
    assert Key("function", "public", "touch()") in definition(schema, "trigger", "g").depends_on


def test_our_own_objects_are_seen_only_when_asked_for(session: PostgresSession) -> None:
    run(
        session,
        """
        CREATE TABLE t (a integer, lockgate_p3_b integer DEFAULT 1);
        CREATE INDEX own ON t (lockgate_p3_b);
        CREATE TABLE lockgate_p4_u (a integer);
        CREATE SCHEMA lockgate;
        CREATE TABLE lockgate.lockgate_p12_v (a integer);
        CREATE TABLE lockgate.lockgate_run (a integer);
        """,
    )
    plain, own = read(session), read(session, include_own=True)
    assert [(t.name, [c.name for c in t.columns], len(t.indexes)) for t in plain.tables] == [("t", ["a"], 0)]
    assert "lockgate" not in {n.name for n in plain.namespaces}
    assert {t.name for t in own.tables} == {"t", "lockgate_p4_u", "lockgate_p12_v"}
    assert ENGINE.list_own(session) == (
        "lockgate.lockgate_p12_v", "public.lockgate_p4_u", "public.t.lockgate_p3_b",
    )  # fmt: skip
    assert ENGINE.next_park_number(session) == 13
    dump = ENGINE.dump_schema(session, ENGINE.identify(session))
    assert dump is None or not [s for s in dump if "lockgate" in s]


def test_what_the_model_cannot_hold_is_reported(session: PostgresSession) -> None:
    session.execute("CREATE TYPE shell")
    session.execute("REVOKE EXECUTE ON FUNCTION pg_catalog.pg_sleep(double precision) FROM PUBLIC")
    assert {u.kind for u in read(session).unmanaged} == {"type", "privilege"}


def test_inspection_leaves_an_open_transaction_as_it_was(session: PostgresSession) -> None:
    session.begin()
    session.execute("CREATE TABLE t (a integer)")
    before = session.query("SHOW search_path")
    assert [t.name for t in read(session).tables] == ["t"]
    assert session.query("SHOW search_path") == before
    session.rollback()
    assert read(session).tables == ()


def test_checksums_depend_on_values_alone(session: PostgresSession) -> None:
    run(
        session,
        """
        CREATE TABLE a (x integer, y text); INSERT INTO a VALUES (1, 'a,b'), (2, NULL), (3, 'NULL');
        CREATE TABLE b (y text, x integer, lockgate_p1_z integer);
        INSERT INTO b VALUES ('NULL', 3, 1), ('a,b', 1, 2), (NULL, 2, 3);
        CREATE TABLE c (x integer, y text); INSERT INTO c VALUES (1, 'a,b'), (2, 'NULL'), (3, NULL);
        """,
    )
    keys = [Key("table", "public", name) for name in "abc"]
    first, second, third = (ENGINE.checksum_rows(session, key) for key in keys)
    assert first == second != third
    assert ENGINE.count_rows(session, keys) == dict.fromkeys(keys, 3)


def test_a_read_only_session_is_kept_so_by_the_server(postgres_url: str) -> None:
    reader = connect(parse_target(postgres_url), is_read_only=True)
    with pytest.raises(StatementFailed) as caught:
        reader.execute("CREATE TABLE t (a integer)")
    assert caught.value.code == "25006"
    assert read(reader).tables == ()
    reader.close()


def test_a_lock_timeout_names_who_holds_the_lock(session: PostgresSession, postgres_url: str) -> None:
    session.execute("CREATE TABLE t (a integer)")
    holder = connect(parse_target(postgres_url))
    holder.begin()
    holder.execute("LOCK TABLE t")
    session.set_limits(1500, 0)
    with pytest.raises(LockTimeout) as caught:
        session.execute("ALTER TABLE t ADD COLUMN b integer")
    assert any(holder.session_id in text for text in caught.value.blockers)
    assert [b.session_id for b in session.blockers(Key("table", "public", "t"))] == [holder.session_id]
    holder.close()


def test_limits_and_cancels_are_told_apart(session: PostgresSession, postgres_url: str) -> None:
    session.set_limits(0, 100)
    with pytest.raises(StatementTimeout):
        session.execute("SELECT pg_sleep(60)")
    session.set_limits(0, 0)
    thread = threading.Thread(target=cancel_once_it_runs, args=(session, postgres_url))
    thread.start()
    with pytest.raises(Interrupted):
        session.execute("SELECT pg_sleep(60)")
    thread.join()
    assert session.is_alive()


def cancel_once_it_runs(session: PostgresSession, url: str) -> None:
    """Cancel a session's statement from another thread as soon as the server works on it."""
    seen = f"SELECT count(*) FROM pg_stat_activity WHERE pid = {session.session_id} AND state = 'active'"
    other = connect(parse_target(url))
    deadline = time.monotonic() + 30
    while other.query(f"{seen} AND query LIKE '%pg_sleep%'") == [(0,)] and time.monotonic() < deadline:
        time.sleep(0.02)
    session.cancel()
    other.close()


def test_a_lease_is_held_by_one_session_and_freed_with_it(session: PostgresSession, postgres_url: str) -> None:
    other = connect(parse_target(postgres_url))
    assert session.acquire_lease("one")
    assert not other.acquire_lease("one")
    assert other.acquire_lease("two")
    session.close()
    assert other.is_alive()
    for _ in range(300):
        if other.acquire_lease("one"):
            break
        other.query("SELECT pg_sleep(0.1)")
    else:
        pytest.fail("the lease was not freed")
    other.close()


def test_a_lost_connection_is_told(session: PostgresSession, postgres_url: str) -> None:
    other = connect(parse_target(postgres_url))
    session.query("SELECT pg_terminate_backend(%s)", (int(other.session_id),))
    with pytest.raises(ConnectionLost):
        other.execute("SELECT 1")
    assert not other.is_alive()
    other.close()


def test_a_connection_that_fails_says_why_and_never_the_password(postgres_url: str) -> None:
    real = parse_target(postgres_url)
    target = replace(real, password="s3cret-word")
    cases = [
        (replace(real, database="not_there"), "the database is not there"),
        (replace(target, port=1), "cannot be reached"),
        (replace(target, host="no.such.host.invalid"), "the host name is unknown"),
    ]
    if real.password:
        cases.append((target, "refuses the login"))
    for broken, words in cases:
        with pytest.raises(ConnectError) as caught:
            connect(broken)
        assert words in str(caught.value)
        assert "s3cret-word" not in str(caught.value)


def test_a_changed_server_process_is_taken_for_a_pooler(session: PostgresSession) -> None:
    session._pid += 1
    with pytest.raises(ConnectError, match="pooler"):
        session.acquire_lease("x")


def test_percent_signs_are_sent_unchanged(session: PostgresSession) -> None:
    assert session.query("SELECT '100%s %%'") == [("100%s %%",)]
    assert session.query("SELECT %s || '%%'", ("a",)) == [("a%",)]


def test_a_driver_error_never_leaves_the_engine(session: PostgresSession) -> None:
    with pytest.raises(StatementFailed) as caught:
        session.query("SELECT nothing_here")
    assert caught.value.code == "42703"
    assert not isinstance(caught.value, psycopg.Error)
