"""PostgreSQL's tokens, for the reader of DDL and for finding comments; what is cut short ends at the end; pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lockgate.engine.ddl_cursor import DdlToken
from lockgate.model.ddl import Comment

_TOKEN = re.compile(
    r"""(?P<space>\s+)
      | (?P<comment>--[^\n]*)
      | (?P<block>/\*)
      | (?P<escape>[eE]'(?:[^'\\]|\\.|'')*(?:'|\Z))
      | (?P<string>(?:[bBxXnN]|[uU]&)?'(?:[^']|'')*(?:'|\Z))
      | (?P<dollar>\$(?P<tag>[A-Za-z_\u0080-\U0010ffff][\w\u0080-\U0010ffff]*|)\$)
      | (?P<name>(?:[uU]&)?"(?:[^"]|"")*(?:"|\Z))
      | (?P<word>[A-Za-z_\u0080-\U0010ffff][\w$\u0080-\U0010ffff]*)
      | (?P<number>\d[\w.]*|\.\d\w*|\$\d+)
      | (?P<punct>::|.)""",
    re.X | re.S,
)
_EDGE = re.compile(r"/\*|\*/")
NAME_BYTES = 63


def tokenize(text: str) -> list[DdlToken]:
    """Return the tokens of a text without spaces and comments."""
    return [_token(kind, body, start) for kind, body, start in _scan(text) if kind not in ("space", "comment")]


def find_comments(text: str) -> tuple[Comment, ...]:
    """Return the comments of a script."""
    found = []
    for kind, body, start in _scan(text):
        if kind == "comment":
            line_start = text.rfind("\n", 0, start) + 1
            found.append(Comment(text.count("\n", 0, start) + 1, body, not text[line_start:start].strip()))
    return tuple(found)


def _scan(text: str) -> Iterator[tuple[str, str, int]]:
    position = 1 if text.startswith("\ufeff") else 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        assert match is not None and match.lastgroup is not None
        kind, end = match.lastgroup, match.end()
        if kind == "block":
            kind, end = "comment", _comment_end(text, position)
        elif match.group("dollar"):
            closing = text.find(match.group("dollar"), end)
            kind, end = "dollar", len(text) if closing < 0 else closing + len(match.group("dollar"))
        yield kind, text[position:end], position
        position = end


def _comment_end(text: str, start: int) -> int:
    depth, i = 0, start
    while True:
        match = _EDGE.search(text, i)
        if match is None:
            return len(text)
        depth += 1 if match[0] == "/*" else -1
        i = match.end()
        if depth == 0:
            return i


def _token(kind: str, text: str, start: int) -> DdlToken:
    end = start + len(text)
    if kind == "word":
        return DdlToken("word", text, start, end, text.upper(), fold_name(text))
    if kind == "name":
        body = text[text.index('"') + 1 :].removesuffix('"').replace('""', '"')
        return DdlToken("name", text, start, end, "", body)
    if kind in ("string", "escape", "dollar"):
        return DdlToken("string", text, start, end)
    return DdlToken(kind, text, start, end)


def fold_name(text: str) -> str:
    """Return an unquoted name as the server compares it."""
    return text.lower()
