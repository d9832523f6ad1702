"""What the checks for defects ask of MySQL and MariaDB: types, names, auto-increments, storage engines, views."""

from __future__ import annotations

import re

from lockgate.engine.base import Session
from lockgate.engine.defects import (
    Counter,
    CounterFacts,
    Defect,
    DefectDialect,
    LiveFacts,
    RowQuestion,
    TypeFacts,
)
from lockgate.engine.mysql.lexer import quote_name
from lockgate.engine.mysql.reserved import MARIADB_RESERVED
from lockgate.engine.mysql.samples import sample_values
from lockgate.engine.mysql.server import has_reserved_words_view, has_timestamps_after_2038
from lockgate.errors import FailedError, StatementFailed
from lockgate.model.schema import Column, Schema, Table
from lockgate.model.server import Server

_BITS = {"tinyint": 8, "smallint": 16, "mediumint": 24, "int": 32, "integer": 32, "bigint": 64}
_TYPE = re.compile(r"(?P<base>\w+(?: precision| varying)?)\s*(?:\((?P<length>.*)\))?(?P<rest>[\w ]*)", re.I | re.S)
_SAFE_ENGINES = ("innodb", "ndbcluster", "ndb", "rocksdb", "tokudb", "columnstore", "federated", "spider", "s3")
_INVALID_VIEW = "1356"
_UNKNOWN_VARIABLE = "1193"
_UNKNOWN_NAMES = ("1054", "1146", "1305", "1449")

_AUTO_INCREMENT = """
SELECT t.TABLE_NAME, t.AUTO_INCREMENT, c.COLUMN_NAME FROM information_schema.TABLES t
JOIN information_schema.COLUMNS c ON c.TABLE_SCHEMA = t.TABLE_SCHEMA AND c.TABLE_NAME = t.TABLE_NAME
WHERE t.TABLE_SCHEMA = DATABASE() AND c.EXTRA LIKE '%auto_increment%' ORDER BY t.TABLE_NAME
"""
_SEQUENCES = (
    "SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() AND TABLE_TYPE = 'SEQUENCE'"
)


def prepare_reading(session: Session) -> tuple[str, ...]:
    """Ask for fresh statistics: MySQL 8 keeps what it says of auto-increments for a day."""
    try:
        session.query("SET SESSION information_schema_stats_expiry = 0")
    except StatementFailed as error:
        if error.code != _UNKNOWN_VARIABLE:
            return (f"auto-increments may be a day old: {error.cause}",)
    return ()


def is_missing_table(error: StatementFailed) -> bool:
    """Tell whether a statement failed because a table does not exist."""
    return error.code in ("1146", "1049")


def describe_type(schema: Schema, table: Table, column: Column) -> TypeFacts:
    """Tell what a column's type means; display widths mean nothing."""
    match = _TYPE.fullmatch(column.type.strip())
    if match is None:
        return TypeFacts("other", column.type)
    base, length, rest = match["base"].lower(), match["length"] or "", match["rest"].lower().split()
    if base in _BITS:
        is_unsigned = "unsigned" in rest or "zerofill" in rest
        bits = _BITS[base]
        name = f"{base} unsigned" if is_unsigned else base
        return TypeFacts("integer", name, bits=bits, max_value=2 ** (bits if is_unsigned else bits - 1) - 1)
    if base in ("float", "double", "real", "double precision"):
        return TypeFacts("float", base)
    if base in ("char", "varchar"):
        return TypeFacts("text", "char", length, column.collation or "")
    if column.collation:
        return TypeFacts("text", base if base != "enum" else column.type, "", column.collation)
    if base == "timestamp":
        return TypeFacts("timestamp_2038", base)
    if base in ("decimal", "numeric"):
        return TypeFacts("exact", " ".join(["decimal", *rest]), length.replace(" ", ""))
    return TypeFacts("other", column.type.lower())


def read_reserved(session: Session, server: Server) -> frozenset[str]:
    """Return the words that cannot be a name without back-ticks; the server's own list where it has one."""
    if not has_reserved_words_view(server):
        return MARIADB_RESERVED
    rows = session.query("SELECT WORD FROM information_schema.KEYWORDS WHERE RESERVED = 1")
    return frozenset(str(row[0]).lower() for row in rows)


def find_traps(schema: Schema, server: Server) -> tuple[Defect, ...]:
    """Find what only MySQL and MariaDB have: storage engines without transactions, old charsets, empty enum values."""
    return tuple(defect for table in schema.tables for defect in _table_traps(table, server))


