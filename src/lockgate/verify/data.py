"""Count and checksum rows before and after, and say of which tables rows are missing; reads only."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from lockgate.engine.base import Engine, Session
from lockgate.model.keys import table_key
from lockgate.model.run import TableCount
from lockgate.model.schema import Key, Schema, Table
from lockgate.model.server import Server


class RowFacts(NamedTuple):
    """What is known of a table's rows: an exact count (-1: not counted), and a checksum (empty: too large)."""

    rows: int
    checksum: str
    columns: tuple[tuple[str, str], ...]


class RowVerdict(NamedTuple):
    """Sentences about tables: rows that are missing, that differ in other ways, that could not be compared."""

    missing: tuple[str, ...]
    differing: tuple[str, ...]
    unknown: tuple[str, ...]
    compared: int


def measure_rows(
    engine: Engine, session: Session, server: Server, schema: Schema, *, exact_count_rows: int, checksum_rows: int
) -> dict[str, RowFacts]:
    """Count the rows of every table, by dotted name, and checksum those of at most ``checksum_rows`` rows.

    Nothing is counted when statistics speak of more than ``exact_count_rows`` rows in all.
    """
    tables = {table_key(table): table for table in schema.tables if table.partition_of is None}
    sizes = engine.table_sizes(session, server)
    if sum(max(size.rows, 0) for size in sizes.values()) > exact_count_rows:
        return {key.path: RowFacts(-1, "", _columns(table)) for key, table in tables.items()}
    counts = engine.count_rows(session, tables)
    return {
        key.path: RowFacts(counts[key], _checksum(engine, session, key, counts[key], checksum_rows), _columns(table))
        for key, table in tables.items()
    }


def _checksum(engine: Engine, session: Session, key: Key, rows: int, limit: int) -> str:
    return engine.checksum_rows(session, key) if 0 < rows <= limit else ""


def _columns(table: Table) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((column.name, column.type) for column in table.columns if not _is_own(column.name)))


def compare_rows(
    before: Mapping[str, RowFacts],
    after: Mapping[str, RowFacts],
    names: Mapping[str, str],
    may_be_lost: Callable[[str], bool] = lambda name: True,
) -> RowVerdict:
    """Compare what was measured before with what is there now.

    Args:
        names: Dotted name before → dotted name now, for tables that were renamed, parked or put back.
        may_be_lost: Tells of a table (by its name now) with fewer rows whether what was run may be the cause; otherwise
            others deleted them meanwhile, as an application does.
    """
    missing: list[str] = []
    differing: list[str] = []
    unknown: list[str] = []
    compared = 0
    for name, old in sorted(before.items()):
        now_name = names.get(name, name)
        new = after.get(now_name)
        if _is_own(name) and _is_own(now_name):
            continue  # a side table of kept values: the way back puts them where they belong and empties it
        if new is None:
            if not _is_own(name):
                unknown.append(f"{name}: not found any more under a known name ({old.rows} rows before)")
            continue
        if old.rows < 0 or new.rows < 0:
            unknown.append(f"{now_name}: too large to be counted")
            continue
        compared += 0 if _is_own(now_name) else 1
        if new.rows < old.rows and may_be_lost(now_name):
            missing.append(f"{now_name}: {old.rows} rows before, {new.rows} now")
        elif new.rows < old.rows:
            differing.append(f"{now_name}: {old.rows - new.rows} fewer rows than before, deleted by others meanwhile")
        elif new.rows > old.rows:
            differing.append(f"{now_name}: {new.rows - old.rows} rows more than before")
        elif old.columns == new.columns and old.checksum and new.checksum and old.checksum != new.checksum:
            differing.append(f"{now_name}: as many rows, but values differ")
    return RowVerdict(tuple(missing), tuple(differing), tuple(unknown), compared)


def compare_with_counts(counts: tuple[TableCount, ...], after: Mapping[str, RowFacts]) -> tuple[str, ...]:
    """Return a sentence for each table that does not hold as many rows as a checkpoint counted."""
    lines: list[str] = []
    for count in counts:
        now = after.get(count.table)
        if now is None or now.rows < 0 or not count.is_exact or now.rows == count.rows:
            continue
        change = now.rows - count.rows
        verb = f"{change} rows written" if change > 0 else f"{-change} rows deleted"
        lines.append(f"{count.table}: {verb} since the checkpoint ({count.rows} then, {now.rows} now)")
    return tuple(lines)


def _is_own(name: str) -> bool:
    return name.rsplit(".", 1)[-1].startswith("lockgate_")
