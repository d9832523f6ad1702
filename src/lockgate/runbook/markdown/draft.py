"""What has been read of a plan so far, and which of its lines are accounted for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from lockgate.model.checks import Check
from lockgate.model.runbook import (
    ApprovalItem,
    Contact,
    Gate,
    LevelPlan,
    Message,
    Metric,
    RiskRow,
    Stage,
    Task,
    Trigger,
)
from lockgate.runbook.markdown.plan import Block, Fence, Heading, RawStep, Section, Stated


@dataclass
class GateDraft:
    """A gate that is still being read; ``orders`` are the lines that say what a closed gate does."""

    title: str
    line: int
    checks: list[tuple[Check, int]] = field(default_factory=list)
    orders: list[str] = field(default_factory=list)


@dataclass
class PhaseDraft:
    """A phase that is still being read; ``listed`` are the ids of steps in its tables, also those still to come."""

    id: str
    title: str
    heading: Heading
    facts: dict[str, str] = field(default_factory=dict)
    objectives: list[str] = field(default_factory=list)
    before: list[tuple[Check, int]] = field(default_factory=list)
    tasks: list[tuple[Task, int]] = field(default_factory=list)
    stages: list[tuple[Stage, int]] = field(default_factory=list)
    subtasks: list[tuple[Stage, int]] = field(default_factory=list)
    gate: GateDraft | None = None
    gate_value: Gate | None = None
    orders: list[tuple[str, int]] = field(default_factory=list)
    text: list[str] = field(default_factory=list)
    fences: list[tuple[str, Fence, Section]] = field(default_factory=list)
    listed: set[str] = field(default_factory=set)

    def set_gate(self, title: str, line: int) -> GateDraft:
        """Return the phase's gate, made when it has none yet."""
        if self.gate is None:
            self.gate = GateDraft(title, line)
        return self.gate


@dataclass
class Draft:
    """A plan that is still being read. ``notes`` are for people: lines and what is to be said of them."""

    file: str
    lines: tuple[str, ...]
    title: str = ""
    stated: list[Stated] = field(default_factory=list)
    summary: list[str] = field(default_factory=list)
    phases: list[PhaseDraft] = field(default_factory=list)
    objectives: list[str] = field(default_factory=list)
    requires: list[tuple[Check, int]] = field(default_factory=list)
    risks: list[tuple[RiskRow, int]] = field(default_factory=list)
    levels: list[tuple[LevelPlan, int]] = field(default_factory=list)
    triggers: list[tuple[Trigger, int]] = field(default_factory=list)
    metrics: list[tuple[Metric, int]] = field(default_factory=list)
    messages: list[tuple[Message, int]] = field(default_factory=list)
    contacts: list[tuple[Contact, int]] = field(default_factory=list)
    approvals: list[tuple[ApprovalItem, int]] = field(default_factory=list)
    appendix: dict[str, str] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)
    steps: list[RawStep] = field(default_factory=list)
    bound: list[tuple[str, Fence]] = field(default_factory=list)
    notes: list[tuple[int, str]] = field(default_factory=list)
    seen: set[int] = field(default_factory=set)

    def take(self, *blocks: Block) -> None:
        """Account for blocks that were understood."""
        for block in blocks:
            self.seen.update(range(block.line, block.end + 1))

    def note(self, line: int, text: str) -> None:
        """Remember something a person should know about a line."""
        self.notes.append((line, text))

    def raw(self, blocks: Iterable[Block]) -> str:
        """Return blocks as they stand in the file, apart by an empty line, and account for them."""
        kept = list(blocks)
        self.take(*kept)
        return "\n\n".join("\n".join(self.lines[block.line - 1 : block.end]).strip("\n\r") for block in kept).strip()

    def raw_section(self, section: Section, top: int) -> str:
        """Return a section as it stands, its headings moved so that it is at level ``top``; all of it accounted for."""
        moved = []
        shift = top - section.heading.level if section.heading.level <= 6 else 0
        headings = {inner.heading.line: inner.heading for inner in section.walk()}
        fenced = {
            number
            for inner in section.walk()
            for block in inner.blocks
            if isinstance(block, Fence)
            for number in range(block.line, block.end + 1)
        }
        for number in range(section.heading.line, section.end + 1):
            line = self.lines[number - 1].rstrip("\r")
            heading = headings.get(number)
            if heading is not None and heading.level <= 6 and number not in fenced and line.lstrip().startswith("#"):
                line = "#" * max(top, min(6, heading.level + shift)) + " " + heading.text
            moved.append(line.rstrip())
        self.seen.update(range(section.heading.line, section.end + 1))
        return "\n".join(moved).strip()
