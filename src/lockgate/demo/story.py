"""Tell the demonstration as it happens and keep it for the report; claims come in as values, never as text alone."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from lockgate.report.document import Block, Bullets, Code, Document, Heading, Paragraph, Table

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Claim:
    """One thing the demonstration says about the database, and whether it is so."""

    text: str
    is_true: bool


@dataclass
class Story:
    """Collects chapters, claims and their seconds; tells each line at once."""

    tell: Tell
    claims: list[Claim] = field(default_factory=list)
    _blocks: list[Block] = field(default_factory=list)
    _times: list[tuple[str, float]] = field(default_factory=list)
    _chapter: str = ""
    _chapter_began: float = 0.0
    _began: float = field(default_factory=time.monotonic)

    def chapter(self, title: str, command: str = "") -> None:
        """Begin a chapter; ``command`` is how a user would do the same."""
        self._end_chapter()
        self._chapter, self._chapter_began = title, time.monotonic()
        self._blocks.append(Heading(title))
        self.tell("")
        self.tell(f"== {title}")
        if command:
            self._blocks.append(Code(command, "sh"))
            self.tell(f"   $ {command}")

    def say(self, text: str) -> None:
        """Tell a fact."""
        self._blocks.append(Paragraph(text))
        self.tell(f"   {text}")

    def show(self, block: Block) -> None:
        """Put a block into the report only."""
        self._blocks.append(block)

    def claim(self, text: str, is_true: bool) -> None:
        """State something that was just looked up, true or not."""
        self.claims.append(Claim(text, is_true))
        verdict = "ok" if is_true else "NOT SO"
        self._blocks.append(Bullets((f"{verdict}: {text}",)))
        self.tell(f"   {verdict}: {text}")

    @property
    def is_as_told(self) -> bool:
        """Whether every claim held, and there was one at all."""
        return bool(self.claims) and all(claim.is_true for claim in self.claims)

    @property
    def elapsed_s(self) -> float:
        """Seconds since the beginning."""
        return time.monotonic() - self._began

    def document(self, title: str) -> Document:
        """Return the whole story."""
        self._end_chapter()
        held = sum(claim.is_true for claim in self.claims)
        verdict = f"{held} of {len(self.claims)} claims hold, each looked up in the database; {self.elapsed_s:.1f} s."
        times = Table(("chapter", "seconds"), tuple((name, f"{seconds:.2f}") for name, seconds in self._times))
        claims = Table(("holds", "claim"), tuple(("yes" if c.is_true else "NO", c.text) for c in self.claims))
        summary: tuple[Block, ...] = (Heading("Claims"), claims, Heading("Times"), times)
        return Document(title, verdict, (*summary, *self._blocks))

    def _end_chapter(self) -> None:
        if self._chapter:
            self._times.append((self._chapter, time.monotonic() - self._chapter_began))
            self._chapter = ""
