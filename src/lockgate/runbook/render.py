"""Write a runbook as Markdown for reviewers; what words and tables cannot say stands in a block of settings at its end.

The Markdown is read again while it is written: the settings are exactly what that reading lacks, so that importing the
file gives the same runbook.
"""

from __future__ import annotations

import re
from typing import Any

import msgspec

from lockgate.model.outcome import RollbackLevel
from lockgate.model.runbook import Gate, LevelPlan, Phase, Risk, Runbook, Stage, Task
from lockgate.runbook.markdown.gates import ORDERS
from lockgate.runbook.markdown.patch import make_patch
from lockgate.runbook.markdown.read import parse_markdown
from lockgate.runbook.markdown.tables import join_row
from lockgate.runbook.markdown.words import read_level, read_risk, read_span
from lockgate.runbook.render_cells import command_cell, item_text, revert_cell, verify_cell
from lockgate.runbook.write import dump_table

_RISKS = {Risk.NONE: "", Risk.LOW: "🟢 LOW", Risk.MEDIUM: "🟡 MEDIUM", Risk.HIGH: "🔴 HIGH"}
_LEVELS = {RollbackLevel.CODE: "Git revert", RollbackLevel.SCHEMA: "Checkpoint", RollbackLevel.DATA: "Database restore"}


def render_runbook(runbook: Runbook) -> str:
    """Return the Markdown of a runbook; importing it gives the same runbook back."""
    words = _words(runbook).rstrip() + "\n"
    read = msgspec.to_builtins(
        parse_markdown(words.rstrip("\n"), runbook.runbook, repaired=(), has_steps=False).runbook
    )
    patch = make_patch(read, msgspec.to_builtins(runbook))
    if not patch:
        return words
    note = "<!-- What the words above cannot say. It is read with them: change both together. -->"
    block = dump_table(patch).strip("\n")
    mark = "`" * max(3, *(len(run) + 1 for run in re.findall(r"`+", block + "`")))
    return f"{words}\n## Runbook settings\n\n{note}\n\n{mark}yaml\n{block}\n{mark}\n"


def _words(runbook: Runbook) -> str:
    parts = [_head(runbook)]
    if runbook.summary:
        parts.append(f"## Summary\n\n{runbook.summary}")
    if runbook.objectives:
        parts.append("## Objectives\n\n" + _bullets(runbook.objectives))
    if runbook.risks:
        parts.append("## Risk matrix\n\n" + _risk_table(runbook))
    if runbook.requires:
        parts.append("## Pre-execution checklist (MANDATORY)\n\n" + _boxes([item_text(c) for c in runbook.requires]))
    parts += [_phase(phase) for phase in runbook.phases]
    if runbook.levels:
        parts.append("## Rollback procedures\n\n" + "\n\n".join(_level(level) for level in runbook.levels))
    parts += [*_monitoring(runbook), *_people(runbook)]
    parts += [f"## {title}\n\n{text}" for title, text in runbook.appendix.items()]
    return "\n\n".join(part for part in parts if part) + "\n"


def _head(runbook: Runbook) -> str:
    version = f" (v{runbook.version}{f' - {runbook.note}' if runbook.note else ''})" if runbook.version else ""
    facts = [("Created", runbook.created), ("Author", runbook.author), ("Target", ", ".join(runbook.targets))]
    facts += [("Commit", runbook.commit), *(("Status", words) for words in runbook.claimed_status)]
    lines = "\n".join(f"**{key}:** {value}  " for key, value in facts if value)
    return f"# {runbook.title or runbook.runbook}{version}" + (f"\n\n{lines}" if lines else "")


def _phase(phase: Phase) -> str:
    parts = [f"## Phase {phase.id}: {phase.title}", _facts(phase), phase.written.get("text", "")]
    if phase.objectives:
        parts.append("### Objectives\n\n" + _bullets(phase.objectives))
    if phase.before:
        parts.append(
            "### Pre-execution checklist (MANDATORY)\n\n" + _boxes([item_text(check) for check in phase.before])
        )
    if phase.stages:
        parts.append("### Stages\n\n" + "\n\n".join(_stage(stage) for stage in phase.stages))
    parts += _task_tables(phase)
    if phase.gate is not None:
        parts.append(_gate(phase.gate, phase))
    return "\n\n".join(part for part in parts if part)


