"""What an SQLite statement does, read from its text; pure."""

from __future__ import annotations

from typing import Any

from lockgate.engine.ddl_cursor import DdlCursor, ReadError
from lockgate.engine.sqlite import read_rows as rows
from lockgate.engine.sqlite.read_column import find_comments, is_free_change, tokenize_ddl
from lockgate.engine.sqlite.read_rows import made
from lockgate.engine.sqlite.read_table import read_alter_table, read_create_table
from lockgate.model.ddl import Act, Ddl, DdlDialect, Kind, Trait
from lockgate.model.server import Server


def read_ddl(text: str, server: Server) -> Ddl:
    """Read one statement; never raises: what cannot be read is said so."""
    tokens = tokenize_ddl(text)
    if not tokens:
        return Ddl()
    try:
        acts = _read(DdlCursor(text, tokens), server)
    except ReadError as error:
        return Ddl(unread=str(error))
    return Ddl(acts=acts, is_alone=tokens[0].word in ("VACUUM", "ATTACH", "DETACH"))


def _read(cursor: DdlCursor, server: Server) -> tuple[Act, ...]:
    match cursor.word:
        case "CREATE":
            return (_read_create(cursor),)
        case "ALTER":
            return read_alter_table(cursor, server)
        case "DROP":
            return (_read_drop(cursor),)
        case "INSERT" | "REPLACE":
            return (rows.read_insert(cursor),)
        case "UPDATE":
            return (rows.read_update(cursor),)
        case "DELETE":
            return (rows.read_delete(cursor),)
        case "WITH":
            return rows.read_with(cursor)
        case "PRAGMA":
            return (rows.read_pragma(cursor),)
    return (_read_rare(cursor),)


def _read_rare(cursor: DdlCursor) -> Act:
    if cursor.accept("BEGIN"):
        return made(Kind.BEGIN)
    if cursor.accept_any("COMMIT", "END"):
        return made(Kind.COMMIT)
    if cursor.accept_any("ROLLBACK"):
        return made(Kind.SAVEPOINT if "TO" in cursor.words_outside() else Kind.ROLLBACK)
    if cursor.accept_any("SAVEPOINT", "RELEASE"):
        return made(Kind.SAVEPOINT)
    if cursor.accept("VACUUM"):
        is_copy = "INTO" in cursor.words_outside()
        if is_copy:
            return made(Kind.QUERY)
        return made(Kind.MAINTAIN, Trait.FULL, Trait.ALL_TABLES, writes=True, rewrites=True, value="VACUUM")
    if cursor.accept("REINDEX"):
        return made(Kind.REINDEX, writes=True, scans=True, name=cursor.rest(), value="REINDEX")
    if cursor.accept("ANALYZE"):
        return made(Kind.MAINTAIN, writes=True, value="ANALYZE")
    if cursor.accept_any("ATTACH", "DETACH"):
        return made(Kind.SERVER_SETTING, name=" ".join(cursor.text.split())[:60])
    if cursor.accept_any("SELECT", "VALUES", "EXPLAIN"):
        return made(Kind.QUERY)
    raise ReadError(f"not understood: {cursor.near()}")


def _read_create(cursor: DdlCursor) -> Act:
    cursor.expect("CREATE")
    temporary = bool(cursor.accept_any("TEMP", "TEMPORARY")) and Trait.TEMPORARY
    if cursor.accept("TABLE"):
        return read_create_table(cursor, temporary)
    if cursor.accept("VIRTUAL", "TABLE"):
        guard = cursor.accept_if_not_exists() and Trait.IF_NOT_EXISTS
        name = cursor.qualified()
        return made(Kind.CREATE_TABLE, guard, Trait.VIRTUAL_TABLE, writes=True, table=name, name=name)
    if cursor.sees("UNIQUE") or cursor.sees("INDEX"):
        return _read_index(cursor)
    word = cursor.accept_any("VIEW", "TRIGGER")
    if not word:
        raise ReadError(f"not understood: CREATE {cursor.near()}")
    guard = cursor.accept_if_not_exists() and Trait.IF_NOT_EXISTS
    name = cursor.qualified()
    if word == "VIEW":
        return made(Kind.CREATE_VIEW, guard, temporary, writes=True, table=name, name=name)
    cursor.skip_until(words=("ON",))
    cursor.expect("ON")
    return made(Kind.CREATE_TRIGGER, guard, temporary, writes=True, table=cursor.qualified(), name=name)


def _read_index(cursor: DdlCursor) -> Act:
    unique = cursor.accept("UNIQUE") and Trait.UNIQUE
    cursor.expect("INDEX")
    guard = cursor.accept_if_not_exists() and Trait.IF_NOT_EXISTS
    name = cursor.qualified()
    cursor.expect("ON")
    table = cursor.name()
    columns = cursor.names_in_parentheses()
    partial = cursor.sees("WHERE") and Trait.PARTIAL
    value = " ".join(cursor.rest().split())
    expressions = "" in columns and Trait.EXPRESSIONS
    fields: dict[str, Any] = {"table": table, "name": name, "columns": columns, "value": f"btree {value}".strip()}
    return made(Kind.CREATE_INDEX, unique, guard, partial, expressions, writes=True, scans=True, **fields)


def _read_drop(cursor: DdlCursor) -> Act:
    cursor.expect("DROP")
    kinds = {
        "TABLE": Kind.DROP_TABLE,
        "INDEX": Kind.DROP_INDEX,
        "VIEW": Kind.DROP_VIEW,
        "TRIGGER": Kind.DROP_TRIGGER,
    }
    word = cursor.take().word
    if word not in kinds:
        raise ReadError(f"not understood: DROP {word}")
    guard = cursor.accept_if_exists() and Trait.IF_EXISTS
    name = cursor.qualified()
    cursor.expect_end()
    table = name if word in ("TABLE", "VIEW") else ""
    return made(kinds[word], guard, writes=True, table=table, name=name)


DDL = DdlDialect(
    read=read_ddl,
    find_comments=find_comments,
    is_free_change=is_free_change,
    oldest_versions={"sqlite": (3, 35)},
    lock_timeouts={"sqlite": ()},
    statement_timeouts={"sqlite": ()},
    is_transactional=True,
    longest_name=0,
    has_one_write_lock=True,
    strict_since=(3, 37),
)
