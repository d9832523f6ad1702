"""Which tables two schemas differ in, in a word each; pure."""

from __future__ import annotations

from msgspec.structs import replace

from lockgate.diff.compare import diff_schemas
from lockgate.model import keys
from lockgate.model.change import AlterTable, CreateObject, DropObject
from lockgate.model.schema import Definition, Key, Schema, Table


def touched_tables(before: Schema, after: Schema) -> dict[Key, str]:
    """Return ``new``, ``gone`` or ``changed`` for every table that differs; triggers and policies count as theirs."""
    notes: dict[Key, str] = {}
    for change in diff_schemas(before, after):
        obj = getattr(change, "object", None) or getattr(change, "after", None)
        if isinstance(obj, Table):
            word = {CreateObject: "new", DropObject: "gone", AlterTable: "changed"}[type(change)]
            notes[keys.table_key(obj)] = word
        elif isinstance(obj, Definition):
            if obj.table is not None:
                notes.setdefault(Key("table", obj.namespace, obj.table), "changed")
        elif hasattr(change, "table"):
            notes.setdefault(change.table, "changed")
    return notes


def join_schemas(before: Schema, after: Schema) -> Schema:
    """Return the schema after, with the tables that are only in the one before added."""
    known = {keys.table_key(t) for t in after.tables}
    gone = tuple(t for t in before.tables if keys.table_key(t) not in known)
    return replace(after, tables=tuple(sorted((*after.tables, *gone), key=keys.table_key)))
