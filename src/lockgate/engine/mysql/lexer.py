"""Tokens of MySQL and MariaDB SQL, as far as statements and SHOW CREATE texts need them; pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

SPACE, COMMENT, OPEN, CLOSE, STRING, NAME, WORD, NUMBER, PUNCT = (
    "space",
    "comment",
    "open",
    "close",
    "string",
    "name",
    "word",
    "number",
    "punct",
)

_TOKEN = re.compile(
    r"""(?P<space>\s+)
      | (?P<comment>--(?=[\s\x00-\x1f]|\Z)[^\n]*|\#[^\n]*|/\*(?!M?!|\+).*?(?:\*/|\Z)|/\*\+.*?(?:\*/|\Z))
      | (?P<open>/\*M?!\d*)
      | (?P<close>\*/)
      | (?P<string>'(?:[^'\\]|\\.|'')*(?:'|\Z)|"(?:[^"\\]|\\.|"")*(?:"|\Z))
      | (?P<name>`(?:[^`]|``)*(?:`|\Z))
      | (?P<word>[A-Za-z_@$\x80-\U0010ffff][\w@$]*)
      | (?P<number>\d[\w.]*)
      | (?P<punct>.)""",
    re.X | re.S,
)


class Token(NamedTuple):
    """One token and where it stands in the text."""

    kind: str
    text: str
    start: int

    @property
    def end(self) -> int:
        """The place just behind the token."""
        return self.start + len(self.text)

    @property
    def upper(self) -> str:
        """The token in upper case when it is a word, else as it is."""
        return self.text.upper() if self.kind == WORD else self.text


def iter_tokens(text: str, start: int = 0) -> Iterator[Token]:
    """Yield every token, spaces and comments too; executed comments come as ``open`` and ``close``.

    A string takes its prefix (``b'1'``, ``_utf8mb4'x'``) as a word before it. Backslashes escape in strings.
    """
    position = start
    while position < len(text):
        match = _TOKEN.match(text, position)
        assert match is not None and match.lastgroup is not None
        yield Token(match.lastgroup, match.group(), position)
        position = match.end()


def code_tokens(text: str) -> list[Token]:
    """Return the tokens without spaces, comments and the marks of executed comments."""
    return [t for t in iter_tokens(text) if t.kind not in (SPACE, COMMENT, OPEN, CLOSE)]


def unwrap_executed(text: str) -> str:
    """Blank out the marks of executed comments (``/*!50606 … */``), keeping all positions."""
    if "/*" not in text:
        return text
    depth, parts = 0, []
    for token in iter_tokens(text):
        is_mark = token.kind == OPEN or (token.kind == CLOSE and depth > 0)
        if is_mark:
            depth += 1 if token.kind == OPEN else -1
        parts.append(" " * len(token.text) if is_mark else token.text)
    return "".join(parts)


def squeeze(text: str) -> str:
    """Turn every run of white space outside strings, names and comments into one space."""
    return "".join(" " if t.kind == SPACE else t.text for t in iter_tokens(text)).strip()


def quote_name(name: str) -> str:
    """Quote an identifier."""
    return "`" + name.replace("`", "``") + "`"


def unquote_name(text: str) -> str:
    """Return the identifier a token names, quoted or not."""
    return text[1:-1].replace("``", "`") if text.startswith("`") else text


def quote_string(value: str) -> str:
    """Quote a string literal (where backslashes escape)."""
    for raw, escaped in (("\\", "\\\\"), ("'", "''"), ("\n", "\\n"), ("\r", "\\r"), ("\0", "\\0"), ("\x1a", "\\Z")):
        value = value.replace(raw, escaped)
    return f"'{value}'"


_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "0": "\0", "Z": "\x1a", "b": "\b"}


def unquote_string(text: str) -> str:
    """Return the value of a string literal (where backslashes escape)."""
    quote, body = text[0], text[1:-1]
    body = body.replace(quote * 2, "\\" + quote)
    return re.sub(r"\\(.)", lambda m: _ESCAPES.get(m.group(1), m.group(1)), body, flags=re.S)


def strip_database(text: str, database: str) -> str:
    """Remove the database's own name as a qualifier (`` `db`. ``) outside strings and comments."""
    own = quote_name(database)
    if own not in text:
        return text
    tokens = list(iter_tokens(text))
    kept: list[str] = []
    i = 0
    while i < len(tokens):
        is_own = tokens[i].kind == NAME and tokens[i].text == own
        is_head = i == 0 or tokens[i - 1].text != "."
        if is_own and is_head and i + 1 < len(tokens) and tokens[i + 1].text == ".":
            i += 2
            continue
        kept.append(tokens[i].text)
        i += 1
    return "".join(kept)
