"""Sizes from statistics, exact counts, and checksums that do not depend on the order of rows or columns."""

from __future__ import annotations

from collections.abc import Iterable

from lockgate.engine.base import Session, TableSize
from lockgate.engine.mysql.lexer import quote_name, quote_string
from lockgate.model.schema import Key
from lockgate.model.server import Server


def table_sizes(session: Session, server: Server) -> dict[Key, TableSize]:
    """Return estimated rows and bytes of every table, from statistics, in one query."""
    rows = session.query(
        "SELECT TABLE_NAME, TABLE_ROWS, DATA_LENGTH + INDEX_LENGTH FROM information_schema.TABLES"
        " WHERE TABLE_SCHEMA = DATABASE() AND TABLE_TYPE = 'BASE TABLE' ORDER BY TABLE_NAME"
    )
    return {
        Key("table", "", str(name)): TableSize(-1 if n is None else int(n), -1 if size is None else int(size))
        for name, n, size in rows
    }


def count_rows(session: Session, tables: Iterable[Key]) -> dict[Key, int]:
    """Return the exact number of rows of each table."""
    return {key: int(session.query(f"SELECT COUNT(*) FROM {quote_name(key.name)}")[0][0]) for key in tables}


def checksum_rows(session: Session, table: Key) -> str:
    """Return a checksum over all rows and all stored columns but parked ones.

    Each row is hashed with its columns in the order of their names; the hashes are counted, XORed and added up, so
    neither the order of rows nor that of columns matters. NULL differs from every value.
    """
    columns = [
        str(name)
        for name, extra in session.query(
            "SELECT COLUMN_NAME, EXTRA FROM information_schema.COLUMNS"
            " WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = %s ORDER BY COLUMN_NAME",
            (table.name,),
        )
        if not str(name).lower().startswith("lockgate_")
        and "GENERATED" not in str(extra).replace("DEFAULT_GENERATED", "")
    ]
    fields = ", ".join(f"COALESCE(HEX({quote_name(name)}), '-')" for name in columns) or "''"
    named = quote_string(",".join(columns))
    row_hash = f"SHA2(CONCAT_WS(',', {fields}), 256)"
    low = "CONV(SUBSTR(h, 1, 15), 16, 10)"
    high = "CONV(SUBSTR(h, 33, 15), 16, 10)"
    sql = (
        f"SELECT COUNT(*), COALESCE(BIT_XOR(CAST({low} AS UNSIGNED)), 0),"
        f" COALESCE(BIT_XOR(CAST({high} AS UNSIGNED)), 0),"
        f" COALESCE(SUM(CAST({low} AS UNSIGNED)), 0), SHA2({named}, 256)"
        f" FROM (SELECT {row_hash} AS h FROM {quote_name(table.name)}) AS hashed"
    )
    return ":".join(str(value) for value in session.query(sql)[0])
