"""Take single differences out of a desired schema, so that there it reads as the live one does; pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from msgspec.structs import replace

from lockgate.model import keys
from lockgate.model.change import (
    AddColumn,
    AddConstraint,
    AddIndex,
    AlterColumn,
    AlterConstraint,
    AlterIndex,
    AlterObject,
    AlterTable,
    Change,
    CreateObject,
    DropColumn,
    DropConstraint,
    DropIndex,
    DropObject,
    RenameConstraint,
    RenameIndex,
)
from lockgate.model.schema import (
    Check,
    Column,
    Constraint,
    Exclusion,
    ForeignKey,
    Index,
    Key,
    PrimaryKey,
    Schema,
    SchemaObject,
    Table,
    Unique,
)

_CONSTRAINTS: dict[type, str] = {
    Unique: "uniques",
    ForeignKey: "foreign_keys",
    Check: "checks",
    Exclusion: "exclusions",
}


def undo_changes(desired: Schema, changes: Iterable[Change]) -> Schema:
    """Return the desired schema without these changes, which lead from the live schema to it.

    Renamings of tables and columns are none of a comparison's changes and are left as they are.
    """
    for change in changes:
        desired = _undo(desired, change)
    return desired


def _undo(schema: Schema, change: Change) -> Schema:
    match change:
        case CreateObject(object=obj):
            return _set_object(schema, keys.key_of(obj), None)
        case DropObject(object=obj) | AlterObject(before=obj):
            return _set_object(schema, keys.key_of(obj), obj)
        case AlterTable(before=before):
            return _edit_table(schema, keys.table_key(before), lambda table: _with_parts_of(before, table))
        case AddColumn(table=key, column=column):
            return _edit_table(schema, key, lambda t: _set_part(t, "columns", column.name, None))
        case DropColumn(table=key, column=column) | AlterColumn(table=key, before=column):
            return _edit_table(schema, key, lambda t: _set_part(t, "columns", column.name, column))
        case AddIndex(table=key, index=index):
            return _edit_table(schema, key, lambda t: _set_part(t, "indexes", index.name, None))
        case DropIndex(table=key, index=index) | AlterIndex(table=key, before=index):
            return _edit_table(schema, key, lambda t: _set_part(t, "indexes", index.name, index))
        case RenameIndex(table=key, before=index, after=new):
            return _edit_table(
                schema, key, lambda t: _set_part(_set_part(t, "indexes", new.name, None), "indexes", index.name, index)
            )
        case AddConstraint(table=key, constraint=constraint):
            return _edit_table(schema, key, lambda t: _set_constraint(t, constraint, is_there=False))
        case DropConstraint(table=key, constraint=constraint) | AlterConstraint(table=key, before=constraint):
            return _edit_table(schema, key, lambda t: _set_constraint(t, constraint, is_there=True))
        case RenameConstraint(table=key, before=was, after=now):
            return _edit_table(
                schema,
                key,
                lambda t: _set_constraint(_set_constraint(t, now, is_there=False), was, is_there=True),
            )
    return schema


def _set_object(schema: Schema, key: Key, obj: SchemaObject | None) -> Schema:
    for name in keys.COLLECTIONS:
        members: tuple[Any, ...] = getattr(schema, name)
        kept = [member for member in members if keys.key_of(member) != key]
        if obj is not None and _collection_of(obj) == name:
            kept.append(obj)
        if len(kept) != len(members) or (obj is not None and _collection_of(obj) == name):
            schema = replace(schema, **{name: tuple(sorted(kept, key=keys.key_of))})
    return schema


def _collection_of(obj: SchemaObject) -> str:
    word = type(obj).__name__.lower()
    return {"enumtype": "enums"}.get(word, f"{word}s")


def _edit_table(schema: Schema, key: Key, edit: Callable[[Table], Table]) -> Schema:
    tables = tuple(replace(edit(table), text="") if keys.table_key(table) == key else table for table in schema.tables)
    return replace(schema, tables=tables)


def _with_parts_of(before: Table, table: Table) -> Table:
    """Return the table as it was before, with the parts it has now."""
    return replace(before, **{name: getattr(table, name) for name in keys.TABLE_PARTS})


def _set_part(table: Table, field: str, name: str, part: Column | Index | Constraint | None) -> Table:
    """Replace the part of that name where it stands, add it at the end, or remove it."""
    members: tuple[Any, ...] = getattr(table, field)
    if part is None:
        return replace(table, **{field: tuple(m for m in members if m.name != name)})
    if any(m.name == name for m in members):
        return replace(table, **{field: tuple(part if m.name == name else m for m in members)})
    together = (*members, part)
    return replace(table, **{field: together if field == "columns" else tuple(sorted(together, key=_name))})


def _name(part: Any) -> str:
    return str(part.name)


def _set_constraint(table: Table, constraint: Constraint, *, is_there: bool) -> Table:
    if isinstance(constraint, PrimaryKey):
        return replace(table, primary_key=constraint if is_there else None)
    return _set_part(table, _CONSTRAINTS[type(constraint)], constraint.name, constraint if is_there else None)
