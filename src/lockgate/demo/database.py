"""Fill the demonstration's database and look at it: schema fingerprint, row counts, checksums."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from lockgate.demo.dialect import Dialect
from lockgate.demo.erp import Erp
from lockgate.demo.rows import insert_statements
from lockgate.demo.write_sql import erp_files
from lockgate.engine.base import Engine, Scope, Session
from lockgate.errors import RefusedError
from lockgate.model.codec import fingerprint
from lockgate.model.keys import table_key
from lockgate.model.schema import Key, Schema
from lockgate.model.target import Target


@dataclass(frozen=True)
class Look:
    """One look at the database: its schema's fingerprint and, by table, its rows and their checksum."""

    fingerprint: str
    schema: Schema
    rows: dict[Key, int]
    checksums: dict[Key, str]

    @property
    def total_rows(self) -> int:
        """Rows of all tables."""
        return sum(self.rows.values())


@contextmanager
def open_session(engine: Engine, target: Target, is_read_only: bool = True) -> Iterator[Session]:
    """Open a session and close it at the end."""
    session = engine.connect(target, is_read_only=is_read_only)
    try:
        yield session
    finally:
        session.close()


def require_empty(engine: Engine, target: Target) -> str:
    """Return the server's version text of an empty database.

    Raises:
        RefusedError: There is anything in it.
    """
    with open_session(engine, target) as session:
        server = engine.identify(session)
        schema = engine.inspect(session, server, Scope(include_own=True))
        found = [table.name for table in schema.tables] + [d.name for d in schema.definitions]
        found += [*engine.list_own(session), *(u.name for u in schema.unmanaged)]
    if found:
        raise RefusedError(
            "the demonstration needs an empty database",
            where=target.display,
            cause=f"it holds {len(found)} objects, for example {', '.join(found[:5])}",
            state="nothing was touched",
            hint="create an empty database for it and name that one",
        )
    return f"{server.flavor} {server.version_text}"


def fill_database(engine: Engine, target: Target, erp: Erp, dialect: Dialect) -> None:
    """Build the ERP with its rows in one transaction where the engine can."""
    with open_session(engine, target, is_read_only=False) as session:
        for statement in build_statements(engine, erp, dialect):
            session.execute(statement)
        session.begin()
        for statement in insert_statements(erp, dialect):
            session.execute(statement)
        session.commit()


def build_statements(engine: Engine, erp: Erp, dialect: Dialect) -> Iterator[str]:
    """Yield the statements that build the ERP."""
    for text in erp_files(erp, dialect).values():
        for statement in engine.split_sql(text):
            yield statement.text


def look_at(engine: Engine, target: Target, tables: Iterable[Key] | None = None) -> Look:
    """Look at the schema, and at the rows of these tables (all by default)."""
    with open_session(engine, target) as session:
        schema = engine.inspect(session, engine.identify(session), Scope())
        keys = [table_key(table) for table in schema.tables] if tables is None else list(tables)
        rows = engine.count_rows(session, keys)
        checksums = {key: engine.checksum_rows(session, key) for key in keys}
    return Look(fingerprint(schema), schema, dict(rows), checksums)
