"""A run's report for build pipelines: JUnit XML, SARIF, GitHub annotations and job summary, each in bounds; pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from xml.sax.saxutils import escape, quoteattr

from lockgate.model.finding import Severity
from lockgate.model.outcome import CheckResult, Outcome
from lockgate.model.procedure import TaskState
from lockgate.model.procedure_report import Issue, ProcedureReport, TaskRow
from lockgate.report.document import Document
from lockgate.report.markdown import render_markdown
from lockgate.report.pipelines import SARIF_LEVEL, annotation, cut_annotations, sarif_log, verdict_annotation
from lockgate.report.procedure.document import report_document

MOST_SARIF_RESULTS = 25_000
MOST_SUMMARY_BYTES = 1 << 20
_TITLE = "lockgate runbook"
_CUT = "\n\nThe rest is left out here: a job summary holds 1 MiB. The run's report has all of it.\n"


def report_junit(report: ProcedureReport) -> str:
    """Return JUnit XML: a suite for each place of checks, a case for each check and task.

    Fail is a failure, unknown an error, waived and left out are skipped with who and why; none of them is a pass.
    """
    suites = list(_suites(report))
    counts = [sum(marks.count(kind) for _, marks, _ in suites) for kind in ("failure", "error", "skipped")]
    lines = ['<?xml version="1.0" encoding="UTF-8"?>']
    total = sum(len(cases) for _, _, cases in suites)
    numbers = f'tests="{total}" failures="{counts[0]}" errors="{counts[1]}" skipped="{counts[2]}"'
    lines.append(f"<testsuites name={quoteattr(f'{_TITLE} {report.run}')} {numbers}>")
    for name, marks, cases in suites:
        numbers = " ".join(f'{word}="{marks.count(kind)}"' for word, kind in _COUNTED)
        stamp = f" timestamp={quoteattr(report.started_at)}" if report.started_at else ""
        lines.append(f'<testsuite name={quoteattr(name)} tests="{len(cases)}" {numbers}{stamp}>')
        lines += [*cases, "</testsuite>"]
    return _legal("\n".join([*lines, "</testsuites>"])) + "\n"


_COUNTED = (("failures", "failure"), ("errors", "error"), ("skipped", "skipped"))


def _suites(report: ProcedureReport) -> Iterator[tuple[str, list[str], list[str]]]:
    yield _suite("run", [_standing_case(report)])
    if report.requires:
        yield _suite("requires", [_check_case("requires", result) for result in report.requires])
    if report.tasks:
        yield _suite("tasks", [_task_case(task) for task in report.tasks])
    for task in report.tasks:
        if task.checks:
            yield _suite(f"task {task.id}", [_check_case(task.id, result) for result in task.checks])
    for gate in report.gates:
        cases = [_check_case(gate.id, result) for result in gate.results]
        if not gate.is_open and not any(mark in ("failure", "error") for mark, _ in cases):
            cases.append(_case(gate.id, "opened", 0.0, "error", gate.decision, f"{gate.missing} checks were not asked"))
        elif not cases:
            cases.append(_case(gate.id, "opened", 0.0, "error", "it has no check", ""))
        yield _suite(f"gate {gate.id}", cases)


def _suite(name: str, cases: Sequence[tuple[str, str]]) -> tuple[str, list[str], list[str]]:
    return name, [mark for mark, _ in cases], [text for _, text in cases]


def _standing_case(report: ProcedureReport) -> tuple[str, str]:
    standing = report.standing
    mark = "" if standing.is_good else "error" if not standing.status.is_over and not standing.conflict else "failure"
    return _case("run", report.run, max(report.duration_s, 0.0), mark, standing.headline, "; ".join(standing.reasons))


def _task_case(task: TaskRow) -> tuple[str, str]:
    name = f"{task.id} {task.title}"
    if task.is_done:
        return _case("tasks", name, max(task.duration_s, 0.0), "", "", "")
    if task.state in (TaskState.SKIPPED, TaskState.DEFERRED):
        return _case("tasks", name, 0.0, "skipped", task.message or task.state.value, "")
    mark = "failure" if task.state in (TaskState.FAILED, TaskState.REVERTED) else "error"
    return _case("tasks", name, max(task.duration_s, 0.0), mark, task.doubt or task.state.value, task.message)


def _check_case(place: str, result: CheckResult) -> tuple[str, str]:
    mark = {Outcome.FAIL: "failure", Outcome.UNKNOWN: "error", Outcome.WAIVED: "skipped"}.get(result.outcome, "")
    message = f"expected {result.expected}, found {result.found}"
    if result.waiver is not None:
        waiver = result.waiver
        message = f"waived by {waiver.by} until {waiver.until}: {waiver.reason}; {message}"
    return _case(place, f"{result.check} {result.title}", result.duration_s, mark, message, "\n".join(result.items))


def _case(place: str, name: str, seconds: float, mark: str, message: str, text: str) -> tuple[str, str]:
    head = f'<testcase classname={quoteattr(place)} name={quoteattr(name)} time="{seconds:.3f}"'
    if not mark:
        return mark, f"{head}/>"
    return mark, f"{head}><{mark} message={quoteattr(message)}>{escape(text)}</{mark}></testcase>"


def _legal(text: str) -> str:
    """Leave out what XML 1.0 cannot hold."""
    return "".join(
        c
        for c in text
        if c in "\t\n\r" or (c >= " " and not "\ud800" <= c <= "\udfff" and c < "\ufffe") or c > "\uffff"
    )


def report_sarif(report: ProcedureReport) -> str:
    """Return the issues as SARIF 2.1.0; of more than 25,000, which is what readers take, the worst, and how many."""
    shown = report.issues[:MOST_SARIF_RESULTS]
    rules = [{"id": code, "name": code} for code in sorted({issue.code for issue in shown})]
    properties = {
        "run": report.run,
        "status": report.standing.status.value,
        "headline": report.standing.headline,
        "issues": len(report.issues),
        "left_out": len(report.issues) - len(shown),
    }
    results = [_sarif_result(issue) for issue in shown]
    return sarif_log(report.tool_version, rules, results, properties, has_run=report.standing.is_good)


def _sarif_result(issue: Issue) -> dict[str, object]:
    places = [{"logicalLocations": [{"fullyQualifiedName": issue.place, "kind": "object"}]}] if issue.place else []
    return {
        "ruleId": issue.code,
        "level": SARIF_LEVEL[issue.severity],
        "message": {"text": _with_step(issue)},
        "locations": places,
        "partialFingerprints": {"lockgate/v1": issue.id},
    }


def _with_step(issue: Issue) -> str:
    return f"{issue.text}. Next: {issue.recommendation}" if issue.recommendation else issue.text


def report_github(report: ProcedureReport) -> str:
    """Return annotations, at most ten of each kind: the worst issues, a count of the rest, and the verdict."""
    standing = report.standing
    verdict = verdict_annotation(_TITLE, f"{report.run}: {standing.headline}", is_good=standing.is_good)
    verdict_kind = Severity.INFO if standing.is_good else Severity.CRITICAL
    lines: list[str] = []
    for severity in Severity:
        found = [
            annotation(severity, i.code, f"{i.place}: {_with_step(i)}") for i in report.issues if i.severity is severity
        ]
        lines += _in_bounds(severity, found, 1 if severity is verdict_kind else 0)
    return "\n".join([*lines, verdict]) + "\n"


def _in_bounds(severity: Severity, found: Sequence[str], reserved: int) -> list[str]:
    """Return at most ten annotations, places for others kept free."""
    padded = [*found, *[""] * reserved]
    shown, rest = cut_annotations(severity, padded, "issues", _TITLE)
    if not rest:
        return list(found)
    kept = list(found[: len(shown) - reserved])
    left = f"{len(found) - len(kept)} more issues of severity {severity.value}; the job summary has all"
    return [*kept, annotation(severity, _TITLE, left)]


def github_summary(report: ProcedureReport) -> str:
    """Return the whole report as Markdown for a job summary, cut at a block's end where it would exceed 1 MiB."""
    document = report_document(report)
    text = render_markdown(document)
    if len(text.encode()) <= MOST_SUMMARY_BYTES:
        return text
    return _cut(document, MOST_SUMMARY_BYTES - len(_CUT.encode()))


def _cut(document: Document, most: int) -> str:
    text = render_markdown(Document(document.title, document.verdict))
    for number in range(1, len(document.blocks) + 1):
        block = render_markdown(Document("x", "", (document.blocks[number - 1],))).partition("\n\n")[2]
        if len(text.encode()) + len(block.encode()) + 2 > most:
            lines = block.encode()[: max(most - len(text.encode()) - 2, 0)].decode(errors="ignore")
            return text + "\n" + lines.rpartition("\n")[0] + _CUT
        text += "\n" + block if block else ""
    return text
