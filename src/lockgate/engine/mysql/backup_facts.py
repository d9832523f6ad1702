"""How many rows a table has and what they add up to, the same way in a snapshot and on a restored copy; CHECK TABLE."""

from __future__ import annotations

from collections.abc import Sequence

from lockgate.engine.base import Session
from lockgate.engine.mysql.lexer import quote_name
from lockgate.model.backup import TableFacts
from lockgate.model.schema import Key, Schema

ALGORITHM = "sum-crc32-1"
_NUMBERS = {"tinyint", "smallint", "mediumint", "int", "bigint", "decimal", "double", "float", "year"}
_MOMENTS = {"date", "datetime", "timestamp", "time"}
_TEXTS = {"char", "varchar", "tinytext", "text", "mediumtext", "longtext", "enum", "set"}
_CHECKED_AT_ONCE = 50
_SOUND = ("ok", "table is already up to date")


def read_facts(session: Session, schema: Schema, tables: Sequence[Key]) -> tuple[TableFacts, ...]:
    """Count the rows of tables and add up a CRC of each row, in one pass over each table.

    The order of rows does not matter. Rows are taken as text in UTC: a FLOAT counts with the six digits that a dump
    carries. CHECKSUM TABLE is not used: it sums how JSON and FLOAT are stored, which a dump does not bring back.
    """
    if not tables:
        return ()
    zone = str(session.query("SELECT @@SESSION.time_zone")[0][0])
    session.query("SET SESSION time_zone = '+00:00'")
    try:
        columns = _columns(session)
        return tuple(_facts_of(session, key, columns.get(key.name, [])) for key in tables)
    finally:
        session.query("SET SESSION time_zone = %s", (zone,))


def _columns(session: Session) -> dict[str, list[tuple[str, str, str, bool]]]:
    """Return the stored columns of every table: name, type, collation, and whether it may be NULL."""
    rows = session.query(
        "SELECT TABLE_NAME, COLUMN_NAME, DATA_TYPE, COALESCE(COLLATION_NAME, ''), IS_NULLABLE = 'YES'"
        " FROM information_schema.COLUMNS"
        " WHERE TABLE_SCHEMA = DATABASE() AND COALESCE(GENERATION_EXPRESSION, '') = ''"
        " ORDER BY TABLE_NAME, ORDINAL_POSITION"
    )
    found: dict[str, list[tuple[str, str, str, bool]]] = {}
    for table, name, type_, collation, is_nullable in rows:
        column = (str(name), str(type_).lower(), str(collation), bool(is_nullable))
        found.setdefault(str(table), []).append(column)
    return found


def _facts_of(session: Session, key: Key, columns: list[tuple[str, str, str, bool]]) -> TableFacts:
    row = session.query(f"SELECT COUNT(*), {_sum_of(columns)} FROM {quote_name(key.name)}")[0]
    return TableFacts(table=key.path, rows=int(row[0]), checksum=str(row[1] or 0), algorithm=ALGORITHM)


def _sum_of(columns: list[tuple[str, str, str, bool]]) -> str:
    if not columns:
        return "0"
    is_mixed = len({collation for _, _, collation, _ in columns if collation}) > 1
    fields = [_field(name, type_, is_mixed) for name, type_, _, _ in columns]
    nulls = [f"ISNULL({quote_name(name)})" for name, _, _, is_nullable in columns if is_nullable]
    if nulls:
        fields.append(f"CONCAT({', '.join(nulls)})")
    return f"SUM(CRC32(CONCAT_WS('#', {', '.join(fields)})))"


def _field(name: str, type_: str, is_mixed: bool) -> str:
    """Return the expression for a column's bytes; texts of several collations cannot be joined as they are."""
    quoted = quote_name(name)
    if type_ in _NUMBERS or type_ in _MOMENTS:
        return quoted
    if type_ in _TEXTS:
        return f"CAST({quoted} AS BINARY)" if is_mixed else quoted
    return f"CAST({quoted} AS CHAR)" if type_ == "json" else f"HEX({quoted})"


def check(session: Session) -> tuple[str, ...]:
    """Return what CHECK TABLE finds wrong with the tables and views of the session's database."""
    names = [
        str(name)
        for (name,) in session.query(
            "SELECT TABLE_NAME FROM information_schema.TABLES"
            " WHERE TABLE_SCHEMA = DATABASE() AND TABLE_TYPE <> 'SEQUENCE' ORDER BY TABLE_NAME"
        )
    ]
    wrong: list[str] = []
    for at in range(0, len(names), _CHECKED_AT_ONCE):
        listed = ", ".join(map(quote_name, names[at : at + _CHECKED_AT_ONCE]))
        for table, _, kind, text in session.query(f"CHECK TABLE {listed} QUICK"):
            if str(kind).lower() not in ("note", "info", "warning") and str(text).lower() not in _SOUND:
                wrong.append(f"{table}: {text}")
    return tuple(wrong)
