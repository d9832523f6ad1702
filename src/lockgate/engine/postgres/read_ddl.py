"""What a PostgreSQL statement does, read from its text; pure."""

from __future__ import annotations

from lockgate.engine.ddl_cursor import DdlCursor, ReadError
from lockgate.engine.postgres import read_rows as rows
from lockgate.engine.postgres.read_acts import act
from lockgate.engine.postgres.read_block import read_do
from lockgate.engine.postgres.read_column import is_free_change
from lockgate.engine.postgres.read_objects import read_alter, read_create, read_drop
from lockgate.engine.postgres.tokens import NAME_BYTES, find_comments, tokenize
from lockgate.model.ddl import Act, Ddl, DdlDialect, Kind, Trait
from lockgate.model.server import Server


def read_ddl(text: str, server: Server) -> Ddl:
    """Read one statement; never raises: what cannot be read is said so."""
    tokens = tokenize(text)
    if not tokens:
        return Ddl()
    cursor = DdlCursor(text, tokens)
    try:
        acts = _read(cursor, server)
    except ReadError as error:
        return Ddl(unread=str(error))
    return Ddl(acts=acts, is_alone=_is_alone(cursor, acts, server))


def _is_alone(cursor: DdlCursor, acts: tuple[Act, ...], server: Server) -> bool:
    """Tell whether the server refuses it in a transaction block (PreventInTransactionBlock)."""
    first = [t.word for t in cursor.tokens[:3]]
    if first[:1] == ["VACUUM"] or first[:2] == ["ALTER", "SYSTEM"]:
        return True
    if first[0] in ("REINDEX", "CLUSTER"):
        return any(a.has(Trait.CONCURRENTLY) or a.has(Trait.ALL_TABLES) for a in acts)
    if first[1:2] in (["DATABASE"], ["TABLESPACE"]) and first[0] in ("CREATE", "DROP"):
        return True
    if first[1:2] == ["SUBSCRIPTION"] and first[0] in ("CREATE", "DROP"):
        return True
    if any(a.kind is Kind.ADD_ENUM_VALUE for a in acts) and server.version < (12,):
        return True
    indexes = (Kind.CREATE_INDEX, Kind.DROP_INDEX, Kind.DETACH_PARTITION)
    return any(a.kind in indexes and a.has(Trait.CONCURRENTLY) for a in acts)


def _read(cursor: DdlCursor, server: Server) -> tuple[Act, ...]:
    word = cursor.word
    if cursor.sees_mark("("):
        return (act(Kind.QUERY),)
    match word:
        case "CREATE":
            return read_create(cursor, server)
        case "ALTER":
            return read_alter(cursor, server)
        case "DROP":
            return read_drop(cursor)
        case "SELECT" | "VALUES" | "TABLE":
            return rows.read_select(cursor)
        case "WITH":
            return rows.read_with(cursor)
        case "INSERT":
            return (rows.read_insert(cursor),)
        case "UPDATE":
            return (rows.read_update(cursor),)
        case "DELETE":
            return (rows.read_delete(cursor),)
        case "MERGE":
            return (rows.read_merge(cursor),)
        case "COPY":
            return rows.read_copy(cursor)
        case "TRUNCATE":
            return rows.read_truncate(cursor)
        case "LOCK":
            return rows.read_lock(cursor)
        case "SET":
            return rows.read_set(cursor)
    return _read_rare(cursor, server)


def _read_inside(text: str, server: Server) -> tuple[Act, ...] | None:
    """Return the acts of a statement in a block, None when it cannot be read."""
    inner = read_ddl(text, server)
    return None if inner.unread else inner.acts


