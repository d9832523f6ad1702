"""What a Markdown plan is made of before it becomes a runbook: blocks with their lines; pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Block:
    """Something of a file, from its first to its last line (from 1, both included)."""

    line: int
    end: int


@dataclass(frozen=True)
class Heading(Block):
    """A heading of level 1 to 6; 7 is a line that is all bold, 8 a line that ends with a colon before a list."""

    level: int
    text: str


@dataclass(frozen=True)
class Paragraph(Block):
    """Lines of text without the mark of a quotation."""

    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        """All of it in one line."""
        return " ".join(line.strip() for line in self.lines)


@dataclass(frozen=True)
class Fence(Block):
    """A fenced block: what follows the fence, and the text as it stands."""

    info: str
    text: str


@dataclass(frozen=True)
class Row:
    """One row of a table; ``cells`` as written, with ``\\|`` as ``|``."""

    line: int
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Table(Block):
    """A table with its header."""

    header: tuple[str, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Item(Block):
    """One item of a list. ``number`` is the author's (``1``, ``3.2``); ``box`` None: it has none."""

    text: str
    number: str = ""
    box: bool | None = None
    items: tuple[Item, ...] = ()
    fences: tuple[Fence, ...] = ()


@dataclass(frozen=True)
class ItemList(Block):
    """A list of items."""

    items: tuple[Item, ...]


@dataclass(frozen=True)
class Line(Block):
    """A line across."""


@dataclass(frozen=True)
class Comment(Block):
    """A comment, for nobody."""


@dataclass(frozen=True)
class Section:
    """A heading, what stands right under it, and the sections inside."""

    heading: Heading
    blocks: tuple[Block, ...] = ()
    sections: tuple[Section, ...] = ()

    @property
    def title(self) -> str:
        """The heading's text."""
        return self.heading.text

    @property
    def end(self) -> int:
        """The last line of all that is inside."""
        ends = [block.end for block in self.blocks] + [section.end for section in self.sections]
        return max([self.heading.end, *ends])

    def walk(self) -> Iterator[Section]:
        """This section and all inside, in the order of the file."""
        yield self
        for section in self.sections:
            yield from section.walk()


@dataclass(frozen=True)
class RawStep:
    """A step as it stands in the file: its cells by role (title, command, verification, rollback, …), untouched."""

    id: str
    line: int
    phase: str
    cells: dict[str, str] = field(default_factory=dict)
    columns: tuple[str, ...] = ()


@dataclass(frozen=True)
class Stated:
    """A fact of the header, the front matter or the footer, and where it is stated."""

    key: str
    value: str
    line: int
    where: str


@dataclass(frozen=True)
class MarkdownPlan:
    """What a linter of the text needs besides the runbook.

    ``lines`` are all lines after mending (index 0 is line 1). ``bound`` are fenced blocks by the step they were bound
    to, for somebody to confirm.
    """

    lines: tuple[str, ...] = ()
    blocks: tuple[Block, ...] = ()
    steps: tuple[RawStep, ...] = ()
    stated: tuple[Stated, ...] = ()
    fences: tuple[Fence, ...] = ()
    bound: tuple[tuple[str, Fence], ...] = ()
