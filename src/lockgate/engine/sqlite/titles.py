"""A few words for each change, for the titles of ops; pure."""

from __future__ import annotations

from lockgate.model.change import (
    AddColumn,
    AddConstraint,
    AddIndex,
    AlterColumn,
    AlterConstraint,
    AlterIndex,
    AlterTable,
    Change,
    DropColumn,
    DropConstraint,
    DropIndex,
    RenameConstraint,
    RenameIndex,
)
from lockgate.model.schema import Constraint

_WORDS = {"PrimaryKey": "primary key", "Unique": "unique", "ForeignKey": "foreign key", "Check": "check"}


def change_title(change: Change) -> str:
    """Return a change in a few words."""
    if isinstance(change, AddColumn):
        return f"add column {change.column.name}"
    if isinstance(change, DropColumn):
        return f"drop column {change.column.name}"
    if isinstance(change, AlterColumn):
        return f"change column {change.after.name}"
    if isinstance(change, AddConstraint):
        return f"add {_word(change.constraint)}"
    if isinstance(change, DropConstraint):
        return f"drop {_word(change.constraint)}"
    if isinstance(change, AlterConstraint | RenameConstraint):
        return f"change {_word(change.after)}"
    if isinstance(change, AddIndex):
        return f"create index {change.index.name}"
    if isinstance(change, DropIndex):
        return f"drop index {change.index.name}"
    if isinstance(change, AlterIndex | RenameIndex):
        return f"change index {change.after.name}"
    if isinstance(change, AlterTable):
        return "change table options"
    return type(change).__name__


def _word(constraint: Constraint) -> str:
    return _WORDS.get(type(constraint).__name__, type(constraint).__name__.lower())
