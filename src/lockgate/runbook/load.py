"""The one door to a runbook in a file: YAML, or a plan in Markdown."""

from __future__ import annotations

import re
from pathlib import Path

from lockgate.runbook.read import ReadRunbook, read_runbook

_MARKDOWN = (".md", ".markdown", ".mdown", ".mkd")
_YAML = (".yaml", ".yml", ".json")


def load_runbook(path: Path) -> ReadRunbook:
    """Read a runbook, as what its name or (with another name) its first lines say it is.

    Raises:
        SourceError: The file cannot be read, or is no runbook; with file and line.
    """
    if is_markdown(path):
        from lockgate.runbook.markdown import read_markdown

        return read_markdown(path)
    return read_runbook(path)


def is_markdown(path: Path) -> bool:
    """Whether a file is a plan in Markdown."""
    if path.suffix.lower() in _MARKDOWN + _YAML:
        return path.suffix.lower() in _MARKDOWN
    try:
        with path.open("rb") as file:
            head = file.read(20_000).decode("utf-8", errors="replace")
    except OSError:
        return False
    return re.search(r"^(#{1,3}\s+\S|\|.*\|\s*$)", head, re.M) is not None and not re.search(
        r"^runbook\s*:", head, re.M
    )
