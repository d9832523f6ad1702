"""``lockgate runbook show``: a runbook or plan for people, or its counts and value as JSON; opens no database."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from lockgate.cli.face import Face, make_command

if TYPE_CHECKING:
    from lockgate.model.runbook import Phase, Runbook, Task
    from lockgate.runbook.read import ReadRunbook
    from lockgate.runbook.standing import Standing


@make_command(
    "show",
    "Show a runbook: phases, tasks, gates, and how many of each.",
    ("text", "json", "markdown"),
    is_target_configured=False,
)
@click.argument("runbook_file", metavar="RUNBOOK")
def command(face: Face, runbook_file: str) -> int:
    """Nothing is run and nobody is asked. The status is computed, whatever words the file uses."""
    import msgspec

    from lockgate.model.runbook import counts_of
    from lockgate.runbook.load import load_runbook
    from lockgate.runbook.render import render_runbook
    from lockgate.runbook.standing import standing_of

    read = load_runbook(Path(runbook_file))
    standing = standing_of(read)
    runs = _runs(face, read.runbook)
    if face.output_format == "json":
        document = {
            "format_version": 1,
            "counts": counts_of(read.runbook),
            "status": standing.status,
            "approvals": {"asked": standing.asked, "claimed": standing.claimed},
            "conflicts": [{"line": conflict.line, "text": conflict.text} for conflict in standing.conflicts],
            "runs": runs,
            "repaired": {"count": len(read.repaired), "lines": list(read.repaired)},
            "notes": [{"line": line, "message": message} for line, message in read.notes],
            "runbook": msgspec.to_builtins(read.runbook),
        }
        face.show_json(document)
    elif face.output_format == "markdown":
        face.show(render_runbook(read.runbook))
    else:
        face.show("\n".join(_text(read, standing, runs)))
    return 0


def _runs(face: Face, runbook: Runbook) -> list[dict[str, object]]:
    """The runs of a runbook of this name that are kept here, the newest last, and whether each ran exactly this one."""
    from lockgate.runbook.runs import list_runs

    return [
        {"id": run.id, "status": run.state.status.value, "is_this": run.lock.runbook == runbook}
        for run in list_runs(face.settings.state_dir)
        if run.lock.runbook.runbook == runbook.runbook
    ]


def _text(read: ReadRunbook, standing: Standing, runs: list[dict[str, object]]) -> list[str]:
    from lockgate.cli.runbook_import import told

    runbook = read.runbook
    version = f" (version {runbook.version}{f', {runbook.note}' if runbook.note else ''})" if runbook.version else ""
    lines = [f"{runbook.title or runbook.runbook}{version}", f"status: {standing.status}"]
    for conflict in standing.conflicts:
        place = f" (line {conflict.line})" if conflict.line else ""
        lines.append(f"  the file says {conflict.text!r}{place}: typed by hand, it counts for nothing")
    for run in runs:
        which = "exactly this runbook" if run["is_this"] else "another version of it; what ran is in the run's folder"
        lines.append(f"run {run['id']}: {run['status']}, {which}")
    if runbook.summary:
        lines += ["", *runbook.summary.split("\n")]
    for phase in runbook.phases:
        lines += ["", *_phase_lines(phase)]
    lines += ["", *_rest(runbook), *told(read)]
    return lines


def _phase_lines(phase: Phase) -> list[str]:
    facts = [f"risk {phase.risk.value}" if phase.risk.rank else "", phase.estimate]
    facts.append(f"rollback up to {phase.rollback.value}" if phase.rollback else "")
    words = ", ".join(fact for fact in facts if fact)
    lines = [f"phase {phase.id}: {phase.title}{f' ({words})' if words else ''}"]
    if phase.before:
        lines.append(f"  before it begins: {len(phase.before)} checks")
    stages = {stage.id: stage.title for stage in (*phase.stages, *phase.subtasks)}
    group = ""
    for task in phase.tasks:
        if (task.subtask_of or task.stage) != group:
            group = task.subtask_of or task.stage
            lines += [f"  {group} {stages.get(group, '')}".rstrip()] if group else []
        lines.append(f"  {task.id:<8}{task.title} · {_way(task)}")
    if phase.gate is not None:
        gate = phase.gate
        level = f" up to {gate.level.value}" if gate.level else ""
        lines.append(f"  {gate.id}: {len(gate.checks)} checks; when it stays closed: {gate.on_fail.value}{level}")
    return lines


def _way(task: Task) -> str:
    """Say in a few words what a task is: what runs, what a person does, how it is verified and taken back."""
    from lockgate.model.actions import Manual
    from lockgate.model.checks import ManualCheck

    if task.do is None:
        does = "a person attests"
    elif isinstance(task.do, Manual):
        does = "a person does it" + (" (a command is proposed: confirm it)" if task.do.proposed else "")
    else:
        does = str(type(task.do).__struct_config__.tag)
    typed = sum(not isinstance(check, ManualCheck) for check in task.verify)
    words = len(task.verify) - typed
    parts = [does, f"{typed} checks" if typed else "", f"{words} to attest" if words else ""]
    return ", ".join(part for part in (*parts, "with a way back" if task.revert else "") if part)


def _rest(runbook: Runbook) -> list[str]:
    lines = [f"level {plan.number or plan.level.rank}: {plan.level.value} · {plan.title}" for plan in runbook.levels]
    lines += [f"trigger: {trigger.text} → {trigger.action or 'stop'}" for trigger in runbook.triggers]
    ticks = {True: "claimed", False: "open"}
    lines += [f"approval: {item.text} · {ticks[item.claimed]}" for item in runbook.approvals.items]
    return [*lines, ""] if lines else []
