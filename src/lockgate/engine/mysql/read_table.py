"""Read CREATE TABLE of MySQL and MariaDB; pure."""

from __future__ import annotations

from lockgate.engine.ddl_columns import ColumnRead, read_column, read_references
from lockgate.engine.ddl_cursor import DdlCursor, ReadError
from lockgate.engine.mysql.read_acts import NOTHING, clause, made
from lockgate.engine.mysql.read_column import DIALECT
from lockgate.model.ddl import Act, Kind, Trait
from lockgate.model.server import Server

_UNSAFE_STORAGE = ("myisam", "aria", "memory", "heap", "csv", "archive", "merge", "federated")


def sees_index(cursor: DdlCursor) -> bool:
    """Tell whether an index or constraint comes next rather than a column."""
    word, second = cursor.word, cursor.peek(1)
    if word in ("INDEX", "KEY"):
        third = cursor.peek(2)
        return second.text == "(" or third.text == "(" or third.word == "USING" or second.word in ("USING", "IF")
    if word in ("FULLTEXT", "SPATIAL", "VECTOR"):
        return True
    if word in ("PRIMARY", "FOREIGN"):
        return second.word == "KEY"
    if word == "UNIQUE":
        return True
    if word == "CHECK":
        return second.text == "("
    return word == "CONSTRAINT" or (word == "PERIOD" and second.word == "FOR")


def read_index(cursor: DdlCursor, table: str, server: Server) -> Act:
    """Read an index or constraint as ADD … would make it."""
    name = ""
    if cursor.accept("CONSTRAINT") and cursor.word not in ("PRIMARY", "UNIQUE", "FOREIGN", "CHECK"):
        cursor.accept_if_not_exists()
        name = cursor.name()
    if cursor.accept("CHECK"):
        return _read_check(cursor, table, name, server)
    if cursor.accept("FOREIGN", "KEY"):
        return _read_foreign_key(cursor, table, name, server)
    if cursor.accept("PERIOD", "FOR"):
        cursor.skip_until(marks=(",",))
        return made(Kind.OTHER_DDL, NOTHING, table=table)
    if cursor.accept("PRIMARY", "KEY"):
        columns = _read_parts(cursor)
        return clause(Kind.ADD_PRIMARY_KEY, "add_primary_key", server, table=table, columns=columns)
    special = cursor.accept_any("FULLTEXT", "SPATIAL", "VECTOR")
    unique = cursor.accept("UNIQUE") and Trait.UNIQUE
    cursor.accept_any("INDEX", "KEY")
    guard = cursor.accept_if_not_exists() and Trait.IF_NOT_EXISTS
    if not cursor.sees_mark("(") and not cursor.sees("USING"):
        name = cursor.name()
    columns = _read_parts(cursor)
    kind = f"add_{special.lower()}_index" if special else "add_unique" if unique else "add_index"
    full = bool(special) and Trait.FULLTEXT
    expressions = "" in columns and Trait.EXPRESSIONS
    return clause(
        Kind.CREATE_INDEX, kind, server, unique, full, guard, expressions,
        table=table, name=name, columns=columns, value=special.lower() or "btree",
    )  # fmt: skip


def _read_parts(cursor: DdlCursor) -> tuple[str, ...]:
    if cursor.accept("USING"):
        cursor.name()
    elif not cursor.sees_mark("("):
        cursor.name()
        if cursor.accept("USING"):
            cursor.name()
    columns = cursor.names_in_parentheses()
    read_index_options(cursor)
    return columns


def read_index_options(cursor: DdlCursor) -> None:
    """Go past what may follow an index's columns."""
    while not cursor.is_done and not cursor.sees_mark(",") and not cursor.sees_mark(")"):
        if cursor.accept("USING") or cursor.accept("WITH", "PARSER"):
            cursor.name()
        elif cursor.accept_any("COMMENT", "KEY_BLOCK_SIZE", "ENGINE_ATTRIBUTE", "DISTANCE", "M"):
            cursor.accept_mark("=")
            cursor.take()
        elif not cursor.accept_any("VISIBLE", "INVISIBLE", "IGNORED") and not cursor.accept("NOT", "IGNORED"):
            return


def _read_check(cursor: DdlCursor, table: str, name: str, server: Server) -> Act:
    text = cursor.parentheses()
    is_loose = cursor.accept("NOT", "ENFORCED")
    if not is_loose:
        cursor.accept("ENFORCED")
    kind = "drop_check" if is_loose else "add_check"
    loose = is_loose and Trait.NOT_VALID
    return clause(Kind.ADD_CHECK, kind, server, loose, table=table, name=name, value=" ".join(text.split()))


