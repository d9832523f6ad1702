"""Cut a migration's file at its tool's own marks, never inside a string, comment, dollar quote or quoted name; pure."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass

Spans = tuple[tuple[int, int], ...]
SQL, MARK, OTHER = "sql", "mark", "other"

_BREAKPOINT = re.compile(r"--> statement-breakpoint")
_GOOSE = re.compile(r"^--[ \t]\+goose[ \t]+([^\r\n]*)", re.M | re.I)
_DBMATE = re.compile(r"^--[ \t]*migrate:(up|down)\b[^\r\n]*", re.M)
_CODE_LINE = re.compile(r"^[ \t]*(?!--)[^\s]", re.M)


@dataclass(frozen=True)
class Piece:
    """A stretch of a file: ``sql`` to run, a ``mark`` of the tool, or ``other`` (a way back, a byte order mark)."""

    kind: str
    text: str


@dataclass(frozen=True)
class Mistake:
    """Something the tool would not understand, or not as its author meant: ``kind`` and the line, from 1."""

    kind: str
    line: int
    text: str = ""


@dataclass(frozen=True)
class Cut:
    """A file cut at its marks; the texts of the pieces together are the file."""

    pieces: tuple[Piece, ...]
    mistakes: tuple[Mistake, ...] = ()

    @property
    def sql(self) -> str:
        """The text to run, every line at its place: a mark becomes a delimiter, what does not run becomes blank."""
        return "".join(_blank(piece) for piece in self.pieces)


def _blank(piece: Piece) -> str:
    if piece.kind == SQL:
        return piece.text
    kept = "".join(char if char in "\r\n" else " " for char in piece.text)
    return ";" + kept[1:] if piece.kind == MARK else kept


CutFile = Callable[[str, Spans], Cut]


def cut_whole(text: str, opaque: Spans) -> Cut:
    """Return the file as one piece."""
    return Cut(_with_bom(text, [Piece(SQL, text.removeprefix("\ufeff"))]))


def cut_at_breakpoints(text: str, opaque: Spans) -> Cut:
    """Cut at ``--> statement-breakpoint`` (Drizzle), but for those within a string or the like."""
    body, shift = text.removeprefix("\ufeff"), len(text) - len(text.removeprefix("\ufeff"))
    pieces, mistakes, start = [], [], 0
    for match in _BREAKPOINT.finditer(body):
        if _is_inside(match.start() + shift, opaque):
            mistakes.append(Mistake("mark-in-text", _line(body, match.start()), match[0]))
            continue
        pieces += [Piece(SQL, body[start : match.start()]), Piece(MARK, match[0])]
        start = match.end()
    return Cut(_with_bom(text, [*pieces, Piece(SQL, body[start:])]), tuple(mistakes))


def cut_goose(text: str, opaque: Spans) -> Cut:
    """Take what stands under ``-- +goose Up``; ``StatementBegin`` and ``StatementEnd`` bound statements."""
    return _cut_sections(text, opaque, _GOOSE, _goose_word)


def cut_dbmate(text: str, opaque: Spans) -> Cut:
    """Take what stands under ``-- migrate:up``."""
    return _cut_sections(text, opaque, _DBMATE, lambda match: match[1])


def _goose_word(match: re.Match[str]) -> str:
    return " ".join(match[1].lower().split())


def _cut_sections(text: str, opaque: Spans, pattern: re.Pattern[str], word_of: Callable[[re.Match[str]], str]) -> Cut:
    body, shift = text.removeprefix("\ufeff"), len(text) - len(text.removeprefix("\ufeff"))
    pieces: list[Piece] = []
    mistakes: list[Mistake] = []
    section, start = "", 0
    for match in pattern.finditer(body):
        if _is_inside(match.start() + shift, opaque):
            mistakes.append(Mistake("mark-in-text", _line(body, match.start()), match[0]))
            continue
        pieces += [Piece(_kind_of(section), body[start : match.start()]), Piece(MARK, match[0])]
        if section in ("", "head"):
            mistakes += _code_before(body, start, match.start())
        word = word_of(match)
        if word == section and word in ("up", "down"):
            mistakes.append(Mistake("mark-twice", _line(body, match.start()), match[0]))
        section = word if word in ("up", "down") else section or "head"
        if word.startswith("envsub on"):
            mistakes.append(Mistake("environment", _line(body, match.start()), match[0]))
        start = match.end()
    pieces.append(Piece(_kind_of(section), body[start:]))
    if not any(piece.kind == SQL for piece in pieces):
        mistakes.append(Mistake("no-up", 1))
    return Cut(_with_bom(text, pieces), tuple(mistakes))


def _kind_of(section: str) -> str:
    return SQL if section == "up" else OTHER


def _code_before(body: str, start: int, end: int) -> list[Mistake]:
    match = _CODE_LINE.search(body, start, end)
    return [Mistake("code-before-up", _line(body, match.end() - 1))] if match else []


def _with_bom(text: str, pieces: list[Piece]) -> tuple[Piece, ...]:
    head = [Piece(OTHER, "\ufeff")] if text.startswith("\ufeff") else []
    return tuple(piece for piece in [*head, *pieces] if piece.text)


def _is_inside(position: int, opaque: Spans) -> bool:
    """A mark that is itself a comment begins a stretch; it is inside one only behind its beginning."""
    at = bisect_right(opaque, (position, -1)) - 1
    return at >= 0 and position < opaque[at][1]


def _line(text: str, position: int) -> int:
    return text.count("\n", 0, position) + 1


CUTS: dict[str, CutFile] = {
    "drizzle": cut_at_breakpoints,
    "drizzle-folders": cut_at_breakpoints,
    "goose": cut_goose,
    "dbmate": cut_dbmate,
}
"""How a tool's files are cut; the others' are run whole."""
