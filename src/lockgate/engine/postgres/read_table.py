"""Read CREATE TABLE of PostgreSQL; pure."""

from __future__ import annotations

from lockgate.engine.ddl_columns import ColumnRead, read_column, read_references
from lockgate.engine.ddl_cursor import DdlCursor, ReadError
from lockgate.engine.postgres.read_acts import act
from lockgate.engine.postgres.read_column import DIALECT, finish_column
from lockgate.model.ddl import Act, ColumnFacts, Kind, Trait

CONSTRAINT_WORDS = ("CONSTRAINT", "CHECK", "UNIQUE", "PRIMARY", "FOREIGN", "EXCLUDE")


def sees_constraint(cursor: DdlCursor) -> bool:
    """Tell whether a table constraint comes next rather than a column of such a name."""
    word, second = cursor.word, cursor.peek(1)
    if word == "CHECK":
        return second.text == "("
    if word in ("PRIMARY", "FOREIGN"):
        return second.word == "KEY"
    if word == "UNIQUE":
        return second.text == "(" or second.word in ("NULLS", "USING")
    if word == "NOT":
        return second.word == "NULL"
    return word == "CONSTRAINT" or (word == "EXCLUDE" and (second.text == "(" or second.word == "USING"))


def read_constraint(cursor: DdlCursor, table: str) -> Act:
    """Read a table constraint with its name, as an act on an existing table."""
    name = cursor.name() if cursor.accept("CONSTRAINT") else ""
    if cursor.accept("CHECK"):
        text = cursor.parentheses()
        traits = _read_end(cursor)
        form = "add_check_not_valid" if Trait.NOT_VALID in traits else "add_check"
        return act(Kind.ADD_CHECK, form, *traits, table=table, name=name, value=" ".join(text.split()))
    if cursor.accept("NOT", "NULL"):
        column = cursor.name()
        traits = _read_end(cursor)
        form = "set_not_null" if Trait.NOT_VALID not in traits else "add_check_not_valid"
        return act(Kind.ADD_NOT_NULL, form, *traits, table=table, name=name, columns=(column,))
    if cursor.accept("FOREIGN", "KEY"):
        return _read_foreign_key(cursor, table, name)
    if cursor.accept("EXCLUDE"):
        cursor.skip_until(marks=(",",))
        return act(Kind.ADD_EXCLUSION, "add_exclusion", table=table, name=name)
    is_primary = cursor.accept("PRIMARY", "KEY")
    if not is_primary and not cursor.accept("UNIQUE"):
        raise ReadError(f"not understood: {cursor.near()}")
    return _read_key(cursor, table, name, Kind.ADD_PRIMARY_KEY if is_primary else Kind.ADD_UNIQUE)


def _read_foreign_key(cursor: DdlCursor, table: str, name: str) -> Act:
    columns = cursor.names_in_parentheses()
    cursor.expect("REFERENCES")
    other, cascades = read_references(cursor)
    traits = _read_end(cursor)
    form = "add_fk_not_valid" if Trait.NOT_VALID in traits else "add_fk"
    more = {Trait.CASCADES_DELETES} if cascades else set()
    return act(
        Kind.ADD_FOREIGN_KEY,
        form,
        *traits,
        *more,
        table=table,
        name=name,
        columns=columns,
        other=other,
        locks_too=(other,),
    )


def _read_key(cursor: DdlCursor, table: str, name: str, kind: Kind) -> Act:
    if cursor.accept("USING", "INDEX"):
        cursor.name()
        _read_end(cursor)
        return act(kind, "add_key_using_index", Trait.USING_INDEX, table=table, name=name)
    if cursor.accept("NULLS"):
        cursor.accept("NOT")
        cursor.expect("DISTINCT")
    columns = cursor.names_in_parentheses()
    if cursor.accept("INCLUDE"):
        cursor.parentheses()
    if cursor.accept("WITH"):
        cursor.parentheses()
    if cursor.accept("USING", "INDEX", "TABLESPACE"):
        cursor.name()
    _read_end(cursor)
    return act(kind, "add_key", table=table, name=name, columns=columns)


def _read_end(cursor: DdlCursor) -> set[Trait]:
    traits: set[Trait] = set()
    while True:
        if cursor.accept("NOT", "VALID"):
            traits.add(Trait.NOT_VALID)
        elif cursor.accept("INITIALLY"):
            cursor.take()
        elif not (
            cursor.accept("NOT", "DEFERRABLE")
            or cursor.accept("NO", "INHERIT")
            or cursor.accept("NOT", "ENFORCED")
            or cursor.accept_any("DEFERRABLE", "ENFORCED")
        ):
            return traits


