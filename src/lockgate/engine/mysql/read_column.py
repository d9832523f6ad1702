"""What MySQL's column types and defaults mean, and what their choice is noted for; pure."""

from __future__ import annotations

import re
from itertools import pairwise

from lockgate.engine.ddl_columns import ColumnDialect
from lockgate.engine.ddl_cursor import DdlToken
from lockgate.engine.mysql.lexer import (
    CLOSE,
    COMMENT,
    NAME,
    NUMBER,
    OPEN,
    SPACE,
    STRING,
    WORD,
    iter_tokens,
    unquote_name,
    unquote_string,
)
from lockgate.model.ddl import Comment
from lockgate.model.server import Server

_SPELLINGS = {
    "integer": "int",
    "int4": "int",
    "int8": "bigint",
    "int2": "smallint",
    "int1": "tinyint",
    "int3": "mediumint",
    "bool": "tinyint(1)",
    "boolean": "tinyint(1)",
    "dec": "decimal",
    "numeric": "decimal",
    "fixed": "decimal",
    "character": "char",
    "character varying": "varchar",
    "double precision": "double",
    "real": "double",
    "float8": "double",
    "float4": "float",
    "serial": "bigint unsigned",
}
_STABLE = frozenset(["current_timestamp", "now", "localtime", "localtimestamp", "b", "x", "n"])
_WIDE = re.compile(r"^(varchar|varbinary)\((\d+)\)(.*)$")


def tokenize(text: str) -> list[DdlToken]:
    """Return the tokens of a statement without spaces and comments; the inside of executed comments is code."""
    found = []
    for token in iter_tokens(text):
        if token.kind in (SPACE, COMMENT, OPEN, CLOSE):
            continue
        if token.kind == WORD:
            found.append(DdlToken("word", token.text, token.start, token.end, token.text.upper(), token.text.lower()))
        elif token.kind == NAME:
            found.append(DdlToken("name", token.text, token.start, token.end, "", unquote_name(token.text).lower()))
        elif token.kind == STRING:
            name = unquote_string(token.text).lower() if token.text.startswith('"') and len(token.text) > 1 else ""
            found.append(DdlToken("string", token.text, token.start, token.end, "", name))
        else:
            kind = "number" if token.kind == NUMBER else "punct"
            found.append(DdlToken(kind, token.text, token.start, token.end))
    return found


def find_comments(text: str) -> tuple[Comment, ...]:
    """Return the comments of a script."""
    found = []
    for token in iter_tokens(text):
        if token.kind == COMMENT:
            start = text.rfind("\n", 0, token.start) + 1
            is_alone = not text[start : token.start].strip()
            found.append(Comment(text.count("\n", 0, token.start) + 1, token.text, is_alone))
    return tuple(found)


def spell_type(text: str) -> str:
    """Return one spelling of a type; the display width of integers is dropped."""
    match = re.fullmatch(r"([a-z0-9_ ]+?)(\(.*?\))?((?: (?:unsigned|signed|zerofill))*)((?: .*)?)", text, re.S)
    if match is None:
        return text
    base, size, sign, rest = match.group(1).strip(), match.group(2) or "", match.group(3), match.group(4)
    if base == "national varchar":
        base = "varchar"
    found = _SPELLINGS.get(base, base)
    if found in ("int", "bigint", "smallint", "mediumint", "tinyint") and size != "(1)":
        size = ""
    return f"{found}{size}{sign}{rest}"


def is_volatile(tokens: list[DdlToken]) -> bool:
    """Tell whether a default is an expression, which is computed for every row."""
    if not tokens or tokens[0].text != "(":
        return any(
            following.text == "(" and token.kind == "word" and token.name not in _STABLE
            for token, following in pairwise(tokens)
        )
    return any(token.kind == "word" and token.word not in ("NULL", "TRUE", "FALSE") for token in tokens)


def note_type(text: str) -> frozenset[str]:
    """Return what a choice of type is noted for, in the words the rules of design know."""
    base = text.split("(")[0].split(" ")[0]
    notes = set()
    if base in ("float", "double"):
        notes.add("float")
    if base in ("int", "smallint", "mediumint", "tinyint"):
        notes.add("small integer")
    if base == "enum":
        notes.add("enum")
    if base == "timestamp":
        notes.add("timestamp until 2038")
    if base == "datetime":
        notes.add("timestamp without zone")
    if base == "set":
        notes.add("set type")
    return frozenset(notes)


DIALECT = ColumnDialect(spell_type=spell_type, is_volatile=is_volatile, note_type=note_type)


def is_free_change(old: str, new: str, server: Server) -> bool:
    """Tell whether a change of type only touches metadata.

    Source: MySQL manual, "Column Operations": a varchar grows in place within 255 bytes or above them (at four bytes
    a character); MariaDB manual, "Instant ADD COLUMN": the same; members appended to an ENUM or SET.
    """
    if old == new:
        return True
    a, b = _WIDE.match(old), _WIDE.match(new)
    if a and b and a[1] == b[1] and a[3] == b[3]:
        width = 4 if a[1] == "varchar" else 1
        one, two = int(a[2]) * width, int(b[2]) * width
        return two >= one and ((one <= 255) == (two <= 255))
    if old.startswith(("enum(", "set(")) and old[-1] == ")":
        kept = old[:-1]
        return new.startswith(kept + ",") or new == old
    return False