def _read_foreign_key(cursor: DdlCursor, table: str, name: str, server: Server) -> Act:
    cursor.accept_if_not_exists()
    if not cursor.sees_mark("("):
        name = name or cursor.name()
        if not cursor.sees_mark("("):
            cursor.name()
    columns = cursor.names_in_parentheses()
    cursor.expect("REFERENCES")
    other, cascades = read_references(cursor)
    traits = (Trait.CASCADES_DELETES,) if cascades else ()
    return clause(
        Kind.ADD_FOREIGN_KEY, "add_foreign_key", server, *traits, is_certain=False,
        table=table, name=name, columns=columns, other=other, locks_too=(other,),
    )  # fmt: skip


def column_parts(column: ColumnRead, table: str, server: Server) -> list[Act]:
    """Return the constraints a column carries, as acts; a REFERENCES of a column is ignored by MySQL."""
    parts = []
    if Trait.PRIMARY in column.traits:
        parts.append(clause(Kind.ADD_PRIMARY_KEY, "add_primary_key", server, table=table, columns=(column.name,)))
    if Trait.UNIQUE in column.traits:
        parts.append(clause(Kind.CREATE_INDEX, "add_unique", server, Trait.UNIQUE, table=table, columns=(column.name,)))
    for text in column.checks:
        parts.append(made(Kind.ADD_CHECK, NOTHING, table=table, value=" ".join(text.split())))
    return parts


def read_create_table(cursor: DdlCursor, server: Server, *initial: Trait | bool) -> tuple[Act, ...]:
    """Read what follows CREATE … TABLE."""
    traits = {t for t in initial if isinstance(t, Trait)}
    if cursor.accept_if_not_exists():
        traits.add(Trait.IF_NOT_EXISTS)
    table = cursor.qualified()
    columns: list[ColumnRead] = []
    parts: list[Act] = []
    if cursor.accept("LIKE"):
        cursor.qualified()
        traits.add(Trait.FROM_QUERY)
    elif cursor.sees_mark("(") and cursor.peek(1).word == "LIKE":
        cursor.parentheses()
        traits.add(Trait.FROM_QUERY)
    elif cursor.sees_mark("(") and cursor.peek(1).word not in ("SELECT", "WITH"):
        _read_body(cursor, table, server, columns, parts)
    _read_options(cursor, traits)
    for column in columns:
        parts += column_parts(column, table, server)
    others = tuple(dict.fromkeys(p.other for p in parts if p.kind is Kind.ADD_FOREIGN_KEY and p.other != table))
    facts = tuple(c.facts() for c in columns)
    return (
        made(
            Kind.CREATE_TABLE, NOTHING, *traits,
            table=table, name=table, defined=facts, parts=tuple(parts), locks_too=others,
        ),
    )  # fmt: skip


def _read_body(cursor: DdlCursor, table: str, server: Server, columns: list[ColumnRead], parts: list[Act]) -> None:
    cursor.expect_mark("(")
    while True:
        if sees_index(cursor):
            parts.append(read_index(cursor, table, server))
        else:
            columns.append(read_column(cursor, DIALECT))
        if cursor.accept_mark(")"):
            return
        cursor.expect_mark(",")


def _read_options(cursor: DdlCursor, traits: set[Trait]) -> None:
    while not cursor.is_done:
        if cursor.accept("PARTITION", "BY"):
            traits.add(Trait.PARTITIONED)
            cursor.skip_until(words=("AS", "SELECT"))
        elif cursor.accept_any("AS", "SELECT", "WITH", "REPLACE", "IGNORE") or cursor.sees_mark("("):
            if cursor.tokens[cursor.at - 1].word == "WITH" and cursor.accept("SYSTEM", "VERSIONING"):
                continue
            traits.add(Trait.FROM_QUERY)
            cursor.rest()
        else:
            read_table_option(cursor, traits)
        cursor.accept_mark(",")


def read_table_option(cursor: DdlCursor, traits: set[Trait]) -> str:
    """Read one table option; return its name in upper case."""
    if cursor.peek().kind != "word":
        raise ReadError(f"not understood: {cursor.near()}")
    cursor.accept("DEFAULT")
    name = cursor.take().word
    if name == "CHARACTER":
        cursor.expect("SET")
        name = "CHARSET"
    elif name in ("DATA", "INDEX"):
        cursor.expect("DIRECTORY")
    cursor.accept_mark("=")
    if cursor.sees_mark("("):
        cursor.parentheses()
        return name
    value = cursor.take().text.lower().strip("'\"`")
    if name in ("ENGINE", "TYPE") and value in _UNSAFE_STORAGE:
        traits.add(Trait.NOT_TRANSACTIONAL)
    if (name == "CHARSET" and value in ("utf8", "utf8mb3")) or (
        name == "COLLATE" and value.startswith(("utf8_", "utf8mb3_"))
    ):
        traits.add(Trait.UTF8MB3)
    return name
