"""Finds levels of rollback that are too high, missing, or numbered in two ways, and risks that are too low; pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lockgate.model.actions import Apply, Backup, Checkpoint, Index, Migrate, Rehearse, Restore, Rollback, Sh
from lockgate.model.checks import Check, ManualCheck
from lockgate.model.finding import Finding
from lockgate.model.outcome import FailureClass, RollbackLevel
from lockgate.model.runbook import Gate, OnFail, Risk, Task
from lockgate.runbook.lint.command_facts import changes_of
from lockgate.runbook.lint.rules_plan import LEVEL_HIGH, NO_LEVEL, PHASE_RISK, RENUMBERED, UNPROTECTED
from lockgate.runbook.lint.sheet import Place, Sheet, Text, numbered, text_found

_CODE = re.compile(
    r"\b(lint\w*|typescript|type\s?-?check\w*|tsc|eslint|ruff|mypy|pytest|jest|vitest|unit tests?|e2e|tests?"
    r"|compil\w+|build|prettier|format\w*)\b",
    re.IGNORECASE,
)
_CODE_WORDS = re.compile(r"\bgit\b|\bcommits?\b|\bcode\b|\bbranch\b|\brevert\b", re.IGNORECASE)
_CLASS_OF = {
    "sql": FailureClass.DATA,
    "validate": FailureClass.DATA,
    "schema": FailureClass.SCHEMA,
    "drift": FailureClass.SCHEMA,
    "plan": FailureClass.SCHEMA,
    "http": FailureClass.SERVICE,
    "metric": FailureClass.SERVICE,
    "log": FailureClass.SERVICE,
    "monitors": FailureClass.SERVICE,
    "tests": FailureClass.CODE,
    "exit": FailureClass.CODE,
    "output": FailureClass.CODE,
}
_HEADING = re.compile(r"^[\s#>*_|-]*level\s*(?P<number>\d)\b[^\w]*(?P<words>.*)$", re.IGNORECASE)


def level_of_words(words: str) -> RollbackLevel | None:
    """Return the level that words mean; the highest they name."""
    if re.match(r"^\W*(n/?a|none|not)\b", words, re.IGNORECASE):
        return None
    if re.search(r"\bfull\b|\brestor\w+|\bdata(base)?\b|\bbackup\b", words, re.IGNORECASE):
        return RollbackLevel.DATA
    if re.search(r"\bmigrations?\b|\bschema\b|\bcheckpoint\b|\bDDL\b", words, re.IGNORECASE):
        return RollbackLevel.SCHEMA
    return RollbackLevel.CODE if _CODE_WORDS.search(words) else None


def check_level_height(sheet: Sheet) -> Iterator[Finding]:
    """Find tests and lints whose failure would take the database back."""
    for path, _, task in sheet.steps:
        if _is_code(sheet, task) and (level := _way_of(task)) not in (None, RollbackLevel.CODE):
            yield sheet.found(
                LEVEL_HIGH,
                f"{task.id}: a failing “{task.title}” would take back the {level.value if level else ''}",
                path,
                object=task.id,
                fix="leave the way back out: a failure of class code stops the run, or reverts commits at most",
            )
    for p, phase in enumerate(sheet.runbook.phases):
        named = _level_by_number(sheet, phase.gate.written) if phase.gate else None
        if phase.gate and (why := _gate_too_high(phase.gate, named or phase.rollback)):
            gate = phase.gate
            yield sheet.found(
                LEVEL_HIGH,
                f"gate {gate.id}: {why}",
                f"phases[{p}].gate",
                needle=gate.written.splitlines()[0] if gate.written else "",
                object=gate.id,
                fix="`on_fail: stop`, or `rollback` with the level that its checks justify",
            )


def _is_code(sheet: Sheet, task: Task) -> bool:
    """Whether a task is about code only: tests, lints, types."""
    text = " ".join(s.text for s in sheet.spoken if s.task is task and s.place is Place.DO)
    if (
        isinstance(task.do, Apply | Restore | Migrate | Index | Rollback | Backup)
        or changes_of(task.do, text) == "target"
    ):
        return False
    return bool(_CODE.search(text)) or (bool(_CODE.search(task.title)) and not text)


def _way_of(task: Task) -> RollbackLevel | None:
    match task.revert:
        case Restore():
            return RollbackLevel.DATA
        case Rollback():
            return RollbackLevel.SCHEMA
        case Sh(command=words):
            pass
        case _:
            words = task.written.rollback if task.written and task.revert is None else ""
    if re.search(r"\brestor\w+", words, re.IGNORECASE) and not re.search(r"\bgit\b", words):
        return RollbackLevel.DATA
    is_schema = re.search(r"\bcheckpoint\b|\broll[ -]?back\b.*\d", words, re.IGNORECASE)
    return RollbackLevel.SCHEMA if is_schema and "git" not in words else None


def _level_by_number(sheet: Sheet, words: str) -> RollbackLevel | None:
    """Return the level that words call by its number (``execute Level 3``)."""
    found = re.search(r"\blevel\s*(\d)", words, re.IGNORECASE)
    levels = {level.number: level.level for level in sheet.runbook.levels}
    return levels.get(found.group(1)) if found else None


def _gate_too_high(gate: Gate, phase_level: RollbackLevel | None) -> str:
    """Return why a gate's rollback is higher than its checks justify."""
    if gate.on_fail is not OnFail.ROLLBACK:
        return ""
    level = gate.level or phase_level or level_of_words(gate.written)
    if level is None or level is RollbackLevel.CODE or not gate.checks:
        return ""
    ranks = [_rank_of(check) for check in gate.checks]
    small = next((c for c, rank in zip(gate.checks, ranks, strict=True) if rank <= 1 and _is_about_code(c)), None)
    if re.search(r"\b(any|all|every)\b", gate.written, re.IGNORECASE) and small is not None:
        return f"“{gate.written.strip()}”: also “{_words(small)}” would take back the {level.value}"
    if max(ranks) < level.rank and gate.level is not None:
        return f"none of its checks justifies the level {level.value}"
    return ""


