"""Tokens, comments, types and defaults of SQLite for the reader of DDL; pure."""

from __future__ import annotations

from lockgate.engine.ddl_columns import ColumnDialect
from lockgate.engine.ddl_cursor import DdlToken
from lockgate.engine.sqlite.tokens import Token, fold, iter_comments, tokenize
from lockgate.model.ddl import Comment
from lockgate.model.server import Server

_NOW = ("CURRENT_TIMESTAMP", "CURRENT_DATE", "CURRENT_TIME")


def tokenize_ddl(text: str) -> list[DdlToken]:
    """Return the tokens of a statement without spaces and comments."""
    return [_token(token) for token in tokenize(text)]


def _token(token: Token) -> DdlToken:
    if token.kind == "word":
        return DdlToken("word", token.text, token.start, token.end, token.word.upper(), fold(token.text))
    if token.kind == "quoted":
        return DdlToken("name", token.text, token.start, token.end, "", fold(token.name))
    if token.kind in ("string", "blob"):
        return DdlToken("string", token.text, token.start, token.end, "", fold(token.name))
    return DdlToken("number" if token.kind == "number" else "punct", token.text, token.start, token.end)


def find_comments(text: str) -> tuple[Comment, ...]:
    """Return the comments of a script."""
    found = []
    for start, body in iter_comments(text):
        is_alone = not text[text.rfind("\n", 0, start) + 1 : start].strip()
        found.append(Comment(text.count("\n", 0, start) + 1, body, is_alone))
    return tuple(found)


def is_volatile(tokens: list[DdlToken]) -> bool:
    """Tell whether a default is one that ADD COLUMN refuses: the time of now, or an expression in parentheses.

    Source: sqlite.org/lang_altertable.html, ALTER TABLE ADD COLUMN.
    """
    if not tokens:
        return False
    if tokens[0].word in _NOW:
        return True
    return tokens[0].text == "(" and any(t.word and t.word not in ("NULL", "TRUE", "FALSE") for t in tokens)


def note_type(text: str) -> frozenset[str]:
    """Return what a choice of type is noted for, in the words the rules of design know."""
    base = text.split("(")[0].strip()
    notes = set()
    if any(word in base for word in ("real", "floa", "doub")):
        notes.add("float")
    if base and base not in ("integer", "int", "text", "real", "blob", "any"):
        notes.add("loose type")
    return frozenset(notes)


DIALECT = ColumnDialect(spell_type=lambda text: text, is_volatile=is_volatile, note_type=note_type)


def is_free_change(old: str, new: str, server: Server) -> bool:
    """Tell whether a change of type is free: SQLite has no ALTER for one."""
    return old == new
