"""Put a run's report into one document: first how it stands, then what shows it; pure."""

from __future__ import annotations

from collections.abc import Sequence

from lockgate.model.procedure_report import ProcedureReport
from lockgate.report.document import Block, Bullets, Document, Heading, Paragraph, Table
from lockgate.report.procedure.amounts import duration_words
from lockgate.report.procedure.charts import timeline
from lockgate.report.procedure.sections_after import after_blocks
from lockgate.report.procedure.sections_made import made_blocks
from lockgate.report.procedure.sections_steps import step_blocks


def report_document(report: ProcedureReport) -> Document:
    """Return the whole report."""
    blocks = [*_head(report), *_summary(report), *_objectives(report), *_phases(report)]
    blocks += [*step_blocks(report), *made_blocks(report), *after_blocks(report), *_foot(report)]
    return Document(f"{report.title or report.runbook}: run {report.run}", report.standing.headline, tuple(blocks))


def _head(report: ProcedureReport) -> list[Block]:
    numbers = {
        what.removeprefix("deviations_"): n for what, n in report.counts.items() if what.startswith("deviations_")
    }
    rows = (
        ("status", report.standing.headline),
        ("run", report.run),
        ("runbook", f"{report.runbook} {report.version}".strip()),
        ("digest", report.digest),
        ("session", report.session or "none"),
        ("target", report.target or "none"),
        ("server", _server(report) or "none"),
        ("commit", f"{report.commit} {report.branch}".strip() or "not recorded"),
        ("started by", report.actor or "not recorded"),
        ("started (UTC)", report.started_at),
        ("ended (UTC)", report.ended_at or "not ended"),
        ("duration", duration_words(report.duration_s)),
        ("deviations", ", ".join(f"{n} {what}" for what, n in numbers.items()) or "none"),
        ("Lockgate", report.tool_version),
    )
    blocks: list[Block] = [Table(("fact", "value"), rows)]
    if report.standing.conflict:
        blocks.append(Paragraph(f"Conflict: {report.standing.conflict}"))
    if report.standing.reasons and not report.standing.is_good:
        blocks += [Heading("What keeps it from complete", 3), Bullets(report.standing.reasons)]
    return blocks


def _server(report: ProcedureReport) -> str:
    is_named = report.server.casefold().startswith(report.engine.casefold())
    return report.server if is_named else f"{report.engine} {report.server}".strip()


def _ratio(ratio: float | None) -> str:
    return "-" if ratio is None else f"{ratio:.2f}" if ratio >= 0.01 else f"{ratio:.4f}"


def _summary(report: ProcedureReport) -> list[Block]:
    blocks: list[Block] = [Heading("Summary"), Paragraph(report.sentence)]
    if report.written_summary:
        blocks.append(Paragraph(f"The runbook says of itself: {report.written_summary}"))
    blocks += [Paragraph(f"{w.by} wrote at {w.at}: {w.text}") for w in report.words if w.about == "summary"]
    return blocks


def _objectives(report: ProcedureReport) -> list[Block]:
    if not report.objectives:
        return []
    rows = tuple((o.phase, o.text, o.outcome, ", ".join(o.by) or "none", o.evidence) for o in report.objectives)
    return [Heading("Objectives"), Table(("phase", "objective", "outcome", "shown by", "evidence"), rows)]


def _phases(report: ProcedureReport) -> list[Block]:
    rows = tuple(
        (
            phase.id,
            phase.title,
            phase.risk,
            phase.state,
            f"{phase.tasks_done} of {phase.tasks}",
            duration_words(phase.estimate_s) if phase.estimate_s >= 0 else "none",
            duration_words(phase.actual_s) if phase.actual_s >= 0 else "not begun",
            _ratio(phase.ratio),
        )
        for phase in report.phases
    )
    estimates = [p.estimate_s for p in report.phases if p.estimate_s >= 0]
    actuals = [p.actual_s for p in report.phases if p.actual_s >= 0]
    if estimates and actuals:
        ratio = _ratio(sum(actuals) / sum(estimates) if sum(estimates) else None)
        total = ("", "all", "", "", "", duration_words(sum(estimates)), duration_words(sum(actuals)), ratio)
        rows = (*rows, total)
    columns = ("phase", "title", "risk", "state", "tasks done", "estimate", "actual", "actual / estimate")
    picture = timeline(report)
    return [Heading("Phases"), Table(columns, rows), *([picture] if picture else [])]


def _foot(report: ProcedureReport) -> Sequence[Block]:
    return (
        Heading("Where this comes from"),
        Paragraph(
            f"Folded from {report.entries} entries of the run's journal, whose last hash is {report.head}."
            " People's words are set apart with name and time; they change no fact."
        ),
    )
