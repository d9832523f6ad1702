"""Read CREATE, ALTER and DROP of PostgreSQL for everything but tables' own actions; pure."""

from __future__ import annotations

from lockgate.engine.ddl_cursor import DdlCursor, ReadError
from lockgate.engine.postgres.read_acts import act
from lockgate.engine.postgres.read_alter import read_alter_table
from lockgate.engine.postgres.read_table import read_create_table
from lockgate.model.ddl import Act, Kind, Trait
from lockgate.model.server import Server

_DROPS: dict[tuple[str, ...], tuple[Kind, str]] = {
    ("TABLE",): (Kind.DROP_TABLE, "drop_table"),
    ("FOREIGN", "TABLE"): (Kind.DROP_TABLE, "drop_table"),
    ("INDEX",): (Kind.DROP_INDEX, "drop_index"),
    ("MATERIALIZED", "VIEW"): (Kind.DROP_VIEW, "view"),
    ("VIEW",): (Kind.DROP_VIEW, "view"),
    ("FUNCTION",): (Kind.DROP_ROUTINE, "catalogue"),
    ("PROCEDURE",): (Kind.DROP_ROUTINE, "catalogue"),
    ("AGGREGATE",): (Kind.DROP_ROUTINE, "catalogue"),
    ("ROUTINE",): (Kind.DROP_ROUTINE, "catalogue"),
    ("OPERATOR",): (Kind.DROP_ROUTINE, "catalogue"),
    ("CAST",): (Kind.DROP_ROUTINE, "catalogue"),
    ("TYPE",): (Kind.DROP_TYPE, "catalogue"),
    ("DOMAIN",): (Kind.DROP_TYPE, "catalogue"),
    ("COLLATION",): (Kind.DROP_TYPE, "catalogue"),
    ("SEQUENCE",): (Kind.DROP_SEQUENCE, "drop_table"),
    ("SCHEMA",): (Kind.DROP_SCHEMA, "catalogue"),
    ("DATABASE",): (Kind.DROP_DATABASE, "catalogue"),
    ("EXTENSION",): (Kind.EXTENSION, "catalogue"),
    ("OWNED",): (Kind.DROP_SCHEMA, "catalogue"),
    ("TRIGGER",): (Kind.DROP_TRIGGER, "drop_trigger"),
    ("RULE",): (Kind.DROP_TRIGGER, "drop_trigger"),
    ("EVENT", "TRIGGER"): (Kind.DROP_TRIGGER, "catalogue"),
    ("POLICY",): (Kind.POLICY, "policy"),
}
_OTHER = (
    "STATISTICS", "PUBLICATION", "SUBSCRIPTION", "SERVER", "USER", "ROLE", "GROUP", "TABLESPACE", "LANGUAGE",
    "ACCESS", "CONVERSION", "TRANSFORM", "TEXT", "FOREIGN", "COLLATION", "OPERATOR", "CAST", "AGGREGATE", "LARGE",
    "PROCEDURAL", "TRUSTED", "DEFAULT", "ASSERTION",
)  # fmt: skip


def read_drop(cursor: DdlCursor) -> tuple[Act, ...]:
    """Read DROP."""
    cursor.expect("DROP")
    for words, (kind, form) in _DROPS.items():
        if cursor.accept(*words):
            if words in (("OPERATOR",), ("CAST",), ("OWNED",)):
                name = cursor.rest()
                return (act(kind, form, _cascade(name.upper().split()), name=name),)
            return _read_dropped(cursor, kind, form)
    if cursor.word in _OTHER:
        form = "extended_statistics" if cursor.word == "STATISTICS" else "catalogue"
        return (act(Kind.OTHER_DDL, form, name=cursor.rest()),)
    raise ReadError(f"not understood: DROP {cursor.near()}")


def _cascade(words: list[str]) -> Trait | bool:
    return "CASCADE" in words and Trait.CASCADE


