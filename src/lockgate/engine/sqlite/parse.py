"""Read CREATE TABLE as SQLite keeps it: columns, constraints and where in the text they stand; pure."""

from __future__ import annotations

from dataclasses import dataclass, field

from lockgate.engine.sqlite.tokens import Token, fold, join_tokens, tokenize

_CONSTRAINT_WORDS = frozenset(["constraint", "primary", "unique", "check", "foreign"])
_COLUMN_STOP = frozenset(
    ["constraint", "primary", "not", "null", "unique", "check", "default", "collate", "references", "as", "on"]
)


class ParseError(Exception):
    """The text is not understood; the message says where. Never leaves the engine."""


@dataclass
class ParsedKeyPart:
    """One part of PRIMARY KEY or UNIQUE."""

    column: str
    collation: str | None = None
    is_descending: bool = False


@dataclass
class ParsedConstraint:
    """A constraint of a column or table.

    ``kind``: primary_key, unique, check, foreign_key, not_null, null, default, collate, generated. ``expression`` is
    canonical; ``conflict`` the ON CONFLICT word or empty. ``start`` and ``end`` are offsets into the text, the
    CONSTRAINT name included.
    """

    kind: str
    name: str | None = None
    parts: list[ParsedKeyPart] = field(default_factory=list)
    expression: str = ""
    conflict: str = ""
    is_autoincrement: bool = False
    is_stored: bool = False
    columns: tuple[str, ...] = ()
    ref_table: str = ""
    ref_columns: tuple[str, ...] = ()
    on_delete: str = "no action"
    on_update: str = "no action"
    match: str = ""
    deferrable: str | None = None
    start: int = 0
    end: int = 0


@dataclass
class ParsedColumn:
    """A column; ``type`` exactly as written; offsets of its whole definition."""

    name: str
    type: str
    constraints: list[ParsedConstraint]
    start: int
    end: int


@dataclass
class ParsedTable:
    """A table's text, read. ``name_start``/``name_end`` enclose the name, ``columns_end`` ends the last column."""

    text: str
    name: str
    columns: list[ParsedColumn]
    constraints: list[ParsedConstraint]
    is_without_rowid: bool
    is_strict: bool
    name_start: int
    name_end: int

    @property
    def columns_end(self) -> int:
        """Offset after the last column's definition, where ADD COLUMN writes."""
        return self.columns[-1].end


