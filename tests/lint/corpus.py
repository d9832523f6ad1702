"""Reads the corpus: small scripts, each followed by the codes that must be found, and no others."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

FOLDER = Path(__file__).parent / "corpus"
QUIET = frozenset(["missing-lock-timeout", "missing-statement-timeout", "half-applied-script", "algorithm-not-stated"])
"""Rules that nearly every script breaks; they count only in cases marked ``@all``."""


class Case(NamedTuple):
    """A script and what must be found: ``options`` are the words after ``@``."""

    file: str
    line: int
    sql: str
    options: dict[str, str]
    expected: tuple[str, ...]


def read_corpus(name: str) -> tuple[Case, ...]:
    """Read a file: an optional line ``@ wrapped all version=15``, the script, then ``> code code`` or ``> -``."""
    return tuple(_read(FOLDER / name))


def _read(path: Path) -> Iterator[Case]:
    options: dict[str, str] = {}
    lines: list[str] = []
    start = 0
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if line.startswith("@"):
            options = {word.partition("=")[0]: word.partition("=")[2] for word in line[1:].split()}
        elif line.startswith("> "):
            codes = tuple(sorted(line[2:].split())) if line != "> -" else ()
            yield Case(path.name, start, "\n".join(lines), options, codes)
            options, lines, start = {}, [], 0
        elif line.strip() and not (line.startswith("##") and not lines):
            start = start or number
            lines.append(line)