def _read_rare(cursor: DdlCursor, server: Server) -> tuple[Act, ...]:
    if cursor.accept_any("BEGIN") or cursor.accept("START", "TRANSACTION"):
        return (act(Kind.BEGIN),)
    if cursor.accept_any("COMMIT", "END"):
        return (act(Kind.COMMIT),)
    if cursor.accept_any("ROLLBACK", "ABORT"):
        return (act(Kind.SAVEPOINT if "TO" in cursor.words_outside() else Kind.ROLLBACK),)
    if cursor.accept_any("SAVEPOINT", "RELEASE"):
        return (act(Kind.SAVEPOINT),)
    if cursor.accept("DO"):
        seen = read_do(cursor.tokens, lambda text: _read_inside(text, server))
        return (act(Kind.OPAQUE, value="DO"),) if seen is None else seen or (act(Kind.QUERY),)
    if cursor.accept_any("CALL", "EXECUTE", "PREPARE"):
        return (act(Kind.OPAQUE, value=cursor.tokens[0].word),)
    if cursor.accept("COMMENT", "ON"):
        return (act(Kind.COMMENT, "comment", name=" ".join(cursor.rest().split())[:60]),)
    if cursor.accept("GRANT"):
        return (act(Kind.GRANT, "grant"),)
    if cursor.accept("REVOKE"):
        return (act(Kind.REVOKE, "grant", name=" ".join(cursor.rest().split())[:60]),)
    if cursor.sees("REFRESH") or cursor.word in ("VACUUM", "CLUSTER", "REINDEX", "ANALYZE", "ANALYSE"):
        return _read_maintenance(cursor)
    if cursor.accept("SECURITY", "LABEL"):
        return (act(Kind.OTHER_DDL),)
    if cursor.accept("IMPORT", "FOREIGN", "SCHEMA") or cursor.accept("REASSIGN", "OWNED"):
        return (act(Kind.OTHER_DDL),)
    plain = ("RESET", "DISCARD", "SHOW", "EXPLAIN", "DEALLOCATE", "DECLARE", "FETCH", "MOVE", "CLOSE", "NOTIFY")
    if cursor.accept_any(*plain, "LISTEN", "UNLISTEN", "CHECKPOINT", "LOAD"):
        return (act(Kind.QUERY),)
    raise ReadError(f"not understood: {cursor.near()}")


def _read_maintenance(cursor: DdlCursor) -> tuple[Act, ...]:
    word = cursor.take().word
    if word == "REFRESH":
        cursor.expect("MATERIALIZED", "VIEW")
        concurrently = cursor.accept("CONCURRENTLY") and Trait.CONCURRENTLY
        name = cursor.qualified()
        empty = cursor.accept("WITH", "NO", "DATA")
        form = "refresh_concurrently" if concurrently else "refresh"
        return (act(Kind.REFRESH_VIEW, form, concurrently, scans=not empty, table=name, name=name),)
    if word == "REINDEX":
        return (_read_reindex(cursor),)
    options = ""
    if cursor.sees_mark("("):
        options = cursor.parentheses().upper()
    is_full = word == "CLUSTER" or (word == "VACUUM" and ("FULL" in options or cursor.accept("FULL")))
    cursor.accept_any("VERBOSE", "FREEZE", "ANALYZE")
    table = cursor.qualified() if cursor.peek().kind in ("word", "name") else ""
    everything = not table and Trait.ALL_TABLES
    form = "full_maintenance" if is_full else "maintenance"
    return (act(Kind.MAINTAIN, form, is_full and Trait.FULL, everything, table=table, value=word),)


def _read_reindex(cursor: DdlCursor) -> Act:
    options = cursor.parentheses().upper() if cursor.sees_mark("(") else ""
    what = cursor.take().word
    concurrently = (cursor.accept("CONCURRENTLY") or "CONCURRENTLY" in options) and Trait.CONCURRENTLY
    name = cursor.qualified() if not cursor.is_done else ""
    form = "reindex_concurrently" if concurrently else "reindex"
    everything = what in ("SCHEMA", "DATABASE", "SYSTEM") and Trait.ALL_TABLES
    table = name if what == "TABLE" else ""
    return act(Kind.REINDEX, form, concurrently, everything, table=table, name=name, value=what)


DDL = DdlDialect(
    read=read_ddl,
    find_comments=find_comments,
    is_free_change=is_free_change,
    oldest_versions={"postgres": (13,)},
    lock_timeouts={"postgres": (("lock_timeout", "SET lock_timeout = '2s';"),)},
    statement_timeouts={
        "postgres": (
            ("statement_timeout", "SET statement_timeout = '15min';"),
            ("transaction_timeout", "SET transaction_timeout = '15min';"),
        )
    },
    is_transactional=True,
    longest_name=NAME_BYTES,
)
