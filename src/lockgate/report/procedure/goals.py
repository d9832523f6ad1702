"""Set objectives against what happened: an objective that no task or check proves is not evidenced; pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lockgate.model.outcome import CheckResult, Outcome
from lockgate.model.procedure import TaskState
from lockgate.model.procedure_report import GateRow, ObjectiveRow, TaskRow
from lockgate.model.runbook import Phase
from lockgate.report.procedure.material import Material

NOT_EVIDENCED = "not evidenced"


def objective_rows(material: Material, tasks: Sequence[TaskRow], gates: Sequence[GateRow]) -> tuple[ObjectiveRow, ...]:
    """Return every objective of every phase with its outcome and what shows it."""
    return tuple(
        _row(phase, number, text, tasks, gates)
        for phase in material.runbook.phases
        for number, text in enumerate(phase.objectives, start=1)
    )


def _row(phase: Phase, number: int, text: str, tasks: Sequence[TaskRow], gates: Sequence[GateRow]) -> ObjectiveRow:
    names = {text.casefold(), str(number), f"{phase.id}/{number}", f"{phase.id}.{number}"}
    ids = {task.id for task in phase.tasks if names & {name.casefold() for name in task.objectives}}
    mine = [task for task in tasks if task.id in ids]
    gate = next((row for row in gates if row.phase == phase.id), None)
    results = [r for r in gate.results if r.title.casefold() == text.casefold()] if gate else []
    by = (*(task.id for task in mine), *(result.check for result in results))
    outcome = _outcome(mine, results)
    return ObjectiveRow(phase=phase.id, text=text, outcome=outcome, by=by, evidence="; ".join(_evidence(mine, results)))


def _outcome(tasks: Sequence[TaskRow], results: Sequence[CheckResult]) -> str:
    states = {task.state for task in tasks}
    outcomes = {result.outcome for result in results}
    if states & {TaskState.FAILED, TaskState.REVERTED} or Outcome.FAIL in outcomes:
        return "not met"
    if TaskState.UNKNOWN in states or Outcome.UNKNOWN in outcomes or any(task.doubt for task in tasks):
        return "unknown"
    for state in (TaskState.DEFERRED, TaskState.SKIPPED):
        if state in states:
            return str(state.value)
    if states & {TaskState.PENDING, TaskState.RUNNING}:
        return "not reached"
    if not tuple(_evidence(tasks, results)):
        return NOT_EVIDENCED
    return "met, with a waiver" if Outcome.WAIVED in outcomes | _checked(tasks) else "met"


def _checked(tasks: Sequence[TaskRow]) -> set[Outcome]:
    return {result.outcome for task in tasks for result in task.checks}


def _evidence(tasks: Sequence[TaskRow], results: Sequence[CheckResult]) -> Iterator[str]:
    for task in tasks:
        yield from (f"{task.id}: {result.title}: {result.found}" for result in task.checks)
        yield from (f"{task.id}: {item.name or item.path}" for item in task.evidence)
        if task.action == "manual" and task.is_done:
            yield f"{task.id}: attested"
    yield from (f"{result.check}: {result.found}" for result in results)
