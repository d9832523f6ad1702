"""Prove that Drizzle projects are read as the real drizzle-kit exports them: both are built and inspected on servers.

``python -m tools.crosscheck`` generates the projects of 145 tables (MySQL, MariaDB, PostgreSQL, SQLite), takes them and
the cases of the tests, runs drizzle-kit on each, builds both readings on the real server and compares what is there.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lockgate.diff.compare import diff_schemas
from lockgate.diff.describe import describe_change
from lockgate.engine import load_engine
from lockgate.engine.base import Scope
from lockgate.errors import LockgateError
from lockgate.model.schema import Schema
from lockgate.model.target import parse_target
from lockgate.source.declaration import SqlFile
from lockgate.source.sql import run_sql_files
from tests.drizzle.forms import FORMS
from tests.drizzle.generate import write_project
from tests.drizzle.test_cases import CASES, dialect_of, expect_of, read_case
from tests.drizzle.test_generated import FLAVORS
from tests.servers import TestServers
from tools.drizzle_kit import export_sql, find_kit


def main() -> int:
    """Compare everything; exit code 1 when anything differs."""
    kit = find_kit()
    servers = TestServers()
    failures = 0
    try:
        with tempfile.TemporaryDirectory() as folder:
            for form in FORMS:
                project = write_project(Path(folder) / form, form)
                failures += _compare(form, project, FORMS[form].dialect, FLAVORS[form], kit, servers)
            for case in CASES:
                if (case / "expected.sql").exists() and not expect_of(case).unread:
                    dialect = dialect_of(case)
                    failures += _compare(case.name, case, dialect, FLAVORS[dialect], kit, servers)
    finally:
        servers.close()
    return min(failures, 1)


def _compare(name: str, project: Path, dialect: str, flavor: str, kit: Path, servers: TestServers) -> int:
    """Build both readings of a project and print how they compare; return 1 when they differ."""
    ours = read_case(project, dialect).files
    theirs = SqlFile("drizzle-kit", export_sql(project, kit).replace("--> statement-breakpoint", ""))
    built = [_build(files, flavor, servers) for files in (ours, (theirs,))]
    if any(isinstance(schema, str) for schema in built):
        is_same = isinstance(built[0], str) and isinstance(built[1], str)
        _say(f"{name}: {'refused by the server both ways' if is_same else f'one is refused: {built}'}")
        return 0 if is_same else 1
    first, second = (schema for schema in built if isinstance(schema, Schema))
    changes = [describe_change(change) for change in diff_schemas(second, first)]
    for change in changes:
        _say(f"{name}: {change.object}: drizzle-kit {change.before or 'nothing'}, here {change.after or 'nothing'}")
    _say(f"{name} on {flavor}: {'the same' if not changes else 'different'}, {len(first.tables)} tables")
    return 1 if changes else 0


def _build(files: tuple[SqlFile, ...], flavor: str, servers: TestServers) -> Schema | str:
    """Return the schema the server has after the files, or its error."""
    with _database(flavor, servers) as url:
        target = parse_target(url)
        engine = load_engine(target.engine)
        session = engine.connect(target)
        try:
            run_sql_files(engine, session, files, is_private=True)
            return engine.inspect(session, engine.identify(session), Scope())
        except LockgateError as error:
            return str(error)
        finally:
            session.close()


@contextmanager
def _database(flavor: str, servers: TestServers) -> Iterator[str]:
    if flavor != "sqlite":
        with servers.get(flavor).fresh_database() as url:
            yield url
        return
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "scratch.db"
        file.touch()
        yield f"sqlite:///{file}"


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())
