"""What a statement of MySQL or MariaDB does, read from its text; pure."""

from __future__ import annotations

from lockgate.engine.ddl_cursor import DdlCursor, ReadError
from lockgate.engine.mysql import read_rows as rows
from lockgate.engine.mysql.locks import METADATA, REBUILD
from lockgate.engine.mysql.read_acts import NOTHING, SHORT, clause, made, with_stated
from lockgate.engine.mysql.read_alter import AlterReader
from lockgate.engine.mysql.read_column import find_comments, is_free_change, tokenize
from lockgate.engine.mysql.read_table import read_create_table, read_index_options
from lockgate.model.ddl import PLAIN_KINDS, ROW_KINDS, Act, Ddl, DdlDialect, Kind, Trait
from lockgate.model.server import Server

_DROPS = {
    "VIEW": Kind.DROP_VIEW,
    "PROCEDURE": Kind.DROP_ROUTINE,
    "FUNCTION": Kind.DROP_ROUTINE,
    "PACKAGE": Kind.DROP_ROUTINE,
    "EVENT": Kind.DROP_ROUTINE,
    "TRIGGER": Kind.DROP_TRIGGER,
    "SEQUENCE": Kind.DROP_SEQUENCE,
    "DATABASE": Kind.DROP_DATABASE,
    "SCHEMA": Kind.DROP_DATABASE,
}
_SERVER_WIDE = ("USER", "ROLE", "SERVER", "TABLESPACE", "LOGFILE", "RESOURCE", "INSTANCE", "UNDO", "SPATIAL")


def read_ddl(text: str, server: Server) -> Ddl:
    """Read one statement; never raises: what cannot be read is said so."""
    tokens = tokenize(text)
    if not tokens:
        return Ddl()
    try:
        acts = _read(DdlCursor(text, tokens), server)
    except ReadError as error:
        return Ddl(unread=str(error), commits=tokens[0].word in ("CREATE", "ALTER", "DROP", "RENAME", "TRUNCATE"))
    is_ddl = any(act.kind not in ROW_KINDS | PLAIN_KINDS | {Kind.SERVER_SETTING} for act in acts)
    is_temporary = all(act.has(Trait.TEMPORARY) for act in acts)
    return Ddl(acts=acts, commits=(is_ddl and not is_temporary) or any(a.kind is Kind.LOCK_TABLE for a in acts))


def _read(cursor: DdlCursor, server: Server) -> tuple[Act, ...]:
    if cursor.sees_mark("("):
        return (made(Kind.QUERY, NOTHING),)
    match cursor.word:
        case "CREATE":
            return _read_create(cursor, server)
        case "ALTER":
            return _read_alter(cursor, server)
        case "DROP":
            return _read_drop(cursor, server)
        case "RENAME":
            return _read_rename(cursor)
        case "INSERT" | "REPLACE" | "LOAD":
            return (rows.read_insert(cursor),)
        case "UPDATE":
            return (rows.read_update(cursor),)
        case "DELETE":
            return (rows.read_delete(cursor),)
        case "WITH":
            return rows.read_with(cursor)
        case "SET":
            return rows.read_set(cursor)
        case "LOCK":
            return rows.read_lock(cursor)
    return _read_rare(cursor)


def _read_rare(cursor: DdlCursor) -> tuple[Act, ...]:
    if cursor.accept("START", "TRANSACTION") or cursor.accept("BEGIN"):
        return (made(Kind.BEGIN, NOTHING),)
    if cursor.accept_any("COMMIT"):
        return (made(Kind.COMMIT, NOTHING),)
    if cursor.accept_any("ROLLBACK"):
        return (made(Kind.SAVEPOINT if "TO" in cursor.words_outside() else Kind.ROLLBACK, NOTHING),)
    if cursor.accept_any("SAVEPOINT", "RELEASE"):
        return (made(Kind.SAVEPOINT, NOTHING),)
    if cursor.accept_any("TRUNCATE"):
        cursor.accept("TABLE")
        return (made(Kind.TRUNCATE, SHORT, table=cursor.qualified()),)
    if cursor.accept_any("OPTIMIZE", "REPAIR", "ANALYZE", "CHECK"):
        return _read_maintenance(cursor)
    if cursor.accept_any("CALL", "PREPARE", "EXECUTE", "SOURCE"):
        return (made(Kind.OPAQUE, NOTHING, value=cursor.tokens[0].word),)
    if cursor.accept("GRANT"):
        return (made(Kind.GRANT, NOTHING),)
    if cursor.accept("REVOKE"):
        return (made(Kind.REVOKE, NOTHING, name=" ".join(cursor.rest().split())[:60]),)
    if cursor.accept_any("INSTALL", "UNINSTALL", "FLUSH", "RESET", "PURGE", "CHANGE", "STOP", "KILL", "SHUTDOWN"):
        return (made(Kind.SERVER_SETTING, NOTHING, name=" ".join(cursor.text.split())[:60]),)
    plain = ("SELECT", "VALUES", "TABLE", "SHOW", "DESCRIBE", "DESC", "EXPLAIN", "USE", "UNLOCK", "DEALLOCATE", "DO")
    if cursor.accept_any(*plain, "HANDLER", "XA", "HELP"):
        return (made(Kind.QUERY, NOTHING),)
    raise ReadError(f"not understood: {cursor.near()}")


