"""What the checks for defects ask of SQLite: affinities, values of another storage class, views and triggers."""

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
from lockgate.engine.sqlite.normalize import is_rowid_alias
from lockgate.engine.sqlite.samples import sample_values
from lockgate.engine.sqlite.tokens import fold, quote
from lockgate.engine.sqlite.values import column_affinity, find_column, has_rowid, is_strict
from lockgate.errors import FailedError, StatementFailed
from lockgate.model.keys import table_key
from lockgate.model.schema import Column, Schema, Table
from lockgate.model.server import Server

_ROWID_LIMIT = 2**63 - 1
_RESERVED_WORDS = """
add all alter and as autoincrement between case cast check collate commit constraint create default
deferrable delete distinct drop else escape except exists foreign from group having if in index insert
intersect into is isnull join limit not nothing notnull null on or order primary raise references returning
select set table then to transaction union unique update using values when where
"""
"""Measured on 3.40: the keywords of lang_keywords.html that are refused as the name of a table and of a column."""
_INTEGER = re.compile(r"\b(tiny|small|medium|big)?int(eger)?\d*\b")
_TEXT_WORDS = ("string", "str", "uuid", "json", "jsonb", "inet", "cidr", "ulid")
_NUMBER_WORDS = ("dec", "numeric", "number", "money")
_CLASSES = {
    "INTEGER": ("integer",),
    "REAL": ("real", "integer"),
    "TEXT": ("text",),
    "NUMBER": ("integer", "real"),
}


def prepare_reading(session: Session) -> tuple[str, ...]:
    """Do nothing: every connection reads all rows."""
    return ()


def is_missing_table(error: StatementFailed) -> bool:
    """Tell whether a statement failed because a table does not exist."""
    return "no such table" in error.cause


def describe_type(schema: Schema, table: Table, column: Column) -> TypeFacts:
    """Tell what a declared type means: its affinity decides."""
    kind = column_affinity(table, column)
    collation = column.collation or "binary"
    if kind == "INTEGER":
        return TypeFacts("integer", "INTEGER", bits=64, max_value=_ROWID_LIMIT)
    if kind == "REAL":
        return TypeFacts("float", "REAL")
    if kind == "TEXT":
        return TypeFacts("text", "TEXT", "", collation)
    if kind == "NUMERIC" and any(word in fold(column.type) for word in _NUMBER_WORDS):
        return TypeFacts("loose_decimal", "NUMERIC")
    return TypeFacts("other", kind)


def read_reserved(session: Session, server: Server) -> frozenset[str]:
    """Return the words that cannot be a name without quotes."""
    return frozenset(_RESERVED_WORDS.split())


def find_traps(schema: Schema, server: Server) -> tuple[Defect, ...]:
    """Find declared types that do not do what they say, keys that are not the rowid, and tables that are not STRICT."""
    found = [defect for table in schema.tables for defect in _table_traps(table)]
    loose = [table.name for table in schema.tables if not is_strict(table)]
    if loose:
        listed = ", ".join(loose[:5]) + (", …" if len(loose) > 5 else "")
        message = f"{len(loose)} of {len(schema.tables)} tables are not STRICT and take any value: {listed}"
        found.append(Defect("table-not-strict", "", message))
    return tuple(found)


def _table_traps(table: Table) -> list[Defect]:
    found: list[Defect] = []
    key = table.primary_key
    columns = [c for p in (key.parts if key else ()) if (c := find_column(table, p.column or "")) is not None]
    is_kept_apart = has_rowid(table) and not is_rowid_alias(table)
    if is_kept_apart and len(columns) == 1 and column_affinity(table, columns[0]) == "INTEGER":
        written = f"{columns[0].type} PRIMARY KEY{' DESC' if key and key.parts[0].is_descending else ''}".upper()
        message = f"{table.name}.{columns[0].name} is {written}, which is not the rowid and numbers nothing"
        found.append(Defect("key-not-rowid", f"{table.name}.{columns[0].name}", message))
    if is_kept_apart:
        for column in columns:
            if column.is_nullable:
                message = f"{table.name}.{column.name} is part of the primary key and takes NULL"
                found.append(Defect("key-takes-null", f"{table.name}.{column.name}", message))
    if is_strict(table):
        return found
    for column in table.columns:
        if not column.type and column.generated is None:
            message = f"{table.name}.{column.name} has no type and keeps whatever it is given"
            found.append(Defect("type-affinity", f"{table.name}.{column.name}", message, is_milder=True))
        elif column_affinity(table, column) == "NUMERIC" and any(fold(column.type).startswith(w) for w in _TEXT_WORDS):
            is_json = fold(column.type).startswith("json")
            what = "a document that is a number" if is_json else "'007'"
            message = f"{table.name}.{column.name} is declared {column.type.upper()}, which turns {what} into a number"
            found.append(Defect("type-affinity", f"{table.name}.{column.name}", message, is_milder=is_json))
        elif column_affinity(table, column) == "INTEGER" and not _INTEGER.search(fold(column.type)):
            message = f"{table.name}.{column.name} is declared {column.type.upper()}, which counts as INTEGER"
            found.append(Defect("type-affinity", f"{table.name}.{column.name}", message))
    return found


