"""Render findings as text, Markdown, SARIF, GitHub annotations or JUnit; pure. JSON is the report itself."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from xml.sax.saxutils import escape, quoteattr

from lockgate.model.codec import encode_pretty
from lockgate.model.finding import CheckStatus, Finding, FindingReport, Severity
from lockgate.model.rule import Rule
from lockgate.report.document import Bullets, Document, Heading, Table
from lockgate.report.markdown import render_markdown

FORMATS = ("text", "json", "markdown", "sarif", "github", "junit")
_SARIF_LEVEL = {Severity.CRITICAL: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
_GITHUB_LEVEL = {Severity.CRITICAL: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}
_MOST_ANNOTATIONS = 10
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
    run = {
        "tool": {"driver": {"name": "lockgate", "version": version, "rules": described}},
        "invocations": [{"executionSuccessful": report.status is not CheckStatus.NOT_RUN}],
        "results": [_sarif_result(finding) for finding in report.findings[:_MOST_SARIF_RESULTS]],
        "properties": {"status": report.status.value, "checked": report.checked, "unknown": list(report.unknown)},
    }
    schema = "https://json.schemastore.org/sarif-2.1.0.json"
    return json.dumps({"$schema": schema, "version": "2.1.0", "runs": [run]}, indent=1, ensure_ascii=False) + "\n"


def _sarif_rule(code: str, rule: Rule | None) -> dict[str, object]:
    if rule is None:
        return {"id": code, "name": code}
    return {
        "id": code,
        "name": code,
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": rule.why},
        "help": {"text": "\n\n".join(f"{remedy.where}: {remedy.text}" for remedy in rule.remedies)},
        "defaultConfiguration": {"level": _SARIF_LEVEL[rule.severity]},
    }


def _sarif_result(finding: Finding) -> dict[str, object]:
    place: dict[str, object] = {}
    if finding.file:
        place["physicalLocation"] = {"artifactLocation": {"uri": finding.file.replace("\\", "/")}}
        if finding.line:
            place["physicalLocation"] |= {"region": {"startLine": finding.line}}  # type: ignore[operator]
    if finding.object:
        place["logicalLocations"] = [{"fullyQualifiedName": finding.object, "kind": "object"}]
    text = f"{finding.message} Next: {finding.next_step}" if finding.next_step else finding.message
    return {
        "ruleId": finding.code,
        "level": _SARIF_LEVEL[finding.severity],
        "message": {"text": text},
        "locations": [place] if place else [],
        "partialFingerprints": {"lockgate/v1": f"{finding.code}:{finding.file}:{finding.object}:{finding.message}"},
    }


def findings_github(report: FindingReport) -> str:
    """Return the findings as GitHub workflow annotations, then the verdict.

    GitHub shows ten of each level a step; of more, nine are shown and the tenth says how many there are besides.
    """
    lines = []
    for finding in _shown(report.findings):
        place = f"file={_property(finding.file)}," if finding.file else ""
        place += f"line={finding.line}," if finding.file and finding.line else ""
        text = f"{finding.message} Next: {finding.next_step}" if finding.next_step else finding.message
        lines.append(f"::{_GITHUB_LEVEL[finding.severity]} {place}title={_property(finding.code)}::{_data(text)}")
    for severity in Severity:
        rest = sum(f.severity is severity for f in report.findings) - _MOST_ANNOTATIONS
        if rest > 0:
            text = f"{rest + 1} more findings of severity {severity.value}; --format text lists all"
            lines.append(f"::{_GITHUB_LEVEL[severity]} title={_property(f'lockgate {report.name}')}::{_data(text)}")
    level = "notice" if report.status is CheckStatus.CLEAN else "error"
    title = _property(f"lockgate {report.name}")
    return "\n".join([*lines, f"::{level} title={title}::{_data(summarize_findings(report))}"]) + "\n"


def _shown(findings: tuple[Finding, ...]) -> list[Finding]:
    """Return all findings of a level when there are at most ten, else the first nine."""
    shown: list[Finding] = []
    for severity in Severity:
        group = [finding for finding in findings if finding.severity is severity]
        shown += group if len(group) <= _MOST_ANNOTATIONS else group[: _MOST_ANNOTATIONS - 1]
    return shown


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


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
