"""An entry under Unreleased of a changelog, once for each run; everything else stays byte for byte; pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

_UNRELEASED = re.compile(r"##\s+\[?unreleased\]?", re.IGNORECASE)
_HEADING = re.compile(r"##\s")
_NEW = "# Changelog\n\n## [Unreleased]\n"


def entry_lines(run: str, title: str, done: Sequence[str], deferred: Sequence[str]) -> tuple[str, ...]:
    """Return the lines of one run's entry; what was deferred is called deferred."""
    lines = [f"- {title} ({mark_of(run)})"]
    lines += [f"  - {text}" for text in done]
    lines += [f"  - deferred: {text}" for text in deferred]
    return tuple(" ".join(line.split()) if not line.startswith(" ") else line for line in lines)


def mark_of(run: str) -> str:
    """Return what an entry of a run is known by."""
    return f"run {run}"


def insert_entry(text: str, run: str, lines: Sequence[str]) -> str:
    """Return the changelog with an entry at the end of Unreleased; an entry of the same run is replaced.

    A file without that section gets one before its first version; an empty one is made.
    """
    newline = "\r\n" if "\r\n" in text else "\n"
    rows = (text or _NEW).replace("\r\n", "\n").split("\n")
    start = next((n for n, row in enumerate(rows) if _UNRELEASED.match(row)), -1)
    if start < 0:
        first = next((n for n, row in enumerate(rows) if _HEADING.match(row)), len(rows))
        while first == len(rows) and rows and rows[-1] == "":
            rows.pop()
            first = len(rows)
        rows[first:first] = [*([""] if first and rows[first - 1] else []), "## [Unreleased]", ""]
        start = next(n for n, row in enumerate(rows) if _UNRELEASED.match(row))
    end = next((n for n in range(start + 1, len(rows)) if _HEADING.match(rows[n])), len(rows))
    at, upto = _entry_of(rows, start + 1, end, run)
    if at >= 0:
        rows[at:upto] = list(lines)
        return newline.join(rows)
    last = end
    while last > start + 1 and not rows[last - 1].strip():
        last -= 1
    is_list_open = last > start + 1 and rows[last - 1].lstrip().startswith("-")
    tail = rows[last:end] or [""]
    rows[last:end] = [*([] if is_list_open else [""]), *lines, *tail]
    return newline.join(rows)


def _entry_of(rows: list[str], start: int, end: int, run: str) -> tuple[int, int]:
    """Return where the entry of a run begins and ends, (-1, -1) when there is none."""
    at = next((n for n in range(start, end) if rows[n].startswith("- ") and f"({mark_of(run)})" in rows[n]), -1)
    if at < 0:
        return -1, -1
    upto = at + 1
    while upto < end and rows[upto].startswith("  "):
        upto += 1
    return at, upto
