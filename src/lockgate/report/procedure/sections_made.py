"""The parts of a report about monitors, what the run made, and what was counted in the database; pure."""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.model.procedure_report import EffectRow, ProcedureReport
from lockgate.report.document import Block, Bullets, Folded, Heading, Paragraph, Table
from lockgate.report.procedure.charts import monitor_chart
from lockgate.report.procedure.measured import NOT_MEASURED

_KINDS = {"create": "missing", "drop": "not declared", "add": "missing", "alter": "differ", "rename": "renamed"}

_LOSES = {"code": "nothing: commits are reverted, not removed", "schema": "nothing: this level keeps every row"}


def made_blocks(report: ProcedureReport) -> list[Block]:
    """Return monitors, effects, steps back, the database, differences by kind and issues."""
    return [*_monitors(report), *_effects(report), *_rollbacks(report), *_database(report), *_issues(report)]


def _monitors(report: ProcedureReport) -> Iterator[Block]:
    yield Heading("Monitors")
    if not report.monitors:
        yield Paragraph("The runbook has no monitor.")
    for monitor in report.monitors:
        yield Heading(monitor.name, 3)
        counts = ", ".join(f"{number} {word}" for word, number in monitor.counts.items())
        values = f"{len(monitor.samples)} values" + (f" ({counts})" if counts else "")
        verdict = f"broke at {monitor.breach_at}: {monitor.breach}" if monitor.breach else "no breach recorded"
        if not monitor.samples and not monitor.decisions:
            verdict = "unknown: no value is recorded"
        yield Paragraph(f"{monitor.source}, {monitor.rule}: {values}; {verdict}")
        picture = monitor_chart(report, monitor)
        if picture is not None:
            yield picture
        yield Bullets((*monitor.decisions, *monitor.held))


def _effects(report: ProcedureReport) -> Iterator[Block]:
    yield Heading("What the run made")
    if not report.effects:
        yield Paragraph("No effect is recorded.")
    rows = tuple((e.what, e.id, e.task, e.at, _facts(e)) for e in report.effects)
    yield Table(("what", "id", "task", "at", "known of it"), rows)


def _facts(effect: EffectRow) -> str:
    return ", ".join(f"{name} {value}" for name, value in effect.facts.items())


def _rollbacks(report: ProcedureReport) -> Iterator[Block]:
    if not report.rollbacks:
        return
    yield Heading("Steps back")
    rows = tuple(
        (r.level, r.to, r.state, r.at, r.why, r.loss_window or _LOSES.get(r.level, "not recorded"), r.message)
        for r in report.rollbacks
    )
    yield Table(("level", "to", "state", "at", "why", "would be lost", "message"), rows)


def _database(report: ProcedureReport) -> Iterator[Block]:
    yield Heading("The database, as counted")
    rows = tuple(
        (f.topic, f.name, f.value, f.source or ("-" if f.value == NOT_MEASURED else "")) for f in report.database
    )
    yield Table(("topic", "what", "value", "counted by"), rows)
    if report.differences:
        yield Heading("Differences by kind, as first measured", 3)
        kinds = tuple(
            (_kind_words(kind), str(len(objects)), ", ".join(objects)) for kind, objects in report.differences.items()
        )
        yield Table(("kind", "count", "objects"), kinds)


def _kind_words(kind: str) -> str:
    verb, _, thing = kind.partition("_")
    return f"{thing.replace('_', ' ')}: {_KINDS.get(verb, verb)}"


def _issues(report: ProcedureReport) -> Iterator[Block]:
    yield Heading("Issues")
    if not report.issues:
        yield Paragraph("None was found by the checks that ran.")
        return
    rows = tuple(
        (i.severity.value, i.code, i.place, i.text, i.impact, i.recommendation, i.owner or "nobody yet", i.id)
        for i in report.issues
    )
    table = Table(("severity", "code", "where", "what", "impact", "recommendation", "owner", "id"), rows)
    yield Folded(f"{len(rows)} issues", (table,)) if len(rows) > 50 else table
