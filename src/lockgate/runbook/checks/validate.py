"""The check ``validate``: defects, conventions and migrations were looked at, and nothing above a severity is found."""

from __future__ import annotations

from lockgate.errors import LockgateError
from lockgate.gate.base import Answer, CheckContext
from lockgate.model.checks import ValidateCheck
from lockgate.model.codec import encode_pretty
from lockgate.model.finding import CheckStatus, Finding, FindingReport
from lockgate.model.outcome import FailureClass
from lockgate.runbook.checks.answers import judge, unknown
from lockgate.runbook.checks.drift import RANKS
from lockgate.runbook.target import TargetTools
from lockgate.workflow.subject import ValidateOptions
from lockgate.workflow.validate import Validated, validate

_CLASS = FailureClass.SCHEMA


def evaluate(tools: TargetTools, check: ValidateCheck, context: CheckContext) -> Answer:
    """Look now; a group that could not look makes it unknown unless something is found anyhow."""
    expected = f"nothing above {check.allow}" + (f" in {', '.join(check.only)}" if check.only else "")
    if check.allow not in RANKS:
        return unknown(expected, f"{check.allow!r} is no severity: {', '.join(RANKS)}", FailureClass.PROCESS)
    try:
        report = look(tools, check.only, check.migrations).report
    except LockgateError as error:
        return unknown(expected, f"not looked at: {error}", _CLASS)
    kept = (context.keep("validate.json", encode_pretty(report)),)
    loud = findings_above(report, check.allow)
    items = tuple(f"{f.severity.value} {f.code}: {f.message}" for f in report.findings)
    if loud:
        return judge(False, expected, f"{len(loud)} above {check.allow}; {words_of(report)}", _CLASS, items, kept)
    if report.unknown or report.status is CheckStatus.NOT_RUN:
        return unknown(expected, "; ".join(report.unknown) or "nothing was looked at", _CLASS)
    return judge(True, expected, words_of(report), _CLASS, items, kept)


def look(tools: TargetTools, only: tuple[str, ...], migrations: str) -> Validated:
    """Run the groups of checks as the command ``validate`` does."""
    return validate(
        ValidateOptions(
            target=tools.target,
            desired=tools.desired,
            migrations=tools.migrations_folder(migrations),
            only=only,
            scratch=tools.scratch,
            cache=tools.cache,
            defects=tools.defects,
            conventions=tools.conventions,
        )
    )


def findings_above(report: FindingReport, allow: str) -> tuple[Finding, ...]:
    """Return the findings that are worse than what is allowed."""
    return tuple(finding for finding in report.findings if RANKS[finding.severity.value] > RANKS[allow])


def words_of(report: FindingReport) -> str:
    """Return what was looked at and found, in numbers."""
    looked = ", ".join(f"{count} {kind}" for kind, count in report.checked.items() if count) or "nothing"
    return f"{len(report.findings)} findings in {looked}"