def _read_maintenance(cursor: DdlCursor) -> tuple[Act, ...]:
    word = cursor.tokens[cursor.at - 1].word
    cursor.accept_any("NO_WRITE_TO_BINLOG", "LOCAL")
    cursor.accept_any("TABLE", "TABLES")
    table = cursor.qualified()
    is_light = word in ("ANALYZE", "CHECK")
    lock = METADATA if is_light else SHORT
    if word == "OPTIMIZE":
        # InnoDB: mapped to ALTER TABLE … FORCE, in place. Source: MySQL manual, OPTIMIZE TABLE.
        lock = REBUILD
    return (made(Kind.MAINTAIN, lock, (not is_light) and Trait.FULL, table=table, value=word),)


def _read_create(cursor: DdlCursor, server: Server) -> tuple[Act, ...]:
    cursor.expect("CREATE")
    replace = cursor.accept("OR", "REPLACE") and Trait.OR_REPLACE
    cursor.accept("ONLINE")
    temporary = cursor.accept("TEMPORARY") and Trait.TEMPORARY
    if cursor.accept("TABLE"):
        return read_create_table(cursor, server, replace, temporary)
    if cursor.word in ("UNIQUE", "INDEX", "FULLTEXT", "SPATIAL", "VECTOR"):
        return _read_index(cursor, server, replace)
    if cursor.accept_any("DATABASE", "SCHEMA"):
        guard = cursor.accept_if_not_exists() and Trait.IF_NOT_EXISTS
        return (made(Kind.CREATE_DATABASE, NOTHING, guard, name=cursor.name()),)
    if cursor.word in _SERVER_WIDE:
        return (made(Kind.SERVER_SETTING, NOTHING, name=" ".join(cursor.rest().split())[:60]),)
    return (_read_program(cursor, replace),)


def _read_program(cursor: DdlCursor, replace: Trait | bool) -> Act:
    cursor.skip_until(words=("VIEW", "PROCEDURE", "FUNCTION", "TRIGGER", "EVENT", "SEQUENCE", "PACKAGE"))
    word = cursor.take().word
    cursor.accept("BODY")
    guard = cursor.accept_if_not_exists() and Trait.IF_NOT_EXISTS
    name = cursor.qualified()
    if word == "TRIGGER":
        cursor.skip_until(words=("ON",))
        cursor.expect("ON")
        return made(Kind.CREATE_TRIGGER, METADATA, replace, guard, table=cursor.qualified(), name=name)
    kinds = {"VIEW": Kind.CREATE_VIEW, "SEQUENCE": Kind.CREATE_SEQUENCE}
    table = name if word == "VIEW" else ""
    return made(kinds.get(word, Kind.CREATE_ROUTINE), NOTHING, replace, guard, table=table, name=name)


def _read_index(cursor: DdlCursor, server: Server, replace: Trait | bool) -> tuple[Act, ...]:
    special = cursor.accept_any("FULLTEXT", "SPATIAL", "VECTOR")
    unique = cursor.accept("UNIQUE") and Trait.UNIQUE
    cursor.accept("INDEX")
    guard = cursor.accept_if_not_exists() and Trait.IF_NOT_EXISTS
    name = cursor.name()
    if cursor.accept("USING"):
        cursor.name()
    cursor.expect("ON")
    table = cursor.qualified()
    columns = cursor.names_in_parentheses()
    read_index_options(cursor)
    algorithm, lock = _read_stated(cursor)
    kind = f"add_{special.lower()}_index" if special else "add_unique" if unique else "add_index"
    expressions = "" in columns and Trait.EXPRESSIONS
    full = bool(special) and Trait.FULLTEXT
    made_index = clause(
        Kind.CREATE_INDEX, kind, server, unique, full, guard, expressions, replace,
        table=table, name=name, columns=columns, value=special.lower() or "btree",
    )  # fmt: skip
    return with_stated([made_index], algorithm, lock)


def _read_stated(cursor: DdlCursor) -> tuple[str, str]:
    algorithm = lock = ""
    while not cursor.is_done:
        if cursor.accept("ALGORITHM"):
            cursor.accept_mark("=")
            algorithm = cursor.name()
        elif cursor.accept("LOCK"):
            cursor.accept_mark("=")
            lock = cursor.name()
        elif cursor.accept("WAIT"):
            cursor.take()
        elif not cursor.accept("NOWAIT"):
            raise ReadError(f"not understood: {cursor.near()}")
    return algorithm, lock


