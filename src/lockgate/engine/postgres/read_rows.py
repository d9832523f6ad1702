"""Read statements of PostgreSQL that work on rows, sessions and transactions; pure."""

from __future__ import annotations

import re

from lockgate.engine.ddl_cursor import DdlCursor
from lockgate.engine.postgres.read_acts import act
from lockgate.model.ddl import Act, Kind, Trait

_SET_CONFIG = re.compile(r"set_config\s*\(\s*'(\w+)'\s*,\s*'([^']*)'", re.I)


def read_update(cursor: DdlCursor) -> Act:
    """Read UPDATE."""
    cursor.expect("UPDATE")
    cursor.accept("ONLY")
    table = cursor.qualified()
    cursor.skip_until(words=("SET",))
    cursor.expect("SET")
    names = _assigned(cursor)
    twice = len(set(names)) < len(names) and Trait.DUPLICATE_ASSIGNMENT
    bare = "WHERE" not in cursor.words_outside() and Trait.NO_WHERE
    cursor.rest()
    return act(Kind.UPDATE, "update_rows", bare, twice, table=table, columns=tuple(names))


def _assigned(cursor: DdlCursor) -> list[str]:
    names = []
    while True:
        if cursor.sees_mark("("):
            names += list(cursor.names_in_parentheses())
        else:
            names.append(cursor.qualified())
        cursor.skip_until(words=("WHERE", "FROM", "RETURNING"), marks=(",",))
        if not cursor.accept_mark(","):
            return names


def read_delete(cursor: DdlCursor) -> Act:
    """Read DELETE."""
    cursor.expect("DELETE", "FROM")
    cursor.accept("ONLY")
    table = cursor.qualified()
    bare = "WHERE" not in cursor.words_outside() and Trait.NO_WHERE
    cursor.rest()
    return act(Kind.DELETE, "update_rows", bare, table=table)


def read_insert(cursor: DdlCursor) -> Act:
    """Read INSERT, with or without rows of a query."""
    cursor.expect("INSERT", "INTO")
    table = cursor.qualified()
    from_query = bool({"SELECT", "TABLE"} & set(cursor.words_outside())) and Trait.FROM_QUERY
    cursor.rest()
    return act(Kind.INSERT, "update_rows", from_query, table=table)


def read_merge(cursor: DdlCursor) -> Act:
    """Read MERGE, which counts as an update of every matched row."""
    cursor.expect("MERGE", "INTO")
    cursor.accept("ONLY")
    table = cursor.qualified()
    cursor.rest()
    return act(Kind.UPDATE, "update_rows", Trait.FROM_QUERY, table=table)


def read_with(cursor: DdlCursor) -> tuple[Act, ...]:
    """Read WITH: what its main statement and its parts in parentheses do."""
    acts: list[Act] = []
    for i, token in enumerate(cursor.tokens):
        before = cursor.tokens[i - 1] if i else token
        if token.word in ("UPDATE", "DELETE", "INSERT", "MERGE") and before.text in ("(", ")"):
            depth, end = 0, i
            while end < len(cursor.tokens) and depth >= 0:
                depth += (cursor.tokens[end].text == "(") - (cursor.tokens[end].text == ")")
                end += 1
            part = DdlCursor(cursor.text, cursor.tokens[i : end - 1 if depth < 0 else end])
            reader = {"UPDATE": read_update, "DELETE": read_delete, "INSERT": read_insert, "MERGE": read_merge}
            acts.append(reader[token.word](part))
    return tuple(acts) or (act(Kind.QUERY),)


def read_select(cursor: DdlCursor) -> tuple[Act, ...]:
    """Read SELECT: a query, a new table, or a setting by set_config."""
    text = cursor.text
    found = _SET_CONFIG.search(text)
    if found:
        return (act(Kind.SET, name=found[1].lower(), value=found[2]),)
    if any(token.word == "SETVAL" for token in cursor.tokens):
        return (act(Kind.CHANGE_SEQUENCE, name=" ".join(text.split())[:60]),)
    if "INTO" in cursor.words_outside():
        cursor.skip_until(words=("INTO",))
        cursor.expect("INTO")
        cursor.accept_any("TEMP", "TEMPORARY", "UNLOGGED")
        cursor.accept("TABLE")
        table = cursor.qualified()
        return (act(Kind.CREATE_TABLE, "create", Trait.FROM_QUERY, table=table, name=table),)
    return (act(Kind.QUERY),)


def read_set(cursor: DdlCursor) -> tuple[Act, ...]:
    """Read SET."""
    cursor.expect("SET")
    if cursor.accept("CONSTRAINTS") or cursor.accept("TRANSACTION") or cursor.accept("ROLE"):
        return (act(Kind.SET, name="transaction"),)
    if cursor.accept("SESSION", "AUTHORIZATION") or cursor.accept("SESSION", "CHARACTERISTICS"):
        return (act(Kind.SET, name="session"),)
    local = cursor.accept("LOCAL") and Trait.LOCAL
    cursor.accept("SESSION")
    if cursor.accept("TIME", "ZONE"):
        return (act(Kind.SET, "catalogue", local, name="timezone", value=cursor.rest()),)
    name = cursor.qualified().lower()
    if not cursor.accept("TO"):
        cursor.expect_mark("=")
    return (act(Kind.SET, "catalogue", local, name=name, value=cursor.rest().strip("'")),)


def read_copy(cursor: DdlCursor) -> tuple[Act, ...]:
    """Read COPY."""
    cursor.expect("COPY")
    if cursor.sees_mark("("):
        return (act(Kind.QUERY),)
    table = cursor.qualified()
    is_load = "FROM" in cursor.words_outside()
    return (act(Kind.INSERT, "update_rows", table=table) if is_load else act(Kind.QUERY),)


def read_truncate(cursor: DdlCursor) -> tuple[Act, ...]:
    """Read TRUNCATE of one or more tables."""
    cursor.expect("TRUNCATE")
    cursor.accept("TABLE")
    cascade = "CASCADE" in cursor.words_outside() and Trait.CASCADE
    acts = []
    while True:
        cursor.accept("ONLY")
        table = cursor.qualified()
        cursor.accept_mark("*")
        acts.append(act(Kind.TRUNCATE, "truncate", cascade, table=table))
        if not cursor.accept_mark(","):
            cursor.rest()
            return tuple(acts)


def read_lock(cursor: DdlCursor) -> tuple[Act, ...]:
    """Read LOCK."""
    cursor.expect("LOCK")
    cursor.accept("TABLE")
    tables = []
    while True:
        cursor.accept("ONLY")
        tables.append(cursor.qualified())
        cursor.accept_mark("*")
        if not cursor.accept_mark(","):
            break
    mode = cursor.rest().upper()
    is_mild = any(word in mode for word in ("IN ACCESS SHARE", "IN ROW SHARE", "IN ROW EXCLUSIVE"))
    return tuple(
        act(Kind.QUERY if is_mild else Kind.LOCK_TABLE, "catalogue" if is_mild else "lock_table", table=t, value=mode)
        for t in tables
    )
