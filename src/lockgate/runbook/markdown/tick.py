"""Set one box of a Markdown file, every other byte as it was; pure."""

from __future__ import annotations

import re

from lockgate.errors import InputError

_BOX = re.compile(r"^(\s*(?:>\s*)*(?:[-*+]|\d+[.)])\s+\[)([ xX])(\])")


def tick(text: str, line: int, *, is_done: bool = True) -> str:
    """Return the text with the box of a line (from 1) ticked, or emptied; the text itself when it already is.

    Raises:
        InputError: There is no such line, or no box at its start.
    """
    lines = text.split("\n")
    match = _BOX.match(lines[line - 1]) if 1 <= line <= len(lines) else None
    if match is None:
        raise InputError(
            f"line {line} has no box",
            where=f"line {line}",
            cause="a box is - [ ] at the start",
            state="nothing changed",
        )
    if (match.group(2) != " ") == is_done:
        return text
    lines[line - 1] = match.group(1) + ("x" if is_done else " ") + lines[line - 1][match.start(3) :]
    return "\n".join(lines)
