"""From the TypeScript to the verdict: in sync with what drizzle-kit made, one planted difference found, lines named."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from lockgate.diff.drift import DriftReport, DriftStatus
from lockgate.engine import load_engine
from lockgate.errors import SourceError, UnreadSource
from lockgate.model.target import parse_target
from lockgate.source.declaration import SqlFile
from lockgate.source.sql import run_sql_files
from lockgate.workflow.measure_drift import DriftOptions, measure_drift

CASES = Path(__file__).parent / "cases"
JOURNALS = {
    "sqlite": ("CREATE TABLE `__drizzle_migrations` (id integer PRIMARY KEY, hash text NOT NULL, created_at numeric)",),
    "postgres": (
        "CREATE SCHEMA drizzle",
        "CREATE TABLE drizzle.__drizzle_migrations (id serial PRIMARY KEY, hash text NOT NULL, created_at bigint)",
    ),
}


def build(url: str, case: str, *more: str) -> None:
    """Make the database that drizzle-kit's own SQL makes, with its table of migrations."""
    target = parse_target(url)
    engine = load_engine(target.engine)
    session = engine.connect(target)
    try:
        text = (CASES / case / "expected.sql").read_text()
        run_sql_files(engine, session, (SqlFile(case, text),), is_private=True)
        for statement in (*JOURNALS[target.engine], *more):
            session.execute(statement)
    finally:
        session.close()


def measure(url: str, spec: str) -> DriftReport:
    """Compare a database with a project."""
    target = parse_target(url)
    return measure_drift(load_engine(target.engine), target, f"drizzle:{spec}", DriftOptions())


@pytest.mark.parametrize(("flavor", "case"), [("sqlite", "globs"), ("postgres", "imports")])
def test_a_database_that_drizzle_made_is_in_sync(flavor: str, case: str, make_database: Callable[[str], str]) -> None:
    """Drizzle's own table is no drift; a column too much is, and nothing else."""
    url = make_database(flavor)
    table = "a" if flavor == "sqlite" else "users"
    build(url, case)
    assert measure(url, str(CASES / case)).status is DriftStatus.IN_SYNC
    session = load_engine(parse_target(url).engine).connect(parse_target(url))
    session.execute(f"ALTER TABLE {table} ADD COLUMN added integer")
    session.close()
    (entry,) = measure(url, str(CASES / case)).changes
    assert entry.object.endswith(f"{table}.added")


def test_what_is_unread_is_no_verdict(tmp_path: Path, sqlite_url: str) -> None:
    """Not run, with every place."""
    (tmp_path / "schema.ts").write_text(
        "import { sqliteTable, integer } from 'drizzle-orm/sqlite-core';\n"
        "import { shared } from '@acme/shared';\n"
        "export const t = sqliteTable('t', {\n  id: integer('id'),\n  ...shared,\n  b: shared.b,\n});\n"
    )
    with pytest.raises(UnreadSource) as raised:
        measure(sqlite_url, str(tmp_path / "schema.ts"))
    assert len(raised.value.findings) == 2
    assert "schema.ts:2" in str(raised.value)


def test_a_statement_the_server_refuses_names_the_line_of_the_code(tmp_path: Path, sqlite_url: str) -> None:
    """Not a line of the SQL in between."""
    (tmp_path / "schema.ts").write_text(
        "import { sqliteTable, integer, index } from 'drizzle-orm/sqlite-core';\n"
        "import { sql } from 'drizzle-orm';\n\n"
        "export const t = sqliteTable('t', { id: integer('id') }, (t) => [\n"
        "  index('good').on(t.id),\n"
        "  index('bad').on(sql`nonsense(${t.id}`),\n]);\n"
    )
    with pytest.raises(SourceError) as raised:
        measure(sqlite_url, str(tmp_path / "schema.ts"))
    assert raised.value.file.endswith("schema.ts")
    assert raised.value.line == 6
