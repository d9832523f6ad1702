"""Read CREATE INDEX, and the heads of CREATE TRIGGER and CREATE VIEW; pure."""

from __future__ import annotations

from dataclasses import dataclass, field

from lockgate.engine.sqlite.parse import Cursor
from lockgate.engine.sqlite.tokens import Token, join_tokens


@dataclass
class ParsedIndexPart:
    """One key part: a bare column or an expression (canonical)."""

    column: str | None
    expression: str | None
    collation: str | None = None
    is_descending: bool = False


@dataclass
class ParsedIndex:
    """An index's text, read. ``where`` is canonical."""

    name: str
    table: str
    is_unique: bool
    parts: list[ParsedIndexPart] = field(default_factory=list)
    where: str | None = None


def parse_index(text: str) -> ParsedIndex:
    """Read a CREATE INDEX text of sqlite_schema.

    Raises:
        ParseError: It is not understood.
    """
    cursor = Cursor(text)
    cursor.expect("create")
    is_unique = cursor.accept("unique")
    cursor.expect("index")
    cursor.accept("if", "not", "exists")
    name = cursor.name()
    if cursor.accept_operator("."):
        name = cursor.name()
    cursor.expect("on")
    index = ParsedIndex(name, cursor.name(), is_unique)
    index.parts = [_part(tokens) for tokens in split_commas(cursor.group())]
    if cursor.accept("where"):
        index.where = join_tokens(cursor.tokens[cursor.at :])
    return index


def split_commas(tokens: list[Token]) -> list[list[Token]]:
    """Split tokens at the commas outside parentheses."""
    groups: list[list[Token]] = [[]]
    depth = 0
    for token in tokens:
        if token.kind == "operator":
            depth += {"(": 1, ")": -1}.get(token.text, 0)
            if token.text == "," and depth == 0:
                groups.append([])
                continue
        groups[-1].append(token)
    return groups


def _part(tokens: list[Token]) -> ParsedIndexPart:
    is_descending = tokens[-1].word == "desc"
    if tokens[-1].word in ("asc", "desc"):
        tokens = tokens[:-1]
    collation = None
    if len(tokens) > 2 and tokens[-2].word == "collate":
        collation, tokens = tokens[-1].name, tokens[:-2]
    if len(tokens) == 1 and tokens[0].kind in ("word", "quoted", "string"):
        return ParsedIndexPart(tokens[0].name, None, collation, is_descending)
    return ParsedIndexPart(None, join_tokens(tokens), collation, is_descending)
