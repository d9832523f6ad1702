"""Read ALTER TABLE of PostgreSQL, action by action; pure."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from lockgate.engine.ddl_columns import read_column, read_type
from lockgate.engine.ddl_cursor import DdlCursor, ReadError
from lockgate.engine.postgres.read_acts import act
from lockgate.engine.postgres.read_column import DIALECT, finish_column, spell_type
from lockgate.engine.postgres.read_table import column_parts, read_constraint, sees_constraint
from lockgate.model.ddl import Act, Kind, Trait
from lockgate.model.server import Server


def read_alter_table(cursor: DdlCursor, server: Server, relation: str = "TABLE") -> tuple[Act, ...]:
    """Read what follows ALTER TABLE (or VIEW, INDEX, … where they share its actions)."""
    if cursor.accept("ALL", "IN", "TABLESPACE"):
        cursor.rest()
        return (act(Kind.REWRITE_TABLE, "rewrite_table", value="SET TABLESPACE"),)
    cursor.accept_if_exists()
    cursor.accept("ONLY")
    table = cursor.qualified()
    cursor.accept_mark("*")
    acts: list[Act] = []
    while True:
        acts += _read_action(cursor, table, server, relation)
        if cursor.is_done:
            return tuple(acts)
        cursor.expect_mark(",")


def _read_action(cursor: DdlCursor, table: str, server: Server, relation: str) -> list[Act]:
    if cursor.accept("ADD"):
        return _read_add(cursor, table)
    if cursor.accept("DROP"):
        return [_read_drop(cursor, table)]
    if cursor.accept("ALTER", "CONSTRAINT"):
        name = cursor.name()
        cursor.skip_until(marks=(",",))
        return [act(Kind.CHANGE_CONSTRAINT, "alter_table", table=table, name=name)]
    if cursor.accept("ALTER"):
        cursor.accept("COLUMN")
        return [_read_alter_column(cursor, table, server)]
    if cursor.accept("RENAME"):
        return [_read_rename(cursor, table, relation)]
    if cursor.accept("VALIDATE", "CONSTRAINT"):
        return [act(Kind.VALIDATE, "validate", table=table, name=cursor.name(), scans=True)]
    if cursor.sees("SET") or cursor.sees("RESET"):
        return [_read_set(cursor, table, relation)]
    return [_read_other(cursor, table, server)]


def _read_add(cursor: DdlCursor, table: str) -> list[Act]:
    if sees_constraint(cursor):
        return [read_constraint(cursor, table)]
    cursor.accept("COLUMN")
    guard = cursor.accept_if_not_exists() and Trait.IF_NOT_EXISTS
    column = finish_column(read_column(cursor, DIALECT))
    traits = column.traits
    rewrites = bool(
        traits & {Trait.IDENTITY, Trait.SERIAL, Trait.VOLATILE_DEFAULT}
        or (Trait.GENERATED in traits and Trait.STORED in traits)
    )
    main = act(
        Kind.ADD_COLUMN,
        "add_column_rewrite" if rewrites else "add_column",
        guard,
        *traits,
        is_certain=Trait.VOLATILE_DEFAULT not in traits or Trait.SERIAL in traits,
        table=table,
        name=column.name,
        columns=(column.name,),
        defined=(column.facts(),),
    )
    parts = column_parts(column, table)
    if Trait.DEFAULT not in traits:
        # Rows that are there have NULL: nothing is looked up. Source: PostgreSQL, transformAlterTableStmt.
        parts = [p if p.kind is not Kind.ADD_FOREIGN_KEY else _unscanned(p) for p in parts]
    return [main, *parts]


def _unscanned(part: Act) -> Act:
    return replace(part, lock=replace(part.lock, scans=False))


def _read_drop(cursor: DdlCursor, table: str) -> Act:
    if cursor.accept("CONSTRAINT"):
        guard = cursor.accept_if_exists() and Trait.IF_EXISTS
        name = cursor.name()
        return act(Kind.DROP_CONSTRAINT, "drop_constraint", guard, _behaviour(cursor), table=table, name=name)
    cursor.accept("COLUMN")
    guard = cursor.accept_if_exists() and Trait.IF_EXISTS
    name = cursor.name()
    return act(Kind.DROP_COLUMN, "drop_column", guard, _behaviour(cursor), table=table, name=name, columns=(name,))


def _behaviour(cursor: DdlCursor) -> Trait | bool:
    return cursor.accept_any("CASCADE", "RESTRICT") == "CASCADE" and Trait.CASCADE


def _read_alter_column(cursor: DdlCursor, table: str, server: Server) -> Act:
    name = cursor.name()
    common: dict[str, Any] = {"table": table, "name": name, "columns": (name,)}
    if cursor.accept("SET", "DATA", "TYPE") or cursor.accept("TYPE"):
        kind = spell_type(read_type(cursor))
        if cursor.accept("COLLATE"):
            cursor.qualified()
        converted = cursor.accept("USING") and Trait.CONVERTED
        if converted:
            cursor.skip_until(marks=(",",))
        return act(Kind.CHANGE_COLUMN, "alter_type_rewrite", converted, is_certain=False, value=kind, **common)
    if cursor.accept("SET", "DEFAULT"):
        value = cursor.skip_until(marks=(",",))
        return act(Kind.SET_DEFAULT, "default", value=value, **common)
    if cursor.accept("DROP", "DEFAULT"):
        return act(Kind.DROP_DEFAULT, "default", **common)
    if cursor.accept("SET", "NOT", "NULL"):
        return act(Kind.SET_NOT_NULL, "set_not_null", is_certain=False, **common)
    if cursor.accept("DROP", "NOT", "NULL"):
        return act(Kind.DROP_NOT_NULL, "drop_not_null", **common)
    if cursor.accept("DROP", "EXPRESSION"):
        cursor.accept_if_exists()
        return act(Kind.DROP_EXPRESSION, "alter_table", **common)
    if cursor.accept("SET", "EXPRESSION", "AS"):
        cursor.parentheses()
        return act(Kind.CHANGE_EXPRESSION, "rewrite_table", is_certain=False, **common)
    if cursor.accept("SET", "STATISTICS"):
        cursor.skip_until(marks=(",",))
        return act(Kind.TABLE_OPTION, "statistics", value="statistics", **common)
    if cursor.accept("SET", "STORAGE") or cursor.accept("SET", "COMPRESSION"):
        cursor.take()
        return act(Kind.TABLE_OPTION, "storage", value="storage", **common)
    if cursor.word in ("SET", "RESET") and cursor.peek(1).text == "(":
        cursor.take()
        cursor.parentheses()
        return act(Kind.TABLE_OPTION, "statistics", value="attribute options", **common)
    return _read_identity(cursor, common)


def _read_identity(cursor: DdlCursor, common: dict[str, Any]) -> Act:
    if cursor.accept("ADD", "GENERATED") or cursor.accept("DROP", "IDENTITY"):
        cursor.skip_until(marks=(",",))
        return act(Kind.CHANGE_IDENTITY, "identity", **common)
    if cursor.sees("SET") or cursor.sees("RESTART"):
        words = cursor.words_outside()
        if {"GENERATED", "RESTART", "INCREMENT", "START", "MAXVALUE", "MINVALUE", "CACHE", "CYCLE", "NO"} & set(words):
            cursor.skip_until(marks=(",",))
            return act(Kind.CHANGE_IDENTITY, "identity", **common)
    raise ReadError(f"not understood: {cursor.near()}")


def _read_rename(cursor: DdlCursor, table: str, relation: str) -> Act:
    if cursor.accept("TO"):
        other = cursor.name()
        kind = Kind.RENAME_TABLE if relation in ("TABLE", "VIEW", "MATERIALIZED VIEW") else Kind.RENAME_OBJECT
        return act(kind, "rename", table=table, name=table, other=other)
    if cursor.accept("CONSTRAINT"):
        name = cursor.name()
        cursor.expect("TO")
        return act(Kind.CHANGE_CONSTRAINT, "rename", table=table, name=name, other=cursor.name())
    cursor.accept("COLUMN")
    name = cursor.name()
    cursor.expect("TO")
    return act(Kind.RENAME_COLUMN, "rename", table=table, name=name, columns=(name,), other=cursor.name())


def _read_set(cursor: DdlCursor, table: str, relation: str) -> Act:
    if cursor.accept("SET", "SCHEMA"):
        other = cursor.name()
        return act(Kind.RENAME_TABLE, "rename", table=table, name=table, other=f"{other}.{table.split('.')[-1]}")
    if cursor.accept("SET", "TABLESPACE"):
        cursor.name()
        cursor.accept("NOWAIT")
        is_index = relation == "INDEX"
        return act(Kind.REWRITE_TABLE, "rewrite_table", table="" if is_index else table, value="SET TABLESPACE")
    if cursor.accept("SET", "LOGGED") or cursor.accept("SET", "UNLOGGED"):
        return act(Kind.REWRITE_TABLE, "rewrite_table", table=table, value="SET LOGGED or UNLOGGED")
    if cursor.accept("SET", "ACCESS", "METHOD"):
        cursor.name()
        return act(Kind.REWRITE_TABLE, "rewrite_table", table=table, value="SET ACCESS METHOD")
    if cursor.accept("SET", "WITHOUT", "CLUSTER"):
        return act(Kind.TABLE_OPTION, "cluster_on", table=table, value="cluster")
    if cursor.accept("SET", "WITHOUT", "OIDS"):
        return act(Kind.TABLE_OPTION, "alter_table", table=table, value="oids")
    if cursor.accept_any("SET", "RESET") and cursor.sees_mark("("):
        cursor.parentheses()
        return act(Kind.TABLE_OPTION, "reloptions", table=table, value="storage parameters")
    raise ReadError(f"not understood: {cursor.near()}")


def _read_other(cursor: DdlCursor, table: str, server: Server) -> Act:
    if cursor.accept_any("ENABLE", "DISABLE"):
        return _read_toggle(cursor, table, cursor.tokens[cursor.at - 1].word == "ENABLE")
    if cursor.accept("OWNER", "TO"):
        cursor.name()
        return act(Kind.GRANT, "alter_table", table=table, value="owner")
    if cursor.accept("CLUSTER", "ON"):
        cursor.name()
        return act(Kind.TABLE_OPTION, "cluster_on", table=table, value="cluster")
    if cursor.accept("REPLICA", "IDENTITY"):
        cursor.skip_until(marks=(",",))
        return act(Kind.REPLICA_IDENTITY, "alter_table", table=table)
    if cursor.accept("INHERIT") or cursor.accept("NO", "INHERIT"):
        detaches = cursor.tokens[cursor.at - 2].word == "NO"
        parent = cursor.qualified()
        kind = Kind.DETACH_INHERITANCE if detaches else Kind.OTHER_DDL
        return act(kind, "alter_table", table=table, other=parent)
    if cursor.accept("FORCE", "ROW", "LEVEL", "SECURITY"):
        return act(Kind.ROW_SECURITY, "policy", Trait.ON, table=table)
    if cursor.accept("NO", "FORCE", "ROW", "LEVEL", "SECURITY"):
        return act(Kind.ROW_SECURITY, "policy", Trait.OFF, table=table)
    if cursor.accept("ATTACH", "PARTITION"):
        other = cursor.qualified()
        is_default = cursor.accept("DEFAULT")
        if not is_default and not cursor.is_done:
            cursor.expect("FOR", "VALUES")
            cursor.skip_until(marks=(",",))
        return act(Kind.ATTACH_PARTITION, "attach", table=table, name=other, other=other, scans=True, is_certain=False)
    if cursor.accept("DETACH", "PARTITION"):
        other = cursor.qualified()
        concurrently = cursor.accept_any("CONCURRENTLY", "FINALIZE") and Trait.CONCURRENTLY
        form = "detach_concurrently" if concurrently else "detach"
        return act(Kind.DETACH_PARTITION, form, concurrently or False, table=table, name=other, other=other)
    if cursor.accept("DEPENDS", "ON", "EXTENSION") or cursor.accept("NO", "DEPENDS", "ON", "EXTENSION"):
        cursor.name()
        return act(Kind.OTHER_DDL, "alter_table", table=table)
    if cursor.accept("OF") or cursor.accept("NOT", "OF"):
        cursor.skip_until(marks=(",",))
        return act(Kind.OTHER_DDL, "alter_table", table=table)
    if cursor.accept("OPTIONS"):
        cursor.parentheses()
        return act(Kind.TABLE_OPTION, "alter_table", table=table, value="options")
    raise ReadError(f"not understood: {cursor.near()}")


def _read_toggle(cursor: DdlCursor, table: str, is_on: bool) -> Act:
    state = Trait.ON if is_on else Trait.OFF
    if cursor.accept("ROW", "LEVEL", "SECURITY"):
        return act(Kind.ROW_SECURITY, "policy", state, table=table)
    cursor.accept_any("REPLICA", "ALWAYS")
    if cursor.accept("TRIGGER"):
        name = cursor.name()
        everything = name in ("all", "user") and Trait.ALL_TABLES
        kind = Kind.ENABLE_TRIGGER if is_on else Kind.DISABLE_TRIGGER
        return act(kind, "toggle_trigger", everything, table=table, name=name)
    cursor.expect("RULE")
    name = cursor.name()
    return act(Kind.OTHER_DDL if is_on else Kind.DISABLE_TRIGGER, "alter_table", table=table, name=name)
