"""Make the runbook of what was read, and note where each part of it stands; pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import msgspec

from lockgate.errors import SourceError
from lockgate.model.runbook import ApprovalPolicy, Phase, RiskRow, Runbook
from lockgate.runbook.markdown.draft import Draft, PhaseDraft
from lockgate.runbook.markdown.gates import finish_gate
from lockgate.runbook.markdown.header import claims, settle
from lockgate.runbook.markdown.patch import apply_patch
from lockgate.runbook.markdown.words import is_nothing, plain, read_level, read_risk, read_span, slug
from lockgate.runbook.read import SourceMap

_COMMON_WORDS = frozenset(
    word
    for line in (
        "the and for with from all new plan phase task step run full data final check checks execute execution create",
        "update verify verification test tests database change changes fix review",
    )
    for word in line.split()
)


def build_runbook(draft: Draft) -> tuple[Runbook, SourceMap]:
    """Make the runbook, the settings at its end applied, and the map of its lines."""
    source = SourceMap(draft.file)
    phases = tuple(_phase(phase, index, draft, source) for index, phase in enumerate(draft.phases))
    title = settle(draft, "title") or draft.title
    target = settle(draft, "target")
    runbook = Runbook(
        runbook=slug(settle(draft, "runbook") or title) or "plan",
        title=title,
        version=settle(draft, "version").lstrip("vV"),
        note=settle(draft, "note"),
        created=settle(draft, "created"),
        author=settle(draft, "author"),
        claimed_status=claims(draft),
        summary="\n\n".join(draft.summary).strip(),
        targets=tuple(part.strip() for part in target.split(",") if part.strip())
        if re.fullmatch(r"[\w, -]+", target)
        else (),
        commit=settle(draft, "commit").strip("`"),
        approvals=ApprovalPolicy(items=_values(draft.approvals, "approvals.items", source)),
        requires=_values(draft.requires, "requires", source),
        objectives=tuple(draft.objectives),
        risks=tuple(_linked(row, phases) for row in _values(draft.risks, "risks", source)),
        triggers=_values(draft.triggers, "triggers", source),
        metrics=_values(draft.metrics, "metrics", source),
        levels=_values(draft.levels, "levels", source),
        contacts=_values(draft.contacts, "contacts", source),
        messages=_values(draft.messages, "messages", source),
        phases=phases,
        appendix=draft.appendix,
    )
    for stated in draft.stated:
        source.paths.setdefault({"status": "claimed_status"}.get(stated.key, stated.key), stated.line)
    for row in runbook.risks:
        if not row.links:
            line = source.paths.get(f"risks[{runbook.risks.index(row)}]", 0)
            draft.note(line, f"this risk could not be linked to a phase or step: {row.task}")
    return _with_settings(runbook, draft), source


def _phase(draft_phase: PhaseDraft, index: int, draft: Draft, source: SourceMap) -> Phase:
    path = f"phases[{index}]"
    source.paths[path] = source.paths[f"{path}.id"] = draft_phase.heading.line
    source.ids.setdefault(draft_phase.id, draft_phase.heading.line)
    for number, (task, line) in enumerate(draft_phase.tasks):
        place = f"{path}.tasks[{number}]"
        for end in ("", ".id", ".do", ".revert", ".verify"):
            source.paths[place + end] = line
        source.ids[task.id] = line
    facts = draft_phase.facts
    rollback = facts.get("rollback", "")
    gate = None
    if draft_phase.gate is not None:
        gate = finish_gate(draft_phase.gate, draft_phase, f"gate-{draft_phase.id}")
        source.paths[f"{path}.gate"] = source.ids[gate.id] = draft_phase.gate.line
        for number, (_, line) in enumerate(draft_phase.gate.checks):
            source.paths[f"{path}.gate.checks[{number}]"] = line
    text = "\n\n".join(part for part in draft_phase.text if part)
    return Phase(
        id=draft_phase.id,
        title=draft_phase.title,
        risk=read_risk(facts.get("risk", "")),
        estimate=read_span(facts.get("duration", "")),
        rollback=None if is_nothing(rollback) or not rollback else read_level(rollback),
        read_only=bool(re.search(r"(?i)\bread[- ]?only\b", rollback)),
        objectives=tuple(draft_phase.objectives),
        needs=tuple(re.findall(r"(?i)phase\s+(\w+)", plain(facts.get("needs", "")))),
        stages=_values(draft_phase.stages, f"{path}.stages", source),
        subtasks=_values(draft_phase.subtasks, f"{path}.subtasks", source),
        before=_values(draft_phase.before, f"{path}.before", source),
        tasks=tuple(task for task, _ in draft_phase.tasks),
        gate=gate,
        written={**facts, **({"text": text} if text else {})},
    )


def _values(pairs: Sequence[tuple[Any, int]], path: str, source: SourceMap) -> tuple[Any, ...]:
    for index, (_, line) in enumerate(pairs):
        source.paths[f"{path}[{index}]"] = line
    if pairs:
        source.paths.setdefault(path, pairs[0][1])
    return tuple(value for value, _ in pairs)


def _linked(row: RiskRow, phases: Sequence[Phase]) -> RiskRow:
    """Link a row to what its words name: a phase or step by number, else the phases, sub-tasks and steps most alike."""
    named = re.findall(r"(?i)\b(?:phase|step|task)s?\s+(\d+(?:\.\d+)*)", row.task)
    if named:
        return msgspec.structs.replace(row, links=tuple(named))
    wanted = _stems(row.task)
    scores: dict[str, float] = {}
    for phase in phases:
        titles = [(phase.id, phase.title, 1.0), *((part.id, part.title, 1.0) for part in phase.subtasks)]
        titles += [(task.id, task.title, 0.5) for task in phase.tasks]
        for name, title, weight in titles:
            common = wanted & _stems(title)
            if common:
                scores[name] = weight * len(common) / len(wanted)
    best = max(scores.values(), default=0.0)
    links = [name for name, score in scores.items() if score >= max(0.25, best)]
    return msgspec.structs.replace(row, links=tuple(links[:5]))


def _stems(text: str) -> set[str]:
    words = re.findall(r"[a-z]{3,}", plain(text).lower())
    return {re.sub(r"(ations?|ions?|ings?|es|s|e|ed)$", "", word) for word in words if word not in _COMMON_WORDS}


def _with_settings(runbook: Runbook, draft: Draft) -> Runbook:
    if not draft.settings:
        return runbook
    table = apply_patch(msgspec.to_builtins(runbook), draft.settings)
    try:
        return msgspec.convert(table, Runbook, strict=False)
    except msgspec.ValidationError as error:
        raise SourceError("the settings of the runbook do not fit", file=draft.file, cause=str(error)) from None