def _read_alter(cursor: DdlCursor, server: Server) -> tuple[Act, ...]:
    cursor.expect("ALTER")
    cursor.accept("ONLINE")
    cursor.accept("IGNORE")
    if cursor.accept("TABLE"):
        return AlterReader(cursor, server).read()
    if cursor.accept_any("DATABASE", "SCHEMA"):
        name = cursor.rest()
        traits = (Trait.UTF8MB3,) if any(w in name.lower().split() for w in ("utf8", "utf8mb3")) else ()
        return (made(Kind.TABLE_OPTION, NOTHING, *traits, name=name[:60], value="database"),)
    if cursor.word in _SERVER_WIDE:
        return (made(Kind.SERVER_SETTING, NOTHING, name=" ".join(cursor.rest().split())[:60]),)
    cursor.skip_until(words=("VIEW", "PROCEDURE", "FUNCTION", "EVENT", "SEQUENCE"))
    word = cursor.take().word
    cursor.accept_if_exists()
    name = cursor.qualified()
    if word == "SEQUENCE":
        return (made(Kind.CHANGE_SEQUENCE, METADATA, name=name),)
    kind = Kind.CREATE_VIEW if word == "VIEW" else Kind.CREATE_ROUTINE
    return (made(kind, NOTHING, Trait.OR_REPLACE, table=name if word == "VIEW" else "", name=name),)


def _read_drop(cursor: DdlCursor, server: Server) -> tuple[Act, ...]:
    cursor.expect("DROP")
    temporary = cursor.accept("TEMPORARY") and Trait.TEMPORARY
    if cursor.accept_any("TABLE", "TABLES"):
        return _read_dropped(cursor, Kind.DROP_TABLE, temporary)
    if cursor.accept("INDEX"):
        guard = cursor.accept_if_exists() and Trait.IF_EXISTS
        name = cursor.name()
        cursor.expect("ON")
        dropped = clause(Kind.DROP_INDEX, "drop_index", server, guard, table=cursor.qualified(), name=name)
        return with_stated([dropped], *_read_stated(cursor))
    if cursor.word in _SERVER_WIDE:
        return (made(Kind.SERVER_SETTING, NOTHING, name=" ".join(cursor.rest().split())[:60]),)
    if cursor.accept("PREPARE"):
        return (made(Kind.QUERY, NOTHING),)
    word = cursor.take().word
    cursor.accept("BODY")
    if word not in _DROPS:
        raise ReadError(f"not understood: DROP {word}")
    return _read_dropped(cursor, _DROPS[word], False)


def _read_dropped(cursor: DdlCursor, kind: Kind, temporary: Trait | bool) -> tuple[Act, ...]:
    guard = cursor.accept_if_exists() and Trait.IF_EXISTS
    acts = []
    while True:
        name = cursor.qualified()
        table = name if kind in (Kind.DROP_TABLE, Kind.DROP_VIEW) else ""
        lock = SHORT if kind is Kind.DROP_TABLE and not temporary else NOTHING
        acts.append(made(kind, lock, guard, temporary, table=table, name=name))
        if not cursor.accept_mark(","):
            break
    cursor.accept_any("CASCADE", "RESTRICT")
    if cursor.accept("WAIT"):
        cursor.take()
    cursor.accept("NOWAIT")
    cursor.expect_end()
    return tuple(acts)


def _read_rename(cursor: DdlCursor) -> tuple[Act, ...]:
    cursor.expect("RENAME")
    if cursor.accept("USER"):
        return (made(Kind.SERVER_SETTING, NOTHING, name="accounts"),)
    if not cursor.accept_any("TABLE", "TABLES"):
        raise ReadError(f"not understood: RENAME {cursor.near()}")
    cursor.accept_if_exists()
    acts = []
    while True:
        table = cursor.qualified()
        if cursor.accept("WAIT"):
            cursor.take()
        cursor.accept("NOWAIT")
        cursor.expect("TO")
        acts.append(made(Kind.RENAME_TABLE, METADATA, table=table, name=table, other=cursor.qualified()))
        if not cursor.accept_mark(","):
            cursor.expect_end()
            return tuple(acts)


_LOCK_WAIT = (("lock_wait_timeout", "SET SESSION lock_wait_timeout = 2;"),)

DDL = DdlDialect(
    read=read_ddl,
    find_comments=find_comments,
    is_free_change=is_free_change,
    oldest_versions={"mysql": (8, 0), "mariadb": (10, 6)},
    lock_timeouts={"mysql": _LOCK_WAIT, "mariadb": _LOCK_WAIT},
    statement_timeouts={"mysql": (), "mariadb": (("max_statement_time", "SET SESSION max_statement_time = 900;"),)},
    is_transactional=False,
    longest_name=64,
    states_algorithm=True,
    wants_index_for_keys=False,
)
