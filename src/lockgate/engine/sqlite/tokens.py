"""SQLite's tokens, and one canonical spelling of a piece of SQL text; pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from string import ascii_lowercase, ascii_uppercase
from typing import NamedTuple

# Everything but ASCII that is no part of a word; said this way round because a range up to U+10FFFF takes `re` 20 ms.
_HEAD = r"[^\x00-\x40\x5b-\x5e\x60\x7b-\x7f]"  # a letter, _ or anything beyond ASCII
_TAIL = r"[^\x00-\x23\x25-\x2f\x3a-\x40\x5b-\x5e\x60\x7b-\x7f]"  # a letter, digit, _, $ or anything beyond ASCII
_PATTERN = re.compile(
    rf"""
      (?P<space>[ \t\r\n\f\ufeff]+)
    | (?P<comment>--[^\n]*|/\*.*?(?:\*/|\Z))
    | (?P<blob>[xX]'[0-9A-Fa-f]*')
    | (?P<string>'(?:[^']|'')*(?:'|\Z))
    | (?P<quoted>"(?:[^"]|"")*(?:"|\Z)|`(?:[^`]|``)*(?:`|\Z)|\[[^\]]*(?:\]|\Z))
    | (?P<number>0[xX][0-9A-Fa-f_]+|(?:\d[\d_]*(?:\.[\d_]*)?|\.\d[\d_]*)(?:[eE][+-]?\d[\d_]*)?)
    | (?P<word>{_HEAD}{_TAIL}*)
    | (?P<variable>\?\d*|[:@\#$](?:{_TAIL}|:)+)
    | (?P<operator>->>|->|\|\||<=|>=|<>|<<|>>|==|!=|.)
    """,
    re.VERBOSE | re.DOTALL,
)
PLAIN = re.compile(rf"{_HEAD}{_TAIL}*\Z")

# Words that SQLite never reads as a name without quotes, and those that would change a statement's meaning.
# Source: sqlite.org/lang_keywords.html (all keywords of 3.53, so that any version reads our text alike).
KEYWORDS = frozenset(
    """abort action add after all alter always analyze and as asc attach autoincrement before begin between by cascade
    case cast check collate column commit conflict constraint create cross current current_date current_time
    current_timestamp database default deferrable deferred delete desc detach distinct do drop each else end escape
    except exclude exclusive exists explain fail filter first following for foreign from full generated glob group
    groups having if ignore immediate in index indexed initially inner insert instead intersect into is isnull join key
    last left like limit match materialized natural no not nothing notnull null nulls of offset on or order others outer
    over partition plan pragma preceding primary query raise range recursive references regexp reindex release rename
    replace restrict returning right rollback row rows savepoint select set table temp temporary then ties to
    transaction trigger unbounded union unique update using vacuum values view virtual when where window with
    without""".split()  # noqa: SIM905
)


class Token(NamedTuple):
    """One token.

    ``kind``: word, quoted, string, number, blob, variable or operator; offsets into the text; ``word``: the lower-case
    text of an unquoted word, else empty: what a keyword is compared with.
    """

    kind: str
    text: str
    start: int
    end: int
    word: str = ""

    @property
    def name(self) -> str:
        """The name this token stands for, quotes taken off."""
        return unquote(self.text) if self.kind in ("quoted", "string") else self.text


def tokenize(sql: str) -> list[Token]:
    """Return the tokens of a text without spaces and comments. Never fails: what is cut short ends at the end."""
    tokens: list[Token] = []
    for match in _PATTERN.finditer(sql):
        kind = match.lastgroup
        if kind in ("space", "comment") or kind is None:
            continue
        text = match.group()
        tokens.append(Token(kind, text, match.start(), match.end(), fold(text) if kind == "word" else ""))
    return tokens


def find_opaque(text: str) -> tuple[tuple[int, int], ...]:
    """Return where strings, quoted names and comments begin and end."""
    kinds = ("string", "quoted", "blob", "comment")
    return tuple(match.span() for match in _PATTERN.finditer(text) if match.lastgroup in kinds)


_LOWER = str.maketrans(ascii_uppercase, ascii_lowercase)


def fold(name: str) -> str:
    """Return a name as SQLite compares it: ASCII letters in lower case, all others as they are."""
    return name.lower() if name.isascii() else name.translate(_LOWER)


def unquote(text: str) -> str:
    """Return the content of a quoted name or string."""
    head = text[:1]
    if head == "[":
        return text[1:-1] if text.endswith("]") else text[1:]
    if head in "'\"`" and head:
        body = text[1:-1] if len(text) > 1 and text.endswith(head) else text[1:]
        return body.replace(head * 2, head)
    return text


def quote(name: str) -> str:
    """Quote a name for SQL text."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Quote a string literal for SQL text."""
    return "'" + text.replace("'", "''") + "'"


@lru_cache(maxsize=8192)
def canonical(sql: str) -> str:
    """Return one spelling for texts that SQLite reads alike: no comments, single spaces, names folded and bare.

    Strings keep every character; everything else is what the server's own name and keyword comparison ignores.
    """
    return join_tokens(tokenize(sql))


def join_tokens(tokens: Sequence[Token]) -> str:
    """Join tokens in the canonical spelling."""
    out: list[str] = []
    before = ""
    for token in tokens:
        text = _spell(token)
        if out and not _is_tight(before, text):
            out.append(" ")
        out.append(text)
        before = text
    return "".join(out)


def _spell(token: Token) -> str:
    if token.kind == "quoted":
        name = fold(token.name)
        return name if PLAIN.match(name) and name not in KEYWORDS else quote(name)
    return token.text if token.kind == "string" else fold(token.text)


def _is_tight(before: str, text: str) -> bool:
    if before in ("(", ".") or text in (")", ",", ".", ";"):
        return True
    return text == "(" and bool(PLAIN.match(before) or before.endswith('"')) and before not in KEYWORDS


def iter_comments(sql: str) -> Iterator[tuple[int, str]]:
    """Yield each comment of a text with the place it begins at."""
    for match in _PATTERN.finditer(sql):
        if match.lastgroup == "comment":
            yield match.start(), match.group()
