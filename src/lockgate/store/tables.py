"""Lockgate's own tables in the target: how they are made, and which version of them this program knows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from msgspec.structs import replace

from lockgate.engine.base import Session, StateDialect
from lockgate.errors import ArtifactError, InputError, StatementFailed
from lockgate.model.keys import table_key
from lockgate.model.schema import Schema

FORMAT_VERSION = "2"

# Each table by its columns; {short}, {text} and {bigint} are the dialect's types.
_TABLES = {
    "meta": "meta_name {short} NOT NULL PRIMARY KEY, meta_value {text} NOT NULL",
    "run": (
        "id {short} NOT NULL PRIMARY KEY, number {bigint} NOT NULL, target {text} NOT NULL, "
        "plan_digest {short} NOT NULL, plan {text} NOT NULL, state {short} NOT NULL, stage {bigint} NOT NULL, "
        "before_print {short} NOT NULL, left_print {short} NOT NULL, goal {short} NOT NULL, holder {text} NOT NULL, "
        "started_at {short} NOT NULL, changed_at {short} NOT NULL, note {text} NOT NULL"
    ),
    "event": (
        "run_id {short} NOT NULL, seq {bigint} NOT NULL, event_type {short} NOT NULL, direction {short} NOT NULL, "
        "step_number {bigint} NOT NULL, statement_number {bigint} NOT NULL, body {text} NOT NULL, "
        "PRIMARY KEY (run_id, seq)"
    ),
    "checkpoint": (
        "id {short} NOT NULL PRIMARY KEY, number {bigint} NOT NULL, run_id {short} NOT NULL, "
        "run_number {bigint} NOT NULL, steps_done {bigint} NOT NULL, stage {bigint} NOT NULL, "
        "created_at {short} NOT NULL, fingerprint {short} NOT NULL, schema_json {text} NOT NULL, "
        "full_schema_json {text} NOT NULL, counts_json {text} NOT NULL, label {text} NOT NULL"
    ),
    "parked": (
        "id {short} NOT NULL PRIMARY KEY, run_id {short} NOT NULL, step_id {short} NOT NULL, "
        "direction {short} NOT NULL, original {text} NOT NULL, parked_name {text} NOT NULL, "
        "finalize_json {text} NOT NULL, parked_at {short} NOT NULL, state {short} NOT NULL"
    ),
    "lease": (
        "lease_name {short} NOT NULL PRIMARY KEY, holder {text} NOT NULL, session_id {short} NOT NULL, "
        "run_id {short} NOT NULL, taken_at {short} NOT NULL"
    ),
    "progress": (
        "id {short} NOT NULL PRIMARY KEY, run_id {short} NOT NULL, watermark {text} NOT NULL, "
        "rows_done {bigint} NOT NULL, is_done {bigint} NOT NULL, changed_at {short} NOT NULL"
    ),
    # Values that the schema in force cannot hold, written by mirror triggers and by ways back. ``state`` is kept or
    # used; ``stand_in`` is what the row holds instead (NULL: NULL); ``row_key`` a JSON object of the key's columns.
    "salvage": (
        "id {serial}, mirror {short} NOT NULL, table_name {short} NOT NULL, row_key {text} NOT NULL, "
        "column_name {short} NOT NULL, value_text {text}, stand_in {text}, reason {short} NOT NULL, "
        "state {short} DEFAULT 'kept' NOT NULL, kept_at timestamp DEFAULT CURRENT_TIMESTAMP NOT NULL"
    ),
    # What a way back could not restore exactly, because rows stand in its way.
    "debt": (
        "id {short} NOT NULL PRIMARY KEY, run_id {short} NOT NULL, step_number {bigint} NOT NULL, "
        "step_id {short} NOT NULL, check_number {bigint} NOT NULL, message {text} NOT NULL, body {text} NOT NULL, "
        "rows_found {bigint} NOT NULL, owed_since {short} NOT NULL, state {short} NOT NULL"
    ),
}
_BEFORE = "1"
# Who is changing what, one row a session (`lockgate.store.sessions`). Made when a session is first started, so that a
# database without any has no more tables than before: it is no part of the version above.
_SESSION = {
    "session": (
        "id {short} NOT NULL PRIMARY KEY, state {short} NOT NULL, changed_at {short} NOT NULL, body {text} NOT NULL"
    ),
}

# The table is not there. Source: PostgreSQL manual, appendix A; MySQL manual, error 1146; SQLite has no code for it.
_MISSING_CODES = frozenset({"42P01", "3F000", "1146"})


@dataclass(frozen=True)
class Store:
    """Our tables, seen through one session."""

    session: Session
    dialect: StateDialect

    def read(self, sql: str, params: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Run a query; ``{p}`` stands for the prefix of our tables. Empty when the tables are not there."""
        try:
            return self.session.query(sql.replace("{p}", self.dialect.prefix), params)
        except StatementFailed as error:
            if is_missing_table(error):
                return []
            raise

    def write(self, sql: str, params: Sequence[Any] = ()) -> None:
        """Run a statement that writes; ``{p}`` stands for the prefix of our tables."""
        self.session.query(sql.replace("{p}", self.dialect.prefix), params)


