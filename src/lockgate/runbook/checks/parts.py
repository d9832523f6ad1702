"""Find a part of a schema that people name: ``table orders``, ``column orders.total``, ``index ix_orders_at``; pure."""

from __future__ import annotations

from lockgate.model.schema import Schema, Table

_KINDS = ("table", "column", "index", "constraint", "view")


def find_part(schema: Schema, name: str) -> bool | None:
    """Tell whether a part is there; None when the text names no kind of part.

    An index that the server holds for invalid is not there. Without a kind, ``a.b`` is a column and ``a`` a table.
    """
    kind, _, path = name.strip().partition(" ")
    if not path:
        kind, path = ("column" if "." in name else "table"), name.strip()
    path = path.strip()
    if kind not in _KINDS or not path:
        return None
    if kind == "table":
        return bool(_tables(schema, path))
    if kind == "view":
        return any(path in (d.name, f"{d.namespace}.{d.name}") for d in schema.definitions if "view" in d.kind)
    owner, _, part = path.rpartition(".")
    tables = _tables(schema, owner) if owner else schema.tables
    return any(part in _names(table, kind) for table in tables)


def _tables(schema: Schema, path: str) -> tuple[Table, ...]:
    return tuple(table for table in schema.tables if path in (table.name, f"{table.namespace}.{table.name}"))


def _names(table: Table, kind: str) -> set[str]:
    if kind == "column":
        return {column.name for column in table.columns}
    if kind == "index":
        return {index.name for index in table.indexes if index.is_valid}
    rules = (*table.uniques, *table.foreign_keys, *table.checks, *table.exclusions)
    keys = (table.primary_key,) if table.primary_key is not None else ()
    return {rule.name for rule in (*rules, *keys)}
