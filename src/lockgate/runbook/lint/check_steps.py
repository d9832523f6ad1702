"""Finds steps out of order, stages without steps, and titles that say something else than the command; pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lockgate.model.actions import Backup, Git, Index, Manual, Sh, Sql
from lockgate.model.checks import ManualCheck
from lockgate.model.finding import Finding
from lockgate.model.runbook import Phase, Task
from lockgate.runbook.lint.command_facts import changes_of, is_by_hand, pushes
from lockgate.runbook.lint.rules_steps import (
    ATTESTATION,
    CLAIM,
    EMPTY_PHASE,
    EMPTY_STAGE,
    FIRST_WRITES,
    MANY_TABLES,
    NO_COMMANDS,
    PROPOSED,
    READ_ONLY_WRITES,
    WRITE_FIRST,
)
from lockgate.runbook.lint.sheet import Place, Sheet, Spoken
from lockgate.runbook.lint.shell import read_shell

_READ_ONLY = re.compile(
    r"\bread[- ]?only\b(?!\s+(?:query|queries|session|user|replica|connection|access|role|sql|mode))", re.IGNORECASE
)
_INCREMENTAL = re.compile(r"\b(incremental|differential)\b", re.IGNORECASE)
_IS_INCREMENTAL = re.compile(r"incr|diff|binlog|wal|--since|--base|--type[ =]log", re.IGNORECASE)
_DRY = re.compile(r"\bdry[- ]?run\b", re.IGNORECASE)
_IS_DRY = re.compile(r"dry|plan|check|preview|no-?op|simulat|rehears|--explain|-n\b", re.IGNORECASE)
_LOOKS = re.compile(r"\bconflict|\bup[- ]to[- ]date\b|\bpull\b|\bfetch\b|\bactive sessions?\b", re.IGNORECASE)
_REGISTERS = re.compile(r"^(register|claim|announce|push)\b", re.IGNORECASE)
_ALTERED = re.compile(r"\b(?:alter|drop|truncate)\s+table\s+(?:if\s+exists\s+|only\s+)?[`\"]?([\w.]+)", re.IGNORECASE)


def check_stages(sheet: Sheet) -> Iterator[Finding]:
    """Find stages and phases nothing belongs to."""
    for p, phase in enumerate(sheet.runbook.phases):
        if not phase.tasks:
            yield sheet.found(EMPTY_PHASE, f"phase {phase.id} has no steps", f"phases[{p}]", object=phase.id)
        used = {task.stage for task in phase.tasks}
        for number, stage in enumerate(phase.stages):
            if stage.id not in used:
                yield sheet.found(
                    EMPTY_STAGE,
                    f"stage {stage.id} ({stage.title}) has no steps",
                    f"phases[{p}].stages[{number}]",
                    needle=stage.title,
                    object=stage.id,
                )


def check_claims(sheet: Sheet) -> Iterator[Finding]:
    """Find titles whose words the command does not keep."""
    for path, _, task in sheet.steps:
        says = f"{task.title} {task.written.notes if task.written else ''}"
        text = " ".join(s.text for s in sheet.spoken if s.task is task and s.place is Place.DO)
        if _INCREMENTAL.search(says) and _is_full_backup(task, text):
            what = "takes a full backup" if isinstance(task.do, Backup) else f"runs `{text.strip()}`, as for a full one"
            yield sheet.found(CLAIM, f"{task.id}: the title says incremental, the step {what}", path, object=task.id)
        elif _DRY.search(task.title) and text and not _IS_DRY.search(text):
            yield sheet.found(
                CLAIM, f"{task.id}: the title says dry run, `{text.strip()}` is the real thing", path, object=task.id
            )


def _is_full_backup(task: Task, text: str) -> bool:
    if isinstance(task.do, Backup):
        return task.do.type == "full"
    return bool(text) and not _IS_INCREMENTAL.search(text)


def check_order(sheet: Sheet) -> Iterator[Finding]:
    """Find what is written before the steps that look whether it may be."""
    for p, phase in enumerate(sheet.runbook.phases):
        last_look = max((t for t, task in enumerate(phase.tasks) if _is_look(sheet, task)), default=-1)
        for t, task in enumerate(phase.tasks[: max(last_look, 0)]):
            if _is_shared_write(sheet, task) and not _is_look(sheet, task):
                looks = ", ".join(other.id for other in phase.tasks[t + 1 :] if _is_look(sheet, other))
                yield sheet.found(
                    WRITE_FIRST,
                    f"order: {task.id} ({task.title}) writes before {looks} look",
                    f"phases[{p}].tasks[{t}]",
                    object=task.id,
                    fix=f"move {task.id} behind {looks}",
                )


def _commands_of(sheet: Sheet, task: Task) -> Iterator[Spoken]:
    return (s for s in sheet.spoken if s.task is task and s.place is Place.DO)


def _is_look(sheet: Sheet, task: Task) -> bool:
    is_pull = isinstance(task.do, Git) and task.do.do in ("pull", "fetch")
    texts = list(_commands_of(sheet, task))
    is_git = any(c.program == "git" and c.args[:1] in (("pull",), ("fetch",)) for s in texts for c in s.commands)
    if any(pushes(c) for s in texts for c in s.commands):
        return False
    return is_pull or is_git or bool(_LOOKS.search(task.title) and not _REGISTERS.search(task.title))


def _is_shared_write(sheet: Sheet, task: Task) -> bool:
    if isinstance(task.do, Git) and task.do.do == "push":
        return True
    if any(pushes(c) for s in _commands_of(sheet, task) for c in s.commands):
        return True
    words = task.written.command if task.written else ""
    return bool(_REGISTERS.search(task.title) and is_by_hand(task.do) and (words or sheet.is_markdown))


def check_read_only(sheet: Sheet) -> Iterator[Finding]:
    """Find phases that claim to only read, and first phases that change the target."""
    for p, phase in enumerate(sheet.runbook.phases):
        line = _claims_read_only(sheet, p, phase)
        writing = [(task, what) for task in phase.tasks if (what := _writes_outside(sheet, task))]
        if line and writing:
            listed = ", ".join(f"{task.id} ({what})" for task, what in writing)
            yield sheet.found(
                READ_ONLY_WRITES,
                f"phase {phase.id} is called read-only, and writes: {listed}",
                line=line,
                object=phase.id,
            )
        elif p == 0:
            changing = [task.id for task, what in writing if what == "target"]
            if changing:
                yield sheet.found(
                    FIRST_WRITES, f"phase {phase.id} changes the target: {', '.join(changing)}", f"phases[{p}]"
                )


def _writes_outside(sheet: Sheet, task: Task) -> str:
    found = changes_of(task.do, "\n".join(s.text for s in _commands_of(sheet, task)))
    return found if found in ("target", "git", "schedule") else ""


def _claims_read_only(sheet: Sheet, p: int, phase: Phase) -> int:
    """Return the line where a phase is called read-only, 0 when it is not."""
    path = f"phases[{p}]"
    if phase.read_only:
        return sheet.line_of(f"{path}.read_only") or 1
    words = [phase.title, *phase.written.values(), *phase.objectives, *(stage.note for stage in phase.stages)]
    for text in words:
        if _READ_ONLY.search(text):
            return sheet.line_of(path, text)
    for number, row in enumerate(sheet.runbook.risks):
        about = (row.task, row.blast_radius, row.rollback, row.mitigation)
        if phase.id in row.links and any(_READ_ONLY.search(text) for text in about):
            return sheet.line_of(f"risks[{number}]", row.task)
    return 0


def check_by_hand(sheet: Sheet) -> Iterator[Finding]:
    """Find steps that only a person can do, without anybody named."""
    for p, phase in enumerate(sheet.runbook.phases):
        by_hand = [task for task in phase.tasks if is_by_hand(task.do) and not any(_commands_of(sheet, task))]
        if sheet.is_markdown and len(by_hand) == len(phase.tasks) > 1:
            yield sheet.found(
                NO_COMMANDS, f"phase {phase.id}: none of its {len(phase.tasks)} steps can be run", f"phases[{p}]"
            )
    for path, _, task in sheet.steps:
        is_decided = isinstance(task.do, Manual) and (task.do.roles or not task.do.proposed)
        if not is_by_hand(task.do) or is_decided or task.owner:
            continue
        if any(_commands_of(sheet, task)):
            continue
        yield sheet.found(
            ATTESTATION,
            f"{task.id}: “{task.title}” is done by a person, with name and time; nobody is named",
            path,
            object=task.id,
            fix=f'write `do: {{manual: "{task.title}", roles: [ROLE]}}`, or an action that does it',
        )


def check_proposed(sheet: Sheet) -> Iterator[Finding]:
    """Find proposed checks that nobody decided on, one finding for each phase."""
    for p, phase in enumerate(() if sheet.is_markdown else sheet.runbook.phases):
        open_ones = [
            path
            for path, check, _, _, within in sheet.checks
            if within is phase and isinstance(check, ManualCheck) and check.proposed
        ]
        if open_ones:
            yield sheet.found(
                PROPOSED,
                f"phase {phase.id}: {len(open_ones)} proposed checks wait for a decision",
                open_ones[0] or f"phases[{p}]",
            )


def check_many_tables(sheet: Sheet) -> Iterator[Finding]:
    """Find steps whose statements change more than one table."""
    for path, _, task in sheet.steps:
        match task.do:
            case Sh(command=text):
                text = " ".join(word for command in read_shell(text) for word in command.words)
            case Index(sql=text) | Sql(query=text):
                pass
            case _:
                continue
        tables = tuple(dict.fromkeys(name.lower() for name in _ALTERED.findall(text)))
        if len(tables) > 1:
            split = ", ".join(f"{task.id}.{n} {table}" for n, table in enumerate(tables, start=1))
            yield sheet.found(
                MANY_TABLES,
                f"{task.id}: it changes {len(tables)} tables: {', '.join(tables)}",
                path,
                object=task.id,
                fix=f"split it: {split}",
            )
