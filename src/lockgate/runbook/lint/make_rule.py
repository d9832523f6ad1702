"""Makes the records of rules on runbooks; pure."""

from __future__ import annotations

from lockgate.model.finding import Severity
from lockgate.model.rule import Remedy, Rule

CRITICAL, WARNING, INFO = Severity.CRITICAL, Severity.WARNING, Severity.INFO


def runbook_rule(
    code: str, severity: Severity, title: str, problem: str, why: str, remedy: str, next_step: str
) -> Rule:
    """Return a rule of the area runbook."""
    return Rule(
        code=code,
        area="runbook",
        title=title,
        severity=severity,
        problem=problem,
        why=why,
        remedies=(Remedy(where="any", text=remedy),),
        next_step=next_step,
    )