def _read_dropped(cursor: DdlCursor, kind: Kind, form: str) -> tuple[Act, ...]:
    concurrently = cursor.accept("CONCURRENTLY") and Trait.CONCURRENTLY
    if concurrently:
        form = "drop_index_concurrently"
    guard = cursor.accept_if_exists() and Trait.IF_EXISTS
    cascade = _cascade(cursor.words_outside())
    acts = []
    while True:
        name = cursor.qualified()
        if cursor.sees_mark("("):
            cursor.parentheses()
        table = name if kind in (Kind.DROP_TABLE, Kind.DROP_VIEW) else ""
        if cursor.accept("ON"):
            table = cursor.qualified()
        off = kind is Kind.POLICY and Trait.OFF
        acts.append(act(kind, form, guard, cascade, concurrently, off, table=table, name=name))
        if not cursor.accept_mark(","):
            break
    cursor.accept_any("CASCADE", "RESTRICT")
    if cursor.accept("WITH"):
        cursor.parentheses()
    cursor.expect_end()
    return tuple(acts)


def read_create(cursor: DdlCursor, server: Server) -> tuple[Act, ...]:
    """Read CREATE."""
    cursor.expect("CREATE")
    replace = cursor.accept("OR", "REPLACE") and Trait.OR_REPLACE
    cursor.accept_any("GLOBAL", "LOCAL")
    is_temporary = bool(cursor.accept_any("TEMP", "TEMPORARY"))
    cursor.accept("UNLOGGED")
    if cursor.accept("TABLE"):
        return read_create_table(cursor, is_temporary)
    if cursor.accept("FOREIGN", "TABLE"):
        return read_create_table(cursor, is_temporary)
    if cursor.sees("UNIQUE") or cursor.sees("INDEX"):
        return (_read_index(cursor),)
    if cursor.accept("MATERIALIZED", "VIEW"):
        guard = cursor.accept_if_not_exists() and Trait.IF_NOT_EXISTS
        name = cursor.qualified()
        return (act(Kind.CREATE_VIEW, "create", guard, Trait.MATERIALIZED, table=name, name=name),)
    if cursor.accept("RECURSIVE", "VIEW") or cursor.accept("VIEW"):
        name = cursor.qualified()
        return (act(Kind.CREATE_VIEW, "view" if replace else "create", replace, table=name, name=name),)
    if cursor.accept("CONSTRAINT", "TRIGGER") or cursor.accept("TRIGGER"):
        name = cursor.name()
        cursor.skip_until(words=("ON",))
        cursor.expect("ON")
        return (act(Kind.CREATE_TRIGGER, "trigger", replace, table=cursor.qualified(), name=name),)
    if cursor.accept("POLICY"):
        name = cursor.name()
        cursor.expect("ON")
        return (act(Kind.POLICY, "policy", Trait.ON, table=cursor.qualified(), name=name),)
    return (_read_simple_create(cursor, replace),)


def _read_simple_create(cursor: DdlCursor, replace: Trait | bool) -> Act:
    if cursor.accept_any("FUNCTION", "PROCEDURE", "AGGREGATE"):
        return act(Kind.CREATE_ROUTINE, "catalogue", replace, name=cursor.qualified())
    for word, kind in (("TYPE", Kind.CREATE_TYPE), ("DOMAIN", Kind.CREATE_TYPE), ("SEQUENCE", Kind.CREATE_SEQUENCE)):
        if cursor.accept(word):
            guard = cursor.accept_if_not_exists() and Trait.IF_NOT_EXISTS
            name = cursor.qualified()
            words = cursor.words_outside()
            notes = frozenset(["constrained domain"]) if word == "DOMAIN" and {"CHECK", "NULL"} & set(words) else ()
            return act(kind, "create", guard, name=name, notes=frozenset(notes))
    if cursor.accept("SCHEMA"):
        guard = cursor.accept_if_not_exists() and Trait.IF_NOT_EXISTS
        if cursor.accept("AUTHORIZATION"):
            return act(Kind.CREATE_SCHEMA, "create", guard, name=cursor.name())
        return act(Kind.CREATE_SCHEMA, "create", guard, name=cursor.name())
    if cursor.accept("DATABASE"):
        return act(Kind.CREATE_DATABASE, "catalogue", name=cursor.name())
    if cursor.accept("EXTENSION"):
        guard = cursor.accept_if_not_exists() and Trait.IF_NOT_EXISTS
        return act(Kind.EXTENSION, "create", guard, Trait.ON, name=cursor.name())
    if cursor.accept("RULE"):
        name = cursor.name()
        cursor.skip_until(words=("TO",))
        cursor.expect("TO")
        return act(Kind.CREATE_TRIGGER, "drop_trigger", table=cursor.qualified(), name=name)
    if cursor.accept("EVENT", "TRIGGER") or cursor.word in _OTHER:
        form = {"STATISTICS": "extended_statistics", "PUBLICATION": "publication"}.get(cursor.word, "create")
        rest = cursor.rest()
        names_tables = form != "publication" or " FOR TABLE" in " ".join(rest.upper().split())
        return act(Kind.OTHER_DDL, form if names_tables else "create", name=rest)
    raise ReadError(f"not understood: CREATE {cursor.near()}")