def read_create_table(cursor: DdlCursor, is_temporary: bool) -> tuple[Act, ...]:
    """Read what follows CREATE … TABLE."""
    traits = {Trait.TEMPORARY} if is_temporary else set()
    if cursor.accept_if_not_exists():
        traits.add(Trait.IF_NOT_EXISTS)
    table = cursor.qualified()
    if cursor.accept("PARTITION", "OF"):
        return _read_partition(cursor, table, traits)
    if cursor.accept("OF"):
        cursor.qualified()
    columns: list[ColumnRead] = []
    parts: list[Act] = []
    names: tuple[str, ...] = ()
    if cursor.sees_mark("("):
        if _is_name_list(cursor):
            names = cursor.names_in_parentheses()
        else:
            _read_body(cursor, table, columns, parts)
    _read_table_end(cursor, traits)
    for column in columns:
        parts += column_parts(column, table)
    facts = tuple(finish_column(c).facts() for c in columns) or tuple(ColumnFacts(name=n) for n in names)
    return (_created(table, traits, facts, parts),)


def _created(table: str, traits: set[Trait], facts: tuple[ColumnFacts, ...], parts: list[Act]) -> Act:
    others = tuple(dict.fromkeys(p.other for p in parts if p.kind is Kind.ADD_FOREIGN_KEY and p.other != table))
    form = "references" if others else "create"
    return act(
        Kind.CREATE_TABLE,
        form,
        *traits,
        table=table,
        name=table,
        defined=facts,
        parts=tuple(parts),
        locks_too=others,
    )


def column_parts(column: ColumnRead, table: str) -> list[Act]:
    """Return the constraints a column carries, as acts."""
    parts = []
    if Trait.PRIMARY in column.traits:
        parts.append(act(Kind.ADD_PRIMARY_KEY, "add_key", table=table, columns=(column.name,)))
    if Trait.UNIQUE in column.traits:
        parts.append(act(Kind.ADD_UNIQUE, "add_key", table=table, columns=(column.name,)))
    if column.references:
        cascades = Trait.CASCADES_DELETES in column.traits and Trait.CASCADES_DELETES
        parts.append(
            act(
                Kind.ADD_FOREIGN_KEY,
                "add_fk",
                cascades,
                table=table,
                columns=(column.name,),
                other=column.references,
                locks_too=(column.references,),
            )
        )
    parts += [act(Kind.ADD_CHECK, "add_check", table=table, value=" ".join(c.split())) for c in column.checks]
    return parts


def _is_name_list(cursor: DdlCursor) -> bool:
    """Tell whether the parentheses hold bare names: CREATE TABLE t (a, b) AS …"""
    i = 1
    while cursor.peek(i).kind in ("word", "name"):
        if cursor.peek(i + 1).text == ")":
            return cursor.peek(i + 2).word in ("AS", "WITH", "ON", "TABLESPACE", "USING")
        if cursor.peek(i + 1).text != ",":
            return False
        i += 2
    return False


def _read_body(cursor: DdlCursor, table: str, columns: list[ColumnRead], parts: list[Act]) -> None:
    cursor.expect_mark("(")
    if cursor.accept_mark(")"):
        return
    while True:
        if cursor.accept("LIKE"):
            cursor.qualified()
            while cursor.accept_any("INCLUDING", "EXCLUDING"):
                cursor.take()
        elif sees_constraint(cursor):
            parts.append(read_constraint(cursor, table))
        else:
            columns.append(read_column(cursor, DIALECT))
        if cursor.accept_mark(")"):
            return
        cursor.expect_mark(",")


def _read_table_end(cursor: DdlCursor, traits: set[Trait]) -> None:
    while not cursor.is_done:
        if cursor.accept("INHERITS"):
            cursor.parentheses()
        elif cursor.accept("PARTITION", "BY"):
            cursor.name()
            cursor.parentheses()
            traits.add(Trait.PARTITIONED)
        elif cursor.accept("USING") or cursor.accept("TABLESPACE"):
            cursor.name()
        elif cursor.accept("WITHOUT", "OIDS"):
            pass
        elif cursor.accept("WITH"):
            cursor.parentheses()
        elif cursor.accept("ON", "COMMIT"):
            cursor.skip_until(words=("AS", "TABLESPACE"))
        elif cursor.accept("SERVER"):
            cursor.name()
        elif cursor.accept("OPTIONS"):
            cursor.parentheses()
        elif cursor.accept("AS"):
            traits.add(Trait.FROM_QUERY)
            cursor.rest()
        else:
            raise ReadError(f"not understood: {cursor.near()}")


def _read_partition(cursor: DdlCursor, table: str, traits: set[Trait]) -> tuple[Act, ...]:
    parent = cursor.qualified()
    if cursor.sees_mark("("):
        cursor.parentheses()
    if not cursor.accept("DEFAULT"):
        cursor.expect("FOR", "VALUES")
        cursor.skip_until(words=("PARTITION", "USING", "TABLESPACE"))
    _read_table_end(cursor, traits)
    return (
        act(
            Kind.CREATE_TABLE,
            "partition_of",
            *traits,
            Trait.PARTITION_OF,
            table=table,
            name=table,
            other=parent,
            locks_too=(parent,),
        ),
    )