def _table_traps(table: Table, server: Server) -> list[Defect]:
    found: list[Defect] = []
    engine = dict(table.options).get("engine", "")
    if engine and engine.lower() not in _SAFE_ENGINES:
        message = f"the table {table.name} is kept by {engine}, which has no transactions"
        found.append(Defect("table-without-transactions", table.name, message))
    old = sorted(c.name for c in table.columns if (c.charset or "") in ("utf8", "utf8mb3"))
    if old:
        message = f"the columns {', '.join(old)} of {table.name} are utf8mb3, which cannot hold four-byte characters"
        found.append(Defect("charset-utf8mb3", table.name, message))
    short = [c.name for c in table.columns if re.match(r"timestamp\b", c.type, re.I)]
    if short and not has_timestamps_after_2038(server):
        message = f"{table.name} keeps {', '.join(short)} as TIMESTAMP, which ends on 2038-01-19 on this server"
        found.append(Defect("timestamp-2038", table.name, message))
    for column in table.columns:
        path = f"{table.name}.{column.name}"
        if re.match(r"(enum|set)\s*\(", column.type, re.I) and re.search(r"[(,]\s*''\s*(?=[,)])", column.type):
            found.append(Defect("enum-empty-value", path, f"{path} has '' among its values"))
    return found


def find_live(session: Session, server: Server, schema: Schema) -> LiveFacts:
    """Find views that cannot be read any more, and a database whose default charset is not that of its tables."""
    found: list[Defect] = []
    unknown: list[str] = []
    views = [d for d in schema.definitions if d.kind == "view"]
    for view in views:
        try:
            session.query(f"SELECT * FROM {quote_name(view.name)} LIMIT 0")
        except StatementFailed as error:
            if error.code == _INVALID_VIEW or error.code in _UNKNOWN_NAMES:
                message = f"the view {view.name} cannot be read: {error.cause or error.what}"
                found.append(Defect("view-broken", view.name, message))
            else:
                unknown.append(f"view {view.name}: {error.cause or error.what}")
        except FailedError as error:
            unknown.append(f"view {view.name}: {error}")
    database, charset = session.query("SELECT DATABASE(), @@character_set_database")[0]
    used = {dict(t.options).get("charset", "") for t in schema.tables} - {""}
    if used and str(charset) not in used:
        message = f"new tables of {database} become {charset}, while its tables are {', '.join(sorted(used))}"
        found.append(Defect("charset-of-database", str(database), message))
    return LiveFacts(tuple(found), {"views": len(views)}, tuple(unknown))


def read_counters(session: Session, server: Server, schema: Schema) -> CounterFacts:
    """Read the next number of every auto-increment (from a fresh statistic) and of MariaDB's sequences."""
    types = {(t.name, c.name): describe_type(schema, t, c) for t in schema.tables for c in t.columns}
    found: list[Counter] = []
    unknown: list[str] = []
    for table, following, column in session.query(_AUTO_INCREMENT):
        facts = types.get((str(table), str(column)))
        if facts is None or not facts.max_value:
            continue
        last = None if following is None else int(following) - 1
        found.append(Counter(f"{table}.{column}", "auto-increment", last, facts.max_value, facts.max_value))
    for row in session.query(_SEQUENCES):
        name = str(row[0])
        try:
            following, low, high, step, is_cycle = session.query(
                "SELECT next_not_cached_value, minimum_value, maximum_value, increment, cycle_option"
                f" FROM {quote_name(name)}"
            )[0]
        except FailedError as error:
            unknown.append(f"sequence {name}: {error}")
            continue
        is_down = int(step) < 0
        last = (-int(following) if is_down else int(following)) - 1
        limit = -int(low) if is_down else int(high)
        found.append(Counter(name, "sequence", last, limit, 0, bool(is_cycle)))
    return CounterFacts(tuple(found), tuple(unknown))


def ask_rows(schema: Schema, server: Server) -> tuple[RowQuestion, ...]:
    """Ask nothing: NOT NULL and types hold on every storage engine."""
    return ()


DEFECTS = DefectDialect(
    name_limit=64,
    measure_name=len,
    are_names_cut=False,
    prepare_reading=prepare_reading,
    is_missing_table=is_missing_table,
    describe_type=describe_type,
    read_reserved=read_reserved,
    find_traps=find_traps,
    find_live=find_live,
    read_counters=read_counters,
    ask_rows=ask_rows,
    sample_values=sample_values,
)
