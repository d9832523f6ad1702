"""Read the statements inside a plain DO block, as migration tools write them around a guard; pure.

A block is read when it is nothing but SQL statements under BEGIN, IF … THEN, ELSE and EXCEPTION WHEN: each statement is
taken as run. Anything else (variables, loops, EXECUTE, PERFORM, another language) leaves the block unseen.
"""

from __future__ import annotations

from collections.abc import Callable

from lockgate.engine.ddl_cursor import DdlToken
from lockgate.engine.postgres.tokens import tokenize
from lockgate.model.ddl import Act

_SQL = frozenset(
    (
        "ALTER",
        "CREATE",
        "DROP",
        "COMMENT",
        "GRANT",
        "REVOKE",
        "INSERT",
        "UPDATE",
        "DELETE",
        "TRUNCATE",
        "LOCK",
        "REFRESH",
    )
)
_NOTHING = frozenset(("NULL", "RAISE", "END", "RETURN"))
_OUTSIDE = {"(": 1, ")": -1}

ReadText = Callable[[str], tuple[Act, ...] | None]
"""Reads one statement's text; None when it cannot be read."""


def read_do(tokens: list[DdlToken], read: ReadText) -> tuple[Act, ...] | None:
    """Return what a DO statement's block does, or None when that cannot be seen."""
    words = [token.word for token in tokens]
    if "LANGUAGE" in words:
        place = words.index("LANGUAGE") + 1
        if place >= len(tokens) or tokens[place].text.strip("'\"").lower() != "plpgsql":
            return None
    bodies = [token for token in tokens if token.kind == "string" and token.text.startswith("$")]
    return _read_body(_unquote(bodies[0].text), read) if len(bodies) == 1 else None


def _unquote(text: str) -> str:
    tag = text[: text.index("$", 1) + 1]
    return text[len(tag) :].removesuffix(tag)


def _read_body(body: str, read: ReadText) -> tuple[Act, ...] | None:
    tokens = tokenize(body)
    if not tokens or tokens[0].word != "BEGIN":
        return None
    acts: list[Act] = []
    for piece in _cut(tokens):
        statement = _without_control(piece)
        if statement is None:
            return None
        if statement:
            found = read(body[statement[0].start : statement[-1].end])
            if found is None:
                return None
            acts += found
    return tuple(acts)


def _cut(tokens: list[DdlToken]) -> list[list[DdlToken]]:
    pieces: list[list[DdlToken]] = [[]]
    for token in tokens:
        if token.kind == "punct" and token.text == ";":
            pieces.append([])
        else:
            pieces[-1].append(token)
    return pieces


def _without_control(piece: list[DdlToken]) -> list[DdlToken] | None:
    """Return the SQL statement of a piece, an empty list when there is none, or None when it is something else."""
    while piece:
        word = piece[0].word
        if word in _SQL:
            return piece
        if word in _NOTHING:
            return []
        if word in ("BEGIN", "ELSE", "EXCEPTION"):
            piece = piece[1:]
        elif word in ("IF", "ELSIF", "ELSEIF", "WHEN"):
            then = _index_of_then(piece)
            if then < 0:
                return None
            piece = piece[then + 1 :]
        else:
            return None
    return []


def _index_of_then(piece: list[DdlToken]) -> int:
    depth = cases = 0
    for i, token in enumerate(piece):
        depth += _OUTSIDE.get(token.text, 0) if token.kind == "punct" else 0
        cases += (token.word == "CASE") - (token.word == "END")
        if token.word == "THEN" and not depth and not cases:
            return i
    return -1