def is_missing_table(error: StatementFailed) -> bool:
    """Tell whether a statement failed because a table is not there."""
    return error.code in _MISSING_CODES or "no such table" in error.cause


def read_version(store: Store) -> str:
    """Return the format version of our tables, empty when there are none."""
    rows = store.read("SELECT meta_value FROM {p}meta WHERE meta_name = 'format_version'")
    return str(rows[0][0]) if rows else ""


def check_version(store: Store) -> bool:
    """Tell whether our tables are there, all of them (older versions had fewer).

    Raises:
        ArtifactError: They are of a version this program does not know.
    """
    version = read_version(store)
    if version not in ("", _BEFORE, FORMAT_VERSION):
        raise ArtifactError(
            f"the journal in {store.session.target.display} is of format version {version}",
            cause=f"this program reads version {FORMAT_VERSION}",
            state="nothing was touched",
            hint="use the version of Lockgate that wrote it",
        )
    return version == FORMAT_VERSION


def ensure_tables(store: Store) -> None:
    """Make our tables when they are not there.

    Raises:
        ArtifactError: They are of a version this program does not know.
        InputError: They cannot be written.
    """
    if check_version(store):
        return
    try:
        for statement in setup_statements(store.dialect):
            store.session.execute(statement)
        store.write("DELETE FROM {p}meta WHERE meta_name = %s", ("format_version",))
        store.write("INSERT INTO {p}meta (meta_name, meta_value) VALUES (%s, %s)", ("format_version", FORMAT_VERSION))
    except StatementFailed as error:
        raise InputError(
            "Lockgate's journal cannot be written, so nothing is run",
            where=error.where,
            cause=error.cause,
            state="nothing was touched",
            hint="use a login that may create tables in this database",
        ) from None


def journal_names(dialect: StateDialect) -> frozenset[str]:
    """Return the dotted names of our tables."""
    return frozenset(dialect.prefix + name for name in (*_TABLES, *_SESSION))


def without_journal(schema: Schema, dialect: StateDialect) -> Schema:
    """Return a schema that was inspected with our own objects without our tables and the namespace they are in."""
    names = journal_names(dialect)
    tables = tuple(table for table in schema.tables if table_key(table).path not in names)
    namespace = dialect.prefix.rstrip(".") if dialect.prefix.endswith(".") else ""
    namespaces = tuple(item for item in schema.namespaces if item.name != namespace)
    return replace(schema, tables=tables, namespaces=namespaces)


def setup_statements(dialect: StateDialect) -> tuple[str, ...]:
    """Return the statements that make our tables; running them twice does no harm."""
    return (*dialect.setup, *_statements(dialect, _TABLES))


def session_statements(dialect: StateDialect) -> tuple[str, ...]:
    """Return the statements that make the table of work sessions; running them twice does no harm."""
    return (*dialect.setup, *_statements(dialect, _SESSION))


def _statements(dialect: StateDialect, tables: Mapping[str, str]) -> tuple[str, ...]:
    types = {
        "short": dialect.short_text,
        "text": dialect.text,
        "bigint": dialect.bigint,
        "serial": dialect.serial_key,
    }
    return tuple(
        f"CREATE TABLE IF NOT EXISTS {dialect.prefix}{name} ({columns.format(**types)}){dialect.table_suffix}"
        for name, columns in tables.items()
    )
