"""The parts of a report about tasks, gates, people and deviations; pure."""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.model.procedure_report import GateRow, ProcedureReport, TaskRow
from lockgate.report.document import Block, Bullets, Folded, Heading, Paragraph, Table
from lockgate.report.gate import evidence_words, truth_table
from lockgate.report.procedure.amounts import duration_words


def step_blocks(report: ProcedureReport) -> list[Block]:
    """Return tasks, gates, who answers for what, and deviations."""
    return [*_tasks(report), *_gates(report), *_people(report), *_deviations(report)]


def _tasks(report: ProcedureReport) -> Iterator[Block]:
    yield Heading("Tasks")
    columns = ("task", "title", "action", "state", "attempts", "estimate", "took", "message", "evidence")
    yield Table(columns, tuple(map(_task_row, report.tasks)))
    again = [task for task in report.tasks if len(task.attempts) > 1]
    for task in again:
        rows = tuple(
            (str(a.number), a.state.value, a.started_at, duration_words(a.duration_s), a.message) for a in task.attempts
        )
        words = f"{task.id}: {len(task.attempts) - 1} previous attempts"
        yield Folded(words, (Table(("attempt", "state", "started", "took", "message"), rows),))
    checks = [result for task in report.tasks for result in task.checks]
    if checks:
        yield Heading("Checks of tasks", 3)
        yield truth_table(checks)
    if report.requires:
        yield Heading("Conditions of the start", 3)
        yield truth_table(report.requires)


def _task_row(task: TaskRow) -> tuple[str, ...]:
    state = f"not proven: {task.doubt}" if task.doubt else task.state.value
    return (
        task.id,
        task.title,
        task.action,
        state,
        str(len(task.attempts)),
        duration_words(task.estimate_s) if task.estimate_s >= 0 else "none",
        duration_words(task.duration_s) if task.attempts else "-",
        task.message,
        evidence_words(task.evidence),
    )


def _gates(report: ProcedureReport) -> Iterator[Block]:
    yield Heading("Gates")
    if not report.gates:
        yield Paragraph("The runbook has no gate.")
    for gate in report.gates:
        yield Heading(f"{gate.id} {gate.title}".strip(), 3)
        yield Paragraph(_gate_words(gate))
        yield truth_table(gate.results)
        yield Bullets(tuple(f"before, {words}" for words in gate.earlier))


def _gate_words(gate: GateRow) -> str:
    verdict = "open" if gate.is_open else f"closed ({gate.decision})"
    missing = f"; {gate.missing} of its checks were not asked" if gate.missing else ""
    return f"{verdict}; the worst of its checks is {gate.outcome.value}{missing}" + (
        f"; asked {gate.at}" if gate.at else ""
    )


def _people(report: ProcedureReport) -> Iterator[Block]:
    yield Heading("Who answers for it")
    columns = ("what", "of", "by", "role", "at", "reason", "until")
    yield Table(columns, tuple((p.what, p.subject, p.by, p.role, p.at, p.reason, p.until) for p in report.people))
    if not report.people:
        yield Paragraph("No approval, waiver or attestation is recorded.")
    if report.claims:
        yield Heading("Claims of the author", 3)
        yield Table(("written", "found"), tuple((claim.text, claim.found) for claim in report.claims))


def _deviations(report: ProcedureReport) -> Iterator[Block]:
    yield Heading("Deviations")
    if not report.deviations:
        yield Paragraph("None: no skip, deferral, waiver, retry, overrun or word of a person is recorded.")
    rows = tuple((d.what, d.subject, d.text, d.by, d.at) for d in report.deviations)
    yield Table(("what", "where", "why", "by", "at"), rows)
