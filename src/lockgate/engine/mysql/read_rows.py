"""Read statements of MySQL and MariaDB that work on rows, sessions and transactions; pure."""

from __future__ import annotations

from lockgate.engine.ddl_cursor import DdlCursor, ReadError
from lockgate.engine.mysql.read_acts import NOTHING, SHORT, made
from lockgate.model.ddl import Act, Kind, Trait

_MODIFIERS = ("LOW_PRIORITY", "QUICK", "IGNORE", "DELAYED", "HIGH_PRIORITY")


def read_update(cursor: DdlCursor) -> Act:
    """Read UPDATE."""
    cursor.expect("UPDATE")
    while cursor.accept_any(*_MODIFIERS):
        pass
    table = cursor.qualified()
    cursor.skip_until(words=("SET",))
    cursor.expect("SET")
    words = cursor.words_outside()
    names = _assigned(cursor)
    twice = len(set(names)) < len(names) and Trait.DUPLICATE_ASSIGNMENT
    cursor.rest()
    return made(Kind.UPDATE, NOTHING, *_bounds(words), twice, table=table, columns=tuple(names))


def _bounds(words: list[str]) -> tuple[Trait, ...]:
    bare = () if "WHERE" in words else (Trait.NO_WHERE,)
    return (*bare, Trait.LIMITED) if "LIMIT" in words else bare


def _assigned(cursor: DdlCursor) -> list[str]:
    names = []
    while True:
        names.append(cursor.qualified())
        cursor.skip_until(words=("WHERE", "ORDER", "LIMIT", "RETURNING"), marks=(",",))
        if not cursor.accept_mark(","):
            return names


def read_delete(cursor: DdlCursor) -> Act:
    """Read DELETE, of one table or several."""
    cursor.expect("DELETE")
    while cursor.accept_any(*_MODIFIERS, "HISTORY"):
        pass
    cursor.accept("FROM")
    table = cursor.qualified()
    words = cursor.words_outside()
    cursor.rest()
    return made(Kind.DELETE, NOTHING, *_bounds(words), table=table)


def read_insert(cursor: DdlCursor) -> Act:
    """Read INSERT, REPLACE or LOAD DATA."""
    cursor.take()
    words = set(cursor.words_outside())
    cursor.skip_until(words=("INTO",)) if "INTO" in words else None
    cursor.accept("INTO")
    while cursor.accept_any(*_MODIFIERS, "TABLE"):
        pass
    table = cursor.qualified()
    from_query = bool({"SELECT", "TABLE"} & words) and Trait.FROM_QUERY
    cursor.rest()
    return made(Kind.INSERT, NOTHING, from_query, table=table)


def read_with(cursor: DdlCursor) -> tuple[Act, ...]:
    """Read WITH and its main statement."""
    cursor.skip_until(words=("UPDATE", "DELETE", "SELECT", "VALUES"))
    if cursor.sees("UPDATE"):
        return (read_update(cursor),)
    if cursor.sees("DELETE"):
        return (read_delete(cursor),)
    return (made(Kind.QUERY, NOTHING),)


def read_set(cursor: DdlCursor) -> tuple[Act, ...]:
    """Read SET of one or more variables."""
    cursor.expect("SET")
    if cursor.accept_any("PASSWORD", "ROLE") or cursor.accept("DEFAULT", "ROLE"):
        return (made(Kind.SERVER_SETTING, NOTHING, name="accounts"),)
    if cursor.accept_any("NAMES", "CHARACTER", "CHARSET"):
        return (made(Kind.SET, NOTHING, name="names", value=cursor.rest().lower()),)
    if cursor.sees("TRANSACTION") or cursor.peek(1).word == "TRANSACTION":
        is_global = cursor.sees("GLOBAL")
        return (made(Kind.SERVER_SETTING if is_global else Kind.SET, NOTHING, name="transaction"),)
    if cursor.sees("STATEMENT"):
        cursor.rest()
        return (made(Kind.OPAQUE, NOTHING, value="SET STATEMENT"),)
    acts = []
    while True:
        acts.append(_read_variable(cursor))
        if not cursor.accept_mark(","):
            return tuple(acts)


def _read_variable(cursor: DdlCursor) -> Act:
    scope = cursor.accept_any("GLOBAL", "PERSIST", "PERSIST_ONLY", "SESSION", "LOCAL")
    name = cursor.qualified().lower()
    for prefix in ("@@global.", "@@persist.", "@@persist_only."):
        if name.startswith(prefix):
            scope, name = "GLOBAL", name.removeprefix(prefix)
    name = name.removeprefix("@@").removeprefix("session.").removeprefix("local.")
    cursor.accept_mark(":")
    cursor.expect_mark("=")
    value = cursor.skip_until(marks=(",",)).strip("'\"").lower()
    if scope in ("GLOBAL", "PERSIST", "PERSIST_ONLY"):
        return made(Kind.SERVER_SETTING, NOTHING, Trait.GLOBAL, name=name, value=value)
    return made(Kind.SET, NOTHING, name=name, value=value)


def read_lock(cursor: DdlCursor) -> tuple[Act, ...]:
    """Read LOCK TABLES."""
    cursor.expect("LOCK")
    if not cursor.accept_any("TABLES", "TABLE"):
        raise ReadError(f"not understood: LOCK {cursor.near()}")
    acts = []
    while True:
        table = cursor.qualified()
        cursor.skip_until(marks=(",",))
        acts.append(made(Kind.LOCK_TABLE, SHORT, table=table))
        if not cursor.accept_mark(","):
            return tuple(acts)