class Cursor:
    """A position in a list of tokens."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = tokenize(text)
        self.at = 0

    def peek(self, ahead: int = 0) -> Token:
        """Return the next token, or an empty one at the end."""
        i = self.at + ahead
        return self.tokens[i] if i < len(self.tokens) else Token("end", "", len(self.text), len(self.text))

    def take(self) -> Token:
        """Return the next token and go on."""
        token = self.peek()
        self.at += 1
        return token

    def accept(self, *words: str) -> bool:
        """Go past these words if they come next."""
        at = self.at
        for word in words:
            if at >= len(self.tokens) or self.tokens[at].word != word:
                return False
            at += 1
        self.at = at
        return True

    def accept_operator(self, text: str) -> bool:
        """Go past this operator if it comes next."""
        token = self.peek()
        if token.kind == "operator" and token.text == text:
            self.at += 1
            return True
        return False

    def expect(self, text: str) -> Token:
        """Take a word or operator that must come next."""
        token = self.take()
        if fold(token.text) != text or token.kind not in ("word", "operator"):
            raise ParseError(f"{text!r} expected at offset {token.start}, found {token.text!r}")
        return token

    def name(self) -> str:
        """Take a name, quoted or not."""
        token = self.take()
        if token.kind not in ("word", "quoted", "string"):
            raise ParseError(f"a name expected at offset {token.start}, found {token.text!r}")
        return token.name

    def group(self) -> list[Token]:
        """Take a group in parentheses; return what is inside."""
        self.expect("(")
        first, depth = self.at, 1
        while depth:
            token = self.take()
            if token.kind == "end":
                raise ParseError("a parenthesis is not closed")
            if token.kind == "operator":
                depth += {"(": 1, ")": -1}.get(token.text, 0)
        return self.tokens[first : self.at - 1]

    @property
    def last_end(self) -> int:
        """Offset after the token taken last."""
        return self.tokens[min(self.at, len(self.tokens)) - 1].end


def parse_table(text: str) -> ParsedTable:
    """Read a CREATE TABLE text of sqlite_schema.

    Raises:
        ParseError: It is not understood.
    """
    cursor = Cursor(text)
    cursor.expect("create")
    _ = cursor.accept("temp") or cursor.accept("temporary")
    cursor.expect("table")
    cursor.accept("if", "not", "exists")
    start = cursor.peek().start
    name = cursor.name()
    if cursor.accept_operator("."):
        start, name = cursor.peek().start, cursor.name()
    table = ParsedTable(text, name, [], [], False, False, start, cursor.last_end)
    cursor.expect("(")
    _parse_body(cursor, table)
    _parse_options(cursor, table)
    return table


def _parse_body(cursor: Cursor, table: ParsedTable) -> None:
    while True:
        if table.columns and _starts_constraint(cursor):
            table.constraints.append(_parse_table_constraint(cursor))
        elif not table.constraints:
            table.columns.append(_parse_column(cursor))
        else:
            raise ParseError(f"a constraint expected at offset {cursor.peek().start}")
        if cursor.accept_operator(","):
            continue
        if cursor.accept_operator(")"):
            return
        if not (table.constraints and _starts_constraint(cursor)):
            raise ParseError(f"',' or ')' expected at offset {cursor.peek().start}, found {cursor.peek().text!r}")


def _starts_constraint(cursor: Cursor) -> bool:
    return cursor.peek().word in _CONSTRAINT_WORDS


def _parse_options(cursor: Cursor, table: ParsedTable) -> None:
    while cursor.peek().kind != "end":
        if cursor.accept("without", "rowid"):
            table.is_without_rowid = True
        elif cursor.accept("strict"):
            table.is_strict = True
        elif not (cursor.accept_operator(",") or cursor.accept_operator(";")):
            raise ParseError(f"unknown table option {cursor.peek().text!r}")


def _parse_column(cursor: Cursor) -> ParsedColumn:
    start = cursor.peek().start
    name = cursor.name()
    type_name = _parse_type(cursor)
    column = ParsedColumn(name, type_name, [], start, cursor.last_end)
    while True:
        constraint = _parse_column_constraint(cursor, name)
        if constraint is None:
            break
        column.constraints.append(constraint)
    column.end = cursor.last_end
    return column


def _parse_type(cursor: Cursor) -> str:
    first = cursor.peek()
    if not _is_type_word(cursor):
        return ""
    while _is_type_word(cursor):
        cursor.take()
    end = cursor.last_end
    if cursor.peek().text == "(":
        cursor.group()
        end = cursor.last_end
    return cursor.text[first.start : end]


def _is_type_word(cursor: Cursor) -> bool:
    token = cursor.peek()
    if token.word == "generated" and cursor.peek(1).word == "always":
        return False
    return token.kind in ("word", "quoted", "string") and token.word not in _COLUMN_STOP


def _parse_column_constraint(cursor: Cursor, column: str) -> ParsedConstraint | None:
    start, name = cursor.peek().start, None
    while cursor.accept("constraint"):
        name = cursor.name()
    found = _column_constraint(cursor, column)
    if found is None:
        if name is not None:
            if cursor.peek().text in (",", ")"):
                return ParsedConstraint("null", name=name, start=start, end=cursor.last_end)
            raise ParseError(f"a constraint expected at offset {cursor.peek().start}")
        return None
    found.name, found.start, found.end = name, start, cursor.last_end
    return found


def _column_constraint(cursor: Cursor, column: str) -> ParsedConstraint | None:
    if cursor.accept("primary", "key"):
        found = ParsedConstraint("primary_key", parts=[ParsedKeyPart(column, None, _direction(cursor))])
        found.conflict = _conflict(cursor)
        found.is_autoincrement = cursor.accept("autoincrement")
        return found
    if cursor.accept("not", "null"):
        return ParsedConstraint("not_null", conflict=_conflict(cursor))
    if cursor.accept("null"):
        return ParsedConstraint("null", conflict=_conflict(cursor))
    if cursor.accept("unique"):
        return ParsedConstraint("unique", parts=[ParsedKeyPart(column)], conflict=_conflict(cursor))
    if cursor.accept("check"):
        return ParsedConstraint("check", expression=join_tokens(cursor.group()), conflict=_conflict(cursor))
    if cursor.accept("default"):
        return ParsedConstraint("default", expression=_default(cursor))
    if cursor.accept("collate"):
        return ParsedConstraint("collate", expression=cursor.name())
    if cursor.peek().word == "references":
        return _references(cursor, (column,))
    if cursor.peek().word in ("deferrable", "not", "initially"):
        at = cursor.at
        found = ParsedConstraint("deferrable", deferrable=_deferrable(cursor))
        if cursor.at == at:
            raise ParseError(f"a constraint expected at offset {cursor.peek().start}, found {cursor.peek().text!r}")
        return found
    if cursor.accept("generated", "always") or cursor.peek().word == "as":
        cursor.expect("as")
        found = ParsedConstraint("generated", expression=join_tokens(cursor.group()))
        found.is_stored = cursor.accept("stored")
        cursor.accept("virtual")
        return found
    return None


def _parse_table_constraint(cursor: Cursor) -> ParsedConstraint:
    start, name = cursor.peek().start, None
    while cursor.accept("constraint"):
        name = cursor.name()
    found = _table_constraint(cursor)
    found.name, found.start, found.end = name, start, cursor.last_end
    return found


def _table_constraint(cursor: Cursor) -> ParsedConstraint:
    if cursor.accept("primary", "key"):
        found = ParsedConstraint("primary_key")
        found.parts, found.is_autoincrement = _key_parts(cursor)
        found.conflict = _conflict(cursor)
        return found
    if cursor.accept("unique"):
        found = ParsedConstraint("unique", parts=_key_parts(cursor)[0])
        found.conflict = _conflict(cursor)
        return found
    if cursor.accept("check"):
        return ParsedConstraint("check", expression=join_tokens(cursor.group()), conflict=_conflict(cursor))
    if cursor.accept("foreign", "key"):
        columns = _name_list(cursor)
        return _references(cursor, columns)
    raise ParseError(f"a constraint expected at offset {cursor.peek().start}, found {cursor.peek().text!r}")


def _key_parts(cursor: Cursor) -> tuple[list[ParsedKeyPart], bool]:
    cursor.expect("(")
    parts: list[ParsedKeyPart] = []
    is_autoincrement = False
    while True:
        part = ParsedKeyPart(cursor.name())
        if cursor.accept("collate"):
            part.collation = cursor.name()
        part.is_descending = _direction(cursor)
        is_autoincrement = cursor.accept("autoincrement") or is_autoincrement
        parts.append(part)
        if cursor.accept_operator(","):
            continue
        cursor.expect(")")
        return parts, is_autoincrement


def _name_list(cursor: Cursor) -> tuple[str, ...]:
    cursor.expect("(")
    names = [cursor.name()]
    while cursor.accept_operator(","):
        names.append(cursor.name())
    cursor.expect(")")
    return tuple(names)


def _references(cursor: Cursor, columns: tuple[str, ...]) -> ParsedConstraint:
    cursor.expect("references")
    found = ParsedConstraint("foreign_key", columns=columns, ref_table=cursor.name())
    if cursor.peek().text == "(":
        found.ref_columns = _name_list(cursor)
    while True:
        if cursor.accept("on"):
            event = cursor.take().word
            action = _action(cursor)
            if event == "delete":
                found.on_delete = action
            elif event == "update":
                found.on_update = action
        elif cursor.accept("match"):
            found.match = fold(cursor.name())
        else:
            break
    found.deferrable = _deferrable(cursor)
    return found


def _action(cursor: Cursor) -> str:
    word = cursor.take().word
    return f"{word} {cursor.take().word}" if word in ("set", "no") else word


def _deferrable(cursor: Cursor) -> str | None:
    is_not = False
    if cursor.accept("not", "deferrable"):
        is_not = True
    elif not cursor.accept("deferrable"):
        return None
    if cursor.accept("initially"):
        word = cursor.take().word
        return None if is_not else word
    return None if is_not else "immediate"


def _direction(cursor: Cursor) -> bool:
    if cursor.accept("desc"):
        return True
    cursor.accept("asc")
    return False


def _conflict(cursor: Cursor) -> str:
    return cursor.take().word if cursor.accept("on", "conflict") else ""


def _default(cursor: Cursor) -> str:
    if cursor.peek().text == "(":
        return join_tokens(cursor.group())
    first = cursor.at
    while cursor.peek().text in ("+", "-"):
        cursor.take()
    cursor.take()
    return join_tokens(cursor.tokens[first : cursor.at])
