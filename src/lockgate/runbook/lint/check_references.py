"""Finds names of things that are not there, ids that are there twice, and variables nobody declares; pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from lockgate.model.actions import Baseline, Checkpoint, Monitors, Rollback, Sh
from lockgate.model.checks import Check, HistoryCheck, MetricCheck, MonitorsCheck, TestsCheck
from lockgate.model.finding import Finding
from lockgate.outside.shell import KEPT_VARIABLES
from lockgate.runbook.lint.rules_plan import DUPLICATE, REFERENCE, UNDECLARED
from lockgate.runbook.lint.sheet import Place, Sheet
from lockgate.runbook.lint.shell import assigned_in, variables_of

_OF_BASH = frozenset(
    ("PWD", "OLDPWD", "RANDOM", "SECONDS", "LINENO", "IFS", "UID", "EUID", "HOSTNAME", "BASH", "PPID", "SHLVL")
)
_ALIASES = ("latest", "start", "")
_USED = re.compile(r"(?<![\\$])\$\{(?:secret:)?([A-Za-z_]\w*)\}")


def check_references(sheet: Sheet) -> Iterator[Finding]:
    """Look up every name that one part of the runbook uses for another."""
    runbook = sheet.runbook
    ids = {task.id for task in runbook.tasks}
    phases = {phase.id for phase in runbook.phases} | {task.subtask_of for task in runbook.tasks}
    phases |= {stage.id for phase in runbook.phases for stage in phase.stages}
    monitors = {monitor.name for monitor in runbook.monitors}
    checkpoints = {task.do.name for task in runbook.tasks if isinstance(task.do, Checkpoint)}
    for path, phase, task in sheet.steps:
        for way, key in ((task.do, "do"), (task.revert, "revert")):
            if isinstance(way, Rollback) and (what := _unknown_point(way.to, ids, checkpoints)):
                yield sheet.found(REFERENCE, f"{task.id}: {what}", f"{path}.{key}", needle=way.to, object=task.id)
        yield from _missing(sheet, task.needs, ids | phases, f"{path}.needs", f"{task.id} needs", "no such task")
        if task.stage and phase.stages and task.stage not in {stage.id for stage in phase.stages}:
            yield sheet.found(REFERENCE, f"{task.id}: stage {task.stage} is not announced", f"{path}.stage")
        if isinstance(task.do, Monitors):
            yield from _missing(sheet, task.do.names, monitors, f"{path}.do", task.id, "no such monitor")
    for p, phase in enumerate(runbook.phases):
        yield from _missing(
            sheet, phase.needs, phases | ids, f"phases[{p}].needs", f"phase {phase.id} needs", "no such phase"
        )
    for number, trigger in enumerate(runbook.triggers):
        yield from _missing(sheet, (trigger.monitor,), monitors, f"triggers[{number}]", trigger.text, "no such monitor")
    for number, metric in enumerate(runbook.metrics):
        yield from _missing(sheet, (metric.monitor,), monitors, f"metrics[{number}]", metric.text, "no such monitor")
    for number, row in enumerate(runbook.risks):
        yield from _missing(sheet, row.links, ids | phases, f"risks[{number}]", row.task, "no such phase or task")
    baselines = {task.do.name for task in runbook.tasks if isinstance(task.do, Baseline)}
    for path, check, _, owner, _ in sheet.checks:
        for what, names, known in _names_of(check, monitors, baselines, ids):
            yield from _missing(sheet, names, known, path, owner.id if owner else path, f"no such {what}")


def _names_of(
    check: Check, monitors: set[str], baselines: set[str], ids: set[str]
) -> Iterator[tuple[str, tuple[str, ...], set[str]]]:
    match check:
        case MetricCheck(monitor=name):
            yield "monitor", (name,), monitors
        case MonitorsCheck(names=names):
            yield "monitor", names, monitors
        case TestsCheck(baseline=name) if baselines or name:
            yield "baseline", (name,), baselines
        case HistoryCheck(done=names):
            yield "task", names, ids


def _missing(
    sheet: Sheet, names: tuple[str, ...], known: set[str], path: str, owner: str, what: str
) -> Iterator[Finding]:
    for name in names:
        if name and name not in known and "${" not in name:
            yield sheet.found(REFERENCE, f"{owner}: {name}: {what}", path, needle=name)


def _unknown_point(to: str, ids: set[str], checkpoints: set[str]) -> str:
    """Return what is wrong with where a rollback goes; empty when it can be had."""
    if to in _ALIASES or to in checkpoints or "${" in to or re.fullmatch(r"(cp|run)[-_][\w.-]+|\d{8}T?\d*-\w+", to):
        return (
            ""
            if not to.startswith("cp-") or to in checkpoints or to[3:] in ids
            else f"no task takes the checkpoint {to}"
        )
    if to.startswith("before:"):
        return "" if to.removeprefix("before:") in ids else f"{to}: no such task"
    return f"no task takes the checkpoint {to}"


def check_duplicates(sheet: Sheet) -> Iterator[Finding]:
    """Find ids used twice."""
    seen: dict[str, int] = {}
    for p, phase in enumerate(sheet.runbook.phases):
        yield from _seen(sheet, seen, f"phase {phase.id}", f"phases[{p}]")
    for path, _, task in sheet.steps:
        yield from _seen(sheet, seen, f"step {task.id}", path)
    for number, monitor in enumerate(sheet.runbook.monitors):
        yield from _seen(sheet, seen, f"monitor {monitor.name}", f"monitors[{number}]")


def _seen(sheet: Sheet, seen: dict[str, int], name: str, path: str) -> Iterator[Finding]:
    line = sheet.line_of(path)
    if name in seen:
        yield sheet.found(DUPLICATE, f"{name} stands in line {seen[name]} and in line {line}", line=line)
    seen.setdefault(name, line)


def check_undeclared(sheet: Sheet) -> Iterator[Finding]:
    """Find ``${name}`` outside shell commands that ``vars`` does not have."""
    known = set(sheet.runbook.vars)
    for path, text in _templates(sheet):
        for name in dict.fromkeys(_USED.findall(text)):
            if name not in known:
                yield sheet.found(
                    UNDECLARED,
                    f"${{{name}}} is used, and nothing declares it",
                    path,
                    needle=f"${{{name}}}",
                    fix=f"declare `vars: {{{name}: {{default: …}}}}`",
                )


def check_undeclared_in_shell(sheet: Sheet) -> Iterator[Finding]:
    """Find variables in our own commands that nothing gives a value: they are run with ``set -u``."""
    known = {*sheet.runbook.vars, *KEPT_VARIABLES, *_OF_BASH}
    for spoken in sheet.spoken:
        allowed = getattr(spoken.task.do, "env", ()) if spoken.task else ()
        is_given = spoken.place in (Place.LEVEL, Place.MONITOR) or not spoken.is_ours
        for name in () if is_given else variables_of(spoken.text):
            if name not in known and name not in allowed and name not in assigned_in(spoken.text):
                if any(name in assigned_in(other.text) for other in sheet.spoken):
                    continue
                yield sheet.found(
                    UNDECLARED,
                    f"{spoken.owner}: ${name} is used, and neither `vars` nor `env` has it",
                    line=spoken.line,
                    object=spoken.owner,
                    fix=f"declare `vars: {{{name}: {{default: …}}}}`, or let it through with `env: [{name}]`",
                )


def _templates(sheet: Sheet) -> Iterator[tuple[str, str]]:
    """Return every text in which variables are put in by us: checks, actions that are no shell, monitors."""
    for path, check, *_ in sheet.checks:
        yield from ((path, text) for text in _strings(check, ("command", "proposed", "title")))
    for path, _, task in sheet.steps:
        for action, key in ((task.do, "do"), (task.revert, "revert")):
            if action is not None and not isinstance(action, Sh | Baseline):
                yield from ((f"{path}.{key}", text) for text in _strings(action, ("proposed",)))
    for number, monitor in enumerate(sheet.runbook.monitors):
        for text in (monitor.query, monitor.bad, monitor.total):
            yield f"monitors[{number}]", text if monitor.source != "command" else ""


def _strings(value: msgspec.Struct, without: tuple[str, ...]) -> Iterator[str]:
    for name in value.__struct_fields__:
        inner = getattr(value, name)
        if name in without:
            continue
        if isinstance(inner, str):
            yield inner
        elif isinstance(inner, tuple):
            yield from (item for item in inner if isinstance(item, str))