def _read_index(cursor: DdlCursor) -> Act:
    unique = cursor.accept("UNIQUE") and Trait.UNIQUE
    cursor.expect("INDEX")
    concurrently = cursor.accept("CONCURRENTLY") and Trait.CONCURRENTLY
    guard = cursor.accept_if_not_exists() and Trait.IF_NOT_EXISTS
    name = "" if cursor.sees("ON") else cursor.name()
    cursor.expect("ON")
    only = cursor.accept("ONLY")
    table = cursor.qualified()
    method = cursor.name().lower() if cursor.accept("USING") else "btree"
    columns = cursor.names_in_parentheses()
    partial = "WHERE" in cursor.words_outside() and Trait.PARTIAL
    expressions = "" in columns and Trait.EXPRESSIONS
    value = " ".join(cursor.rest().split())
    form = "create_index_concurrently" if concurrently else "create_index"
    return act(
        Kind.CREATE_INDEX, form, unique, concurrently, guard, partial, expressions, scans=not only, table=table,
        name=name, columns=columns, value=f"{method} {value}".strip(),
    )  # fmt: skip


def read_alter(cursor: DdlCursor, server: Server) -> tuple[Act, ...]:
    """Read ALTER."""
    cursor.expect("ALTER")
    if cursor.accept("TABLE") or cursor.accept("FOREIGN", "TABLE"):
        return read_alter_table(cursor, server)
    for words in (("MATERIALIZED", "VIEW"), ("VIEW",), ("INDEX",), ("SEQUENCE",)):
        if cursor.accept(*words):
            return (_read_alter_relation(cursor, words),)
    if cursor.accept("TYPE"):
        return (_read_alter_type(cursor, server),)
    if cursor.accept("POLICY"):
        name = cursor.name()
        cursor.expect("ON")
        table = cursor.qualified()
        kind = Kind.RENAME_OBJECT if cursor.sees("RENAME") else Kind.POLICY
        return (act(kind, "policy", table=table, name=name),)
    if cursor.accept_any("SYSTEM", "DATABASE", "ROLE", "USER"):
        name = cursor.rest()
        return (act(Kind.SERVER_SETTING, name=" ".join(name.split())[:60]),)
    if cursor.accept("TRIGGER"):
        name = cursor.name()
        cursor.expect("ON")
        return (act(Kind.RENAME_OBJECT, "alter_table", table=cursor.qualified(), name=name),)
    return (_read_alter_other(cursor),)


