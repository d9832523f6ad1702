"""Read statements of SQLite that work on rows and on the connection; pure."""

from __future__ import annotations

from typing import Any

from lockgate.engine.ddl_cursor import DdlCursor
from lockgate.engine.sqlite.locks import LOCK
from lockgate.model.ddl import Act, Kind, LockClaim, Trait
from lockgate.model.op import Blocks


def made(
    kind: Kind, *traits: Trait | bool, writes: bool = False, scans: bool = False, rewrites: bool = False, **fields: Any
) -> Act:
    """Return an act; ``writes``: it takes the database's one write lock. ``False`` among the traits is left out."""
    lock = LockClaim(
        blocks=Blocks.WRITES if writes else Blocks.NOTHING,
        name=LOCK if writes else "",
        rewrites=rewrites,
        scans=scans or rewrites,
    )
    return Act(kind=kind, traits=frozenset(t for t in traits if isinstance(t, Trait)), lock=lock, **fields)


def read_insert(cursor: DdlCursor) -> Act:
    """Read INSERT or REPLACE."""
    words = cursor.words_outside()
    cursor.skip_until(words=("INTO",))
    cursor.expect("INTO")
    table = cursor.qualified()
    from_query = "SELECT" in words and Trait.FROM_QUERY
    return made(Kind.INSERT, from_query, writes=True, table=table)


def read_update(cursor: DdlCursor) -> Act:
    """Read UPDATE."""
    cursor.expect("UPDATE")
    if cursor.accept("OR"):
        cursor.take()
    table = cursor.qualified()
    cursor.skip_until(words=("SET",))
    cursor.expect("SET")
    words = cursor.words_outside()
    names = _assigned(cursor)
    twice = len(set(names)) < len(names) and Trait.DUPLICATE_ASSIGNMENT
    bare = "WHERE" not in words and Trait.NO_WHERE
    return made(Kind.UPDATE, bare, twice, writes=True, table=table, columns=tuple(names))


def _assigned(cursor: DdlCursor) -> list[str]:
    names = []
    while True:
        if cursor.sees_mark("("):
            names += list(cursor.names_in_parentheses())
        else:
            names.append(cursor.qualified())
        cursor.skip_until(words=("WHERE", "FROM", "RETURNING", "ORDER", "LIMIT"), marks=(",",))
        if not cursor.accept_mark(","):
            return names


def read_delete(cursor: DdlCursor) -> Act:
    """Read DELETE."""
    cursor.expect("DELETE", "FROM")
    table = cursor.qualified()
    bare = "WHERE" not in cursor.words_outside() and Trait.NO_WHERE
    return made(Kind.DELETE, bare, writes=True, table=table)


def read_with(cursor: DdlCursor) -> tuple[Act, ...]:
    """Read WITH and its main statement."""
    cursor.skip_until(words=("UPDATE", "DELETE", "INSERT", "REPLACE", "SELECT", "VALUES"))
    readers = {"UPDATE": read_update, "DELETE": read_delete, "INSERT": read_insert, "REPLACE": read_insert}
    reader = readers.get(cursor.word)
    return (reader(cursor) if reader else made(Kind.QUERY),)


def read_pragma(cursor: DdlCursor) -> Act:
    """Read PRAGMA: a setting when it has a value."""
    cursor.expect("PRAGMA")
    name = cursor.qualified().split(".")[-1].lower()
    value = ""
    if cursor.accept_mark("="):
        value = cursor.rest()
    elif cursor.sees_mark("("):
        value = cursor.parentheses()
    value = value.strip("'\"").lower()
    value = {"0": "off", "false": "off", "no": "off", "1": "on", "true": "on", "yes": "on"}.get(value, value)
    return made(Kind.SET, name=name, value=value)
