"""The server's own texts, normalised: a witness for proofs that does not pass through the model."""

from __future__ import annotations

from functools import lru_cache

from lockgate.engine.base import Session
from lockgate.engine.sqlite.inspect import OWN_PREFIX
from lockgate.engine.sqlite.parse import ParseError, parse_table
from lockgate.engine.sqlite.parse_index import split_commas
from lockgate.engine.sqlite.tokens import PLAIN, Token, fold, join_tokens, tokenize
from lockgate.model.server import Server

_OBJECTS_SQL = """
SELECT m.type, m.name, m.tbl_name, m.sql FROM sqlite_schema AS m
LEFT JOIN pragma_table_list AS l ON l.schema = 'main' AND l.name = m.name AND m.type = 'table'
WHERE m.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND l.type IS NOT 'shadow'
"""


def dump_schema(session: Session, server: Server) -> tuple[str, ...]:
    """Return the normalised texts of sqlite_schema, sorted, our own objects left out.

    The definitions inside a table are sorted, because ADD COLUMN appends; constraint names, which SQLite does not keep
    but as text, are left out.
    """
    lines: list[str] = []
    for kind, name, table, sql in session.query(_OBJECTS_SQL):
        if fold(name).startswith(OWN_PREFIX) or fold(table).startswith(OWN_PREFIX):
            continue
        lines.append(f"{kind} {fold(name)}: {_normal(kind, sql)}")
    return tuple(sorted(lines))


@lru_cache(maxsize=8192)
def _normal(kind: str, sql: str) -> str:
    tokens = [_unquoted(token) for token in tokenize(sql)]
    if kind != "table":
        return join_tokens(tokens)
    try:
        parse_table(sql)
    except ParseError:
        return join_tokens(tokens)
    opening = next(i for i, t in enumerate(tokens) if t.text == "(" and t.kind == "operator")
    closing = max(i for i, t in enumerate(tokens) if t.text == ")" and t.kind == "operator")
    parts = sorted(join_tokens(_without_names(g)) for g in split_commas(tokens[opening + 1 : closing]))
    tail = sorted(join_tokens(g) for g in split_commas(tokens[closing + 1 :]) if g)
    return f"({', '.join(parts)}) {', '.join(tail)}".rstrip()


def _unquoted(token: Token) -> Token:
    """Take the quotes off a plain name, a keyword too: RENAME COLUMN writes ``"no"`` where a person wrote ``no``."""
    is_plain = token.kind == "quoted" and PLAIN.match(token.name)
    return token._replace(kind="word", text=token.name, word=fold(token.name)) if is_plain else token


def _without_names(tokens: list[Token]) -> list[Token]:
    """Leave out ``CONSTRAINT name``."""
    result: list[Token] = []
    skip = 0
    for i, token in enumerate(tokens):
        if skip:
            skip -= 1
        elif token.word == "constraint" and i + 1 < len(tokens) and (i == 0 or tokens[i - 1].text != "."):
            skip = 1
        else:
            result.append(token)
    return result
