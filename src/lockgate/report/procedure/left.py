"""What the run leaves to people: issues with impact and recommendation, and open items for the backlog; pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from lockgate.model.finding import Severity
from lockgate.model.outcome import CheckResult, Outcome
from lockgate.model.procedure import TaskState
from lockgate.model.procedure_report import (
    DocumentRow,
    GateRow,
    Issue,
    MonitorRow,
    ObjectiveRow,
    OpenItem,
    PersonRow,
    Standing,
    TagRow,
    TaskRow,
)
from lockgate.report.procedure.goals import NOT_EVIDENCED
from lockgate.report.procedure.material import Material
from lockgate.report.procedure.measured import Measured, findings_of, stable_id

_BASELINE = re.compile(r"(\d[\d,]*) \(baseline (\d[\d,]*)")
_IMPACT = {
    Severity.CRITICAL: "breaks the application, or its data",
    Severity.WARNING: "endangers the application or the next run",
    Severity.INFO: "none now",
}


def issues_of(
    material: Material, measured: Measured, results: Sequence[CheckResult], monitors: Sequence[MonitorRow]
) -> tuple[Issue, ...]:
    """Return the issues, the worst first; each once, by an id that is the same in every export."""
    found = [*_from_findings(measured), *_from_results(results), *_from_monitors(monitors), *_levels(material)]
    unique: dict[str, Issue] = {}
    for issue in found:
        kept = replace(issue, id=_id(issue, material.runbook.runbook))
        unique.setdefault(kept.id, kept)
    order = list(Severity)
    return tuple(sorted(unique.values(), key=lambda i: (order.index(i.severity), i.code, i.place, i.text)))


def _issue(code: str, severity: Severity, text: str, place: str, source: str, recommendation: str) -> Issue:
    return Issue(
        id="",
        code=code,
        severity=severity,
        text=text,
        impact=_IMPACT[severity],
        recommendation=recommendation,
        owner="",
        place=place,
        source=source,
    )


def _id(issue: Issue, runbook: str) -> str:
    """Return an id that does not change with the numbers of the day; what a runbook's own check found is its own."""
    if issue.code in _BY_PLACE:
        return stable_id(issue.code, runbook, issue.place)
    return stable_id(issue.code, issue.place, issue.text)


_BY_PLACE = ("check-failed", "check-unknown", "check-waived", "failures-before", "monitor-breach")
"""What is one issue wherever it stands, whatever its numbers are today."""


def _from_findings(measured: Measured) -> Iterator[Issue]:
    for source, finding in findings_of(measured):
        step = finding.next_step or f"lockgate explain {finding.code}"
        yield _issue(finding.code, finding.severity, finding.message, finding.place, source, step)


def _from_results(results: Sequence[CheckResult]) -> Iterator[Issue]:
    for result in results:
        found = f"{result.title}: {result.found} (expected {result.expected})"
        match result.outcome:
            case Outcome.FAIL:
                yield _issue(
                    "check-failed", Severity.CRITICAL, found, result.check, result.check, "mend it, then resume"
                )
            case Outcome.UNKNOWN:
                step = "find out why nothing could be measured, then resume"
                yield _issue("check-unknown", Severity.WARNING, found, result.check, result.check, step)
            case Outcome.WAIVED:
                until = result.waiver.until if result.waiver else ""
                step = f"mend it before the waiver ends{' ' + until if until else ''}"
                yield _issue("check-waived", Severity.WARNING, found, result.check, result.check, step)
            case Outcome.OK:
                yield from _before(result)


def _before(result: CheckResult) -> Iterator[Issue]:
    """Yield failures that a baseline proves to be older than the run; without one nothing is called so."""
    match = _BASELINE.search(result.found)
    if match is None or result.kind != "tests":
        return
    now, before = (int(number.replace(",", "")) for number in match.groups())
    if 0 < now <= before:
        text = f"{result.title}: {now} failures, as the baseline of this run had ({before})"
        yield _issue(
            "failures-before", Severity.INFO, text, result.check, result.check, "mend them in a change of their own"
        )


