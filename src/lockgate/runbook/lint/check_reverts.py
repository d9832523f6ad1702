"""Finds ways back that undo nothing, name nothing, or are not there; pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lockgate.model.actions import Apply, Finalize, Migrate, Restore, Sh
from lockgate.model.finding import Finding
from lockgate.model.runbook import Risk, Task
from lockgate.runbook.lint.command_facts import changes_of, is_by_hand
from lockgate.runbook.lint.make_rule import CRITICAL
from lockgate.runbook.lint.rules_steps import NO_CHECK, NO_REVERT, NO_REVERTS, REVERT_INCOMPLETE, REVERT_NOOP
from lockgate.runbook.lint.sheet import Place, Sheet, Spoken
from lockgate.runbook.lint.shell import Simple

_NOTHING = re.compile(r"^(n/?a|none|nothing|no|-+|–|—|not (needed|applicable|required)|keine?)?\.?$", re.IGNORECASE)
_DROP = re.compile(
    r"\b(drop\s+(?:index|table|column|constraint|view)|alter\s+table)\b(?:\s+concurrently"
    r"|\s+if\s+exists)*\s*(?P<name>[^\s;,.`]*)",
    re.IGNORECASE,
)
_RESTORE = re.compile(r"(?<![a-z])restore(?![a-z])|(?<![a-z])roll[\s-]?back(?![a-z])", re.IGNORECASE)
_POINTS_AT = re.compile(
    r"\d|[<${]|--?[a-z-]*(?:file|id|backup|checkpoint|to)[= ]\s*\S|\b[\w/.-]+\.(?:gz|sql|dump|zst|bak"
    r"|tar)\b|\blatest\b|\bbefore:|\bcp-",
    re.IGNORECASE,
)
_PLACEHOLDER_NAME = re.compile(r"^(|<.*|\.\.\.|…|\(.*|if|on|the|that|it|index|indexes|indices)$", re.IGNORECASE)


def check_reverts(sheet: Sheet) -> Iterator[Finding]:
    """Look at each written way back, in code or in words."""
    for path, phase, task in sheet.steps:
        spoken = [s for s in sheet.spoken if s.place is Place.REVERT and s.task is task]
        words = task.written.rollback if task.written else ""
        for one in spoken:
            yield from _of_code(sheet, one)
        is_told = not spoken and task.revert is None and words and not _NOTHING.match(words.strip())
        if is_told and (problem := _names_nothing(words)):
            yield sheet.found(
                REVERT_INCOMPLETE, f"{task.id}: “{words.strip()}” {problem}", path, needle=words, object=task.id
            )
        yield from _of_task(sheet, path, phase.risk, task)


def _of_code(sheet: Sheet, spoken: Spoken) -> Iterator[Finding]:
    task = spoken.task
    do = task.do.command if task and isinstance(task.do, Sh) else ""
    if do and spoken.text.strip() == do.strip():
        yield sheet.found(
            REVERT_NOOP, f"{spoken.owner}: the way back is the step itself", line=spoken.line, object=spoken.owner
        )
        return
    for command in spoken.commands:
        if why := _undoes_nothing(command, task):
            yield sheet.found(
                REVERT_NOOP,
                f"{spoken.owner}: `{' '.join(command.words)}` {why}",
                line=spoken.line_at(command),
                object=spoken.owner,
            )
    if problem := _names_nothing(spoken.text):
        yield sheet.found(
            REVERT_INCOMPLETE,
            f"{spoken.owner}: `{spoken.text.strip().splitlines()[0]}` {problem}",
            line=spoken.line,
            object=spoken.owner,
        )


def _undoes_nothing(command: Simple, task: Task | None) -> str:
    """Return why a command undoes nothing, empty when it may."""
    if command.program in ("true", ":", "echo", "printf", "exit") and command.before not in ("&&", "||", "|"):
        return "does nothing"
    if command.program != "git" or not command.args:
        return ""
    verb, rest = command.args[0], command.args[1:]
    if verb == "stash" and not command.has_flag("-u", "--include-untracked") and "pop" not in rest:
        return "hides what is tracked and leaves new files where they are"
    if verb not in ("checkout", "restore") or command.has_flag("-b", "-B"):
        return ""
    paths = [word for word in rest if word != "--" and not word.startswith("-")]
    title = task.title if task else ""
    for path in paths:
        if path.endswith("/") or path in (".", "*") or ("--" in rest and "." not in path.rsplit("/", 1)[-1]):
            return "does not remove new files, and undoes nothing that was committed"
        if (
            "." in path
            and "/" in path
            and re.match(r"(create|add|write|generate|implement|new)\b", title, re.IGNORECASE)
        ):
            return f"cannot take back {path}, which this step creates"
    return ""


def _names_nothing(text: str) -> str:
    """Return what a way back fails to name, empty when it names it."""
    bare = text.strip().strip("`. ")
    drop = _DROP.search(bare)
    if drop and _PLACEHOLDER_NAME.match(drop.group("name")):
        return "names no object"
    if re.fullmatch(r"git revert(\s+<[^>]*>|\s+--\S+)*", bare):
        return "names no commit"
    if drop is None and _RESTORE.search(bare) and not _POINTS_AT.search(bare) and not re.search(r"\bgit\b", bare):
        return "names no backup and no checkpoint"
    return ""


def _of_task(sheet: Sheet, path: str, phase_risk: Risk, task: Task) -> Iterator[Finding]:
    """Find a change without a way back or without a check."""
    if changes_of(task.do) != "target" or (isinstance(task.do, Finalize) and task.irreversible):
        return
    words = task.written.rollback.strip() if task.written else ""
    is_said = task.revert is not None or task.irreversible or (words and not _NOTHING.match(words))
    if not is_said:
        yield sheet.found(
            NO_REVERT,
            f"{task.id}: it changes the target, and nothing says how to go back",
            path,
            object=task.id,
            fix=_revert_for(task),
        )
    if not task.verify:
        is_high = max(task.risk.rank, phase_risk.rank) >= Risk.HIGH.rank
        yield sheet.found(
            NO_CHECK,
            f"{task.id}: nothing looks whether it worked",
            path,
            object=task.id,
            severity=CRITICAL if is_high else None,
            fix="add `verify: [{schema: expected}]`" if isinstance(task.do, Apply | Migrate | Restore) else "",
        )


def _revert_for(task: Task) -> str:
    if isinstance(task.do, Apply | Migrate | Restore):
        return f'add `revert: {{rollback: "before:{task.id}"}}`, or `irreversible: REASON`'
    return ""


def check_phase_reverts(sheet: Sheet) -> Iterator[Finding]:
    """Find phases of a Markdown plan whose steps have no way back at all though they may change something."""
    for p, phase in enumerate(sheet.runbook.phases if sheet.is_markdown else ()):
        has_any = any(t.revert or t.irreversible or (t.written and t.written.rollback.strip()) for t in phase.tasks)
        may_change = any(changes_of(t.do) or is_by_hand(t.do) for t in phase.tasks)
        if phase.tasks and not has_any and may_change:
            yield sheet.found(
                NO_REVERTS, f"phase {phase.id}: none of its {len(phase.tasks)} steps has a way back", f"phases[{p}]"
            )
