"""Reads a column's definition, which the engines write nearly alike; what differs is data of the dialect; pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from lockgate.engine.ddl_cursor import DdlCursor, DdlToken, ReadError
from lockgate.model.ddl import ColumnFacts, Trait

_STOPS = frozenset(
    """CONSTRAINT NOT NULL DEFAULT PRIMARY UNIQUE KEY CHECK REFERENCES COLLATE GENERATED AS AUTO_INCREMENT
    AUTOINCREMENT COMMENT ON VISIBLE INVISIBLE FIRST AFTER STORAGE COMPRESSION DEFERRABLE INITIALLY CHARSET VIRTUAL
    STORED PERSISTENT SRID REF_SYSTEM_ID COLUMN_FORMAT ENGINE_ATTRIBUTE SECONDARY_ENGINE_ATTRIBUTE ENFORCED USING
    OPTIONS COMPRESSED""".split()  # noqa: SIM905
)
_TIGHT_BEFORE = frozenset("(),.[]")
_TIGHT_AFTER = frozenset("(.[")


@dataclass(frozen=True)
class ColumnDialect:
    """What differs: how a type is spelled one way, whether a default differs by row, what a type is noted for."""

    spell_type: Callable[[str], str]
    is_volatile: Callable[[list[DdlToken]], bool]
    note_type: Callable[[str], frozenset[str]]


@dataclass
class ColumnRead:
    """A column's definition: its facts and the constraints it carries."""

    name: str
    type: str
    traits: set[Trait] = field(default_factory=set)
    default: str = ""
    checks: list[str] = field(default_factory=list)
    references: str = ""
    notes: set[str] = field(default_factory=set)

    def facts(self) -> ColumnFacts:
        """Return the facts."""
        return ColumnFacts(
            name=self.name,
            type=self.type,
            default=self.default,
            traits=frozenset(self.traits),
            references=self.references,
            notes=frozenset(self.notes),
        )


def read_column(cursor: DdlCursor, dialect: ColumnDialect, name: str | None = None) -> ColumnRead:
    """Read ``name type constraint…`` up to a comma, a closing parenthesis or the end.

    Raises:
        ReadError: Something in it is not understood.
    """
    column = ColumnRead(cursor.name() if name is None else name, "")
    cursor.accept("WITH", "OPTIONS")
    column.type = dialect.spell_type(read_type(cursor))
    column.notes |= dialect.note_type(column.type)
    while not cursor.is_done and not cursor.sees_mark(",") and not cursor.sees_mark(")"):
        _read_constraint(cursor, column, dialect)
    return column


def read_type(cursor: DdlCursor) -> str:
    """Read a type's words up to the first word that cannot be one; return them in lower case, single-spaced."""
    parts: list[str] = []
    while not cursor.is_done:
        token = cursor.peek()
        if token.kind == "punct" and token.text == "(" and parts:
            parts.append("(" + _squeeze(cursor.parentheses()) + ")")
            continue
        if token.word in _STOPS or (token.word == "CHARACTER" and cursor.peek(1).word == "SET"):
            break
        if token.word in ("WITH", "WITHOUT") and cursor.peek(1).word not in ("TIME", "LOCAL"):
            break
        if token.kind == "punct" and token.text not in ".[]%":
            break
        parts.append(token.text if token.kind in ("name", "string") else token.text.lower())
        cursor.at += 1
    return join_type(parts)


def join_type(parts: list[str]) -> str:
    """Join the parts of a type: no spaces around parentheses, dots and brackets."""
    out = ""
    for part in parts:
        if out and part[0] not in _TIGHT_BEFORE and out[-1] not in _TIGHT_AFTER:
            out += " "
        out += part
    return out


def _squeeze(text: str) -> str:
    return ",".join(" ".join(part.split()) for part in text.split(","))


def _read_constraint(cursor: DdlCursor, column: ColumnRead, dialect: ColumnDialect) -> None:
    if cursor.accept("CONSTRAINT") and not cursor.sees("CHECK"):
        cursor.name()
    word = cursor.peek().word
    if cursor.accept("NOT", "NULL"):
        column.traits.add(Trait.NOT_NULL)
        cursor.accept("NO", "INHERIT")
    elif cursor.accept("NULL"):
        pass
    elif cursor.accept("DEFAULT"):
        _read_default(cursor, column, dialect)
    elif cursor.accept("PRIMARY", "KEY"):
        column.traits |= {Trait.PRIMARY}
        cursor.accept_any("ASC", "DESC")
    elif cursor.accept("UNIQUE"):
        cursor.accept("KEY")
        column.traits.add(Trait.UNIQUE)
        if cursor.accept("NULLS"):
            cursor.accept("NOT")
            cursor.expect("DISTINCT")
    elif cursor.accept("KEY"):
        column.traits.add(Trait.PRIMARY)
    elif cursor.accept("CHECK"):
        column.checks.append(cursor.parentheses())
        cursor.accept("NO", "INHERIT")
    elif cursor.accept("REFERENCES"):
        _read_references(cursor, column)
    elif cursor.accept("GENERATED") or word == "AS":
        _read_generated(cursor, column)
    elif not _read_attribute(cursor, column):
        raise ReadError(f"not understood in column {column.name}: {cursor.near()}")


