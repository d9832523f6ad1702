"""Finds triggers, monitors, gates, objectives and risks that nothing stands for; pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lockgate.model.finding import Finding
from lockgate.model.runbook import CONFIGURED, Monitor, Risk
from lockgate.monitor.trigger_text import read_trigger
from lockgate.runbook.lint.command_facts import changes_of
from lockgate.runbook.lint.rules_plan import GATE_EMPTY, MONITOR, OBJECTIVE, RISK_ROW, TRIGGER
from lockgate.runbook.lint.sheet import Sheet

_OWN = frozenset(["sessions", "locks", "pool", "replication"])
_SOURCES = frozenset(["http", "log", "prometheus", "sql", "command", "host", *_OWN])
_RULED = frozenset(["http", "command", "log", "host", *_OWN])
_KINDS = frozenset(["rate", "quantile", "up", "none_of", "value"])
_SMALL = frozenset(
    [
        "with",
        "from",
        "that",
        "this",
        "into",
        "have",
        "been",
        "will",
        "shall",
        "must",
        "each",
        "every",
        "existing",
        "phase",
        "step",
        "steps",
        "task",
        "tasks",
        "ensure",
        "create",
        "make",
        "verify",
        "check",
        "complete",
        "confirm",
        "before",
        "after",
        "during",
        "without",
        "production",
        "database",
        "system",
    ]
)


def check_triggers(sheet: Sheet) -> Iterator[Finding]:
    """Find triggers that no monitor stands for, and say what will be taken for them."""
    rules = {monitor.name: monitor for monitor in sheet.runbook.monitors}
    for number, trigger in enumerate(sheet.runbook.triggers):
        monitor = rules.get(trigger.monitor)
        if monitor is not None and monitor.rule is not None and _has_source(monitor):
            continue
        read = read_trigger(trigger.text)
        told = "; ".join(read.defaults) if read and read.defaults else "nothing can be taken for it: it is not watched"
        fix = (
            f"bind it to a monitor: `{{text: …, monitor: NAME}}`; source: {read.source}; defaults: {told}"
            if read
            else ""
        )
        yield sheet.found(
            TRIGGER,
            f"“{trigger.text}” names no source, window or sample; defaults that will apply: {told}",
            f"triggers[{number}]",
            needle=trigger.text,
            fix=fix,
        )


def _has_source(monitor: Monitor) -> bool:
    return monitor.source in _OWN or bool(monitor.query or (monitor.bad and monitor.total))


def check_monitors(sheet: Sheet) -> Iterator[Finding]:
    """Find monitors that can never decide."""
    for number, monitor in enumerate(sheet.runbook.monitors):
        problem = _problem(monitor)
        if problem and not (sheet.is_markdown and monitor.written):
            yield sheet.found(MONITOR, f"monitor {monitor.name}: {problem}", f"monitors[{number}]", object=monitor.name)


def _problem(monitor: Monitor) -> str:
    rule = monitor.rule
    if monitor.source == CONFIGURED:
        return ""
    if monitor.source not in _SOURCES:
        return f"“{monitor.source}” is no source ({', '.join(sorted(_SOURCES))})"
    if rule is None and monitor.source not in _RULED:
        return "it has no rule"
    if monitor.source == "log" and not monitor.bad:
        return "it has no pattern (`bad`)"
    if rule is None:
        return "" if _has_source(monitor) else "it names nothing to read (`query`)"
    if rule.kind not in _KINDS:
        return f"“{rule.kind}” is no kind of rule ({', '.join(sorted(_KINDS))})"
    if rule.kind == "rate" and monitor.source in ("prometheus", "sql") and not (monitor.bad and monitor.total):
        return "a rate needs `bad` and `total`"
    if rule.kind == "rate" and not 0 < rule.limit < 1:
        return f"a rate's limit is a part of one (0.01 for 1 %), not {rule.limit:g}"
    if rule.kind == "quantile" and not 0 < rule.quantile < 1:
        return f"a quantile is between 0 and 1, not {rule.quantile:g}"
    return "" if _has_source(monitor) else "it names nothing to read (`query`)"


def check_gates(sheet: Sheet) -> Iterator[Finding]:
    """Find gates without checks, and risky phases without a gate."""
    for p, phase in enumerate(sheet.runbook.phases):
        if phase.gate is not None and not phase.gate.checks:
            yield sheet.found(
                GATE_EMPTY,
                f"gate {phase.gate.id} has no checks: it never opens",
                f"phases[{p}].gate",
                object=phase.gate.id,
            )
        elif phase.gate is None and phase.risk is Risk.HIGH and any(changes_of(task.do) for task in phase.tasks):
            yield sheet.found(
                GATE_EMPTY, f"phase {phase.id} is of high risk and has no gate", f"phases[{p}]", object=phase.id
            )


def check_objectives(sheet: Sheet) -> Iterator[Finding]:
    """Find objectives that no step and no check of their phase has words of."""
    around = [f"{m.name} {m.source} {m.written}" for m in sheet.runbook.monitors]
    around += [text for other in sheet.runbook.phases for text in (other.title, *(task.title for task in other.tasks))]
    around += [_text_of(check) for _, check, *_ in sheet.checks]
    for p, phase in enumerate(sheet.runbook.phases):
        named = {text.lower() for task in phase.tasks for text in task.objectives}
        texts = [phase.title, *around]
        for task in phase.tasks:
            written = task.written
            texts += [task.title, written.verification if written else "", written.command if written else ""]
            texts.append(_text_of(task.do) if task.do is not None else "")
        words = _stems(" ".join(texts)) | _stems(_prose_without(sheet, phase.objectives))
        for number, objective in enumerate(phase.objectives):
            if objective.lower() in named or str(number + 1) in named or not (own := _stems(objective)):
                continue
            if not own & words:
                yield sheet.found(
                    OBJECTIVE,
                    f"phase {phase.id}: “{objective}”: no step and no check has to do with it",
                    f"phases[{p}].objectives[{number}]",
                    needle=objective,
                )


def _prose_without(sheet: Sheet, objectives: tuple[str, ...]) -> str:
    """Return the text of a plan in Markdown without the objectives themselves; nothing for YAML."""
    if not sheet.is_markdown:
        return ""
    said = {objective.strip().lower() for objective in objectives}
    return " ".join(line for line in sheet.lines if line.strip(" -*+•").lower() not in said)


def _text_of(check: object) -> str:
    names = getattr(check, "__struct_fields__", ())
    kind = str(type(check).__struct_config__.tag)  # type: ignore[attr-defined]
    return " ".join([kind, *(str(getattr(check, name)) for name in names)])


def _stems(text: str) -> set[str]:
    words = re.findall(r"[a-z]{4,}", text.lower().replace("_", " "))
    return {word[:5] for word in words if word not in _SMALL}


def check_risk_rows(sheet: Sheet) -> Iterator[Finding]:
    """Find rows of the risk matrix that belong to no phase."""
    known = _stems(
        " ".join([*(phase.title for phase in sheet.runbook.phases), *(t.title for t in sheet.runbook.tasks)])
    )
    for number, row in enumerate(sheet.runbook.risks):
        if not row.links and not _stems(row.task) & known:
            yield sheet.found(RISK_ROW, f"“{row.task}” belongs to no phase", f"risks[{number}]", needle=row.task)
