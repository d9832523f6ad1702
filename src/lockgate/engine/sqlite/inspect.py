"""Read the live schema: one pass over sqlite_schema and four joined pragmas, checked against the parsed texts."""

from __future__ import annotations

from collections import defaultdict
from functools import lru_cache
from typing import Any, NamedTuple

from lockgate.engine.base import Scope, Session
from lockgate.engine.sqlite import normalize
from lockgate.engine.sqlite.parse import ParseError
from lockgate.engine.sqlite.tokens import canonical, fold
from lockgate.model.schema import Column, Definition, Index, Schema, Table, Unmanaged
from lockgate.model.server import Server

OWN_PREFIX = "lockgate_"
STATE_TABLES = frozenset(["run", "event", "checkpoint", "parked", "lease", "meta", "progress", "salvage", "debt"])

_OBJECTS_SQL = """
SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name, type
"""
_KINDS_SQL = "SELECT name, type FROM pragma_table_list WHERE schema = 'main'"
_COLUMNS_SQL = """
SELECT m.name, x.name, x.type, x."notnull", x.dflt_value, x.pk, x.hidden
FROM sqlite_schema AS m JOIN pragma_table_xinfo(m.name) AS x WHERE m.type = 'table' AND m.sql NOT LIKE 'create virtual%'
ORDER BY m.name, x.cid
"""
_KEYS_SQL = """
SELECT m.name, f.id, f."table", f."from", f."to", f.on_update, f.on_delete
FROM sqlite_schema AS m JOIN pragma_foreign_key_list(m.name) AS f WHERE m.type = 'table' ORDER BY m.name, f.id, f.seq
"""
_UNIQUES_SQL = """
SELECT m.name, i.name, c.name
FROM sqlite_schema AS m JOIN pragma_index_list(m.name) AS i JOIN pragma_index_info(i.name) AS c
WHERE m.type = 'table' AND i.origin = 'u' ORDER BY m.name, i.seq, c.seqno
"""


class _Object(NamedTuple):
    type: str
    name: str
    table: str
    sql: str
    kind: str | None


def is_own(name: str, scope: Scope) -> bool:
    """Tell whether an object is ours and not asked for."""
    if not fold(name).startswith(OWN_PREFIX):
        return False
    return not scope.include_own or fold(name)[len(OWN_PREFIX) :] in STATE_TABLES


def inspect(session: Session, server: Server, scope: Scope) -> Schema:
    """Read the schema of the main database in one consistent read."""
    rows = _read(session)
    objects = [o for o in rows.objects if not is_own(o.name, scope) and not is_own(o.table, scope)]
    indexes: dict[str, list[Index]] = defaultdict(list)
    unmanaged: list[Unmanaged] = []
    for obj in objects:
        if obj.type == "index":
            try:
                indexes[fold(obj.table)].append(normalize.index_from_text(obj.sql))
            except ParseError as error:
                unmanaged.append(Unmanaged(kind="index", name=obj.name, reason=str(error)))
    tables: list[Table] = []
    definitions: list[Definition] = []
    for obj in objects:
        if obj.type == "table" and obj.kind == "table":
            own = tuple(sorted(indexes[fold(obj.name)], key=lambda i: fold(i.name)))
            _read_table(obj, own, rows, tables, unmanaged)
        elif obj.type in ("view", "trigger") or obj.kind == "virtual":
            definitions.append(_definition(obj))
    return Schema(
        engine="sqlite",
        tables=tuple(sorted(tables, key=lambda t: fold(t.name))),
        definitions=tuple(sorted(definitions, key=lambda d: (d.kind, fold(d.table or ""), fold(d.name)))),
        options=(("names", "ignore_case"),),
        unmanaged=tuple(unmanaged),
    )


class _Rows(NamedTuple):
    objects: list[_Object]
    columns: dict[str, list[tuple[Any, ...]]]
    keys: dict[str, list[tuple[Any, ...]]]
    uniques: dict[str, list[tuple[str, ...]]]


