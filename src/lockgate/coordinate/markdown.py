"""The pieces of Markdown that exports of sessions and roadmaps are made of and read from; pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

_CELL = re.compile(r"(?<!\\)\|")
_RULE = re.compile(r"\s*:?-+:?\s*")
_FIELD = re.compile(r"\s*(?:[-*]\s+)?\*\*(?P<key>[^*:]+?)(?::\*\*|\*\*\s*:)\s*(?P<value>.*?)\s*$")
_BOX = re.compile(r"\s*[-*]\s+\[(?P<mark>[ xX])\]\s+(?P<text>.*?)\s*$")
NONE_CELL = "_(none)_"


@dataclass(frozen=True)
class Block:
    """A table: the line of its header (from 0), its names, and its rows with their lines."""

    line: int
    names: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]
    end: int


def split_cells(line: str) -> tuple[str, ...]:
    """Return the cells of a table's line; an escaped bar is part of its cell."""
    text = line.strip().removeprefix("|")
    if text.endswith("|") and not text.endswith("\\|"):
        text = text[:-1]
    return tuple(cell.strip().replace("\\|", "|") for cell in _CELL.split(text))


def join_cells(cells: Sequence[str]) -> str:
    """Return a line of a table."""
    return "| " + " | ".join(cell.replace("\n", " ").replace("|", "\\|") for cell in cells) + " |"


def find_table(lines: Sequence[str], start: int, end: int) -> Block | None:
    """Return the first table between two lines."""
    for number in range(start, min(end, len(lines)) - 1):
        is_table = "|" in lines[number] and "|" in lines[number + 1]
        if is_table and all(_RULE.fullmatch(cell) for cell in split_cells(lines[number + 1])):
            rows = []
            at = number + 2
            while at < end and lines[at].lstrip().startswith("|"):
                rows.append((at, split_cells(lines[at])))
                at += 1
            return Block(number, split_cells(lines[number]), tuple(rows), at)
    return None


def is_none_row(cells: Sequence[str]) -> bool:
    """Whether a row says that there is none."""
    return bool(cells) and cells[0].strip("_*() ").casefold() in ("none", "-", "—", "")


def read_field(line: str) -> tuple[str, str] | None:
    """Read a bold key and its value; the colon may be within the bold or after it."""
    match = _FIELD.match(line)
    return (match["key"].strip(), match["value"]) if match else None


def read_box(line: str) -> tuple[str, bool] | None:
    """Read a box: its text and whether it is ticked."""
    match = _BOX.match(line)
    return (match["text"], match["mark"] in "xX") if match else None


def find_sections(lines: Sequence[str], level: str) -> tuple[tuple[str, int, int], ...]:
    """Return the headings of a level (``##``) with the lines of their bodies; code blocks are no headings."""
    marks: list[tuple[str, int]] = []
    is_code = False
    for number, line in enumerate(lines):
        if line.lstrip().startswith(("```", "~~~")):
            is_code = not is_code
        elif not is_code and re.match(rf"{level}\s", line):
            marks.append((line[len(level) :].strip(), number))
    ends = [*(number for _, number in marks), len(lines)][1:]
    return tuple((name, number + 1, end) for (name, number), end in zip(marks, ends, strict=True))
