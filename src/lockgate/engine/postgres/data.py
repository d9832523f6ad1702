"""Look at rows: sizes from statistics, exact counts, checksums whatever the order; and our own parked objects."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from lockgate.engine.base import Session, TableSize
from lockgate.engine.postgres.catalogue import JOURNAL, OWN_PREFIX
from lockgate.engine.postgres.quote import qualify, quote_ident
from lockgate.model.schema import Key
from lockgate.model.server import Server

_SIZES = """
SELECT n.nspname, c.relname, c.relkind, CASE WHEN c.reltuples < 0 THEN -1 ELSE c.reltuples::bigint END,
       CASE WHEN c.reltuples < 0 THEN coalesce(pg_catalog.pg_total_relation_size(c.oid), -1)
            ELSE (c.relpages + coalesce(t.relpages, 0) + coalesce(i.pages, 0))
            * current_setting('block_size')::bigint END
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_class t ON t.oid = c.reltoastrelid
LEFT JOIN (SELECT x.indrelid, pg_catalog.sum(k.relpages)::bigint AS pages FROM pg_catalog.pg_index x
           JOIN pg_catalog.pg_class k ON k.oid = x.indexrelid GROUP BY 1) i ON i.indrelid = c.oid
WHERE c.relkind IN ('r', 'p', 'm') AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast', 'lockgate')
  AND n.nspname !~ '^pg_(toast_)?temp_'
"""
_OWN = """
SELECT n.nspname, c.relname, NULL FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE (c.relname LIKE 'lockgate\\_p%' OR n.nspname = 'lockgate')
  AND c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f', 'i', 'I')
  AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
UNION ALL
SELECT n.nspname, c.relname, a.attname FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE a.attname LIKE 'lockgate\\_p%' AND a.attnum > 0 AND NOT a.attisdropped
  AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'c')
UNION ALL
SELECT n.nspname, t.typname, NULL FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
WHERE (t.typname LIKE 'lockgate\\_p%' OR n.nspname = 'lockgate') AND t.typrelid = 0 AND t.typelem = 0
UNION ALL
SELECT n.nspname, p.proname, NULL FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
WHERE p.proname LIKE 'lockgate\\_p%' OR n.nspname = 'lockgate'
UNION ALL
SELECT n.nspname, c.relname, k.conname FROM pg_catalog.pg_constraint k JOIN pg_catalog.pg_class c ON c.oid = k.conrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE k.conname LIKE 'lockgate\\_p%'
UNION ALL
SELECT n.nspname, c.relname, t.tgname FROM pg_catalog.pg_trigger t JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE t.tgname LIKE 'lockgate\\_p%'
UNION ALL
SELECT '', nspname, NULL FROM pg_catalog.pg_namespace WHERE nspname LIKE 'lockgate\\_p%'
"""
_COLUMNS = """
SELECT a.attname FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = %s AND c.relname = %s AND a.attnum > 0 AND NOT a.attisdropped
  AND a.attname NOT LIKE 'lockgate\\_p%%' ORDER BY a.attname
"""
_PARKED = re.compile(rf"{OWN_PREFIX}p(\d+)_")
PIN_TEXT_FORMS = (
    "SELECT pg_catalog.set_config('DateStyle', 'ISO, MDY', {local}), pg_catalog.set_config('IntervalStyle', 'postgres',"
    " {local}), pg_catalog.set_config('TimeZone', 'UTC', {local}), pg_catalog.set_config('extra_float_digits', '1',"
    " {local}), pg_catalog.set_config('bytea_output', 'hex', {local})"
)


def table_sizes(session: Session, server: Server) -> Mapping[Key, TableSize]:
    """Return estimated rows and bytes (indexes included) of tables and materialised views; statistics only, no lock."""
    kinds = {"m": "materialized_view"}
    return {
        Key(kinds.get(kind, "table"), namespace, name): TableSize(rows, size)
        for namespace, name, kind, rows, size in session.query(_SIZES)
        if not name.startswith(OWN_PREFIX)
    }


def count_rows(session: Session, tables: Iterable[Key]) -> dict[Key, int]:
    """Return exact row counts, each table without the tables that inherit from it (a partitioned table with all)."""
    counts = {}
    for key in tables:
        name = qualify(key.namespace, key.name)
        counts[key] = int(session.query(f"SELECT pg_catalog.count(*) FROM {_only(session, key)}{name}")[0][0])
    return counts


def checksum_rows(session: Session, table: Key) -> str:
    """Return ``rows:checksum`` over all rows and columns; row and column order play no part, parked columns neither."""
    columns = [row[0] for row in session.query(_COLUMNS, (table.namespace, table.name))]
    # each value stands in quotes and NULL does not, so no two rows can look alike
    parts = [f"coalesce(pg_catalog.quote_literal({quote_ident(c)}::text), 'NULL')" for c in columns]
    row = " || ',' || ".join(parts) or "''"
    digest = f"pg_catalog.md5({row})"
    source = f"{_only(session, table)}{qualify(table.namespace, table.name)}"
    halves = ", ".join(
        f"coalesce(pg_catalog.sum(('x' || pg_catalog.substr(d, {at}, 8))::bit(32)::bigint), 0)" for at in (1, 9, 17, 25)
    )
    sql = f"SELECT pg_catalog.count(*), {halves} FROM (SELECT {digest} AS d FROM {source}) AS lockgate_rows"
    numbers = _query_pinned(session, sql)
    return ":".join(str(n) for n in numbers)


def _query_pinned(session: Session, sql: str) -> tuple[Any, ...]:
    """Run one query with the settings that decide how values are written held fixed."""
    if getattr(session, "is_in_transaction", False):
        session.query(PIN_TEXT_FORMS.format(local="true"))
        return session.query(sql)[0]
    session.begin()
    try:
        session.query(PIN_TEXT_FORMS.format(local="true"))
        return session.query(sql)[0]
    finally:
        session.rollback()


def _only(session: Session, table: Key) -> str:
    if table.kind != "table":
        return ""
    rows = session.query(
        "SELECT c.relkind FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
        " WHERE n.nspname = %s AND c.relname = %s",
        (table.namespace, table.name),
    )
    return "" if not rows or rows[0][0] in ("p", "f") else "ONLY "


def list_own(session: Session) -> tuple[str, ...]:
    """Return the names of all parked objects, ``schema.name`` or ``schema.table.name``, sorted."""
    found = set()
    for namespace, name, child in session.query(_OWN):
        own = child or name
        if _PARKED.match(own) and own not in JOURNAL:
            found.add(".".join(part for part in (namespace, name, child) if part))
    return tuple(sorted(found))


def next_park_number(session: Session) -> int:
    """Return one more than the highest number in a parked name."""
    numbers = [int(m[1]) for name in list_own(session) for part in name.split(".") if (m := _PARKED.match(part))]
    return max(numbers, default=0) + 1
