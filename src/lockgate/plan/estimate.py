"""How long statements take, how long they keep others waiting, and what disk they need, from a table's size; pure.

The rates are those of a small server with two cores: an estimate tells seconds from minutes and minutes from hours.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lockgate.model.op import Blocks, ChunkKind, Op, Statement
from lockgate.model.schema import Key

DEFAULT_MAX_BLOCK_MS = 200
"""How long plain DDL may keep others waiting before a table is changed online."""
REWRITE_BYTES_PER_S = 40_000_000
REWRITE_ROWS_PER_S = 250_000
SCAN_ROWS_PER_S = 1_500_000
BUILD_ROWS_PER_S = 500_000
"""An index is built, or every row is checked under a lock."""
UPDATE_ROWS_PER_S = 100_000
CHUNKED_ROWS_PER_S = {ChunkKind.WRITE: 30_000, ChunkKind.COMPARE: 300_000}
STATEMENT_S = 0.01
ROW_BYTES = 100
"""A row's size where only the table's is known."""
COPY_SPACE = 1.0
"""Times a table's size that a rewrite needs beside it."""

_ROW_WORDS = ("UPDATE", "INSERT", "DELETE", "REPLACE")
_BLOCKING = (Blocks.WRITES, Blocks.READS_AND_WRITES)


def size_of(table: Key | None, sizes: Mapping[Key, tuple[int, int]]) -> tuple[int, int]:
    """Return rows and bytes of a table, 0 when unknown; rows that are unknown are guessed from the bytes."""
    rows, size = sizes.get(table, (0, 0)) if table else (0, 0)
    if rows < 0 < size:
        rows = size // ROW_BYTES
    return max(rows, 0), max(size, 0)


def statement_s(statement: Statement, rows: int, size: int) -> float:
    """Estimate the seconds a statement takes on a table."""
    seconds = STATEMENT_S
    if statement.chunked is not None:
        return seconds + rows / CHUNKED_ROWS_PER_S[statement.chunked.kind]
    if statement.rewrites:
        seconds += max(rows / REWRITE_ROWS_PER_S, size / REWRITE_BYTES_PER_S)
    elif statement.scans:
        seconds += rows / BUILD_ROWS_PER_S
    elif changes_rows(statement):
        seconds += rows / UPDATE_ROWS_PER_S
    return seconds


def changes_rows(statement: Statement) -> bool:
    """Tell whether a statement changes rows in one go: those who want these rows wait until it is committed."""
    return statement.chunked is None and statement.sql.lstrip()[:8].upper().startswith(_ROW_WORDS)


def op_s(op: Op, sizes: Mapping[Key, tuple[int, int]]) -> float:
    """Estimate an op's seconds."""
    rows, size = size_of(op.table, sizes)
    checks = len(op.prechecks) * rows / SCAN_ROWS_PER_S
    return round(checks + sum(statement_s(statement, rows, size) for statement in op.forward), 2)


def block_s(op: Op, sizes: Mapping[Key, tuple[int, int]]) -> float:
    """Estimate the longest time for which an op keeps writers (or readers) waiting at a stretch, in seconds.

    What one transaction locks, it holds to its end.
    """
    rows, size = size_of(op.table, sizes)
    longest = 0.0
    for group in _transactions(op.forward):
        held = 0.0
        for statement in group:
            is_blocking = statement.blocks in _BLOCKING or (changes_rows(statement) and rows > 0)
            if held or is_blocking:
                held += statement_s(statement, rows, size)
        longest = max(longest, held)
    return round(longest, 2)


def blocks_of(op: Op) -> Blocks:
    """Return the most that any statement of an op blocks."""
    order = list(Blocks)
    return max((statement.blocks for statement in op.forward), key=order.index, default=Blocks.NOTHING)


def extra_bytes(op: Op, sizes: Mapping[Key, tuple[int, int]]) -> int:
    """Estimate the disk space an op needs beside its table, in bytes."""
    space = max(op.extra_space, COPY_SPACE if any(statement.rewrites for statement in op.forward) else 0.0)
    return int(size_of(op.table, sizes)[1] * space)


def _transactions(statements: Sequence[Statement]) -> list[list[Statement]]:
    if all(statement.is_transactional for statement in statements):
        return [list(statements)]
    groups: list[list[Statement]] = []
    for statement in statements:
        if statement.is_joined and groups:
            groups[-1].append(statement)
        else:
            groups.append([statement])
    return groups
