"""Choose how the changes of each table are carried out: as somebody wished, else by how long plain DDL would block."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lockgate.errors import InputError
from lockgate.model.change import AlterObject, Change, CreateObject, DropObject, RenameColumn, RenameTable
from lockgate.model.keys import table_key
from lockgate.model.op import Blocks, Op, Strategy
from lockgate.model.schema import Key, Table
from lockgate.plan.estimate import block_s, blocks_of

AUTO = "auto"
_NOT_DRIVEN = frozenset({Strategy.GH_OST})
Sizes = Mapping[Key, tuple[int, int]]
"""Estimated rows and bytes by table; -1 when unknown."""


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


def left_to_us(changes: Sequence[Change], wishes: Sequence[str]) -> frozenset[Key]:
    """Return the altered tables for which nobody wished a strategy."""
    everywhere, by_table = read_wishes(wishes)
    return frozenset(key for key in altered_tables(changes) if by_table.get(key.path, everywhere) is None)


def find_long_blocks(ops: Sequence[Op], tables: frozenset[Key], sizes: Sizes, max_block_ms: int) -> dict[Key, str]:
    """Return the tables whose plain ops would keep others waiting longer than a limit, with the reason in a sentence.

    Args:
        ops: Plain ops, with what was found out about their statements.
    """
    found: dict[Key, tuple[float, Op]] = {}
    for op in ops:
        if op.table in tables and op.strategy is Strategy.PLAIN:
            seconds = block_s(op, sizes)
            if seconds * 1000 > max_block_ms and seconds > found.get(op.table, (0.0, op))[0]:
                found[op.table] = (seconds, op)
    return {key: _reason(seconds, op, max_block_ms) for key, (seconds, op) in found.items()}


def _reason(seconds: float, op: Op, max_block_ms: int) -> str:
    whom = "readers and writers" if blocks_of(op) is Blocks.READS_AND_WRITES else "writers"
    return f"plain DDL would keep {whom} waiting for about {seconds:.1f} s, more than {max_block_ms} ms"


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
        strategy = Strategy(name)
    except ValueError:
        raise InputError(
            f"--strategy {wish!r} is no strategy",
            cause=f"known are {AUTO}, {', '.join(s.value for s in Strategy if s not in _NOT_DRIVEN)}",
            state="nothing was touched",
        ) from None
    if strategy in _NOT_DRIVEN:
        raise InputError(
            f"--strategy {wish!r}: {name} is not driven by this version",
            cause="no run of it has been tested, and a plan must not promise what was never tried",
            state="nothing was touched",
            hint="use --strategy online, which needs no other tool, or --strategy pt-osc on MySQL and MariaDB",
        )
    return strategy
