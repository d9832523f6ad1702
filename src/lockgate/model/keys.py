"""Keys of schema objects, and look-ups by key; pure."""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.model.schema import (
    Check,
    Column,
    Constraint,
    Definition,
    Exclusion,
    Extension,
    ForeignKey,
    Index,
    Key,
    Namespace,
    PrimaryKey,
    Schema,
    SchemaObject,
    Table,
    Unique,
)

COLLECTIONS = ("namespaces", "extensions", "enums", "domains", "composites", "sequences", "tables", "definitions")
"""The fields of a schema that hold its top-level objects."""
TABLE_PARTS = ("columns", "primary_key", "uniques", "foreign_keys", "checks", "exclusions", "indexes")
"""The fields of a table that hold its parts."""
_KINDS = {
    PrimaryKey: "primary_key",
    Unique: "unique",
    ForeignKey: "foreign_key",
    Check: "check",
    Exclusion: "exclusion",
    Column: "column",
    Index: "index",
}


def key_of(obj: SchemaObject) -> Key:
    """Return the key of a top-level object. A trigger's, policy's or rule's key holds its table and its own name."""
    if isinstance(obj, Namespace | Extension):
        return Key(type(obj).__name__.lower(), "", obj.name)
    if isinstance(obj, Definition):
        if obj.table is not None:
            return Key(obj.kind, obj.namespace, obj.table, obj.name)
        return Key(obj.kind, obj.namespace, obj.name)
    kind = "enum" if type(obj).__name__ == "EnumType" else type(obj).__name__.lower()
    return Key(kind, obj.namespace, obj.name)


def table_key(table: Table) -> Key:
    """Return a table's key."""
    return Key("table", table.namespace, table.name)


def child_key(table: Key, child: Column | Index | Constraint) -> Key:
    """Return the key of a part of a table."""
    return Key(_KINDS[type(child)], table.namespace, table.name, child.name)


def iter_objects(schema: Schema) -> Iterator[SchemaObject]:
    """Yield every top-level object."""
    yield from schema.namespaces
    yield from schema.extensions
    yield from schema.enums
    yield from schema.domains
    yield from schema.composites
    yield from schema.sequences
    yield from schema.tables
    yield from schema.definitions


def index_objects(schema: Schema) -> dict[Key, SchemaObject]:
    """Return every top-level object by key."""
    return {key_of(obj): obj for obj in iter_objects(schema)}


def constraints_of(table: Table) -> tuple[Constraint, ...]:
    """Return all constraints of a table, the primary key first."""
    head: tuple[Constraint, ...] = (table.primary_key,) if table.primary_key else ()
    return head + table.uniques + table.checks + table.exclusions + table.foreign_keys
