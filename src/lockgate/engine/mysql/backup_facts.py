"""How many rows a table has and what they add up to, the same way in a snapshot and on a restored copy; CHECK TABLE."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import NamedTuple

from lockgate.engine.base import Session
from lockgate.engine.mysql.lexer import quote_name
from lockgate.errors import StatementFailed
from lockgate.model.backup import TableFacts
from lockgate.model.schema import Key, Schema

SUM, WHOLE = "sum-crc32-1", "checksum-table-1"
_NUMBERS = {"tinyint", "smallint", "mediumint", "int", "bigint", "decimal", "double", "float", "year"}
_MOMENTS = {"date", "datetime", "timestamp", "time"}
_TEXTS = {"char", "varchar", "tinytext", "text", "mediumtext", "longtext", "enum", "set"}
_STORED_OTHERWISE = {"float", "json"}
_CHECKED_AT_ONCE = 50
_SOUND = ("ok", "table is already up to date")


class _Column(NamedTuple):
    name: str
    type: str
    collation: str
    is_nullable: bool
    is_generated: bool
    full_type: str


def read_facts(session: Session, schema: Schema, tables: Sequence[Key]) -> tuple[TableFacts, ...]:
    """Count the rows of tables and sum them up so that the order of rows does not matter.

    CHECKSUM TABLE does it where it can: it is two to three times as fast, and sees the snapshot it runs in (measured on
    MySQL 9.7 and MariaDB 10.11). It sums how values are stored, and a dump brings FLOAT and JSON back stored in another
    way: tables with them are summed by a CRC of each row as text, in UTC, in which a FLOAT has the six digits that a
    dump carries.
    """
    if not tables:
        return ()
    zone = str(session.query("SELECT @@SESSION.time_zone")[0][0])
    session.query("SET SESSION time_zone = '+00:00'")
    try:
        columns = _columns(session)
        return tuple(_released(session, key, columns.get(key.name, [])) for key in tables)
    finally:
        session.query("SET SESSION time_zone = %s", (zone,))


def _columns(session: Session) -> dict[str, list[_Column]]:
    """Return the columns of every table in InnoDB, and of others as if each had no exact checksum."""
    rows = session.query(
        "SELECT c.TABLE_NAME, c.COLUMN_NAME, c.DATA_TYPE, COALESCE(c.COLLATION_NAME, ''), c.IS_NULLABLE = 'YES',"
        " COALESCE(c.GENERATION_EXPRESSION, '') <> '', IF(t.ENGINE = 'InnoDB', c.COLUMN_TYPE, '/*')"
        " FROM information_schema.COLUMNS c JOIN information_schema.TABLES t"
        " ON t.TABLE_SCHEMA = c.TABLE_SCHEMA AND t.TABLE_NAME = c.TABLE_NAME"
        " WHERE c.TABLE_SCHEMA = DATABASE() ORDER BY c.TABLE_NAME, c.ORDINAL_POSITION"
    )
    found: dict[str, list[_Column]] = {}
    for table, name, type_, collation, is_nullable, is_generated, full_type in rows:
        column = _Column(
            str(name), str(type_).lower(), str(collation), bool(is_nullable), bool(is_generated), str(full_type)
        )
        found.setdefault(str(table), []).append(column)
    return found


def _released(session: Session, key: Key, columns: Sequence[_Column]) -> TableFacts:
    """Measure a table and let go of it, for a transaction would keep DDL, and all who queue behind it, waiting."""
    session.execute("SAVEPOINT lockgate_facts")
    try:
        return _facts_of(session, key, columns)
    finally:
        with suppress(StatementFailed):  # where no transaction is open there is no savepoint
            session.execute("ROLLBACK TO SAVEPOINT lockgate_facts")


def _facts_of(session: Session, key: Key, columns: Sequence[_Column]) -> TableFacts:
    name = quote_name(key.name)
    if all(_is_stored_alike(column) for column in columns):
        checksum = session.query(f"CHECKSUM TABLE {name}")[0][1]
        if checksum is not None:
            rows = session.query(f"SELECT COUNT(*) FROM {name}")[0][0]
            return TableFacts(table=key.path, rows=int(rows), checksum=str(checksum), algorithm=WHOLE)
    stored = [column for column in columns if not column.is_generated]
    row = session.query(f"SELECT COUNT(*), {_sum_of(stored)} FROM {name}")[0]
    return TableFacts(table=key.path, rows=int(row[0]), checksum=str(row[1] or 0), algorithm=SUM)


def _is_stored_alike(column: _Column) -> bool:
    """Tell whether a value is stored in the very same bytes after a dump and a load.

    A comment in a type marks the form of an older server (MariaDB: ``datetime /* mariadb-5.3 */``).
    """
    return not column.is_generated and column.type not in _STORED_OTHERWISE and "/*" not in column.full_type


def _sum_of(columns: Sequence[_Column]) -> str:
    if not columns:
        return "0"
    is_mixed = len({column.collation for column in columns if column.collation}) > 1
    fields = [_field(column.name, column.type, is_mixed) for column in columns]
    nulls = [f"ISNULL({quote_name(column.name)})" for column in columns if column.is_nullable]
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
    """Return what CHECK TABLE finds wrong with the tables of the session's database.

    Views are left out: one may have been broken before, and one whose definer has no rights here looks so.
    """
    names = [
        str(name)
        for (name,) in session.query(
            "SELECT TABLE_NAME FROM information_schema.TABLES"
            " WHERE TABLE_SCHEMA = DATABASE() AND TABLE_TYPE NOT IN ('SEQUENCE', 'VIEW') ORDER BY TABLE_NAME"
        )
    ]
    wrong: list[str] = []
    for at in range(0, len(names), _CHECKED_AT_ONCE):
        listed = ", ".join(map(quote_name, names[at : at + _CHECKED_AT_ONCE]))
        for table, _, kind, text in session.query(f"CHECK TABLE {listed} QUICK"):
            if str(kind).lower() not in ("note", "info", "warning") and str(text).lower() not in _SOUND:
                wrong.append(f"{table}: {text}")
    return tuple(wrong)
