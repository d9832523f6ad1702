"""How many rows and bytes a table has, and a checksum of its content."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from hashlib import blake2b
from typing import Any

from lockgate.engine.base import Session, TableSize
from lockgate.engine.sqlite.inspect import OWN_PREFIX
from lockgate.engine.sqlite.session import SqliteSession
from lockgate.engine.sqlite.tokens import fold, literal, quote
from lockgate.errors import StatementFailed
from lockgate.model.schema import Key
from lockgate.model.server import Server

_TABLES_SQL = """
SELECT name FROM pragma_table_list WHERE schema = 'main' AND type IN ('table', 'virtual')
AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND name NOT LIKE 'lockgate\\_%' ESCAPE '\\' ORDER BY name
"""
_BYTES_SQL = "SELECT name, sum(pgsize) FROM dbstat WHERE aggregate = 0 GROUP BY name"
_STATISTICS_SQL = "SELECT tbl, max(CAST(stat AS INTEGER)) FROM sqlite_stat1 GROUP BY tbl"
_MAX_SCAN_BYTES = 256 * 1024 * 1024
_MASK = (1 << 128) - 1


def table_sizes(session: Session, server: Server) -> Mapping[Key, TableSize]:
    """Return estimated rows and bytes: from ANALYZE's statistics and dbstat where there are any, else counted.

    SQLite keeps no row counts. A database over 256 MiB is not scanned: what statistics do not tell is -1 there.
    """
    names = [str(row[0]) for row in session.query(_TABLES_SQL)]
    rows = _map(session, _STATISTICS_SQL)
    is_small = _file_bytes(session) <= _MAX_SCAN_BYTES
    sizes = _map(session, _BYTES_SQL) if is_small else {}
    result: dict[Key, TableSize] = {}
    for name in names:
        count = rows.get(name, -1)
        if count < 0 and is_small:
            count = _count(session, name)
        result[Key("table", "", name)] = TableSize(count, sizes.get(name, -1))
    return result


def _file_bytes(session: Session) -> int:
    try:
        return os.path.getsize(session.target.path)
    except OSError:
        return 0


def _map(session: Session, sql: str) -> dict[str, int]:
    try:
        return {str(name): int(value or 0) for name, value in session.query(sql)}
    except StatementFailed:
        return {}


def _count(session: Session, name: str) -> int:
    try:
        return int(session.query(f"SELECT count(*) FROM {quote(name)}")[0][0])
    except StatementFailed:
        return -1


def count_rows(session: Session, tables: Iterable[Key]) -> dict[Key, int]:
    """Return exact row counts."""
    return {key: int(session.query(f"SELECT count(*) FROM {quote(key.name)}")[0][0]) for key in tables}


def checksum_rows(session: Session, table: Key) -> str:
    """Return a checksum of all rows and columns, whatever their order; generated and parked columns left out.

    The sum of one hash a row, so that rows may come in any order and equal rows all count. Types count: 1 is not '1'.
    """
    names = [
        str(name)
        for name, hidden in session.query(f"SELECT name, hidden FROM pragma_table_xinfo({literal(table.name)})")
        if hidden == 0 and not fold(name).startswith(OWN_PREFIX)
    ]
    names.sort(key=fold)
    total, count = 0, 0
    sql = f"SELECT {', '.join(map(quote, names)) or 'NULL'} FROM {quote(table.name)}"
    for row in _scan(session, sql):
        digest = blake2b(repr(row).encode("utf-8", "surrogatepass"), digest_size=16).digest()
        total += int.from_bytes(digest, "big")
        count += 1
    label = blake2b("\0".join(map(fold, names)).encode(), digest_size=8).hexdigest()
    return f"{count}-{label}-{total & _MASK:032x}"


def _scan(session: Session, sql: str) -> Iterable[tuple[Any, ...]]:
    return session.scan(sql) if isinstance(session, SqliteSession) else session.query(sql)
