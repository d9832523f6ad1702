"""One structural difference: a closed, tagged union; pure.

``before`` values are as the *live* database has them, ``after`` as the desired schema has them.
"""

from __future__ import annotations

from typing import TypeAlias

from lockgate.model.schema import (
    Column,
    Constraint,
    Index,
    Key,
    SchemaObject,
    Table,
    Value,
)


class _Change(Value, frozen=True, tag_field="change", tag=True):
    """Base of all changes; ``change`` names the kind in JSON."""


class CreateObject(_Change, frozen=True, tag="create"):
    """Something that is only in the desired schema (a table comes whole, with all its parts)."""

    object: SchemaObject


class DropObject(_Change, frozen=True, tag="drop"):
    """Something that is only in the live schema."""

    object: SchemaObject


class AlterObject(_Change, frozen=True, tag="alter"):
    """An object that is not a table and differs in anything."""

    before: SchemaObject
    after: SchemaObject


class RenameTable(_Change, frozen=True, tag="rename_table"):
    """A table that goes on under another name."""

    before: Key
    after: Key


class RenameColumn(_Change, frozen=True, tag="rename_column"):
    """A column that goes on under another name. ``table`` is the table's key after its own renaming."""

    table: Key
    before: str
    after: str


class AlterTable(_Change, frozen=True, tag="alter_table"):
    """A difference of the table itself: options, comment, partitioning, inheritance; not of its parts."""

    before: Table
    after: Table


class AddColumn(_Change, frozen=True, tag="add_column"):
    """A column that is only in the desired table."""

    table: Key
    column: Column


class DropColumn(_Change, frozen=True, tag="drop_column"):
    """A column that is only in the live table."""

    table: Key
    column: Column


class AlterColumn(_Change, frozen=True, tag="alter_column"):
    """A column that differs in anything but its position."""

    table: Key
    before: Column
    after: Column


class AddIndex(_Change, frozen=True, tag="add_index"):
    """An index that is only in the desired table."""

    table: Key
    index: Index


class DropIndex(_Change, frozen=True, tag="drop_index"):
    """An index that is only in the live table."""

    table: Key
    index: Index


class AlterIndex(_Change, frozen=True, tag="alter_index"):
    """An index of the same name that differs (comment, visibility, options, or its whole definition)."""

    table: Key
    before: Index
    after: Index


class RenameIndex(_Change, frozen=True, tag="rename_index"):
    """An index that differs in nothing but its name."""

    table: Key
    before: Index
    after: Index


class AddConstraint(_Change, frozen=True, tag="add_constraint"):
    """A constraint that is only in the desired table."""

    table: Key
    constraint: Constraint


class DropConstraint(_Change, frozen=True, tag="drop_constraint"):
    """A constraint that is only in the live table."""

    table: Key
    constraint: Constraint


class AlterConstraint(_Change, frozen=True, tag="alter_constraint"):
    """A constraint of the same kind and name that differs."""

    table: Key
    before: Constraint
    after: Constraint


class RenameConstraint(_Change, frozen=True, tag="rename_constraint"):
    """A constraint that differs in nothing but its name."""

    table: Key
    before: Constraint
    after: Constraint


Change: TypeAlias = (
    CreateObject
    | DropObject
    | AlterObject
    | RenameTable
    | RenameColumn
    | AlterTable
    | AddColumn
    | DropColumn
    | AlterColumn
    | AddIndex
    | DropIndex
    | AlterIndex
    | RenameIndex
    | AddConstraint
    | DropConstraint
    | AlterConstraint
    | RenameConstraint
)
