"""The second `drift` against the same files reads the desired schema from a cache and still sees every difference."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from lockgate.diff.drift import DriftReport, DriftStatus
from lockgate.engine import load_engine
from lockgate.engine.base import Scope, Session
from lockgate.model import codec
from lockgate.model.schema import Schema
from lockgate.model.server import Server
from lockgate.model.target import parse_target
from lockgate.source.snapshot import build_snapshot
from lockgate.workflow.measure_drift import DriftOptions, measure_drift

DESIRED = """CREATE TABLE parent (id INTEGER PRIMARY KEY, n VARCHAR(20) DEFAULT 'x');
CREATE TABLE child (id INTEGER PRIMARY KEY, parent_id INTEGER NOT NULL, t VARCHAR(9));
CREATE INDEX child_parent ON child (parent_id);
CREATE VIEW names AS SELECT n FROM parent;
"""


def run(url: str, *statements: str) -> None:
    """Run statements on a database."""
    target = parse_target(url)
    session = load_engine(target.engine).connect(target, is_read_only=False)
    try:
        for statement in statements:
            session.execute(statement)
    finally:
        session.close()


def drift(url: str, desired: str, cache: Path) -> DriftReport:
    """Measure the drift."""
    target = parse_target(url)
    return measure_drift(load_engine(target.engine), target, desired, DriftOptions(cache=cache))


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE parent ADD COLUMN m INTEGER",
        "CREATE INDEX child_t ON child (t)",
        "DROP INDEX child_parent{of}",
        "DROP VIEW names",
        "CREATE TABLE other (id INTEGER PRIMARY KEY)",
        "ALTER TABLE child RENAME COLUMN t TO u",
    ],
)
def test_each_difference_is_found_beside_a_cached_desired_schema(any_url: str, tmp_path: Path, statement: str) -> None:
    file = tmp_path / "desired.sql"
    file.write_text(DESIRED)
    run(any_url, *DESIRED.strip().rstrip(";").split(";\n"))
    first = drift(any_url, str(file), tmp_path / "cache")
    again = drift(any_url, str(file), tmp_path / "cache")
    assert first.status is again.status is DriftStatus.IN_SYNC
    assert again == first
    assert again.live_fingerprint == again.desired_fingerprint
    of = " ON child" if parse_target(any_url).engine == "mysql" else ""
    run(any_url, statement.format(of=of))
    cached = drift(any_url, str(file), tmp_path / "cache")
    fresh = drift(any_url, str(file), tmp_path / "other")
    assert cached.status is DriftStatus.DRIFT
    assert cached == fresh


def test_a_snapshot_that_lies_about_a_tables_text_is_not_believed_of_the_live_table(
    make_database: Callable[[str], str], tmp_path: Path
) -> None:
    url = make_database("sqlite")
    run(url, "CREATE TABLE a (id INTEGER PRIMARY KEY, n TEXT)")
    target = parse_target(url)
    engine = load_engine("sqlite")
    session = engine.connect(target, is_read_only=True)
    server = engine.identify(session)
    live = engine.inspect(session, server, Scope())
    session.close()
    lie = codec.decode(codec.encode(live).replace(b'"type":"text"', b'"type":"blob"'), Schema, "a lie")
    assert lie.tables[0].text == live.tables[0].text
    (tmp_path / "lie.json").write_bytes(codec.encode(build_snapshot(lie, server)))
    report = drift(url, f"snapshot:{tmp_path / 'lie.json'}", tmp_path / "cache")
    assert [entry.object for entry in report.changes] == ["a.n"]


def test_a_cache_that_was_changed_is_not_read(make_database: Callable[[str], str], tmp_path: Path) -> None:
    url = make_database("sqlite")
    run(url, "CREATE TABLE a (id INTEGER PRIMARY KEY, n TEXT)")
    file = tmp_path / "desired.sql"
    file.write_text("CREATE TABLE a (id INTEGER PRIMARY KEY, n TEXT)")
    drift(url, str(file), tmp_path / "cache")
    (entry,) = (tmp_path / "cache").iterdir()
    entry.write_bytes(entry.read_bytes().replace(b'"type":"text"', b'"type":"blob"'))
    report = drift(url, str(file), tmp_path / "cache")
    assert report.status is DriftStatus.IN_SYNC


def test_the_cached_desired_schema_is_read_before_the_live_one_so_that_its_texts_are_known(
    make_database: Callable[[str], str], tmp_path: Path
) -> None:
    url = make_database("sqlite")
    run(url, "CREATE TABLE a (id INTEGER PRIMARY KEY, n TEXT)")
    file = tmp_path / "desired.sql"
    file.write_text("CREATE TABLE a (id INTEGER PRIMARY KEY, n TEXT)")
    drift(url, str(file), tmp_path / "cache")
    engine = load_engine("sqlite")
    called: list[str] = []

    def prime(schema: Schema, texts: tuple[str, ...]) -> None:
        called.append("prime")
        engine.prime(schema, texts)

    def inspect(session: Session, server: Server, scope: Scope) -> Schema:
        called.append("inspect")
        return engine.inspect(session, server, scope)

    spied = replace(engine, prime=prime, inspect=inspect)
    measure_drift(spied, parse_target(url), str(file), DriftOptions(cache=tmp_path / "cache"))
    assert called == ["prime", "inspect"]
