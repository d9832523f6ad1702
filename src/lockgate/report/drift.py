"""Render a drift report as text, Markdown, SARIF, GitHub annotations or JUnit; pure."""

from __future__ import annotations

import json
from collections import Counter
from xml.sax.saxutils import escape, quoteattr

from lockgate.diff.drift import DriftEntry, DriftReport, DriftStatus
from lockgate.model.finding import Severity
from lockgate.report.document import Bullets, Document, Heading, Paragraph, Table
from lockgate.report.markdown import render_markdown

_SARIF_LEVEL = {Severity.CRITICAL: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
_GITHUB_LEVEL = {Severity.CRITICAL: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}


def summarize_drift(report: DriftReport) -> str:
    """Return the verdict in one sentence, with what was compared."""
    compared = ", ".join(f"{count:,} {kind}" for kind, count in report.checked.items() if count) or "nothing"
    match report.status:
        case DriftStatus.IN_SYNC:
            return f"in sync: the live database equals the desired schema (compared {compared})"
        case DriftStatus.DRIFT:
            tally = Counter(entry.severity for entry in report.changes)
            words = ", ".join(f"{tally[severity]} {severity.value}" for severity in Severity if tally[severity])
            plural = "s" if len(report.changes) > 1 else ""
            return f"drift: {len(report.changes)} difference{plural} ({words}; compared {compared})"
        case DriftStatus.UNKNOWN:
            return f"unknown: no difference found, but {len(report.unmanaged)} objects could not be read ({compared})"
        case DriftStatus.NOT_RUN:
            return "not run: nothing was compared"


def drift_text(report: DriftReport) -> str:
    """Return the report for a terminal: one line a difference, the worst first, then the verdict."""
    lines = []
    for entry in report.changes:
        lines.append(f"{entry.severity.value:8}  {_headline(entry)}")
        if entry.before or entry.after:
            lines.append(f"          live: {entry.before or '(absent)'}")
            lines.append(f"          desired: {entry.after or '(absent)'}")
        lines.append(f"          {entry.message}")
    lines += [f"note      {f.place}: {f.message} [{f.code}]" for f in report.findings]
    lines += [f"unmanaged  {u.kind} {u.name}: {u.reason}" for u in report.unmanaged]
    return "\n".join([*lines, *([""] if lines else []), summarize_drift(report)]) + "\n"


def drift_document(report: DriftReport) -> Document:
    """Return the report as a document."""
    rows = tuple((e.severity.value, e.kind, e.table, e.object, e.before, e.after, e.message) for e in report.changes)
    columns = ("severity", "kind", "table", "object", "live", "desired", "consequence")
    return Document(
        title=f"Drift of {report.target}",
        verdict=summarize_drift(report),
        blocks=(
            Paragraph(f"Live: {report.target} ({report.engine} {report.server_version}). Desired: {report.desired}."),
            Table(columns, rows),
            *((Heading("Not managed"),) if report.unmanaged else ()),
            Bullets(tuple(f"{u.kind} {u.name}: {u.reason}" for u in report.unmanaged)),
        ),
    )


def drift_markdown(report: DriftReport) -> str:
    """Return the report as Markdown."""
    return render_markdown(drift_document(report))


def drift_sarif(report: DriftReport, version: str) -> str:
    """Return the report as SARIF 2.1.0, one rule a kind of difference."""
    kinds = sorted({entry.kind for entry in report.changes})
    results = [
        {
            "ruleId": entry.kind,
            "level": _SARIF_LEVEL[entry.severity],
            "message": {"text": f"{_headline(entry)}: {entry.message}"},
            "locations": [
                {
                    "physicalLocation": {"artifactLocation": {"uri": report.desired}},
                    "logicalLocations": [{"fullyQualifiedName": entry.object, "kind": "object"}],
                }
            ],
            "partialFingerprints": {"lockgate/v1": f"{entry.kind}:{entry.table}:{entry.object}"},
        }
        for entry in report.changes
    ]
    driver = {"name": "lockgate", "version": version, "rules": [{"id": kind, "name": kind} for kind in kinds]}
    run = {"tool": {"driver": driver}, "results": results, "properties": {"status": report.status.value}}
    schema = "https://json.schemastore.org/sarif-2.1.0.json"
    return json.dumps({"$schema": schema, "version": "2.1.0", "runs": [run]}, indent=1, ensure_ascii=False) + "\n"


def drift_github(report: DriftReport) -> str:
    """Return the report as GitHub workflow annotations, then the verdict as a notice."""
    lines = [
        f"::{_GITHUB_LEVEL[e.severity]} title={_github_property(e.kind + ' ' + e.object)}::"
        f"{_github_data(_headline(e) + ': ' + e.message)}"
        for e in report.changes
    ]
    level = "notice" if report.status is DriftStatus.IN_SYNC else "error"
    return "\n".join([*lines, f"::{level} title=lockgate drift::{_github_data(summarize_drift(report))}"]) + "\n"


def drift_junit(report: DriftReport) -> str:
    """Return the report as JUnit XML: one failed case a difference, one passed case when in sync, else an error."""
    cases = [
        f"  <testcase classname={quoteattr(e.table or e.kind)} name={quoteattr(_headline(e))}>"
        f'<failure type="{e.severity.value}" message={quoteattr(e.message)}>'
        f"{escape(f'live: {e.before} desired: {e.after}')}</failure></testcase>"
        for e in report.changes
    ]
    errors = 0
    if not cases:
        summary = quoteattr(summarize_drift(report))
        if report.status is DriftStatus.IN_SYNC:
            cases = [f'  <testcase classname="drift" name={summary}/>']
        else:
            errors = 1
            cases = [f'  <testcase classname="drift" name="drift"><error message={summary}/></testcase>']
    head = f'<testsuite name="lockgate drift" tests="{len(cases)}" failures="{len(report.changes)}" errors="{errors}">'
    return "\n".join(['<?xml version="1.0" encoding="UTF-8"?>', head, *cases, "</testsuite>"]) + "\n"


def _headline(entry: DriftEntry) -> str:
    return f"{entry.kind.replace('_', ' ')} {entry.object}"


def _github_data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _github_property(text: str) -> str:
    return _github_data(text).replace(":", "%3A").replace(",", "%2C")
