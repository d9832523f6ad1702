"""The check ``drift``: nothing above a severity differs, and everything could be compared."""

from __future__ import annotations

from lockgate.diff.drift import DriftEntry, DriftReport, DriftStatus
from lockgate.errors import LockgateError
from lockgate.gate.base import Answer, CheckContext
from lockgate.model.checks import DriftCheck
from lockgate.model.codec import encode_pretty
from lockgate.model.finding import Severity
from lockgate.model.outcome import FailureClass
from lockgate.runbook.checks.answers import judge, unknown
from lockgate.runbook.target import TargetTools
from lockgate.workflow.measure_drift import DriftOptions, measure_drift

RANKS = {"none": 0, "info": 1, "warning": 2, "critical": 3}
_CLASS = FailureClass.SCHEMA


def evaluate(tools: TargetTools, check: DriftCheck, context: CheckContext) -> Answer:
    """Measure drift now; what could not be read makes it unknown, however much was in sync."""
    expected = f"no drift above {check.allow}" if check.allow != "none" else "no drift"
    if check.allow not in RANKS:
        return unknown(expected, f"{check.allow!r} is no severity: {', '.join(RANKS)}", FailureClass.PROCESS)
    try:
        report = measure(tools, check.desired)
    except LockgateError as error:
        return unknown(expected, f"not measured: {error}", _CLASS)
    return judge_drift(report, check.allow, expected, context)


def measure(tools: TargetTools, desired: str) -> DriftReport:
    """Compare the live with the desired schema as the command ``drift`` does."""
    options = DriftOptions(scratch=tools.scratch, cache=tools.cache, acceptances=tools.acceptances(), today=tools.today)
    return measure_drift(tools.engine, tools.target, tools.desired_spec(desired), options)


def judge_drift(report: DriftReport, allow: str, expected: str, context: CheckContext) -> Answer:
    """Judge a report: findings above what is allowed fail, gaps in the coverage are unknown."""
    kept = (context.keep("drift.json", encode_pretty(report)),)
    loud = [entry for entry in report.changes if RANKS[entry.severity.value] > RANKS[allow]]
    items = tuple(f"{entry.severity.value}: {entry.message}" for entry in _sorted(report))
    found = words_of_drift(report)
    if loud:
        return judge(False, expected, f"{len(loud)} above {allow}: {found}", _CLASS, items, kept)
    if why := why_unknown(report):
        return unknown(expected, why, _CLASS)
    return judge(True, expected, found, _CLASS, items, kept)


def why_unknown(report: DriftReport) -> str:
    """Return why no difference that was not found may be called none; empty when all was compared."""
    if gaps := gaps_of(report):
        return f"coverage is not 100 %: {gaps[0]} and {len(gaps) - 1} more; {words_of_drift(report)}"
    if report.status is DriftStatus.NOT_RUN or not any(report.checked.values()):
        return "nothing was compared"
    return ""


def gaps_of(report: DriftReport) -> tuple[str, ...]:
    """Return what could not be compared: objects the model cannot hold, and parts of the source that were not read."""
    unread = [f"{finding.place}: {finding.message}" for finding in report.findings if "unread" in finding.code]
    return (*(f"{u.kind} {u.name} ({u.reason})" for u in report.unmanaged), *unread)


def words_of_drift(report: DriftReport) -> str:
    """Return what was compared and found, in numbers."""
    counts = {severity: sum(e.severity is severity for e in report.changes) for severity in Severity}
    looked = ", ".join(f"{count} {kind}" for kind, count in report.checked.items() if count)
    found = ", ".join(f"{count} {severity.value}" for severity, count in counts.items() if count) or "no difference"
    accepted = f", {len(report.accepted)} agreed to" if report.accepted else ""
    return f"{found}{accepted}, in {looked}"


def _sorted(report: DriftReport) -> list[DriftEntry]:
    return sorted(report.changes, key=lambda entry: -RANKS[entry.severity.value])
