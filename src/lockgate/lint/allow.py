"""Comments that allow a rule: ``-- lockgate: allow RULE REASON`` for a statement, ``allow-file`` for a file; pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from lockgate.model.ddl import Comment

_MARK = re.compile(r"(?:--|#|/\*|//)\s*lockgate:\s*(?P<rest>.*?)\s*(?:\*/)?\s*$", re.S | re.I)
_FORM = re.compile(
    r"(?P<verb>allow|allow-file)\s+(?P<rules>[a-z0-9][a-z0-9-]*(?:\s*,\s*[a-z0-9-]+)*)(?P<reason>.*)", re.S
)


@dataclass(frozen=True)
class Allowance:
    """One comment: its line, the rules it names, its reason, and the place of its statement; -1 for the file.

    ``problem`` says why it allows nothing.
    """

    line: int
    rules: tuple[str, ...]
    reason: str
    statement: int
    problem: str = ""


def read_allowances(comments: Sequence[Comment], spans: Sequence[tuple[int, int]]) -> tuple[Allowance, ...]:
    """Return the allowances among the comments.

    ``spans`` are the first and last line of each statement. A comment on a line of its own before a statement, inside
    it, or behind it on its last line belongs to it.
    """
    found = []
    for comment in comments:
        match = _MARK.match(comment.text)
        if match is not None:
            found.append(_read(comment, " ".join(match["rest"].split()), spans))
    return tuple(found)


def _read(comment: Comment, text: str, spans: Sequence[tuple[int, int]]) -> Allowance:
    match = _FORM.fullmatch(text)
    if match is None:
        problem = "it is not of the form `lockgate: allow RULE REASON` or `lockgate: allow-file RULE REASON`"
        return Allowance(comment.line, (), "", -1, problem)
    rules = tuple(part.strip() for part in match["rules"].split(","))
    reason = match["reason"].strip(" :—–-")
    statement = -1 if match["verb"] == "allow-file" else _statement_of(comment, spans)
    problem = "" if reason else "it gives no reason"
    if statement is None:
        problem = problem or "no statement stands after it"
    return Allowance(comment.line, rules, reason, -1 if statement is None else statement, problem)


def _statement_of(comment: Comment, spans: Sequence[tuple[int, int]]) -> int | None:
    inside = [i for i, (first, last) in enumerate(spans) if first <= comment.line <= last]
    if inside and (not comment.is_alone or spans[inside[-1]][0] < comment.line):
        return inside[-1] if not comment.is_alone else inside[0]
    return next((i for i, (first, _) in enumerate(spans) if first > comment.line), inside[0] if inside else None)
