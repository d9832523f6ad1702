"""One box is ticked, every other byte stays."""

from __future__ import annotations

from pathlib import Path

import pytest

from lockgate.errors import InputError
from lockgate.runbook.markdown import tick

TEXT = (Path(__file__).parent / "plans" / "harbor.clean.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("text", [TEXT, TEXT.replace("\n", "\r\n")])
def test_exactly_one_line_changes(text: str) -> None:
    lines = text.split("\n")
    line = next(n for n, words in enumerate(lines, start=1) if "Lint passes" in words)
    ticked = tick(text, line).split("\n")
    assert [n for n, (a, b) in enumerate(zip(lines, ticked, strict=True), start=1) if a != b] == [line]
    assert ticked[line - 1] == lines[line - 1].replace("[ ]", "[x]")
    assert tick("\n".join(ticked), line, is_done=False) == text
    assert tick("\n".join(ticked), line) == "\n".join(ticked)


@pytest.mark.parametrize("line", [0, 1, 10_000, -3])
def test_a_line_without_a_box_is_refused(line: int) -> None:
    with pytest.raises(InputError):
        tick(TEXT, line)