def _is_about_code(check: Check) -> bool:
    return not isinstance(check, ManualCheck) or bool(_CODE.search(check.text))


def _rank_of(check: Check) -> int:
    named = FailureClass(check.failure_class) if check.failure_class in FailureClass._value2member_map_ else None
    kind = str(type(check).__struct_config__.tag)
    level = (named or _CLASS_OF.get(kind, FailureClass.PROCESS)).highest_level
    return level.rank if level else 0


def _words(check: Check) -> str:
    return check.title or getattr(check, "text", "") or str(type(check).__struct_config__.tag)


def check_phase_levels(sheet: Sheet) -> Iterator[Finding]:
    """Find phases whose rollback is described nowhere."""
    described = {level.level for level in sheet.runbook.levels}
    has_backup = any(isinstance(task.do, Backup) for task in sheet.runbook.tasks)
    for p, phase in enumerate(sheet.runbook.phases):
        words = next((text for key, text in phase.written.items() if key.lower() == "rollback"), "")
        level = phase.rollback or level_of_words(words)
        if level is None or level in described or (level is RollbackLevel.DATA and has_backup):
            continue
        if level is not RollbackLevel.DATA and not sheet.is_markdown:
            continue
        yield sheet.found(
            NO_LEVEL,
            f"phase {phase.id}: its rollback “{words or level.value}” is described nowhere",
            f"phases[{p}]",
            needle=words,
            object=phase.id,
        )


def check_renumbered(sheet: Sheet) -> Iterator[Finding]:
    """Compare the numbers of levels in all documents."""
    own = {level.number: level.level for level in sheet.runbook.levels if level.number}
    own = own or {number: level for number, (level, _) in _levels_of(sheet.text).items()}
    for text in sheet.others:
        for number, (level, line) in _levels_of(text).items():
            if number in own and own[number] is not level:
                yield text_found(
                    RENUMBERED, text, line,
                    f"level {number} is {level.value} here and {own[number].value} in {sheet.source.file}",
                )  # fmt: skip


def _levels_of(text: Text) -> dict[str, tuple[RollbackLevel, int]]:
    found: dict[str, tuple[RollbackLevel, int]] = {}
    for number, line in numbered(text.lines):
        match = _HEADING.match(line)
        level = level_of_words(match.group("words")) if match else None
        if match and level is not None:
            found.setdefault(match.group("number"), (level, number))
    return found


def check_risk(sheet: Sheet) -> Iterator[Finding]:
    """Find phases less risky than their steps, by what is declared and by what the statements do."""
    for p, phase in enumerate(sheet.runbook.phases):
        for task in phase.tasks:
            computed, why = _computed_risk(task)
            worst = max((task.risk, computed), key=lambda risk: risk.rank)
            if phase.risk is not Risk.NONE and worst.rank > phase.risk.rank:
                reason = why if computed is worst else f"declared {task.risk.value}"
                yield sheet.found(
                    PHASE_RISK,
                    f"phase {phase.id} is {phase.risk.value}, its step {task.id} {worst.value}: {reason}",
                    f"phases[{p}]",
                    object=phase.id,
                    fix=f"set the risk of phase {phase.id} to {worst.value}",
                )
                break


def _computed_risk(task: Task) -> tuple[Risk, str]:
    text = task.do.command if isinstance(task.do, Sh) else ""
    lossy = re.search(
        r"\b(drop\s+(?:table|column|database|schema)|truncate\s+table|delete\s+from)\b", text, re.IGNORECASE
    )
    if lossy:
        return Risk.HIGH, f"`{lossy.group(0)}`"
    return (Risk.HIGH, "it replaces the database") if isinstance(task.do, Restore) else (Risk.NONE, "")


def check_protection(sheet: Sheet) -> Iterator[Finding]:
    """Find the first change of a risky phase that has no backup, checkpoint or rehearsal before it."""
    is_protected = False
    for path, phase, task in sheet.steps:
        text = " ".join(s.text for s in sheet.spoken if s.task is task and s.place is Place.DO)
        if isinstance(task.do, Backup | Checkpoint | Rehearse) or re.search(
            r"backup|checkpoint|dump|rehears", text + task.title, re.IGNORECASE
        ):
            is_protected = True
        is_risky = max(phase.risk.rank, task.risk.rank) >= Risk.HIGH.rank
        if is_risky and not is_protected and changes_of(task.do, text) == "target":
            yield sheet.found(
                UNPROTECTED,
                f"{task.id}: the first risky change, with no backup, checkpoint or rehearsal before it",
                path,
                object=task.id,
            )
            return
