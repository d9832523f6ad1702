"""Fold a run's journal, its runbook and its samples into one report value; pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lockgate.model.outcome import CheckResult, Outcome
from lockgate.model.procedure import Entry, EntryType, TaskState, effects_of
from lockgate.model.procedure_report import (
    ChangedFile,
    DocumentRow,
    EffectRow,
    GateRow,
    MessageRow,
    ProcedureReport,
    RollbackRow,
    TagRow,
    TaskRow,
)
from lockgate.report.procedure.amounts import duration_words, seconds_between
from lockgate.report.procedure.goals import objective_rows
from lockgate.report.procedure.left import issues_of, open_items_of
from lockgate.report.procedure.material import Material, number_of, text_of
from lockgate.report.procedure.measured import Measured, database_facts, differences_of, facts_of
from lockgate.report.procedure.people import claims_of, deviations_of, people_rows, words_of
from lockgate.report.procedure.standing import judge
from lockgate.report.procedure.steps import checks_at, gate_rows, phase_rows, task_rows
from lockgate.report.procedure.watched import monitor_rows
from lockgate.report.procedure.way_back import contact_rows, ways_back


def build_report(material: Material) -> ProcedureReport:
    """Return the report. Its status is folded here from the entries, whatever the end of the run claims."""
    tasks, gates = task_rows(material), gate_rows(material)
    phases = phase_rows(material, tasks, gates)
    requires = checks_at(material, "requires")
    effects = tuple(map(_effect, material.of(EntryType.EFFECT)))
    standing = judge(material, tasks, gates, requires)
    results = (*requires, *(r for task in tasks for r in task.checks), *(r for gate in gates for r in gate.results))
    people = people_rows(material, results)
    measured, monitors = Measured(material, tasks), monitor_rows(material)
    issues = issues_of(material, measured, results, monitors)
    objectives, documents, tags = objective_rows(material, tasks, gates), document_rows(material), _tags(material)
    head, body, run = material.start, material.start.body, material.run
    ended_at, duration_s = _ended(material)
    return ProcedureReport(
        run=run,
        runbook=material.runbook.runbook or text_of(body, "runbook"),
        title=text_of(body, "title") or material.runbook.title,
        version=material.runbook.version,
        digest=text_of(body, "digest") or material.digest,
        target=text_of(body, "target"),
        engine=text_of(body, "engine"),
        server=text_of(body, "server"),
        tool_version=text_of(body, "tool_version"),
        commit=text_of(body, "commit"),
        branch=text_of(body, "branch"),
        actor=head.actor,
        session=next((row.id for row in effects if row.what == "session"), ""),
        started_at=head.ts,
        ended_at=ended_at,
        duration_s=duration_s,
        standing=standing,
        sentence=_sentence(run, standing.headline, duration_s, tasks, gates, effects),
        written_summary=material.runbook.summary,
        words=words_of(material),
        objectives=objectives,
        phases=phases,
        requires=requires,
        tasks=tasks,
        gates=gates,
        people=people,
        claims=claims_of(material, standing, people),
        deviations=(deviations := deviations_of(material, people, tasks, phases)),
        monitors=monitors,
        effects=effects,
        rollbacks=rollback_rows(material),
        database=database_facts(material, measured),
        differences=differences_of(measured),
        issues=issues,
        files=_files(material),
        files_note=material.git.note,
        tags=tags,
        documents=documents,
        messages=tuple(map(_message, material.of(EntryType.NOTIFIED))),
        open_items=open_items_of(material, run, standing, tasks, gates, people, objectives, issues, documents, tags),
        ways_back=ways_back(material, measured, text_of(body, "target"), standing),
        contacts=contact_rows(material.runbook, material),
        entries=len(material.entries),
        head=material.entries[-1].hash,
        counts=_counts(tasks, results, [d.what for d in deviations]),
    )


def _ended(material: Material) -> tuple[str, float]:
    last = material.entries[-1]
    end = next((e for e in reversed(material.entries) if e.type is EntryType.RUN_ENDED), None)
    at = end or last
    return (end.ts if end else ""), seconds_between(material.start.ts, at.ts)


def _sentence(
    run: str,
    headline: str,
    duration_s: float,
    tasks: Sequence[TaskRow],
    gates: Sequence[GateRow],
    effects: Sequence[EffectRow],
) -> str:
    done = sum(task.is_done for task in tasks)
    gates_open = sum(gate.is_open for gate in gates)
    made: dict[str, int] = {}
    for effect in {(effect.what, effect.id): effect for effect in effects}.values():
        made[effect.what] = made.get(effect.what, 0) + 1
    changes = ", ".join(f"{number} {what}{'s' if number > 1 else ''}" for what, number in made.items()) or "nothing"
    return (
        f"The run {run} is {headline} after {duration_words(duration_s)}: {done} of {len(tasks)} tasks done,"
        f" {gates_open} of {len(gates)} gates open; it made {changes}."
    )


def _counts(tasks: Sequence[TaskRow], results: Sequence[CheckResult], deviations: Sequence[str]) -> dict[str, int]:
    counts = {f"tasks_{state.value}": sum(task.state is state for task in tasks) for state in TaskState}
    counts["tasks_unproven"] = sum(bool(task.doubt) for task in tasks)
    counts |= {f"checks_{outcome.value}": sum(r.outcome is outcome for r in results) for outcome in Outcome}
    counts["deviations"] = len(deviations)
    counts |= {f"deviations_{what}": deviations.count(what) for what in sorted(set(deviations))}
    return counts


def _effect(entry: Entry) -> EffectRow:
    return EffectRow(
        what=text_of(entry.body, "what"),
        id=text_of(entry.body, "id"),
        task=entry.task,
        at=entry.ts,
        facts=facts_of(entry.body),
    )


def rollback_rows(material: Material) -> tuple[RollbackRow, ...]:
    """Return the steps back that were taken, each with how it ended."""
    rows: list[RollbackRow] = []
    for entry in material.of(EntryType.ROLLBACK_STARTED, EntryType.ROLLBACK_ENDED):
        body = entry.body
        if entry.type is EntryType.ROLLBACK_ENDED and rows:
            last = rows.pop()
            rows.append(_with_end(last, body))
        else:
            level, to, why = (text_of(body, name) for name in ("level", "to", "why"))
            rows.append(RollbackRow(level, to, why, "not ended", entry.ts, text_of(body, "loss_window")))
    return tuple(rows)


def _with_end(row: RollbackRow, body: Mapping[str, object]) -> RollbackRow:
    state, message = text_of(body, "state") or "unknown", text_of(body, "message")
    return RollbackRow(row.level, row.to, row.why, state, row.at, row.loss_window, message)


def document_rows(material: Material) -> tuple[DocumentRow, ...]:
    """Return the documents that the run wrote or owes, and whether they stand there as they were written."""
    written = [*material.of(EntryType.DOCUMENT), *effects_of(material.entries, "document")]
    rows = {text_of(e.body, "path", "id"): _document(material, e) for e in sorted(written, key=lambda e: e.seq)}
    for phase in material.runbook.phases:
        for path in phase.documents:
            if path not in rows:
                rows[path] = _owed(material, path)
    return tuple(rows.values())


def _document(material: Material, entry: Entry) -> DocumentRow:
    known = {**facts_of(entry.body), **{k: v for k, v in entry.body.items() if k != "facts"}}
    path, digest = text_of(known, "path", "id"), text_of(known, "sha256")
    now = material.documents.get(path)
    state = "missing" if now is None else "there" if not digest or now.sha256 == digest else "changed since"
    size = now.bytes if now is not None else int(max(number_of(known, "bytes"), 0))
    return DocumentRow(text_of(known, "make"), path, state, digest, size, entry.ts)


def _owed(material: Material, path: str) -> DocumentRow:
    now = material.documents.get(path)
    if now is None:
        return DocumentRow("", path, "missing")
    is_old = now.modified_at < material.start.ts
    return DocumentRow("", path, "older than the run" if is_old else "there", now.sha256, now.bytes, now.modified_at)


def _files(material: Material) -> tuple[ChangedFile, ...]:
    purposes: dict[str, str] = {}
    for phase in material.runbook.phases:
        for task in phase.tasks:
            for path in task.touches.files if task.touches else ():
                purposes.setdefault(path, f"{task.id} {task.title}")
    for entry in effects_of(material.entries, "file"):
        purposes.setdefault(text_of(entry.body, "id"), f"made by task {entry.task}")
    return tuple(
        ChangedFile(f.status, f.path, f.purpose or purposes.get(f.path, ""), f.sha256) for f in material.git.files
    )


def _tags(material: Material) -> tuple[TagRow, ...]:
    return tuple(
        TagRow(
            name := text_of(entry.body, "id"),
            facts_of(entry.body).get("commit", ""),
            material.git.tags.get(name, ""),
        )
        for entry in effects_of(material.entries, "tag")
    )


def _message(entry: Entry) -> MessageRow:
    return MessageRow(
        key=text_of(entry.body, "key"),
        channel=text_of(entry.body, "channel"),
        at=entry.ts,
        is_delivered=entry.body.get("is_delivered") is True,
        error=text_of(entry.body, "error"),
    )
