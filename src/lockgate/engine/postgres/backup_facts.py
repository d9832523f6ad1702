"""Count and sum the rows of tables: equal for equal rows, whatever their order, place on the disk or the server."""

from __future__ import annotations

from collections.abc import Sequence

from lockgate.engine.base import Session
from lockgate.engine.postgres.quote import qualify, quote_ident
from lockgate.errors import FailedError, StatementFailed
from lockgate.model.backup import TableFacts
from lockgate.model.schema import Key, Schema

ALGORITHM = "postgres-text-1"
"""Sum of hashtextextended(row as text, 0), the columns in the order of their names, a bytea as its SHA-256."""
LARGE_OBJECTS = "(large objects)"
LARGE_ALGORITHM = "postgres-large-1"
_PIN = (
    ("search_path", ""),
    ("DateStyle", "ISO, MDY"),
    ("IntervalStyle", "postgres"),
    ("TimeZone", "UTC"),
    ("extra_float_digits", "1"),
    ("bytea_output", "hex"),
    ("lc_monetary", "C"),
    ("xmloption", "content"),
    ("row_security", "off"),
)
_PARTS = """
SELECT n.nspname, c.relname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND (c.oid = pg_catalog.to_regclass(%(name)s) OR c.oid IN (
    SELECT relid FROM pg_catalog.pg_partition_tree(pg_catalog.to_regclass(%(name)s)) WHERE isleaf))
"""
_COLUMNS = """
SELECT a.attname, a.atttypid = 'pg_catalog.bytea'::regtype
FROM pg_catalog.pg_attribute a WHERE a.attrelid = pg_catalog.to_regclass(%s) AND a.attnum > 0 AND NOT a.attisdropped
  AND a.attgenerated <> 'v' ORDER BY a.attname COLLATE "C"
"""
_LARGE = """
SELECT pg_catalog.count(*),
       coalesce(pg_catalog.sum(pg_catalog.hashtextextended(oid::text || ':' || digest, 0)), 0)
FROM (SELECT oid, pg_catalog.encode(pg_catalog.sha256(pg_catalog.lo_get(oid)), 'hex') AS digest
      FROM pg_catalog.pg_largeobject_metadata) AS lockgate_objects
"""


def read_facts(session: Session, schema: Schema, tables: Sequence[Key]) -> tuple[TableFacts, ...]:
    """Count and sum the rows of tables; a partitioned table's are those of its partitions, foreign ones left out.

    Whoever is given the first table of the schema also gives the large objects, if there are any. Within a transaction
    the moment is that transaction's; without one all is read in one of its own.

    Raises:
        FailedError: A table cannot be read.
    """
    is_ours = not getattr(session, "is_in_transaction", False)
    if is_ours:
        session.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
    try:
        calls = ", ".join(["pg_catalog.set_config(%s, %s, true)"] * len(_PIN))
        session.query(f"SELECT {calls}", [part for pair in _PIN for part in pair])
        facts = [fact for key in tables if (fact := _read_table(session, key)) is not None]
        if tables and _first(schema) in tables:
            facts += _read_large_objects(session)
        return tuple(facts)
    finally:
        if is_ours:
            session.rollback()


def _first(schema: Schema) -> Key | None:
    keys = [Key("table", table.namespace, table.name) for table in schema.tables if table.partition_of is None]
    return min(keys, key=lambda key: (key.namespace, key.name)) if keys else None


def _read_table(session: Session, key: Key) -> TableFacts | None:
    name = _full_name(key.namespace, key.name)
    columns = session.query(_COLUMNS, (name,))
    parts = _query_named(session, _PARTS, name)
    if not parts and not _is_partitioned(session, name):
        return None  # a foreign table: its rows are elsewhere
    row = ", ".join(_value(column, is_bytes) for column, is_bytes in columns)
    digest = f'pg_catalog.hashtextextended((ROW({row})::text) COLLATE "C", 0)'
    rows = total = 0
    for namespace, part in parts:
        source = f"ONLY {qualify(namespace, part)} AS lockgate_row"
        sql = f"SELECT pg_catalog.count(*), coalesce(pg_catalog.sum({digest}), 0) FROM {source}"
        count, part_sum = session.query(sql)[0]
        rows, total = rows + int(count), total + int(part_sum)
    return TableFacts(table=key.path, rows=rows, checksum=f"{total & (1 << 64) - 1:016x}", algorithm=ALGORITHM)


def _value(column: str, is_bytes: bool) -> str:
    name = f"lockgate_row.{quote_ident(column)}"
    return f"pg_catalog.sha256({name})" if is_bytes else name


def _full_name(namespace: str, name: str) -> str:
    return ".".join('"' + part.replace('"', '""') + '"' for part in (namespace, name))


def _query_named(session: Session, sql: str, name: str) -> list[tuple[str, str]]:
    quoted = sql.replace("%(name)s", "%s")
    return [(str(a), str(b)) for a, b in session.query(quoted, (name, name))]


def _is_partitioned(session: Session, name: str) -> bool:
    rows = session.query("SELECT relkind FROM pg_catalog.pg_class WHERE oid = pg_catalog.to_regclass(%s)", (name,))
    if not rows:
        raise FailedError(f"{name} is not there any more", cause="it was dropped or renamed meanwhile")
    return bool(rows[0][0] == "p")


def _read_large_objects(session: Session) -> list[TableFacts]:
    count = int(session.query("SELECT pg_catalog.count(*) FROM pg_catalog.pg_largeobject_metadata")[0][0])
    if not count:
        return []
    session.execute("SAVEPOINT lockgate_large")
    try:
        count, total = session.query(_LARGE)[0]
        checksum, algorithm = f"{int(total) & (1 << 64) - 1:016x}", LARGE_ALGORITHM
    except (
        StatementFailed
    ):  # one is larger than a value may be, or belongs to another user: the count is known at least
        checksum = algorithm = ""
    session.execute("ROLLBACK TO SAVEPOINT lockgate_large")
    return [TableFacts(table=LARGE_OBJECTS, rows=int(count), checksum=checksum, algorithm=algorithm)]
