"""What a check found, by a stable code, and the report of a whole run of checks; pure."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from lockgate.model.schema import Value


class Severity(enum.Enum):
    """What a finding or difference does: breaks the application, endangers it, or is only seen."""

    CRITICAL = "critical"
    WARNING = "warning"
    INFO = "info"


class Finding(Value, frozen=True, omit_defaults=False):
    """One thing found.

    ``code`` names a `Rule`; ``message`` is one sentence with the names and numbers of this very case. ``file`` and
    ``line`` (from 1; 0: none) say where in the user's files, ``object`` which object (``shop.orders.total``).
    ``next_step`` is what to do about it, in one sentence or command.
    """

    code: str
    severity: Severity
    message: str
    file: str = ""
    line: int = 0
    object: str = ""
    next_step: str = ""

    @property
    def place(self) -> str:
        """Where it is, for people: ``file:line``, else the object."""
        if self.file:
            return f"{self.file}:{self.line}" if self.line else self.file
        return self.object


class CheckStatus(enum.Enum):
    """How a run of checks ended. ``unknown``: nothing found, but not everything could be looked at."""

    CLEAN = "clean"
    FOUND = "found"
    UNKNOWN = "unknown"
    NOT_RUN = "not_run"


class Checked(NamedTuple):
    """What one group of checks gives: findings, how many things it looked at by kind, and what it could not look at."""

    findings: tuple[Finding, ...]
    checked: dict[str, int]
    unknown: tuple[str, ...] = ()


class FindingReport(Value, frozen=True, omit_defaults=False):
    """The result of one run of checks.

    ``checked`` counts what was looked at, by kind in plural; ``unknown`` are sentences on what could not be looked at;
    ``subject`` is what was checked (a target's name, files).
    """

    name: str
    subject: str
    status: CheckStatus
    checked: dict[str, int]
    findings: tuple[Finding, ...] = ()
    unknown: tuple[str, ...] = ()
    format_version: int = 1


def build_finding_report(
    name: str, subject: str, findings: Iterable[Finding], checked: Mapping[str, int], unknown: Iterable[str] = ()
) -> FindingReport:
    """Return the report of a run: findings worst first, then by place; nothing checked is never clean but not run."""
    order = list(Severity)
    found = sorted(set(findings), key=lambda f: (order.index(f.severity), f.file, f.line, f.object, f.code, f.message))
    open_questions = tuple(dict.fromkeys(unknown))
    if not any(checked.values()):
        status = CheckStatus.NOT_RUN
    elif found:
        status = CheckStatus.FOUND
    else:
        status = CheckStatus.UNKNOWN if open_questions else CheckStatus.CLEAN
    return FindingReport(
        name=name,
        subject=subject,
        status=status,
        checked=dict(checked),
        findings=tuple(found),
        unknown=open_questions,
    )


def exit_code_of(report: FindingReport, *, is_strict: bool = False) -> int:
    """Return 0 for clean, 2 for not run, 3 for a finding that counts, 5 when something could not be looked at.

    Findings of severity info count only when strict.
    """
    if report.status is CheckStatus.NOT_RUN:
        return 2
    if any(is_strict or finding.severity is not Severity.INFO for finding in report.findings):
        return 3
    return 5 if report.unknown else 0
