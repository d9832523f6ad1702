"""Render findings as text, Markdown, SARIF, GitHub annotations or JUnit; pure. JSON is the report itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from xml.sax.saxutils import escape, quoteattr

from lockgate.model.codec import encode_pretty
from lockgate.model.finding import CheckStatus, Finding, FindingReport, Severity
from lockgate.model.rule import Rule
from lockgate.report.document import Bullets, Document, Heading, Table
from lockgate.report.markdown import render_markdown
from lockgate.report.pipelines import (
    SARIF_LEVEL,
    annotation,
    cut_annotations,
    escape_property,
    sarif_log,
    sarif_rule,
    verdict_annotation,
)

FORMATS = ("text", "json", "markdown", "sarif", "github", "junit")
_MOST_SARIF_RESULTS = 25_000


def render_findings(report: FindingReport, output_format: str, version: str, rules: Mapping[str, Rule]) -> str:
    """Return the report in one of ``FORMATS``; ``rules`` by code describe the findings in SARIF."""
    match output_format:
        case "json":
            return encode_pretty(report).decode()
        case "markdown":
            return render_markdown(findings_document(report))
        case "sarif":
            return findings_sarif(report, version, rules)
        case "github":
            return findings_github(report)
        case "junit":
            return findings_junit(report)
    return findings_text(report)


def summarize_findings(report: FindingReport) -> str:
    """Return the verdict in one sentence, with how many things were checked."""
    checked = ", ".join(f"{count:,} {kind}" for kind, count in report.checked.items() if count) or "nothing"
    match report.status:
        case CheckStatus.CLEAN:
            return f"clean: no finding (checked {checked})"
        case CheckStatus.NOT_RUN:
            return "not run: there was nothing to check"
        case CheckStatus.UNKNOWN:
            return f"unknown: no finding, but {len(report.unknown)} things could not be looked at (checked {checked})"
        case CheckStatus.FOUND:
            tally = Counter(finding.severity for finding in report.findings)
            words = ", ".join(f"{tally[severity]} {severity.value}" for severity in Severity if tally[severity])
            plural = "s" if len(report.findings) > 1 else ""
            open_ends = f"; {len(report.unknown)} things could not be looked at" if report.unknown else ""
            return f"{len(report.findings)} finding{plural} ({words}; checked {checked}{open_ends})"


def findings_text(report: FindingReport) -> str:
    """Return the findings for a terminal, the worst first, each with its next step, then the verdict."""
    lines = []
    for finding in report.findings:
        place = f"{finding.place}: " if finding.place else ""
        lines.append(f"{finding.severity.value:8}  {place}{finding.message}  [{finding.code}]")
        if finding.next_step:
            lines.append(f"          next: {finding.next_step}")
    lines += [f"unknown   {text}" for text in report.unknown]
    return "\n".join([*lines, *([""] if lines else []), summarize_findings(report)]) + "\n"


def findings_document(report: FindingReport) -> Document:
    """Return the report as a document."""
    rows = tuple((f.severity.value, f.code, f.place, f.message, f.next_step) for f in report.findings)
    return Document(
        title=f"{report.name} of {report.subject}",
        verdict=summarize_findings(report),
        blocks=(
            Table(("severity", "code", "where", "what", "next step"), rows),
            *((Heading("Could not be looked at"),) if report.unknown else ()),
            Bullets(report.unknown),
        ),
    )


def findings_sarif(report: FindingReport, version: str, rules: Mapping[str, Rule]) -> str:
    """Return the report as SARIF 2.1.0; of more than 25,000 results, which is what readers take, the worst."""
    codes = sorted({finding.code for finding in report.findings})
    described = [_sarif_rule(code, rules.get(code)) for code in codes]
    return sarif_log(
        version,
        described,
        [_sarif_result(finding) for finding in report.findings[:_MOST_SARIF_RESULTS]],
        {"status": report.status.value, "checked": report.checked, "unknown": list(report.unknown)},
        has_run=report.status is not CheckStatus.NOT_RUN,
    )


def _sarif_rule(code: str, rule: Rule | None) -> dict[str, object]:
    if rule is None:
        return {"id": code, "name": code}
    texts = "\n\n".join(f"{remedy.where}: {remedy.text}" for remedy in rule.remedies)
    return {**sarif_rule(rule), "help": {"text": texts}}


def _sarif_result(finding: Finding) -> dict[str, object]:
    place: dict[str, object] = {}
    if finding.file:
        place["physicalLocation"] = {"artifactLocation": {"uri": finding.file.replace("\\", "/")}}
        if finding.line:
            place["physicalLocation"] |= {"region": {"startLine": finding.line}}  # type: ignore[operator]
    if finding.object:
        place["logicalLocations"] = [{"fullyQualifiedName": finding.object, "kind": "object"}]
    return {
        "ruleId": finding.code,
        "level": SARIF_LEVEL[finding.severity],
        "message": {"text": _with_step(finding)},
        "locations": [place] if place else [],
        "partialFingerprints": {"lockgate/v1": f"{finding.code}:{finding.file}:{finding.object}:{finding.message}"},
    }


def findings_github(report: FindingReport) -> str:
    """Return the findings as GitHub workflow annotations, then the verdict; see `cut_annotations`."""
    title = f"lockgate {report.name}"
    lines: list[str] = []
    counts: list[str] = []
    for severity in Severity:
        found = [_annotation(finding) for finding in report.findings if finding.severity is severity]
        shown, rest = cut_annotations(severity, found, "findings", title)
        lines += shown
        counts += rest
    is_good = report.status is CheckStatus.CLEAN
    verdict = verdict_annotation(title, summarize_findings(report), is_good=is_good)
    return "\n".join([*lines, *counts, verdict]) + "\n"


def _annotation(finding: Finding) -> str:
    place = f"file={escape_property(finding.file)}," if finding.file else ""
    place += f"line={finding.line}," if finding.file and finding.line else ""
    return annotation(finding.severity, finding.code, _with_step(finding), place)


def _with_step(finding: Finding) -> str:
    return f"{finding.message} Next: {finding.next_step}" if finding.next_step else finding.message


def findings_junit(report: FindingReport) -> str:
    """Return the findings as JUnit XML: one failed case a finding, one passed case when clean, else an error."""
    cases = [
        f"  <testcase classname={quoteattr(finding.code)} name={quoteattr(finding.place or finding.code)}>"
        f'<failure type="{finding.severity.value}" message={quoteattr(finding.message)}>'
        f"{escape(finding.next_step)}</failure></testcase>"
        for finding in report.findings
    ]
    failures, summary = len(cases), quoteattr(summarize_findings(report))
    is_open = bool(report.unknown) or report.status is CheckStatus.NOT_RUN
    if is_open:
        cases.append(
            f'  <testcase classname="{report.name}" name="all looked at"><error message={summary}/></testcase>'
        )
    elif not cases:
        cases.append(f'  <testcase classname="{report.name}" name={summary}/>')
    name = quoteattr(f"lockgate {report.name}")
    head = f'<testsuite name={name} tests="{len(cases)}" failures="{failures}" errors="{int(is_open)}">'
    return "\n".join(['<?xml version="1.0" encoding="UTF-8"?>', head, *cases, "</testsuite>"]) + "\n"
