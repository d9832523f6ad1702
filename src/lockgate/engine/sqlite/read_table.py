"""Read CREATE TABLE and ALTER TABLE of SQLite; pure."""

from __future__ import annotations

from typing import Any

from lockgate.engine.ddl_columns import ColumnRead, read_column, read_references
from lockgate.engine.ddl_cursor import DdlCursor, ReadError
from lockgate.engine.sqlite.read_column import DIALECT
from lockgate.engine.sqlite.read_rows import made
from lockgate.model.ddl import Act, Kind, Trait
from lockgate.model.server import Server


def read_create_table(cursor: DdlCursor, temporary: Trait | bool) -> Act:
    """Read what follows CREATE … TABLE."""
    guard = cursor.accept_if_not_exists() and Trait.IF_NOT_EXISTS
    table = cursor.qualified()
    if cursor.accept("AS"):
        cursor.rest()
        return made(
            Kind.CREATE_TABLE, guard, temporary, Trait.FROM_QUERY, writes=True, scans=True, table=table, name=table
        )
    columns: list[ColumnRead] = []
    parts: list[Act] = []
    cursor.expect_mark("(")
    while True:
        if _sees_constraint(cursor):
            parts.append(_read_constraint(cursor, table))
        else:
            columns.append(read_column(cursor, DIALECT))
        if cursor.accept_mark(")"):
            break
        if not _sees_constraint(cursor):
            cursor.expect_mark(",")
        else:
            cursor.accept_mark(",")
    strict, without = _read_options(cursor)
    for column in columns:
        parts += column_parts(column, table)
    return made(
        Kind.CREATE_TABLE, guard, temporary, strict, without,
        writes=True, table=table, name=table, defined=tuple(c.facts() for c in columns), parts=tuple(parts),
    )  # fmt: skip


def _read_options(cursor: DdlCursor) -> tuple[Trait | bool, Trait | bool]:
    strict: Trait | bool = False
    without: Trait | bool = False
    while not cursor.is_done:
        if cursor.accept("STRICT"):
            strict = Trait.STRICT
        elif cursor.accept("WITHOUT", "ROWID"):
            without = Trait.WITHOUT_ROWID
        elif not cursor.accept_mark(","):
            raise ReadError(f"not understood: {cursor.near()}")
    return strict, without


def _sees_constraint(cursor: DdlCursor) -> bool:
    word, second = cursor.word, cursor.peek(1)
    if word in ("PRIMARY", "FOREIGN"):
        return second.word == "KEY"
    if word in ("CHECK", "UNIQUE"):
        return second.text == "("
    return word == "CONSTRAINT"


def _read_constraint(cursor: DdlCursor, table: str) -> Act:
    name = cursor.name() if cursor.accept("CONSTRAINT") else ""
    if cursor.accept("CHECK"):
        text = " ".join(cursor.parentheses().split())
        _read_conflict(cursor)
        return made(Kind.ADD_CHECK, writes=True, scans=True, table=table, name=name, value=text)
    if cursor.accept("FOREIGN", "KEY"):
        columns = cursor.names_in_parentheses()
        cursor.expect("REFERENCES")
        other, cascades = read_references(cursor)
        _read_deferrable(cursor)
        more = cascades and Trait.CASCADES_DELETES
        return made(Kind.ADD_FOREIGN_KEY, more, writes=True, table=table, name=name, columns=columns, other=other)
    is_primary = cursor.accept("PRIMARY", "KEY")
    if not is_primary:
        cursor.expect("UNIQUE")
    columns = cursor.names_in_parentheses()
    _read_conflict(cursor)
    kind = Kind.ADD_PRIMARY_KEY if is_primary else Kind.ADD_UNIQUE
    return made(kind, writes=True, scans=True, table=table, name=name, columns=columns)


def _read_conflict(cursor: DdlCursor) -> None:
    if cursor.accept("ON", "CONFLICT"):
        cursor.take()


def _read_deferrable(cursor: DdlCursor) -> None:
    cursor.accept("NOT")
    cursor.accept("DEFERRABLE")
    if cursor.accept("INITIALLY"):
        cursor.take()


