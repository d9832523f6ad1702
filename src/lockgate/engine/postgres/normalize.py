"""Spellings that mean the same but do not survive being read again, one small function each; idempotent, pure."""

from __future__ import annotations

import re

_CAST_ARRAY = re.compile(r"\(ARRAY\[")
_ARRAY_CAST = re.compile(r"\]\)::")
_TYPE = re.compile(r"::((?:character varying|bpchar|character|text|citext|\"?[\w$]+\"?(?:\.\"?[\w$]+\"?)?))\Z")


def stabilize_expression(text: str) -> str:
    """Write ``(ARRAY['a'::character varying])::text[]`` so that the server reads it back as the same expression.

    ``status IN ('a', 'b')`` on a varchar column is stored as a cast of the whole array, and printed so; but read back,
    that text casts each element instead and prints differently. With the array's own type in between,
    ``((ARRAY[…])::character varying[])::text[]``, the cast of the whole array is kept, and printed as before.
    Source: transformTypeCast and transformArrayExpr, parse_expr.c, PostgreSQL 13 to 18; tests/engine.
    """
    if "(ARRAY[" not in text:
        return text
    pieces: list[str] = []
    done = 0
    for match in _CAST_ARRAY.finditer(text):
        if match.start() < done or is_inside_string(text, match.start()):
            continue
        end = closing_bracket(text, match.end())
        if end < 0 or not _ARRAY_CAST.match(text, end):
            continue
        element = _element_type(text[match.end() : end])
        if element is None or text.startswith(f"::{element}[]", end + 2):
            continue
        # text[end] is "]" and text[end + 1] is ")"
        pieces += [text[done : match.start()], "(", text[match.start() : end + 2], f"::{element}[])"]
        done = end + 2
    return "".join(pieces) + text[done:]


def stabilize(text: str | None) -> str | None:
    """Apply `stabilize_expression` to a text that may be missing."""
    return None if text is None else stabilize_expression(text)


def is_inside_string(text: str, position: int) -> bool:
    """Tell whether a place is within a string literal."""
    return text.count("'", 0, position) % 2 == 1


def closing_bracket(text: str, start: int) -> int:
    """Return where the ``[`` before ``start`` is closed, or -1."""
    depth, i = 1, start
    while i < len(text):
        char = text[i]
        if char in "'\"":
            i = text.find(char, i + 1)
            if i < 0:
                return -1
        elif char in "[(":
            depth += 1
        elif char in "])":
            depth -= 1
            if depth == 0:
                return i
        i += 1
    return -1


def _element_type(elements: str) -> str | None:
    """Return the type the elements are cast to, when the last one says it."""
    match = _TYPE.search(elements)
    return None if match is None else match[1]
