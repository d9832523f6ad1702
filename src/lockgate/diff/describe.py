"""Put a change into words: its kind, its object, and what it was and becomes; pure."""

from __future__ import annotations

from functools import singledispatch
from typing import assert_never

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
    RenameColumn,
    RenameConstraint,
    RenameIndex,
    RenameTable,
)
from lockgate.model.plan import ChangeNote
from lockgate.model.schema import (
    Check,
    Column,
    Constraint,
    Definition,
    EnumType,
    Exclusion,
    ForeignKey,
    Index,
    IndexPart,
    Key,
    PrimaryKey,
    Table,
    Unique,
    Value,
)

_SHORT = 160


def describe_change(change: Change) -> ChangeNote:
    """Return a change in words. ``before`` and ``after`` are cut to a line's length."""
    match change:
        case CreateObject(object=obj):
            return _note("create", keys.key_of(obj), after=describe_value(obj))
        case DropObject(object=obj):
            return _note("drop", keys.key_of(obj), before=describe_value(obj))
        case AlterObject(before=old, after=new):
            return _changed("alter", keys.key_of(new), old, new)
        case AlterTable(before=old_table, after=new_table):
            return _changed("alter", keys.table_key(new_table), old_table, new_table)
        case RenameTable(before=old_key, after=new_key):
            return _note("rename", new_key, before=old_key.path, after=new_key.path)
        case RenameColumn(table=table, before=old_name, after=new_name):
            return _note("rename", Key("column", *table[1:3], new_name), before=old_name, after=new_name)
        case AddColumn(table=table, column=column):
            return _note("add", keys.child_key(table, column), after=describe_value(column))
        case DropColumn(table=table, column=column):
            return _note("drop", keys.child_key(table, column), before=describe_value(column))
        case AddIndex(table=table, index=index):
            return _note("add", keys.child_key(table, index), after=describe_value(index))
        case DropIndex(table=table, index=index):
            return _note("drop", keys.child_key(table, index), before=describe_value(index))
        case AddConstraint(table=table, constraint=constraint):
            return _note("add", keys.child_key(table, constraint), after=describe_value(constraint))
        case DropConstraint(table=table, constraint=constraint):
            return _note("drop", keys.child_key(table, constraint), before=describe_value(constraint))
        case AlterColumn(table=table, before=old_part, after=new_part):
            return _changed("alter", keys.child_key(table, new_part), old_part, new_part)
        case AlterIndex(table=table, before=old_index, after=new_index):
            return _changed("alter", keys.child_key(table, new_index), old_index, new_index)
        case AlterConstraint(table=table, before=old_con, after=new_con):
            return _changed("alter", keys.child_key(table, new_con), old_con, new_con)
        case RenameIndex(table=table, before=was, after=now):
            return _note("rename", keys.child_key(table, now), before=was.name, after=now.name)
        case RenameConstraint(table=table, before=was_con, after=now_con):
            return _note("rename", keys.child_key(table, now_con), before=was_con.name, after=now_con.name)
    assert_never(change)


def _note(verb: str, key: Key, *, before: str = "", after: str = "") -> ChangeNote:
    table = ".".join(part for part in key[1:3] if part) if key.child else ""
    return ChangeNote(kind=f"{verb}_{key.kind}", object=key.path, table=table, before=_cut(before), after=_cut(after))


def _changed(verb: str, key: Key, before: Value, after: Value) -> ChangeNote:
    """Name only the fields that differ."""
    was, now = [], []
    for name in after.__struct_fields__:
        old, new = getattr(before, name), getattr(after, name)
        if old != new and name not in ("depends_on", *keys.TABLE_PARTS):
            old, new = _differing(old, new)
            was.append(f"{name} {_text(old)}")
            now.append(f"{name} {_text(new)}")
    return _note(verb, key, before=", ".join(was), after=", ".join(now))


def _differing(old: object, new: object) -> tuple[object, object]:
    """Of two tuples, keep what only one of them has."""
    if isinstance(old, tuple) and isinstance(new, tuple):
        return tuple(x for x in old if x not in new), tuple(x for x in new if x not in old)
    return old, new


def _text(value: object) -> str:
    match value:
        case None | () | "":
            return "none"
        case bool():
            return "yes" if value else "no"
        case Value():
            return describe_value(value)
        case tuple():
            return "[" + ", ".join(_text(item) for item in value) + "]"
    return str(value)


def _cut(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _SHORT else text[: _SHORT - 1] + "…"


@singledispatch
def describe_value(value: Value) -> str:
    """Return one schema value as a short text in the words of SQL."""
    return ", ".join(
        f"{name} {getattr(value, name)}"
        for name in value.__struct_fields__
        if name not in ("name", "namespace", "depends_on") and getattr(value, name) not in (None, (), "", False)
    )


@describe_value.register
def _column(value: Column) -> str:
    parts = [value.type]
    if value.generated:
        parts.append(f"generated as ({value.generated.expression})")
    if value.identity:
        parts.append(f"generated {value.identity.generation} as identity")
    if value.is_auto_increment:
        parts.append("auto_increment")
    parts.append("null" if value.is_nullable else "not null")
    if value.default is not None:
        parts.append(f"default {value.default}")
    return " ".join(parts)


def _parts(parts: tuple[IndexPart, ...]) -> str:
    return (
        "(" + ", ".join((p.column or f"({p.expression})") + (" desc" if p.is_descending else "") for p in parts) + ")"
    )


@describe_value.register
def _index(value: Index) -> str:
    where = f" where {value.where}" if value.where else ""
    words = ("unique" if value.is_unique else "", value.kind, "index", _parts(value.parts))
    return " ".join(word for word in words if word) + where


@describe_value.register
def _primary_key(value: PrimaryKey) -> str:
    return f"primary key {_parts(value.parts)}"


@describe_value.register
def _unique(value: Unique) -> str:
    return f"unique {_parts(value.parts)}"


@describe_value.register
def _foreign_key(value: ForeignKey) -> str:
    target = ".".join(part for part in (value.ref_namespace, value.ref_table) if part)
    text = f"foreign key ({', '.join(value.columns)}) references {target} ({', '.join(value.ref_columns)})"
    actions = (("on update", value.on_update), ("on delete", value.on_delete))
    return text + "".join(f" {what} {action}" for what, action in actions if action != "no action")


@describe_value.register
def _check(value: Check) -> str:
    return f"check {value.expression}"


@describe_value.register
def _exclusion(value: Exclusion) -> str:
    return value.definition


@describe_value.register
def _table(value: Table) -> str:
    return f"{len(value.columns)} columns: " + ", ".join(c.name for c in value.columns)


@describe_value.register
def _enum(value: EnumType) -> str:
    return "(" + ", ".join(repr(v) for v in value.values) + ")"


@describe_value.register
def _definition(value: Definition) -> str:
    return value.sql


def constraint_word(constraint: Constraint) -> str:
    """Return the SQL words for a constraint's kind, e.g. ``foreign key``."""
    return keys.child_key(Key("table", "", ""), constraint).kind.replace("_", " ")