def _from_monitors(monitors: Sequence[MonitorRow]) -> Iterator[Issue]:
    for monitor in monitors:
        if monitor.breach:
            step = "find the cause before the next run"
            yield _issue("monitor-breach", Severity.CRITICAL, monitor.breach, monitor.name, monitor.name, step)
        elif not monitor.samples and not monitor.decisions:
            text = f"no value of the monitor {monitor.name} is recorded"
            step = f"prove that it gives one, before the next run: lockgate monitor test RUNBOOK {monitor.name}"
            yield _issue("monitor-without-values", Severity.WARNING, text, monitor.name, monitor.name, step)


def _levels(material: Material) -> Iterator[Issue]:
    """Yield levels of rollback whose number in the author's words is not their rank."""
    for level in material.runbook.levels:
        digits = re.sub(r"\D", "", level.number)
        if digits and int(digits) != level.level.rank:
            text = (
                f"the runbook gives the level {level.level.value!r} the number {digits}, by what it takes back it is"
                f" {level.level.rank}; another document may number it otherwise"
            )
            yield _issue(
                "level-renumbered", Severity.INFO, text, level.level.value, "", "name the level, not its number"
            )


def open_items_of(
    material: Material,
    run: str,
    standing: Standing,
    tasks: Sequence[TaskRow],
    gates: Sequence[GateRow],
    people: Sequence[PersonRow],
    objectives: Sequence[ObjectiveRow],
    issues: Sequence[Issue],
    documents: Sequence[DocumentRow],
    tags: Sequence[TagRow],
) -> tuple[OpenItem, ...]:
    """Return what is left to do, each once, by an id that is the same for the same thing of the same runbook."""
    name = material.runbook.runbook
    items = [*_left_tasks(tasks, people), *_left_gates(gates), *_left_rest(standing, objectives, documents, tags)]
    items += [(f"issue:{i.id}", f"{i.text}", i.code, i.owner, "") for i in issues if i.severity is not Severity.INFO]
    unique = {key: OpenItem(stable_id(name, key), text, kind, owner, due, run) for key, text, kind, owner, due in items}
    return tuple(unique.values())


_Item = tuple[str, str, str, str, str]


def _left_tasks(tasks: Sequence[TaskRow], people: Sequence[PersonRow]) -> Iterator[_Item]:
    for task in tasks:
        if task.is_done:
            continue
        said = next((row for row in reversed(people) if row.subject == task.id and row.what in ("skip", "defer")), None)
        owner, due = (said.owner or said.by, said.until) if said else ("", "")
        why = f": {said.reason}" if said else f": {task.doubt}" if task.doubt else ""
        state = "unproven" if task.state is TaskState.DONE else task.state.value
        yield f"task:{task.id}", f"{task.id} {task.title} ({state}{why})", state, owner, due


def _left_gates(gates: Sequence[GateRow]) -> Iterator[_Item]:
    for gate in gates:
        if not gate.is_open:
            yield f"gate:{gate.id}", f"gate {gate.id} {gate.title} is closed ({gate.decision})", "gate", "", ""
        for result in gate.results:
            if result.waiver is not None and result.outcome is Outcome.WAIVED:
                text = f"{result.check} {result.title}: waived, {result.found}"
                yield f"waiver:{result.check}", text, "waiver", result.waiver.by, result.waiver.until


def _left_rest(
    standing: Standing, objectives: Sequence[ObjectiveRow], documents: Sequence[DocumentRow], tags: Sequence[TagRow]
) -> Iterator[_Item]:
    for words in standing.open:
        yield f"open:{words}", words, "open", "", ""
    for row in objectives:
        if row.outcome in (NOT_EVIDENCED, "unknown"):
            text = f"objective of phase {row.phase}, {row.outcome}: {row.text}"
            yield f"objective:{row.phase}:{row.text}", text, "objective", "", ""
    for document in documents:
        if document.state != "there":
            yield f"document:{document.path}", f"document {document.path}: {document.state}", "document", "", ""
    for tag in tags:
        if not tag.is_right:
            yield f"tag:{tag.name}", f"tag {tag.name} is not where the journal says", "tag", "", ""
