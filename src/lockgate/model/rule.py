"""A rule: what its code stands for, why it matters and what to do instead; its page is made from it; pure."""

from __future__ import annotations

from lockgate.model.finding import Finding, Severity
from lockgate.model.op import HazardKind
from lockgate.model.schema import Value


class Remedy(Value, frozen=True):
    """What to do instead. ``where``: ``any``, or the engines it holds for (``PostgreSQL``, ``MySQL 8.4``, …)."""

    where: str
    text: str


class Rule(Value, frozen=True):
    """One rule.

    ``code`` is stable, lower case with hyphens, and unique over all areas; ``area`` is the command or source it belongs
    to (lint, migrations, schema, data, conventions, drizzle, …). ``problem`` and ``why`` are Markdown paragraphs;
    ``next_step`` is the default one of its findings. ``hazards``: what the planner calls the same danger.
    """

    code: str
    area: str
    title: str
    severity: Severity
    problem: str
    why: str
    remedies: tuple[Remedy, ...]
    next_step: str
    hazards: tuple[HazardKind, ...] = ()

    def found(
        self,
        message: str,
        *,
        file: str = "",
        line: int = 0,
        object: str = "",
        next_step: str = "",
        severity: Severity | None = None,
    ) -> Finding:
        """Return a finding of this rule."""
        return Finding(
            code=self.code,
            severity=severity or self.severity,
            message=message,
            file=file,
            line=line,
            object=object,
            next_step=next_step or self.next_step,
        )