def _facts(phase: Phase) -> str:
    """The line of facts: the author's words while they still say the same, else ours."""
    written = phase.written
    duration, risk, rollback = (written.get(key, "") for key in ("duration", "risk", "rollback"))
    if read_span(duration) != phase.estimate:
        duration = phase.estimate
    if read_risk(risk) is not phase.risk:
        risk = _RISKS[phase.risk]
    if rollback and phase.rollback is not None and read_level(rollback) is not phase.rollback:
        rollback = _LEVELS[phase.rollback]
    if not rollback:
        rollback = _LEVELS[phase.rollback] if phase.rollback else ("N/A (read-only)" if phase.read_only else "")
    needs = ", ".join(f"Phase {name}" for name in phase.needs)
    facts = (("Duration", duration), ("Risk", risk), ("Rollback", rollback), ("Needs", written.get("needs", needs)))
    return " | ".join(f"**{key}:** {value}" for key, value in facts if value)


def _stage(stage: Stage) -> str:
    return f"**Stage {stage.id}: {stage.title}**" + (f"\n\n{stage.note}" if stage.note else "")


def _task_tables(phase: Phase) -> list[str]:
    """The steps: one table, and one under each sub-task's heading."""
    parts = []
    groups: dict[str, list[Task]] = {}
    for task in phase.tasks:
        groups.setdefault(task.subtask_of, []).append(task)
    titles = {part.id: part.title for part in phase.subtasks}
    for name, tasks in groups.items():
        heading = f"### Task {name}: {titles.get(name, '')}".rstrip() if name else "### Tasks"
        parts.append(f"{heading}\n\n{_table_of(tasks)}")
    return parts


def _table_of(tasks: list[Task]) -> str:
    columns: dict[str, list[str]] = {
        "Step": [task.id for task in tasks],
        "Task": [task.title for task in tasks],
        "Command": [command_cell(task) for task in tasks],
        "Verification": [verify_cell(task) for task in tasks],
        "Rollback": [revert_cell(task) for task in tasks],
        "Risk": [task.risk.value.upper() if task.risk is not Risk.NONE else "" for task in tasks],
        "Estimate": [task.estimate for task in tasks],
        "Owner": [task.owner for task in tasks],
        "Needs": [", ".join(task.needs) for task in tasks],
    }
    kept = {name: cells for name, cells in columns.items() if name in ("Step", "Task", "Verification") or any(cells)}
    rows = [[cells[index] for cells in kept.values()] for index in range(len(tasks))]
    return table(list(kept), rows)


def _gate(gate: Gate, phase: Phase) -> str:
    title = gate.title or (f"QA Gate {phase.id}")
    if "gate" not in title.lower():
        title = f"QA Gate {phase.id}: {title}"
    boxes = _boxes([item_text(check) for check in gate.checks])
    return f"### {title}\n\n{boxes}\n\n{gate.written or ORDERS[gate.on_fail]}"


def _level(level: LevelPlan) -> str:
    parts = [f"### Level {level.number or level.level.rank}: {level.title}".rstrip(": "), level.impact]
    parts += [f"```bash\n{command}\n```" for command in level.commands]
    return "\n\n".join(part for part in parts if part)


def _risk_table(runbook: Runbook) -> str:
    rows = [
        [row.task, _RISKS[row.risk], row.blast_radius, row.rollback, row.mitigation]
        for row in runbook.risks
    ]  # fmt: skip
    return table(["Task", "Risk", "Blast radius", "Rollback", "Mitigation"], rows)


def _monitoring(runbook: Runbook) -> list[str]:
    parts = []
    if runbook.metrics:
        parts.append("### Metrics to watch\n\n" + _bullets([metric.text for metric in runbook.metrics]))
    if runbook.triggers:
        rows = [[trigger.text, trigger.action] for trigger in runbook.triggers]
        parts.append("### Triggers\n\n" + table(["Trigger", "Action"], rows))
    return ["## Monitoring", *parts] if parts else []


def _people(runbook: Runbook) -> list[str]:
    parts = []
    if runbook.messages:
        parts.append("## Communication plan")
        for when in dict.fromkeys(message.when for message in runbook.messages):
            texts = [message.text for message in runbook.messages if message.when == when]
            parts.append(f"### {when.capitalize()}\n\n" + _boxes(texts))
    if runbook.contacts:
        rows = [[contact.name, contact.role, contact.reach] for contact in runbook.contacts]
        parts.append("## Contacts\n\n" + table(["Name", "Role", "Reach"], rows))
    if runbook.approvals.items:
        items = [f"- [{'x' if item.claimed else ' '}] {item.text}" for item in runbook.approvals.items]
        parts.append("## Approvals\n\n" + "\n".join(items))
    return parts


def table(names: list[str], rows: list[list[Any]]) -> str:
    """Return a table of Markdown."""
    lines = [join_row(names), "|" + "|".join("---" for _ in names) + "|"]
    return "\n".join([*lines, *(join_row([str(cell) for cell in row]) for row in rows)])


def _bullets(texts: tuple[str, ...] | list[str]) -> str:
    return "\n".join(f"- {text}" for text in texts)


def _boxes(texts: list[str]) -> str:
    return "\n".join(f"- [ ] {text}" for text in texts)
