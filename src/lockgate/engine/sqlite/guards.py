"""Triggers that stand in for a constraint which rows that are there already break; pure.

They run after the row is written, when what OR REPLACE deletes is gone, and refuse what is new or newly so.
"""

from __future__ import annotations

from collections.abc import Sequence

from lockgate.engine.sqlite.tokens import literal, quote
from lockgate.engine.sqlite.violations import Violation
from lockgate.model.schema import Table


def guard_names(prefix: str, count: int) -> list[str]:
    """Return the names of the triggers that guard ``count`` constraints."""
    return [f"{prefix}_g{number}{suffix}" for number in range(count) for suffix in ("i", "u")]


def guards(table: Table, found: Sequence[Violation], prefix: str, keys: Sequence[str]) -> list[str]:
    """Return the statements that create the guards of a table.

    Args:
        keys: The columns, as SQL, by which a row is found.
    """
    statements: list[str] = []
    name = quote(table.name)
    here = " AND ".join(f"{name}.{key} = NEW.{key}" for key in keys)
    for number, one in enumerate(found):
        refuse = f"SELECT RAISE(ABORT, {literal(one.message)}) FROM {name} WHERE {here} AND ({one.condition})"
        columns = ", ".join(map(quote, one.columns))
        changed = " OR ".join(f"NEW.{c} COLLATE BINARY IS NOT OLD.{c}" for c in map(quote, one.columns))
        of = f" OF {columns}" if columns else ""
        when = f" WHEN {changed}" if changed else ""
        first, second = f"{prefix}_g{number}i", f"{prefix}_g{number}u"
        statements += [
            f"CREATE TRIGGER {quote(first)} AFTER INSERT ON {name} BEGIN {refuse}; END",
            f"CREATE TRIGGER {quote(second)} AFTER UPDATE{of} ON {name}{when} BEGIN {refuse}; END",
        ]
    return statements


def drop_guards(prefix: str, count: int) -> list[str]:
    """Return the statements that drop the guards, if they are there."""
    return [f"DROP TRIGGER IF EXISTS {quote(name)}" for name in guard_names(prefix, count)]