def column_parts(column: ColumnRead, table: str) -> list[Act]:
    """Return the constraints a column carries, as acts."""
    parts = []
    if Trait.PRIMARY in column.traits:
        parts.append(made(Kind.ADD_PRIMARY_KEY, writes=True, table=table, columns=(column.name,)))
    if Trait.UNIQUE in column.traits:
        parts.append(made(Kind.ADD_UNIQUE, writes=True, table=table, columns=(column.name,)))
    if column.references:
        cascades = Trait.CASCADES_DELETES in column.traits and Trait.CASCADES_DELETES
        parts.append(
            made(
                Kind.ADD_FOREIGN_KEY, cascades, writes=True, table=table, columns=(column.name,),
                other=column.references,
            )
        )  # fmt: skip
    parts += [made(Kind.ADD_CHECK, writes=True, table=table, value=" ".join(c.split())) for c in column.checks]
    return parts


def read_alter_table(cursor: DdlCursor, server: Server) -> tuple[Act, ...]:
    """Read ALTER TABLE; forms that this version of SQLite does not have are marked."""
    cursor.expect("ALTER", "TABLE")
    table = cursor.qualified()
    if cursor.accept("RENAME", "TO"):
        return (made(Kind.RENAME_TABLE, writes=True, table=table, name=table, other=cursor.name()),)
    if cursor.accept("RENAME"):
        return (_read_rename_column(cursor, table),)
    if cursor.accept("DROP", "CONSTRAINT"):
        return (made(Kind.DROP_CONSTRAINT, _since(server, 3, 53), writes=True, table=table, name=cursor.name()),)
    if cursor.accept("DROP"):
        cursor.accept("COLUMN")
        name = cursor.name()
        cursor.expect_end()
        old = _since(server, 3, 35)
        return (made(Kind.DROP_COLUMN, old, writes=True, rewrites=True, table=table, name=name, columns=(name,)),)
    if cursor.accept("ALTER"):
        return (_read_alter_column(cursor, table, server),)
    cursor.expect("ADD")
    if _sees_constraint(cursor):
        constraint = _read_constraint(cursor, table)
        refused = constraint.kind is not Kind.ADD_CHECK or bool(_since(server, 3, 53))
        more = refused and Trait.UNSUPPORTED
        return (made(constraint.kind, more, writes=True, scans=True, table=table, name=constraint.name,
                     columns=constraint.columns, value=constraint.value),)  # fmt: skip
    cursor.accept("COLUMN")
    return _read_added(cursor, table)


def _since(server: Server, *version: int) -> Trait | bool:
    return bool(server.version) and server.version < version and Trait.UNSUPPORTED


def _read_rename_column(cursor: DdlCursor, table: str) -> Act:
    cursor.accept("COLUMN")
    name = cursor.name()
    cursor.expect("TO")
    other = cursor.name()
    return made(Kind.RENAME_COLUMN, writes=True, table=table, name=name, columns=(name,), other=other)


def _read_alter_column(cursor: DdlCursor, table: str, server: Server) -> Act:
    cursor.accept("COLUMN")
    name = cursor.name()
    fields: dict[str, Any] = {"table": table, "name": name, "columns": (name,)}
    if cursor.accept("SET", "NOT", "NULL"):
        return made(Kind.SET_NOT_NULL, _since(server, 3, 53), writes=True, scans=True, **fields)
    if cursor.accept("DROP", "NOT", "NULL"):
        return made(Kind.DROP_NOT_NULL, _since(server, 3, 53), writes=True, **fields)
    cursor.rest()
    return made(Kind.CHANGE_COLUMN, Trait.UNSUPPORTED, writes=True, **fields)


def _read_added(cursor: DdlCursor, table: str) -> tuple[Act, ...]:
    column = read_column(cursor, DIALECT)
    cursor.expect_end()
    traits = column.traits
    needs_check = bool(column.checks) or {Trait.GENERATED, Trait.NOT_NULL} <= traits
    refused = bool(
        traits & {Trait.PRIMARY, Trait.UNIQUE, Trait.VOLATILE_DEFAULT, Trait.STORED}
        or (column.references and Trait.DEFAULT in traits)
    )
    main = made(
        Kind.ADD_COLUMN, *traits, refused and Trait.UNSUPPORTED, writes=True, scans=needs_check,
        table=table, name=column.name, columns=(column.name,), defined=(column.facts(),),
    )  # fmt: skip
    return (main, *column_parts(column, table))
