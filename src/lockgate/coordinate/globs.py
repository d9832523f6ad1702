"""Whether two patterns of paths can mean the same file; pure."""

from __future__ import annotations

import re
from functools import cache

_TOKEN = re.compile(r"\*\*/?|\*|\?|\[[^\]]*\]|.", re.DOTALL)
_DEEP, _STAR, _ANY = "**", "*", "?"
_WILD = re.compile(r"[*?\[{]")
_MOST_ALTERNATIVES = 64


def tidy_pattern(text: str) -> str:
    """Return a pattern as it is compared: ``/`` between folders, no ``./``, a folder means all below it."""
    pattern = text.strip().strip("`").removesuffix("(new)").strip().replace("\\", "/")
    while pattern.startswith("./"):
        pattern = pattern[2:]
    return f"{pattern}**" if pattern.endswith("/") else pattern


def patterns_overlap(one: str, two: str) -> bool:
    """Tell whether some path matches both; a path that is a folder holds all below it.

    ``*`` and ``?`` stay within a folder, ``**`` does not, ``{a,b}`` are alternatives. A ``[…]`` is taken for any
    character, so that two patterns may be called overlapping where they are not, never the other way round.
    """
    return any(
        _meet(_tokens(left), _tokens(right))
        for left in _forms(tidy_pattern(one))
        for right in _forms(tidy_pattern(two))
    )


def _forms(pattern: str) -> tuple[str, ...]:
    found = tuple(_alternatives(pattern))[:_MOST_ALTERNATIVES]
    return found + tuple(f"{item.rstrip('/')}/**" for item in found if not item.endswith("**"))


def _alternatives(pattern: str) -> list[str]:
    match = re.search(r"\{([^{}]*,[^{}]*)\}", pattern)
    if match is None:
        return [pattern]
    head, tail = pattern[: match.start()], pattern[match.end() :]
    rests = _alternatives(tail)
    return [head + choice + rest for choice in match[1].split(",") for rest in rests]


def _tokens(pattern: str) -> tuple[str, ...]:
    found = []
    for token in _TOKEN.findall(pattern):
        if token.startswith("**"):
            found.append(_DEEP)
        elif token.startswith("[") and len(token) > 1:
            found.append(_ANY)
        else:
            found.append(token)
    return tuple(found)


def _meet(one: tuple[str, ...], two: tuple[str, ...]) -> bool:
    @cache
    def go(i: int, j: int) -> bool:
        if i == len(one) and j == len(two):
            return True
        if i < len(one) and one[i] in (_DEEP, _STAR):
            return go(i + 1, j) or (j < len(two) and _swallows(one[i], two[j]) and go(i, j + 1))
        if j < len(two) and two[j] in (_DEEP, _STAR):
            return go(i, j + 1) or (i < len(one) and _swallows(two[j], one[i]) and go(i + 1, j))
        if i == len(one) or j == len(two):
            return False
        return _same(one[i], two[j]) and go(i + 1, j + 1)

    return go(0, 0)


def _swallows(wild: str, token: str) -> bool:
    """Whether a run of characters may take in what a token stands for (or, for a deep one, all of it but slashes)."""
    return wild == _DEEP or token != "/"


def _same(one: str, two: str) -> bool:
    if _ANY in (one, two):
        return "/" not in (one, two)
    return one == two


def is_pattern(text: str) -> bool:
    """Whether a text means more than one path."""
    return _WILD.search(text) is not None
