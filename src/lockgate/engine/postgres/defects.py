"""What the checks for defects ask of PostgreSQL: its types, its names, its sequences, its triggers and views."""

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
from lockgate.engine.postgres.quote import qualify, quote_ident
from lockgate.engine.postgres.samples import sample_values
from lockgate.errors import FailedError, StatementFailed
from lockgate.model.keys import table_key
from lockgate.model.schema import Column, ForeignKey, Schema, Table
from lockgate.model.server import Server

_LIMITS = {"smallint": 2**15 - 1, "integer": 2**31 - 1, "bigint": 2**63 - 1}
_BITS = {"smallint": 16, "integer": 32, "bigint": 64}
_TYPE = re.compile(r"(?P<base>[^()\[\]]+?)\s*(\((?P<length>[^)]*)\))?(?P<rest>[^()]*)")
_NO_PRIVILEGE, _NO_DATA = "42501", "55000"
"""insufficient_privilege, and object_not_in_prerequisite_state: a materialized view without data."""

_RESERVED = "SELECT word FROM pg_catalog.pg_get_keywords() WHERE catcode IN ('R', 'T')"
_COUNTERS = """
SELECT s.schemaname, s.sequencename, s.last_value, s.max_value, s.min_value, s.increment_by, s.cycle,
       tn.nspname, t.relname, a.attname, pg_catalog.format_type(a.atttypid, -1), a.attidentity::text
FROM pg_catalog.pg_sequences s
JOIN pg_catalog.pg_namespace n ON n.nspname = s.schemaname
JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = s.sequencename AND c.relkind = 'S'
LEFT JOIN LATERAL (
    SELECT d.refobjid, d.refobjsubid FROM pg_catalog.pg_depend d
    WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid AND d.deptype IN ('a', 'i')
      AND d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjsubid > 0
    UNION
    SELECT f.adrelid, f.adnum FROM pg_catalog.pg_depend e JOIN pg_catalog.pg_attrdef f ON f.oid = e.objid
    WHERE e.classid = 'pg_catalog.pg_attrdef'::regclass AND e.refclassid = 'pg_catalog.pg_class'::regclass
      AND e.refobjid = c.oid
) o ON true
LEFT JOIN pg_catalog.pg_class t ON t.oid = o.refobjid
LEFT JOIN pg_catalog.pg_namespace tn ON tn.oid = t.relnamespace
LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = o.refobjid AND a.attnum = o.refobjsubid
WHERE s.schemaname <> 'lockgate' AND s.sequencename NOT LIKE 'lockgate\\_p%'
ORDER BY 1, 2, 8, 9, 10
"""
_HIDDEN = """
SELECT s.schemaname, s.sequencename FROM pg_catalog.pg_sequences s
WHERE NOT pg_catalog.has_sequence_privilege(pg_catalog.quote_ident(s.schemaname) || '.'
      || pg_catalog.quote_ident(s.sequencename), 'SELECT,USAGE')
"""
_TRIGGERS = """
SELECT n.nspname, c.relname, t.tgname, t.tgenabled::text, t.tgisinternal, k.conname
FROM pg_catalog.pg_trigger t JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_constraint k ON k.oid = t.tgconstraint
WHERE n.nspname NOT IN ('pg_catalog', 'information_schema', 'lockgate') AND c.relname NOT LIKE 'lockgate\\_p%'
ORDER BY 1, 2, 3
"""


def prepare_reading(session: Session) -> tuple[str, ...]:
    """Let a query fail rather than count only the rows that row security shows to this user."""
    session.query("SET row_security = off")
    return ()


def is_missing_table(error: StatementFailed) -> bool:
    """Tell whether a statement failed because a table does not exist."""
    return error.code == "42P01"


def describe_type(schema: Schema, table: Table, column: Column) -> TypeFacts:
    """Tell what a column's type means; a domain counts as what it is made of."""
    text = column.type
    for domain in schema.domains:
        if text in (domain.name, f"{domain.namespace}.{domain.name}"):
            text = domain.type
            break
    match = _TYPE.fullmatch(text.strip())
    if match is None:
        return TypeFacts("other", text)
    base, length = f"{match['base']}{match['rest']}".strip().lower(), match["length"] or ""
    if base in _LIMITS:
        return TypeFacts("integer", base, bits=_BITS[base], max_value=_LIMITS[base])
    if base in ("real", "double precision"):
        return TypeFacts("float", base)
    if base in ("character varying", "text"):
        return TypeFacts("text", "varying text", length, column.collation or "")
    if base == "character":
        return TypeFacts("text", base, length, column.collation or "")
    if base == "timestamp without time zone":
        return TypeFacts("timestamp", base)
    if base == "numeric":
        return TypeFacts("exact", base, length)
    return TypeFacts("other", text.lower())


def read_reserved(session: Session, server: Server) -> frozenset[str]:
    """Return the words that cannot be a column's or a table's name without quotes."""
    return frozenset(str(row[0]) for row in session.query(_RESERVED))


