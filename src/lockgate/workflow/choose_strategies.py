"""Choose how the changes of each table are carried out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lockgate.errors import InputError
from lockgate.model.change import AlterObject, Change, CreateObject, DropObject, RenameColumn, RenameTable
from lockgate.model.keys import table_key
from lockgate.model.op import Strategy
from lockgate.model.schema import Key, Table

AUTO = "auto"


def choose_strategies(changes: Sequence[Change], wishes: Sequence[str]) -> Mapping[Key, Strategy]:
    """Return the strategy of every altered table that is not to be changed by plain DDL.

    Args:
        wishes: ``NAME`` for all tables or ``table=NAME`` for one; the one that names the table wins.

    Raises:
        InputError: There is no such strategy.
    """
    everywhere, by_table = read_wishes(wishes)
    chosen = {}
    for key in altered_tables(changes):
        strategy = by_table.get(key.path, everywhere)
        if strategy not in (None, Strategy.PLAIN):
            chosen[key] = strategy
    return chosen


def altered_tables(changes: Sequence[Change]) -> tuple[Key, ...]:
    """Return the keys of the tables that changes alter, in order."""
    found = []
    for change in changes:
        if isinstance(change, CreateObject | DropObject | AlterObject | RenameTable | RenameColumn):
            continue
        table = change.table if hasattr(change, "table") else change.after
        found.append(table_key(table) if isinstance(table, Table) else table)
    return tuple(dict.fromkeys(found))


def read_wishes(wishes: Sequence[str]) -> tuple[Strategy | None, dict[str, Strategy | None]]:
    """Return the strategy for all tables and those of single tables by dotted name; None is left to us.

    Raises:
        InputError: There is no such strategy.
    """
    everywhere: Strategy | None = None
    by_table: dict[str, Strategy | None] = {}
    for wish in wishes:
        table, equals, name = wish.rpartition("=")
        strategy = _read_strategy(name.strip(), wish)
        if equals:
            by_table[table.strip()] = strategy
        else:
            everywhere = strategy
    return everywhere, by_table


def _read_strategy(name: str, wish: str) -> Strategy | None:
    if name == AUTO:
        return None
    try:
        return Strategy(name)
    except ValueError:
        raise InputError(
            f"--strategy {wish!r} is no strategy",
            cause=f"known are {AUTO}, {', '.join(strategy.value for strategy in Strategy)}",
            state="nothing was touched",
        ) from None
