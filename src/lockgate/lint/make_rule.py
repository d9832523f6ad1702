"""Makes the records of lint rules; pure."""

from __future__ import annotations

from lockgate.model.finding import Severity
from lockgate.model.op import HazardKind
from lockgate.model.rule import Remedy, Rule

CRITICAL, WARNING, INFO = Severity.CRITICAL, Severity.WARNING, Severity.INFO
PG, MY, MA, MM, LITE, ANY = "PostgreSQL", "MySQL", "MariaDB", "MySQL, MariaDB", "SQLite", "any"


def lint_rule(
    code: str,
    severity: Severity,
    title: str,
    problem: str,
    why: str,
    remedies: tuple[tuple[str, str], ...],
    next_step: str,
    hazards: tuple[HazardKind, ...] = (),
) -> Rule:
    """Return a rule of the area lint; ``remedies`` are pairs of where they hold and what to write."""
    return Rule(
        code=code,
        area="lint",
        title=title,
        severity=severity,
        problem=problem,
        why=why,
        remedies=tuple(Remedy(where=where, text=text) for where, text in remedies),
        next_step=next_step,
        hazards=hazards,
    )