def find_traps(schema: Schema, server: Server) -> tuple[Defect, ...]:
    """Find what only PostgreSQL has: an enum with an empty value."""
    return tuple(
        Defect("enum-empty-value", f"{enum.namespace}.{enum.name}", f"the enum {enum.name} has '' among its values")
        for enum in schema.enums
        if "" in enum.values
    )


def find_live(session: Session, server: Server, schema: Schema) -> LiveFacts:
    """Find disabled triggers, those of constraints among them, and views that cannot be read."""
    rows = session.query(_TRIGGERS)
    found = [d for row in rows if (d := _trigger_defect(*row)) is not None]
    views = [d for d in schema.definitions if d.kind in ("view", "materialized_view")]
    unknown: list[str] = []
    for view in views:
        try:
            session.query(f"SELECT * FROM {qualify(view.namespace, view.name)} LIMIT 0")
        except StatementFailed as error:
            if error.code == _NO_PRIVILEGE:
                unknown.append(f"view {view.namespace}.{view.name}: {error.cause or error.what}")
            else:
                message = f"the view {view.name} cannot be read: {error.cause or error.what}"
                is_empty = error.code == _NO_DATA
                found.append(Defect("view-broken", f"{view.namespace}.{view.name}", message, is_milder=is_empty))
        except FailedError as error:
            unknown.append(f"view {view.namespace}.{view.name}: {error}")
    return LiveFacts(tuple(dict.fromkeys(found)), {"triggers": len(rows), "views": len(views)}, tuple(unknown))


def _trigger_defect(
    namespace: str, table: str, name: str, state: str, is_internal: bool, constraint: str | None
) -> Defect | None:
    if state != "D":
        return None
    path = f"{namespace}.{table}"
    if is_internal:
        message = f"the triggers that enforce {constraint or 'a constraint'} on {table} are disabled"
        return Defect("constraint-trigger-disabled", f"{path}.{constraint or name}", message)
    return Defect("trigger-disabled", f"{path}.{name}", f"the trigger {name} on {table} is disabled")


def read_counters(session: Session, server: Server, schema: Schema) -> CounterFacts:
    """Read where every sequence stands, with the columns that take their numbers from it."""
    found = []
    for row in session.query(_COUNTERS):
        namespace, name, last, high, low, step, is_cycle, owner_schema, owner, column, type_, identity = row
        if not (owner is None or str(owner).startswith("lockgate_p")):
            path = f"{owner_schema}.{owner}.{column}"
        else:
            path = f"{namespace}.{name}"
        is_down = int(step) < 0
        limit = -int(low) if is_down else int(high)
        found.append(
            Counter(
                object=path,
                kind="identity" if identity else "sequence",
                last=None if last is None else -int(last) if is_down else int(last),
                limit=limit,
                column_limit=_LIMITS.get(str(type_), 0),
                is_cycle=bool(is_cycle),
            )
        )
    hidden = [f"sequence {a}.{b}: the user may not read where it stands" for a, b in session.query(_HIDDEN)]
    return CounterFacts(tuple(found), tuple(hidden))


def ask_rows(schema: Schema, server: Server) -> tuple[RowQuestion, ...]:
    """Ask what only PostgreSQL 18 lets come about: NULLs under a NOT NULL NOT VALID, periods that nothing covers."""
    nulls = [
        RowQuestion(
            "rows-break-not-null",
            (table_key(table),),
            f"{table.namespace}.{table.name}.{column.name}",
            f"SELECT count(*) FROM {qualify(table.namespace, table.name)} WHERE {quote_ident(column.name)} IS NULL",
            f"hold NULL in {table.name}.{column.name}, which is declared NOT NULL (NOT VALID)",
        )
        for table in schema.tables
        for column in table.columns
        if ("not_null_not_valid", "true") in column.options
    ]
    periods = [_ask_period(t, k) for t in schema.tables for k in t.foreign_keys if ("period", "true") in k.options]
    return (*nulls, *periods)


def _ask_period(table: Table, key: ForeignKey) -> RowQuestion:
    """Ask for rows whose period the rows they refer to do not cover. Source: manual 18, CREATE TABLE, PERIOD."""
    columns = [quote_ident(name) for name in key.columns]
    others = [quote_ident(name) for name in key.ref_columns]
    given = " AND ".join(f"c.{name} IS NOT NULL" for name in columns)
    equal = " AND ".join(f"p.{b} = c.{a}" for a, b in zip(columns[:-1], others[:-1], strict=True))
    covered = (
        f"SELECT pg_catalog.range_agg(p.{others[-1]}) FROM {qualify(key.ref_namespace, key.ref_table)} p WHERE {equal}"
    )
    sql = (
        f"SELECT count(*) FROM {qualify(table.namespace, table.name)} c"
        f" WHERE {given} AND NOT coalesce(c.{columns[-1]} <@ ({covered}), false)"
    )
    path = f"{table.namespace}.{table.name}.{key.name}"
    message = f"hold ({', '.join(key.columns)}) that {key.ref_table} does not cover"
    return RowQuestion("orphan-rows", (table_key(table),), path, sql, message)


DEFECTS = DefectDialect(
    name_limit=63,
    measure_name=lambda name: len(name.encode()),
    are_names_cut=True,
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
