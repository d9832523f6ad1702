"""A small document of headings, paragraphs, tables and code, which every rendering is made from; pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias


@dataclass(frozen=True)
class Heading:
    """A heading; ``level`` 2 or 3 (the document's title is 1)."""

    text: str
    level: int = 2


@dataclass(frozen=True)
class Paragraph:
    """A paragraph of plain text."""

    text: str


@dataclass(frozen=True)
class Bullets:
    """A list of plain texts; may be empty, which shows as nothing."""

    items: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """A table of plain texts; every row has as many cells as there are columns."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Code:
    """Text to be shown as it is, such as SQL."""

    text: str
    language: str = "sql"


@dataclass(frozen=True)
class Picture:
    """A picture as inline SVG; ``words`` say the same where no picture can be shown."""

    svg: str
    words: str


@dataclass(frozen=True)
class Folded:
    """Blocks that are shown folded where the form allows it, under a one-line summary."""

    summary: str
    blocks: tuple[Block, ...]


Block: TypeAlias = Heading | Paragraph | Bullets | Table | Code | Picture | Folded


@dataclass(frozen=True)
class Document:
    """A title, a verdict in one sentence, and blocks in order."""

    title: str
    verdict: str = ""
    blocks: tuple[Block, ...] = field(default=())
