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
    body = _without(rows[start + 1 : end], run)
    tail = len(body)
    while tail and not body[tail - 1].strip():
        tail -= 1
    after = body[tail:] or [""]
    before = body[:tail] if tail else [""]
    is_list_open = bool(tail) and body[tail - 1].lstrip().startswith("-")
    gap = [] if not tail or is_list_open else [""]
    rows[start + 1 : end] = [*before, *gap, *lines, *after]
    return newline.join(rows)


def _without(body: list[str], run: str) -> list[str]:
    """Leave out the entry of a run: its line and the lines that belong to it."""
    at = next((n for n, row in enumerate(body) if row.startswith("- ") and f"({mark_of(run)})" in row), -1)
    if at < 0:
        return body
    end = at + 1
    while end < len(body) and body[end].startswith("  "):
        end += 1
    return body[:at] + body[end:]