def find_live(session: Session, server: Server, schema: Schema) -> LiveFacts:
    """Find views and triggers that do not compile any more."""
    views = [d for d in schema.definitions if d.kind == "view"]
    triggers = [d for d in schema.definitions if d.kind == "trigger"]
    found: list[Defect] = []
    unknown: list[str] = []
    for view in views:
        message = _try(session, f"SELECT * FROM {quote(view.name)} LIMIT 0", unknown, f"view {view.name}")
        if message:
            found.append(Defect("view-broken", view.name, f"the view {view.name} cannot be read: {message}"))
    tables = {fold(t.name): t for t in schema.tables}
    for name in sorted({fold(d.table or "") for d in triggers} & tables.keys()):
        table = tables[name]
        names = ", ".join(d.name for d in triggers if fold(d.table or "") == name)
        for sql in _writes(table):
            message = _try(session, f"EXPLAIN {sql}", unknown, f"triggers of {table.name}")
            if message:
                text = f"a trigger of {table.name} ({names}) does not compile: {message}"
                found.append(Defect("trigger-broken", table.name, text))
                break
    return LiveFacts(tuple(found), {"views": len(views), "triggers": len(triggers)}, tuple(unknown))


def _writes(table: Table) -> list[str]:
    column = next((quote(c.name) for c in table.columns if c.generated is None), None)
    name = quote(table.name)
    update = [f"UPDATE {name} SET {column} = {column}"] if column else []
    return [f"INSERT INTO {name} DEFAULT VALUES", *update, f"DELETE FROM {name}"]


def _try(session: Session, sql: str, unknown: list[str], what: str) -> str:
    """Return why a statement does not compile, empty when it does."""
    try:
        session.query(sql)
    except StatementFailed as error:
        return error.cause or error.what
    except FailedError as error:
        unknown.append(f"{what}: {error}")
    return ""


def read_counters(session: Session, server: Server, schema: Schema) -> CounterFacts:
    """Read the highest rowid of every table whose primary key is the rowid, and what AUTOINCREMENT remembers."""
    has_memory = any(c.is_auto_increment for t in schema.tables for c in t.columns)
    remembered = dict(session.query("SELECT name, seq FROM sqlite_sequence")) if has_memory else {}
    found: list[Counter] = []
    for table in schema.tables:
        if not is_rowid_alias(table) or table.primary_key is None:
            continue
        column = table.primary_key.parts[0].column or ""
        highest = session.query(f"SELECT max({quote(column)}) FROM {quote(table.name)}")[0][0]
        seen = [int(v) for v in (highest, remembered.get(table.name)) if isinstance(v, int)]
        kind = "auto-increment" if any(c.is_auto_increment for c in table.columns) else "rowid"
        found.append(Counter(f"{table.name}.{column}", kind, max(seen, default=None), _ROWID_LIMIT, _ROWID_LIMIT))
    return CounterFacts(tuple(found))


def ask_rows(schema: Schema, server: Server) -> tuple[RowQuestion, ...]:
    """Ask for NULLs where none may be, and for values of a storage class that the type did not mean."""
    return tuple(question for table in schema.tables for question in (*_nulls(table), *_classes(table)))


def _nulls(table: Table) -> list[RowQuestion]:
    keys = {fold(p.column or "") for p in (table.primary_key.parts if table.primary_key else ())}
    keys = set() if is_rowid_alias(table) or not has_rowid(table) else keys
    found = []
    for column in table.columns:
        path = f"{table.name}.{column.name}"
        sql = f"SELECT count(*) FROM {quote(table.name)} WHERE {quote(column.name)} IS NULL"
        if fold(column.name) in keys:
            message = f"hold NULL in {path}, a part of the primary key"
        elif not column.is_nullable:
            message = f"hold NULL in {path}, which is declared NOT NULL"
        else:
            continue
        found.append(RowQuestion("rows-break-not-null", (table_key(table),), path, sql, message))
    return found


def _classes(table: Table) -> list[RowQuestion]:
    if is_strict(table):
        return []
    found = []
    for column in table.columns:
        kind = column_affinity(table, column)
        if kind == "NUMERIC" and any(word in fold(column.type) for word in _NUMBER_WORDS):
            kind = "NUMBER"
        if kind not in _CLASSES or (is_rowid_alias(table) and _is_key(table, column)):
            continue
        allowed = ", ".join(f"'{name}'" for name in ("null", *_CLASSES[kind]))
        sql = f"SELECT count(*) FROM {quote(table.name)} WHERE typeof({quote(column.name)}) NOT IN ({allowed})"
        path = f"{table.name}.{column.name}"
        message = f"hold a value in {path} that is not {' or '.join(_CLASSES[kind])}"
        found.append(RowQuestion("values-of-wrong-class", (table_key(table),), path, sql, message))
    return found


def _is_key(table: Table, column: Column) -> bool:
    return table.primary_key is not None and fold(table.primary_key.parts[0].column or "") == fold(column.name)


DEFECTS = DefectDialect(
    name_limit=0,
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
