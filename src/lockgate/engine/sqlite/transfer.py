"""Copy rows into a scratch file by attaching the source to it, so that SQLite moves every value itself."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import quote as url_quote

from lockgate.engine.base import RowTransfer, Session
from lockgate.engine.sqlite.errors import translate
from lockgate.engine.sqlite.normalize import rowid_column
from lockgate.engine.sqlite.shape import plain_columns, rowid_name
from lockgate.engine.sqlite.tokens import quote
from lockgate.model.schema import Column, Schema, Table


def _begin(source: Session) -> None:
    source.execute("BEGIN")
    source.query("SELECT COUNT(*) FROM sqlite_schema")


def _prepare(copy: Session) -> None:
    """Nothing: the rows come over a connection of their own, on which foreign keys are off."""


def _copy_rows(source: Session, copy: Session, table: Table, condition: str, limit: int) -> int:
    names = [quote(c.name) for c in plain_columns(table)]
    rowid = rowid_name(table)
    if rowid is not None and rowid_column(table) is None:
        names.insert(0, rowid)
    listed = ", ".join(names)
    name = quote(table.name)
    where = f" WHERE {condition}" if condition else ""
    cut = f" LIMIT {limit}" if limit else ""
    sql = f"INSERT OR IGNORE INTO main.{name} ({listed}) SELECT {listed} FROM source.{name}{where}{cut}"
    with _attached(source, copy) as connection:
        return _run(connection, sql).rowcount


def _finish(source: Session, copy: Session, schema: Schema) -> None:
    if source.query("SELECT COUNT(*) FROM sqlite_schema WHERE name = 'sqlite_sequence'")[0][0]:
        with _attached(source, copy) as connection:
            _run(connection, "DELETE FROM main.sqlite_sequence")
            _run(
                connection,
                "INSERT INTO main.sqlite_sequence (name, seq) SELECT name, seq FROM source.sqlite_sequence"
                " WHERE name IN (SELECT name FROM main.sqlite_schema)",
            )
    copy.execute("ANALYZE")


@contextmanager
def _attached(source: Session, copy: Session) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(_uri(copy.target.path, "rw"), uri=True, isolation_level=None)
    try:
        _run(connection, f"ATTACH '{_uri(source.target.path, 'ro')}' AS source")
        connection.execute("PRAGMA foreign_keys=OFF")
        connection.execute("PRAGMA synchronous=OFF")
        yield connection
    finally:
        connection.close()


def _uri(path: str, mode: str) -> str:
    return f"file:{url_quote(path)}?mode={mode}"


def _run(connection: sqlite3.Connection, sql: str) -> sqlite3.Cursor:
    try:
        return connection.execute(sql)
    except sqlite3.Error as error:
        raise translate(error, sql, waited_ms=0, is_timed_out=False) from None


def _literal_of(column: Column) -> str:
    return f"quote({quote(column.name)})"


def _disk_used(session: Session) -> int:
    pages = int(session.query("PRAGMA page_count")[0][0])
    return pages * int(session.query("PRAGMA page_size")[0][0])


TRANSFER = RowTransfer(
    begin=_begin,
    prepare=_prepare,
    copy_rows=_copy_rows,
    finish=_finish,
    literal_of=_literal_of,
    disk_used=_disk_used,
)
