"""Values that a column cannot hold once its type is as it was: kept in a side table, and put back by a redo; pure.

Which values these are the server says itself: each candidate is given the old type and back again, and what comes out
the same is none. The row holds the nearest value that the old type has meanwhile, or NULL where that may be.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from msgspec.structs import replace

from lockgate.engine.mysql.conversions import Conversion, convert, is_number, is_text, zero_of
from lockgate.engine.mysql.draft import ddl, dml
from lockgate.engine.mysql.lexer import quote_name
from lockgate.engine.mysql.salvage_note import note_kept, note_used
from lockgate.engine.mysql.side import finalize_table
from lockgate.engine.mysql.table_job import TableJob
from lockgate.model.op import Parked, Statement
from lockgate.model.schema import Column, Key, Table

_VALUE, _AGAIN, _STAND_IN = "lockgate_value", "lockgate_again", "lockgate_stand_in"


class Salvage(NamedTuple):
    """Statements before the conversion back and behind the conversion of a redo, and the side table between them."""

    before: tuple[Statement, ...]
    redo_after: tuple[Statement, ...]
    parks: tuple[Parked, ...]


def needs_salvage(old: Column, new: Column) -> bool:
    """Tell whether a column that goes back from ``new`` to ``old`` may hold values it then cannot."""
    back = convert(new, old)
    return back.is_lossy or bool(back.obstacles)


def is_firm(table: Table, column: Column) -> bool:
    """Tell whether no other value can stand in for a column's: it is unique and not NULL."""
    keys = [i.parts for i in table.indexes if i.is_unique]
    if table.primary_key is not None:
        keys.append(table.primary_key.parts)
    used = {part.column for parts in keys for part in parts}
    is_nullable = any(c.is_nullable for c in table.columns if c.name == column.name)
    return column.name in used and not is_nullable


def salvage_unfit(job: TableJob, end: Table, pairs: Sequence[tuple[Column, Column]]) -> Salvage:
    """Keep what does not fit when columns go back.

    Args:
        end: The table as it is before the way back.
        pairs: Columns as they were and as they are.
    """
    before: list[Statement] = []
    after: list[Statement] = []
    parks: list[Parked] = []
    for old, new in pairs:
        side = job.names.next(new.name)
        before += _keep(job, end, old, new, side)
        after += _give_back(job, end, new, side)
        original = Key("column", "", job.name, new.name)
        parks.append(Parked(original=original, parked=side, finalize=(finalize_table(side),)))
    return Salvage(tuple(before), tuple(after), tuple(parks))


def key_names(table: Table, but: str) -> list[str]:
    """Return the columns that tell a row of a table: its primary key, else all others than the one that changes."""
    key = table.primary_key
    if key is not None and all(part.column for part in key.parts):
        return [part.column for part in key.parts if part.column]
    return [c.name for c in table.columns if c.generated is None and c.name != but]


def _keep(job: TableJob, end: Table, old: Column, new: Column, side: str) -> list[Statement]:
    names = key_names(end, new.name)
    keys = [quote_name(name) for name in names]
    quoted, name = quote_name(side), quote_name(new.name)
    listed = ", ".join([*keys, f"{name} AS {_VALUE}"])
    unique = f", PRIMARY KEY ({', '.join(keys)})" if end.primary_key is not None and keys else ""
    create = (
        f"CREATE TABLE {quoted} ({_AGAIN} {_type(new)} NULL, {_STAND_IN} {_type(old)} NULL{unique})"
        f" AS SELECT {listed} FROM {job.quoted} WHERE FALSE"
    )
    back = convert(new, old)
    columns = ", ".join([*keys, _VALUE, _STAND_IN])
    insert = f"INSERT IGNORE INTO {quoted} ({columns}) SELECT {', '.join([*keys, name, name])} FROM {job.quoted}"
    unfit = unfit_rows(back)
    insert += f" WHERE {name} IS NOT NULL" if back.is_lossy else f" WHERE {unfit}"
    statements = [ddl(create), dml(insert)]
    stand_in = stand_in_of(old)
    if unfit and stand_in:
        on_value = unfit_rows(convert(replace(new, name=_VALUE), replace(old, name=_VALUE)))
        statements.append(dml(f"UPDATE {quoted} SET {_STAND_IN} = {stand_in} WHERE {on_value}"))
    statements.append(dml(f"UPDATE IGNORE {quoted} SET {_AGAIN} = {_STAND_IN}"))
    statements.append(dml(f"DELETE FROM {quoted} WHERE BINARY {_VALUE} <=> BINARY {_AGAIN}"))
    unchanged = f"BINARY t.{name} <=> BINARY s.{_VALUE}"
    statements += note_kept(side, job.name, names, new, _VALUE, _AGAIN)
    statements.append(dml(_update(job, end, new, names, side, _AGAIN, unchanged)))
    return statements


def _give_back(job: TableJob, end: Table, new: Column, side: str) -> list[Statement]:
    untouched = f"BINARY t.{quote_name(new.name)} <=> BINARY s.{_AGAIN}"
    update = _update(job, end, new, key_names(end, new.name), side, _VALUE, untouched)
    return [dml(update), *note_used(side), ddl(f"DROP TABLE {quote_name(side)}")]


def _update(job: TableJob, end: Table, new: Column, names: list[str], side: str, value: str, condition: str) -> str:
    """Return the UPDATE that gives rows a value of the side table; columns with ON UPDATE stay as they are."""
    same = " AND ".join(f"t.{quote_name(n)} <=> s.{quote_name(n)}" for n in names) or "TRUE"
    kept = [quote_name(c.name) for c in end.columns if c.on_update is not None and c.name != new.name]
    pairs = ", ".join([f"t.{quote_name(new.name)} = s.{value}", *(f"t.{name} = t.{name}" for name in kept)])
    return f"UPDATE {job.quoted} AS t JOIN {quote_name(side)} AS s ON {same} SET {pairs} WHERE {condition}"


def unfit_rows(back: Conversion) -> str:
    """Return the condition for rows with values that surely do not fit; empty when there is none."""
    return " OR ".join(f"({condition})" for condition, _ in back.obstacles)


def stand_in_of(old: Column) -> str:
    """Return what a row holds instead of a value that does not fit; empty: what the server makes of it."""
    if is_text(old.type):
        return ""
    if old.is_nullable:
        return "NULL"
    return "" if is_number(old.type) else zero_of(old)


def _type(column: Column) -> str:
    if column.charset is None or column.collation is None:
        return column.type
    return f"{column.type} CHARACTER SET {column.charset} COLLATE {column.collation}"
