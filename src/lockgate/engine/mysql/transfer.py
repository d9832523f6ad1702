"""Copy rows into a scratch as literals that the source server writes itself, each by the type of its column.

Source: MySQL manual, "Hexadecimal Literals", "Bit-Value Literals"; MariaDB Knowledge Base, the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from lockgate.engine.base import RowTransfer, Session
from lockgate.engine.mysql.lexer import quote_name
from lockgate.engine.mysql.server import is_mariadb
from lockgate.engine.mysql.session import MysqlSession
from lockgate.errors import StatementFailed
from lockgate.model.schema import Column, Schema, Table
from lockgate.model.schema import Sequence as SequenceObject

_BATCH_BYTES = 500_000
_PLAIN = re.compile(
    r"(tinyint|smallint|mediumint|int|bigint|decimal|numeric|double|date|datetime|timestamp|time|year|json|uuid|inet)",
    re.I,
)
_UNKNOWN_VARIABLE = "1193"


def _begin(source: Session) -> None:
    source.execute("SET SESSION time_zone = '+00:00'")
    try:
        source.execute("SET SESSION information_schema_stats_expiry = 0")
    except StatementFailed as error:
        if error.code != _UNKNOWN_VARIABLE:
            raise
    source.execute("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY")


def _prepare(copy: Session) -> None:
    copy.execute(
        "SET SESSION sql_mode = 'NO_AUTO_VALUE_ON_ZERO,ALLOW_INVALID_DATES', SESSION foreign_key_checks = 0,"
        " SESSION unique_checks = 0, SESSION time_zone = '+00:00'"
    )


def _copy_rows(source: Session, copy: Session, table: Table, condition: str, limit: int) -> int:
    assert isinstance(source, MysqlSession)
    columns = [c for c in table.columns if c.generated is None]
    name = quote_name(table.name)
    where = f" WHERE {condition}" if condition else ""
    cut = f" LIMIT {limit}" if limit else ""
    literals = ", ".join(_literal_of(c) for c in columns)
    rows = source.scan(f"SELECT CONCAT_WS(',', {literals}) FROM {name}{where}{cut}")
    head = f"INSERT IGNORE INTO {name} ({', '.join(quote_name(c.name) for c in columns)}) VALUES "
    return sum(copy.execute(head + batch) for batch in _batches(str(row[0]) for row in rows))


def _batches(rows: Iterable[str]) -> Iterable[str]:
    waiting: list[str] = []
    size = 0
    for row in rows:
        waiting.append(f"({row})")
        size += len(row)
        if size > _BATCH_BYTES:
            yield ",".join(waiting)
            waiting, size = [], 0
    if waiting:
        yield ",".join(waiting)


def _literal_of(column: Column) -> str:
    """Return the expression for a column's literal: bytes in hexadecimal, whatever has one exact text in quotes."""
    name, kind = quote_name(column.name), column.type.lower()
    if kind.startswith("bit"):
        text = f"CONCAT('b''', BIN({name}), '''')"
    elif kind.startswith("float"):
        text = f"QUOTE(CAST(CAST({name} AS DOUBLE) AS CHAR))"
    elif _PLAIN.match(kind):
        return f"QUOTE(CAST({name} AS CHAR))"
    else:
        text = f"CONCAT('X''', HEX({name}), '''')"
    return f"COALESCE({text}, 'NULL')"


def _finish(source: Session, copy: Session, schema: Schema) -> None:
    counters = source.query(
        "SELECT TABLE_NAME, AUTO_INCREMENT FROM information_schema.TABLES"
        " WHERE TABLE_SCHEMA = DATABASE() AND AUTO_INCREMENT IS NOT NULL"
    )
    tables = {table.name for table in schema.tables}
    for name, value in counters:
        if name in tables:
            copy.execute(f"ALTER TABLE {quote_name(str(name))} AUTO_INCREMENT = {int(value)}")
    for sequence in schema.sequences:
        _carry_sequence(source, copy, sequence)
    for name in sorted(tables):
        copy.query(f"ANALYZE TABLE {quote_name(name)}")
    copy.execute(
        "SET SESSION sql_mode = @@GLOBAL.sql_mode, SESSION foreign_key_checks = 1, SESSION unique_checks = 1,"
        " SESSION time_zone = @@GLOBAL.time_zone"
    )


def _carry_sequence(source: Session, copy: Session, sequence: SequenceObject) -> None:
    name = quote_name(sequence.name)
    value = source.query(f"SELECT next_not_cached_value FROM {name}")[0][0]
    copy.query(f"SELECT SETVAL({name}, {int(value)}, 0)")


def _disk_used(session: Session) -> int:
    assert isinstance(session, MysqlSession)
    table = "INNODB_SYS_TABLESPACES" if is_mariadb(session.server) else "INNODB_TABLESPACES"
    rows = session.query(
        f"SELECT COALESCE(SUM(FILE_SIZE), 0) FROM information_schema.{table} WHERE NAME LIKE CONCAT(DATABASE(), '/%')"
    )
    return int(rows[0][0])


TRANSFER = RowTransfer(
    begin=_begin,
    prepare=_prepare,
    copy_rows=_copy_rows,
    finish=_finish,
    literal_of=_literal_of,
    disk_used=_disk_used,
)