def _read_default(cursor: DdlCursor, column: ColumnRead, dialect: ColumnDialect) -> None:
    start = cursor.at
    if cursor.sees_mark("("):
        cursor.parentheses()
    else:
        cursor.take()
    while not cursor.is_done and not cursor.sees_mark(",") and not cursor.sees_mark(")"):
        if cursor.word in _STOPS or (cursor.word == "CHARACTER" and cursor.peek(1).word == "SET"):
            break
        if cursor.sees_mark("("):
            cursor.parentheses()
        else:
            cursor.take()
    tokens = cursor.tokens[start : cursor.at]
    column.default = cursor.between(start, cursor.at)
    is_null = len(tokens) == 1 and tokens[0].word == "NULL"
    if not is_null:
        column.traits.add(Trait.DEFAULT)
    if dialect.is_volatile(tokens):
        column.traits.add(Trait.VOLATILE_DEFAULT)


def _read_references(cursor: DdlCursor, column: ColumnRead) -> None:
    column.references, cascades = read_references(cursor)
    if cascades:
        column.traits.add(Trait.CASCADES_DELETES)


def read_references(cursor: DdlCursor) -> tuple[str, bool]:
    """Read what follows REFERENCES; return the table and whether deleting there deletes here."""
    table = cursor.qualified()
    if cursor.sees_mark("("):
        cursor.names_in_parentheses()
    cascades = False
    while True:
        if cursor.accept("MATCH"):
            cursor.name()
        elif cursor.accept("ON", "DELETE") or cursor.accept("ON", "UPDATE"):
            is_delete = cursor.tokens[cursor.at - 1].word == "DELETE"
            cascades |= is_delete and cursor.sees("CASCADE")
            _read_action(cursor)
        else:
            return table, cascades


def _read_action(cursor: DdlCursor) -> None:
    if cursor.accept("SET", "NULL") or cursor.accept("SET", "DEFAULT"):
        if cursor.sees_mark("("):
            cursor.names_in_parentheses()
    elif not (cursor.accept("NO", "ACTION") or cursor.accept_any("CASCADE", "RESTRICT")):
        raise ReadError(f"not understood in a foreign key: {cursor.near()}")


def _read_generated(cursor: DdlCursor, column: ColumnRead) -> None:
    if not cursor.accept("ALWAYS"):
        cursor.accept("BY", "DEFAULT")
    cursor.expect("AS")
    if cursor.accept("IDENTITY"):
        column.traits |= {Trait.IDENTITY, Trait.NOT_NULL}
        if cursor.sees_mark("("):
            cursor.parentheses()
        return
    if cursor.accept("ROW"):
        cursor.accept_any("START", "END")
        column.traits.add(Trait.GENERATED)
        return
    cursor.parentheses()
    column.traits.add(Trait.GENERATED)
    if cursor.accept_any("STORED", "PERSISTENT"):
        column.traits.add(Trait.STORED)
    else:
        cursor.accept("VIRTUAL")


def _read_attribute(cursor: DdlCursor, column: ColumnRead) -> bool:
    """Read an attribute that has a word and at most one value; tell whether it was one."""
    if cursor.accept_any("AUTO_INCREMENT", "AUTOINCREMENT"):
        column.traits.add(Trait.IDENTITY)
    elif cursor.accept_any("COLLATE"):
        cursor.accept_mark("=")
        column.notes |= {f"collate {cursor.qualified().lower()}"}
    elif cursor.accept("CHARACTER", "SET") or cursor.accept("CHARSET"):
        cursor.accept_mark("=")
        charset = cursor.name().lower()
        if charset in ("utf8", "utf8mb3"):
            column.traits.add(Trait.UTF8MB3)
    elif cursor.accept("ON", "UPDATE"):
        cursor.take()
        if cursor.sees_mark("("):
            cursor.parentheses()
    elif cursor.accept("ON", "CONFLICT"):
        cursor.take()
    elif cursor.accept("FIRST"):
        column.traits.add(Trait.POSITIONED)
    elif cursor.accept("AFTER"):
        cursor.name()
        column.traits.add(Trait.POSITIONED)
    elif cursor.accept("INVISIBLE"):
        column.traits.add(Trait.HIDDEN)
    elif cursor.accept("NOT", "DEFERRABLE") or cursor.accept("NOT", "ENFORCED"):
        pass
    elif (
        cursor.accept("INITIALLY")
        or cursor.accept_any("COMMENT", "STORAGE", "COMPRESSION", "COLUMN_FORMAT", "SRID", "REF_SYSTEM_ID")
        or cursor.accept_any("ENGINE_ATTRIBUTE", "SECONDARY_ENGINE_ATTRIBUTE")
    ):
        cursor.accept_mark("=")
        cursor.take()
    elif cursor.accept_any("OPTIONS"):
        cursor.parentheses()
    else:
        return bool(
            cursor.accept_any("DEFERRABLE", "ENFORCED", "VISIBLE", "VIRTUAL", "STORED", "COMPRESSED", "SERIAL")
            or cursor.accept("WITH", "SYSTEM", "VERSIONING")
            or cursor.accept("WITHOUT", "SYSTEM", "VERSIONING")
        )
    return True