def _read(session: Session) -> _Rows:
    kinds = dict(session.query(_KINDS_SQL))
    rows = session.query(_OBJECTS_SQL)
    objects = [_Object(t, name, table, sql, kinds.get(name) if t == "table" else None) for t, name, table, sql in rows]
    columns = _by_table(session.query(_COLUMNS_SQL))
    keys: dict[str, dict[int, list[Any]]] = defaultdict(dict)
    for table, number, parent, column, target, on_update, on_delete in session.query(_KEYS_SQL):
        key = keys[table].setdefault(number, [parent, [], [], on_update.lower(), on_delete.lower()])
        key[1].append(column)
        key[2].append(target)
    uniques: dict[str, dict[str, list[str]]] = defaultdict(dict)
    for table, index, column in session.query(_UNIQUES_SQL):
        uniques[table].setdefault(index, []).append(column)
    return _Rows(
        objects,
        columns,
        {t: [(k[0], tuple(k[1]), tuple(k[2]), k[3], k[4]) for k in v.values()] for t, v in keys.items()},
        {t: [tuple(c) for c in v.values()] for t, v in uniques.items()},
    )


def _by_table(rows: list[tuple[Any, ...]]) -> dict[str, list[tuple[Any, ...]]]:
    grouped: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
    for row in rows:
        grouped[row[0]].append(row[1:])
    return grouped


def _definition(obj: _Object) -> Definition:
    if obj.type == "trigger":
        return normalize.definition_from_text("trigger", obj.name, obj.table, obj.sql)
    kind = "view" if obj.type == "view" else "virtual_table"
    return normalize.definition_from_text(kind, obj.name, None, obj.sql)


def _read_table(
    obj: _Object, indexes: tuple[Index, ...], rows: _Rows, tables: list[Table], unmanaged: list[Unmanaged]
) -> None:
    try:
        table = normalize.with_indexes(normalize.table_from_text(obj.sql), indexes)
    except ParseError as error:
        unmanaged.append(Unmanaged(kind="table", name=obj.name, reason=f"its text was not understood: {error}"))
        return
    trouble = _mismatch(table, rows.columns[obj.name], rows.keys.get(obj.name, []), rows.uniques.get(obj.name, []))
    if trouble:
        reason = f"its text and SQLite's own reading differ: {trouble}"
        unmanaged.append(Unmanaged(kind="table", name=obj.name, reason=reason))
        return
    tables.append(table)


def _mismatch(
    table: Table, columns: list[tuple[Any, ...]], keys: list[tuple[Any, ...]], uniques: list[tuple[str, ...]]
) -> str:
    """Compare what was parsed with what the server says: a definition half understood must never pass for known."""
    keys_of = {fold(p.column or "") for p in table.primary_key.parts} if table.primary_key else frozenset()
    mine = [_column_row(column, fold(column.name) in keys_of) for column in table.columns]
    theirs = [
        (name, _plain(type_name), bool(not_null), None if default is None else canonical(default), bool(pk), hidden)
        for name, type_name, not_null, default, pk, hidden in columns
    ]
    if mine != theirs:
        return f"columns {[x for x in zip(mine, theirs, strict=False) if x[0] != x[1]][:2]}"
    parsed_keys = sorted(
        (f.ref_table, f.columns, f.ref_columns or (None,) * len(f.columns), f.on_update, f.on_delete)
        for f in table.foreign_keys
    )
    if repr(parsed_keys) != repr(sorted(keys, key=repr)) and sorted(map(repr, parsed_keys)) != sorted(map(repr, keys)):
        return f"foreign keys {parsed_keys} / {keys}"
    parsed_uniques = sorted(tuple(str(p.column) for p in u.parts) for u in table.uniques)
    if parsed_uniques != sorted(uniques):
        return f"unique constraints {parsed_uniques} / {sorted(uniques)}"
    return ""


@lru_cache(maxsize=4096)
def _plain(type_name: str) -> str:
    return " ".join(fold(type_name).split())


def _column_row(column: Column, is_key: bool) -> tuple[Any, ...]:
    hidden = 0 if column.generated is None else 3 if column.generated.is_stored else 2
    return (column.name, _plain(column.type), not column.is_nullable, column.default, is_key, hidden)
