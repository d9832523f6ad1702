"""Render a drift report as text, Markdown, SARIF, GitHub annotations or JUnit; pure."""

from __future__ import annotations

from collections import Counter

from lockgate.diff.drift import AcceptedEntry, DriftEntry, DriftReport, DriftStatus
from lockgate.diff.drift_rules import RULES
from lockgate.model.finding import Severity
from lockgate.report.document import Block, Bullets, Document, Heading, Paragraph, Table
from lockgate.report.markdown import render_markdown
from lockgate.report.pipelines import (
    SARIF_LEVEL,
    annotation,
    cut_annotations,
    sarif_log,
    sarif_rule,
    verdict_annotation,
)


def summarize_drift(report: DriftReport) -> str:
    """Return the verdict in one sentence, with what was compared."""
    compared = ", ".join(f"{count:,} {kind}" for kind, count in report.checked.items() if count) or "nothing"
    match report.status:
        case DriftStatus.IN_SYNC:
            but = f" but for {_count(len(report.accepted), 'accepted difference')}" if report.accepted else ""
            return (
                f"in sync{but}: the live database equals the desired schema{but and ' elsewhere'} (compared {compared})"
            )
        case DriftStatus.DRIFT:
            tally = Counter(entry.severity for entry in report.changes)
            words = ", ".join(f"{tally[severity]} {severity.value}" for severity in Severity if tally[severity])
            more = f"; {len(report.accepted)} more accepted" if report.accepted else ""
            return f"drift: {_count(len(report.changes), 'difference')} ({words}{more}; compared {compared})"
        case DriftStatus.UNKNOWN:
            return f"unknown: no difference found, but {len(report.unmanaged)} objects could not be read ({compared})"
        case DriftStatus.NOT_RUN:
            return "not run: nothing was compared" + "".join(f"; {note}" for note in report.notes)


def drift_text(report: DriftReport) -> str:
    """Return the report for a terminal: one line a difference, the worst first, then the verdict."""
    lines = []
    for entry in report.changes:
        lines.append(f"{entry.severity.value:8}  {_headline(entry)}")
        if entry.before or entry.after:
            lines.append(f"          live: {entry.before or '(absent)'}")
            lines.append(f"          desired: {entry.after or '(absent)'}")
        lines.append(f"          {entry.message} [{entry.code}]")
    lines += [f"accepted  {_headline(a.entry)}: {_agreement(a)}" for a in report.accepted]
    lines += [f"note      {note}" for note in report.notes]
    lines += [f"note      {f.place}: {f.message} [{f.code}]" for f in report.findings]
    lines += [f"unmanaged  {u.kind} {u.name}: {u.reason}" for u in report.unmanaged]
    steps = dict.fromkeys(entry.next_step for entry in report.changes if entry.next_step)
    lines += [f"next      {step}" for step in steps]
    kinds = kinds_line(report)
    return "\n".join([*lines, *([""] if lines else []), *([kinds] if kinds else []), summarize_drift(report)]) + "\n"


def kinds_line(report: DriftReport) -> str:
    """Return how many differences there are of each kind; empty when there is none."""
    tally = Counter(entry.kind.replace("_", " ") for entry in report.changes)
    return "by kind: " + ", ".join(f"{kind} {tally[kind]}" for kind in sorted(tally)) if tally else ""


def drift_document(report: DriftReport) -> Document:
    """Return the report as a document: the differences by kind, the kind with the worst of them first."""
    blocks: list[Block] = [
        Paragraph(f"Live: {report.target} ({report.engine} {report.server_version}). Desired: {report.desired}.")
    ]
    for kind in dict.fromkeys(entry.kind for entry in report.changes):
        entries = [entry for entry in report.changes if entry.kind == kind]
        rows = tuple((e.severity.value, e.table, e.object, e.before, e.after, e.message, e.code) for e in entries)
        blocks.append(Heading(f"{kind.replace('_', ' ')} ({len(entries)})"))
        blocks.append(Table(("severity", "table", "object", "live", "desired", "consequence", "code"), rows))
    if report.accepted:
        blocks.append(Heading("Accepted"))
        blocks.append(Bullets(tuple(f"{_headline(a.entry)}: {_agreement(a)}" for a in report.accepted)))
    if report.findings or report.notes:
        blocks.append(Heading("Notes"))
        found = (f"{f.place}: {f.message} ({f.code})" for f in report.findings)
        blocks.append(Bullets((*report.notes, *found)))
    if report.unmanaged:
        blocks.append(Heading("Not managed"))
        blocks.append(Bullets(tuple(f"{u.kind} {u.name}: {u.reason}" for u in report.unmanaged)))
    return Document(title=f"Drift of {report.target}", verdict=summarize_drift(report), blocks=tuple(blocks))


def drift_markdown(report: DriftReport) -> str:
    """Return the report as Markdown."""
    return render_markdown(drift_document(report))


def drift_sarif(report: DriftReport, version: str) -> str:
    """Return the report as SARIF 2.1.0, by rule."""
    rules = {rule.code: rule for rule in RULES}
    codes = sorted({entry.code for entry in report.changes})
    results = [
        {
            "ruleId": entry.code,
            "level": SARIF_LEVEL[entry.severity],
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
    return sarif_log(
        version,
        [sarif_rule(rules[code]) for code in codes],
        results,
        {"status": report.status.value, "verdict": summarize_drift(report)},
        has_run=report.status is not DriftStatus.NOT_RUN,
    )


def drift_github(report: DriftReport) -> str:
    """Return the report as GitHub workflow annotations, then the verdict as a notice; see `cut_annotations`."""
    lines = []
    for severity in Severity:
        entries = [_annotation(entry) for entry in report.changes if entry.severity is severity]
        shown, rest = cut_annotations(severity, entries, "differences", "lockgate drift")
        lines += [*shown, *rest]
    is_good = report.status is DriftStatus.IN_SYNC
    return "\n".join([*lines, verdict_annotation("lockgate drift", summarize_drift(report), is_good=is_good)]) + "\n"


def _annotation(entry: DriftEntry) -> str:
    text = f"{_headline(entry)}: {entry.message} ({entry.code})"
    return annotation(entry.severity, f"{entry.kind} {entry.object}", text)


def drift_junit(report: DriftReport) -> str:
    """Return the report as JUnit XML: one failed case a difference, one passed case when in sync, else an error."""
    from xml.sax.saxutils import escape, quoteattr

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


def _agreement(accepted: AcceptedEntry) -> str:
    end = f"until {accepted.until}" if accepted.until else "for good"
    return f"{accepted.reason} ({accepted.accepted_by}, {end})"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _headline(entry: DriftEntry) -> str:
    return f"{entry.kind.replace('_', ' ')} {entry.object}"
