"""The declared blast radius against what is really touched; pure."""

from __future__ import annotations

from collections.abc import Iterable

from lockgate.diff.describe import describe_change
from lockgate.model.change import Change
from lockgate.model.plan import Step
from lockgate.model.runbook import Touches


def tables_of(steps: Iterable[Step]) -> tuple[str, ...]:
    """Return the tables that steps touch, each once, in order: by their own name and those of what they change."""
    found: dict[str, None] = {}
    for step in steps:
        if step.table:
            found.setdefault(step.table)
    return tuple(found)


def outside_of(touches: Touches | None, steps: Iterable[Step]) -> str:
    """Return what steps touch beyond what is declared (``touched b``); empty when nothing, or nothing is declared."""
    if touches is None or not touches.tables:
        return ""
    return name_beyond(touches, tables_of(steps))


def name_beyond(touches: Touches, tables: Iterable[str]) -> str:
    """Return ``touched b, c`` for tables that are not declared; a declared name counts with and without its schema."""
    declared = {name.lower() for name in touches.tables}
    beyond = [table for table in tables if not _is_among(table.lower(), declared)]
    return f"touched {', '.join(beyond)}" if beyond else ""


def _is_among(table: str, declared: set[str]) -> bool:
    bare = table.rpartition(".")[2]
    return table in declared or bare in declared or any(name.rpartition(".")[2] == table for name in declared)


def words_of_change(change: Change) -> str:
    """Return a difference in a few words: ``add_column orders.note``."""
    note = describe_change(change)
    return f"{note.kind} {note.object}"


def tables_of_changes(changes: Iterable[Change]) -> tuple[str, ...]:
    """Return the tables that differ, each once, in order; what belongs to no table stands under its own name."""
    found: dict[str, None] = {}
    for change in changes:
        note = describe_change(change)
        found.setdefault(note.table or note.object)
    return tuple(found)