def _read_alter_other(cursor: DdlCursor) -> Act:
    if cursor.accept("DOMAIN"):
        name = cursor.qualified()
        words = cursor.words_outside()
        if words[:1] == ["RENAME"]:
            return act(Kind.RENAME_OBJECT, name=name)
        notes = ["constrained domain"] if words[:1] == ["ADD"] or words[:3] == ["SET", "NOT", "NULL"] else []
        is_checked = bool(notes) and "VALID" not in words
        return act(Kind.CHANGE_TYPE, scans=is_checked, name=name, notes=frozenset(notes if is_checked else []))
    if cursor.accept_any("FUNCTION", "PROCEDURE", "ROUTINE", "AGGREGATE"):
        name = cursor.qualified()
        if {"RENAME", "SCHEMA"} & set(cursor.words_outside()):
            return act(Kind.RENAME_OBJECT, name=name)
        return act(Kind.CREATE_ROUTINE, "catalogue", Trait.OR_REPLACE, name=name)
    if cursor.accept("SCHEMA"):
        name = cursor.name()
        kind = Kind.RENAME_OBJECT if cursor.sees("RENAME") else Kind.GRANT
        return act(kind, name=name, other="schema")
    if cursor.accept("EXTENSION"):
        return act(Kind.EXTENSION, name=cursor.name())
    if cursor.accept("DEFAULT", "PRIVILEGES"):
        revokes = "REVOKE" in cursor.words_outside()
        return act(Kind.REVOKE if revokes else Kind.GRANT, "catalogue", name="default privileges")
    if cursor.word in _OTHER or cursor.sees("EVENT"):
        return act(Kind.OTHER_DDL, name=cursor.rest())
    raise ReadError(f"not understood: ALTER {cursor.near()}")


def _read_alter_relation(cursor: DdlCursor, words: tuple[str, ...]) -> Act:
    relation = " ".join(words)
    if relation == "SEQUENCE":
        cursor.accept_if_exists()
        name = cursor.qualified()
        changes = set(cursor.words_outside())
        if changes & {"RENAME", "SCHEMA"}:
            return act(Kind.RENAME_OBJECT, "rename", name=name)
        kind = Kind.GRANT if changes & {"OWNER"} and "TO" in changes else Kind.CHANGE_SEQUENCE
        return act(kind, "sequence", name=name)
    if relation == "INDEX":
        start = cursor.at
        cursor.accept_if_exists()
        name = cursor.qualified()
        if cursor.accept("ATTACH", "PARTITION"):
            return act(Kind.CHANGE_INDEX, "statistics", name=name, other=cursor.qualified())
        if cursor.accept("RENAME", "TO"):
            return act(Kind.CHANGE_INDEX, "rename_index", name=name, other=cursor.name())
        if not cursor.sees("SET", "TABLESPACE"):
            cursor.rest()
            return act(Kind.CHANGE_INDEX, "statistics", name=name)
        cursor.at = start
    return read_alter_table(cursor, Server("postgres", "postgres", (), ""), relation)[0]


def _read_alter_type(cursor: DdlCursor, server: Server) -> Act:
    name = cursor.qualified()
    if cursor.accept("ADD", "VALUE"):
        guard = cursor.accept_if_not_exists() and Trait.IF_NOT_EXISTS
        label = cursor.take().text
        placed = bool(cursor.accept_any("BEFORE", "AFTER")) and Trait.PLACED
        return act(Kind.ADD_ENUM_VALUE, "catalogue", guard, placed, name=name, value=label)
    if cursor.accept("RENAME", "VALUE"):
        return act(Kind.RENAME_OBJECT, name=name, other=f"value {cursor.take().text}")
    words = cursor.words_outside()
    if words[:1] == ["RENAME"] or words[:2] == ["SET", "SCHEMA"]:
        return act(Kind.RENAME_OBJECT, name=name)
    if words[:1] == ["OWNER"]:
        return act(Kind.GRANT, name=name)
    if words[:2] in (["ADD", "ATTRIBUTE"], ["DROP", "ATTRIBUTE"], ["ALTER", "ATTRIBUTE"]):
        cascade = _cascade(words)
        is_drop = words[0] == "DROP"
        kind = Kind.DROP_COLUMN if is_drop else Kind.CHANGE_TYPE
        return act(kind, "catalogue", cascade, table=name, name=cursor.tokens[cursor.at + 2].name)
    if words[:1] == ["SET"] or not words:
        return act(Kind.CHANGE_TYPE, name=name)
    raise ReadError(f"not understood: {cursor.near()}")
