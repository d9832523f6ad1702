"""What stands in for a constraint that rows violate: it binds new rows and leaves those in the way as they are; pure.

NOT NULL and CHECK are triggers that refuse. A unique key is one over its columns and a hidden flag, which is 1 for
every row but the doubled ones behind the first: a unique key with a NULL in it holds nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from msgspec.structs import replace

from lockgate.engine.base import ParkNames
from lockgate.engine.mysql.draft import ddl, dml
from lockgate.engine.mysql.lexer import quote_name, quote_string
from lockgate.engine.mysql.parking import replace_names
from lockgate.engine.mysql.render import render_index
from lockgate.engine.mysql.server import is_mariadb
from lockgate.model.op import Blocks, Statement
from lockgate.model.schema import Check, Column, Index, IndexPart, Table
from lockgate.model.server import Server

_NULL_ERROR, _RANGE_ERROR = 1048, 1264
_CHECK_ERRORS = (3819, 4025)  # ER_CHECK_CONSTRAINT_VIOLATED of MySQL, ER_CONSTRAINT_FAILED of MariaDB


class Guard(NamedTuple):
    """The statements that put a stand-in and those that take it away again."""

    put: tuple[Statement, ...]
    drop: tuple[Statement, ...]


def guard_not_null(table: Table, column: Column, names: ParkNames) -> Guard:
    """Refuse NULL in a column for new rows, and for rows that did not hold it."""
    name = quote_name(column.name)
    signal = _signal("23000", _NULL_ERROR, f"Column '{column.name}' cannot be null")
    return _triggers(table, column.name, names, f"NEW.{name} IS NULL", f"OLD.{name} IS NULL", signal)


def guard_values(table: Table, name: str, condition: str, names: ParkNames) -> Guard:
    """Refuse values of a column for which a condition is true, but where one was there already."""
    new, old = (replace_names(condition, {name: f"{side}.{quote_name(name)}"}) for side in ("NEW", "OLD"))
    signal = _signal("22003", _RANGE_ERROR, f"Out of range value for column '{name}'")
    return _triggers(table, name, names, f"({new})", f"({old})", signal)


def guard_check(table: Table, check: Check, names: ParkNames, server: Server) -> Guard:
    """Refuse rows that violate a check, but for those that did already."""
    columns = [c.name for c in table.columns]
    new, old = (
        f"COALESCE(({replace_names(check.expression, {n: f'{side}.{quote_name(n)}' for n in columns})}), 1) = 0"
        for side in ("NEW", "OLD")
    )
    errno = _CHECK_ERRORS[is_mariadb(server)]
    signal = _signal("23000" if is_mariadb(server) else "HY000", errno, f"Check constraint '{check.name}' is violated.")
    return _triggers(table, check.name, names, new, old, signal)


def _signal(state: str, errno: int, text: str) -> str:
    return f"SIGNAL SQLSTATE '{state}' SET MYSQL_ERRNO = {errno}, MESSAGE_TEXT = {quote_string(text[:128])}"


def _triggers(table: Table, original: str, names: ParkNames, new: str, old: str, signal: str) -> Guard:
    """Return triggers that refuse what is wrong in a new row, and in a changed one in which it was not wrong before."""
    put, drop = [], []
    for event, condition in (("INSERT", new), ("UPDATE", f"{new} AND NOT ({old})")):
        trigger = quote_name(names.next(original))
        body = f"IF {condition} THEN {signal}; END IF"
        put.append(ddl(f"CREATE TRIGGER {trigger} BEFORE {event} ON {quote_name(table.name)} FOR EACH ROW {body}"))
        drop.append(replace(ddl(f"DROP TRIGGER IF EXISTS {trigger}"), is_idempotent=True))
    return Guard(tuple(put), tuple(drop))


def guard_unique(table: Table, index: Index, names: ParkNames, server: Server) -> Guard:
    """Let a unique key hold for all rows but those doubled now, the first of each kind excepted."""
    flag = names.next(index.name)
    quoted, reserved = quote_name(table.name), quote_name(flag)
    parts = (*index.parts, IndexPart(column=flag))
    guarded = replace(index, name=flag, parts=parts, is_invisible=False, comment=None)
    free = f"UPDATE {quoted} AS t JOIN ({_doubled(table, index.parts)}) AS d ON {_same_row(table)}"
    kept = [f"t.{quote_name(c.name)} = t.{quote_name(c.name)}" for c in table.columns if c.on_update is not None]
    free += f" SET {', '.join([f't.{reserved} = NULL', *kept])} WHERE d.lockgate_n > 1"
    put = (
        ddl(f"ALTER TABLE {quoted} ADD COLUMN {reserved} tinyint DEFAULT 1 INVISIBLE"),
        dml(free),
        ddl(
            f"ALTER TABLE {quoted} ADD {render_index(guarded, server)}",
            blocks=Blocks.DDL,
            lock="in place, writes go on",
        ),
    )
    drop = (ddl(f"ALTER TABLE {quoted} DROP INDEX {reserved}, DROP COLUMN {reserved}"),)
    return Guard(put, drop)


def key_columns(table: Table) -> list[str]:
    """Return the columns of the primary key; none when there is none."""
    key = table.primary_key
    return [p.column for p in key.parts if p.column] if key is not None else []


def value_of(part: IndexPart) -> str:
    """Return the expression that an index part compares."""
    if part.expression is not None:
        return f"({part.expression})"
    name = quote_name(part.column or "")
    return f"LEFT({name}, {part.prefix_length})" if part.prefix_length else name


def _doubled(table: Table, parts: Sequence[IndexPart]) -> str:
    """Return a query of all rows that hold something under a key, numbered among those that hold the same."""
    values = [value_of(part) for part in parts]
    columns = [quote_name(name) for name in key_columns(table)] or [
        quote_name(c.name) for c in table.columns if c.generated is None
    ]
    filled = " AND ".join(f"{value} IS NOT NULL" for value in values)
    over = f"PARTITION BY {', '.join(values)} ORDER BY {', '.join(columns)}"
    numbered = f"ROW_NUMBER() OVER ({over}) AS lockgate_n"
    return f"SELECT {', '.join(columns)}, {numbered} FROM {quote_name(table.name)} WHERE {filled}"


def _same_row(table: Table) -> str:
    names = key_columns(table) or [c.name for c in table.columns if c.generated is None]
    return " AND ".join(f"t.{quote_name(name)} <=> d.{quote_name(name)}" for name in names)


def list_rows(table: Table, value: str, condition: str) -> str:
    """Return the query that lists rows in the way: their key as JSON text, and the value in the way as text."""
    names = key_columns(table) or [c.name for c in table.columns if c.generated is None]
    pairs = ", ".join(f"{quote_string(name)}, {quote_name(name)}" for name in names)
    return f"SELECT JSON_OBJECT({pairs}), {value} FROM {quote_name(table.name)} WHERE {condition}"
