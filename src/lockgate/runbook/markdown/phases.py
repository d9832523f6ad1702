"""Phases of a plan: facts, objectives, steps, stages, the list before they begin, and their gate; pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import msgspec

from lockgate.model.runbook import Stage, Task
from lockgate.runbook.markdown.draft import Draft, PhaseDraft
from lockgate.runbook.markdown.facts import pairs_of
from lockgate.runbook.markdown.gates import is_order, read_check_blocks, read_gate
from lockgate.runbook.markdown.kinds import Kind, bound_step, kind_of, phase_of, stage_of, step_of, when_of
from lockgate.runbook.markdown.plan import (
    Block,
    Comment,
    Fence,
    Heading,
    Item,
    ItemList,
    Line,
    Paragraph,
    Section,
    Table,
)
from lockgate.runbook.markdown.steps import (
    bind_fence,
    is_step_list,
    is_step_table,
    listed_ids,
    read_step_list,
    read_step_section,
    read_step_table,
)
from lockgate.runbook.markdown.tables import column_of
from lockgate.runbook.markdown.words import key_of, plain

_FACTS = {
    "duration": "duration", "estimated duration": "duration", "estimate": "duration", "time": "duration",
    "estimated time": "duration", "effort": "duration", "risk": "risk", "risk level": "risk", "rollback": "rollback",
    "rollback plan": "rollback", "rollback level": "rollback", "rollback strategy": "rollback", "roll back": "rollback",
    "depends on": "needs", "needs": "needs", "dependencies": "needs",
}  # fmt: skip

_MEANT = (Kind.STAGE, Kind.STEP, Kind.GATE, Kind.PRECHECKS, Kind.OBJECTIVES)


def read_phase(section: Section, draft: Draft) -> None:
    """Read a section whose heading is a phase's."""
    found = phase_of(section.title)
    assert found is not None
    name, title = found
    existing = next((phase for phase in draft.phases if phase.id == name), None)
    draft.take(section.heading)
    phase = existing or PhaseDraft(name, title, section.heading)
    if existing is None:
        draft.phases.append(phase)
    elif kind_of(title) is not Kind.OTHER:
        return _read_part(_retitled(section, title), phase, draft)
    else:
        draft.note(section.heading.line, f"phase {name} stands here a second time; it was read as one with the first")
    phase.listed |= listed_ids(section)
    read_inside(section, phase, draft)
    return None


def _retitled(section: Section, title: str) -> Section:
    """A part of a phase that repeats the phase in its title (``Phase 3 objectives``), by the rest of the title."""
    heading = section.heading
    return Section(Heading(heading.line, heading.end, heading.level, title), section.blocks, section.sections)


def read_inside(section: Section, phase: PhaseDraft, draft: Draft) -> None:
    """Read what stands in a phase, or in a part of it that has no meaning of its own."""
    _read_blocks(section, phase, draft)
    for inner in _side_by_side(section.sections):
        _read_part(inner, phase, draft)


def _side_by_side(sections: Sequence[Section]) -> Iterator[Section]:
    """Yield parts of a phase; a small heading with a meaning of its own does not belong to the larger one above it."""
    for section in sections:
        own = kind_of(section.title)
        cut = len(section.sections)
        if own in (Kind.GATE, Kind.PRECHECKS, Kind.OBJECTIVES) or (own is Kind.OTHER and section.blocks):
            kinds = [kind_of(inner.title) if inner.heading.level > 6 else Kind.OTHER for inner in section.sections]
            cut = next((n for n, kind in enumerate(kinds) if kind in (*_MEANT, Kind.TASKS)), cut)
        yield Section(section.heading, section.blocks, section.sections[:cut])
        yield from section.sections[cut:]


def finish_phase(phase: PhaseDraft, draft: Draft) -> None:
    """Bind fenced blocks to steps, give orders to the gate, and find the tasks of stages that hold none."""
    for name, fence, section in phase.fences:
        if bind_fence(name, fence, phase, draft):
            phase.text.append(draft.raw_section(section, 3))
        else:
            phase.text.append(draft.raw_section(section, 3))
            draft.note(fence.line, f"this block names step {name}, and the phase has no such step")
    for text, line in phase.orders:
        if phase.gate is None:
            phase.text.append(text)
            draft.note(line, "this order stands in a phase without a gate")
        else:
            phase.gate.orders.append(text)
    _link_stages(phase)


def _read_part(section: Section, phase: PhaseDraft, draft: Draft) -> None:
    kind = kind_of(section.title)
    if is_order(plain(section.title)):
        draft.take(section.heading)
        phase.orders.append((section.title.strip(), section.heading.line))
        return read_inside(section, phase, draft)
    if kind is Kind.PHASE:
        found = phase_of(section.title)
        if found and found[0] == phase.id:
            return _read_part(_retitled(section, found[1] or "Notes"), phase, draft)
        return read_phase(section, draft)
    if kind is Kind.STAGE:
        return _read_stage(section, phase, draft)
    if kind is Kind.GATE:
        return read_gate(section, phase, draft)
    if kind is Kind.PRECHECKS or (kind is Kind.COMMUNICATION and when_of(section.title) == "before"):
        draft.take(section.heading)
        rest = read_check_blocks(section, phase.before, draft)
        return _keep(rest, phase, draft)
    if kind is Kind.OBJECTIVES:
        return _read_objectives(section, phase, draft)
    name = bound_step(section.title)
    if name and _only_fences(section) and not (step_of(section.title) and not _has_step(phase, name)):
        phase.fences.extend((name, block, section) for block in section.blocks if isinstance(block, Fence))
        draft.take(section.heading, *section.blocks)
        return None
    if kind is Kind.STEP and not (name and name in phase.listed):
        return _read_step(section, phase, draft)
    if kind is Kind.TASKS or _has_steps(section, phase):
        draft.take(section.heading)
        return read_inside_tasks(section, phase, draft)
    if any(kind_of(inner.title) in _MEANT for inner in section.walk() if inner is not section):
        draft.take(section.heading)
        return read_inside(section, phase, draft)
    phase.text.append(draft.raw_section(section, 3))
    draft.note(section.heading.line, f"phase {phase.id}: kept as words: {plain(section.title)}")
    return None


def read_inside_tasks(section: Section, phase: PhaseDraft, draft: Draft, *, subtask: str = "", stage: str = "") -> None:
    """Read a part of a phase that lists its steps."""
    has_table = any(isinstance(block, Table) and is_step_table(block) for block in section.blocks)
    for block in section.blocks:
        if isinstance(block, Table) and is_step_table(block):
            read_step_table(block, phase, draft, subtask=subtask, stage=stage)
        elif isinstance(block, ItemList) and not has_table and _all_facts(block) is None:
            read_step_list(block, phase, draft, subtask=subtask, stage=stage)
        else:
            _read_block(block, section, phase, draft)
    for inner in section.sections:
        _read_part(inner, phase, draft)


def _read_blocks(section: Section, phase: PhaseDraft, draft: Draft) -> None:
    for block in section.blocks:
        if isinstance(block, Table) and is_step_table(block):
            read_step_table(block, phase, draft)
        elif isinstance(block, ItemList) and _is_direct_steps(block, section, phase):
            read_step_list(block, phase, draft)
        else:
            _read_block(block, section, phase, draft)


def _read_block(block: Block, section: Section, phase: PhaseDraft, draft: Draft) -> None:
    if isinstance(block, Line | Comment):
        return draft.take(block)
    if isinstance(block, Paragraph):
        return _read_paragraph(block, phase, draft)
    if isinstance(block, ItemList):
        facts = _all_facts(block)
        if facts:
            draft.take(block)
            return phase.facts.update(facts)
        if _read_stage_items(block, phase, draft):
            return None
    if isinstance(block, Table) and _read_fact_table(block, phase):
        return draft.take(block)
    if isinstance(block, Fence):
        draft.note(block.line, f"phase {phase.id}: this block belongs to no step and was kept as words")
    phase.text.append(draft.raw([block]))
    return None


def _read_paragraph(block: Paragraph, phase: PhaseDraft, draft: Draft) -> None:
    kept = []
    for offset, line in enumerate(block.lines):
        if block.line + offset in draft.seen:
            continue
        pairs = pairs_of(line)
        facts = {_FACTS[key]: value for key, value in pairs if key in _FACTS}
        if pairs and len(facts) == len(pairs):
            phase.facts.update(facts)
        elif is_order(plain(line)):
            phase.orders.append((line.strip(), block.line + offset))
        elif facts and len(pairs) > 1:
            phase.facts.update(facts)
            phase.facts.update({key: value for key, value in pairs if key not in _FACTS})
        else:
            kept.append(line.rstrip())
    draft.take(block)
    if kept:
        phase.text.append("\n".join(kept))


def _all_facts(block: ItemList) -> dict[str, str] | None:
    """Return the facts of a list of nothing but facts of a phase; None: it is another list."""
    facts: dict[str, str] = {}
    for item in block.items:
        pairs = pairs_of(item.text)
        if not pairs or any(key not in _FACTS for key, _ in pairs) or item.items:
            return None
        facts.update({_FACTS[key]: value for key, value in pairs})
    return facts


def _read_fact_table(table: Table, phase: PhaseDraft) -> bool:
    names = [_FACTS.get(key_of(name), "") for name in table.header]
    if len(table.rows) == 1 and names and all(names):
        phase.facts.update(dict(zip(names, table.rows[0].cells, strict=False)))
        return True
    if len(table.header) == 2:
        pairs = [tuple(row.cells[:2]) for row in table.rows if len(row.cells) >= 2]
        pairs = [*([tuple(table.header)] if names[0] else []), *pairs]
        if pairs and all(_FACTS.get(key_of(pair[0])) for pair in pairs):
            phase.facts.update({_FACTS[key_of(pair[0])]: pair[1] for pair in pairs})
            return True
    return False


def _read_objectives(section: Section, phase: PhaseDraft, draft: Draft) -> None:
    draft.take(section.heading)
    for block in section.blocks:
        if isinstance(block, ItemList):
            draft.take(block)
            phase.objectives.extend(words_of(item) for item in block.items)
        elif isinstance(block, Table) and not is_step_table(block):
            draft.take(block)
            index = max(column_of(block, r"objective|goal|outcome"), 0)
            phase.objectives.extend(row.cells[index] for row in block.rows if len(row.cells) > index)
        elif isinstance(block, Table):
            read_step_table(block, phase, draft)
        else:
            _read_block(block, section, phase, draft)
    for inner in section.sections:
        _read_part(inner, phase, draft)


def _read_stage(section: Section, phase: PhaseDraft, draft: Draft) -> None:
    found = stage_of(section.title)
    assert found is not None
    draft.take(section.heading)
    notes = []
    name = _stage_id(found[0], phase)
    position = len(phase.stages)
    for block in section.blocks:
        if isinstance(block, Table) and is_step_table(block):
            read_step_table(block, phase, draft, stage=name)
        elif isinstance(block, ItemList) and _looks_like_steps(block):
            read_step_list(block, phase, draft, stage=name)
        elif isinstance(block, ItemList):
            draft.take(block)
            notes.append("; ".join(words_of(item) for item in block.items))
        elif isinstance(block, Paragraph) and not is_order(plain(block.text)):
            draft.take(block)
            notes.append(block.text)
        else:
            _read_block(block, section, phase, draft)
    phase.stages.insert(position, (Stage(name, found[1], "; ".join(notes)), section.heading.line))
    for inner in section.sections:
        kind = kind_of(inner.title)
        if kind is Kind.TASKS or (kind is Kind.OTHER and _has_steps(inner, phase)):
            draft.take(inner.heading)
            read_inside_tasks(inner, phase, draft, stage=name)
        else:
            _read_part(inner, phase, draft)


def _read_stage_items(block: ItemList, phase: PhaseDraft, draft: Draft) -> bool:
    found = [stage_of(re.split(r"\s+[—–-]\s+", item.text.replace("**", ""), maxsplit=1)[0]) for item in block.items]
    if not found or not all(found):
        return False
    draft.take(block)
    for item, stage in zip(block.items, found, strict=True):
        assert stage is not None
        parts = re.split(r"\s+[—–-]\s+", item.text.replace("**", ""), maxsplit=1)
        notes = [*parts[1:], *(words_of(child) for child in item.items)]
        phase.stages.append((Stage(_stage_id(stage[0], phase), stage[1], "; ".join(notes)), item.line))
    return True


def _stage_id(given: str, phase: PhaseDraft) -> str:
    return given if "." in given else f"{phase.id}.{given}"


def _read_step(section: Section, phase: PhaseDraft, draft: Draft) -> None:
    found = step_of(section.title)
    assert found is not None
    name, title = found
    if _has_steps(section, phase, is_group=True):
        draft.take(section.heading)
        whole = name if "." in name else f"{phase.id}.{name}"
        phase.subtasks.append((Stage(whole, title), section.heading.line))
        return read_inside_tasks(section, phase, draft, subtask=whole)
    return read_step_section(section, name, title, phase, draft)


def _has_step(phase: PhaseDraft, name: str) -> bool:
    return name in phase.listed or any(task.id == name for task, _ in phase.tasks)


def _has_steps(section: Section, phase: PhaseDraft, *, is_group: bool = False) -> bool:
    """Whether a part lists steps, in a table, as headings, or (in a sub-task) as numbered items."""
    for inner in section.walk():
        if inner is not section and kind_of(inner.title) in (Kind.GATE, Kind.PRECHECKS, Kind.OBJECTIVES):
            continue
        for block in inner.blocks:
            if isinstance(block, Table) and is_step_table(block):
                return True
            if isinstance(block, ItemList) and _looks_like_steps(block):
                return True
            if isinstance(block, ItemList) and is_group and is_step_list(block) and kind_of(inner.title) is Kind.TASKS:
                return True
        if inner is not section and kind_of(inner.title) is Kind.STEP:
            return True
    return False


def _looks_like_steps(block: ItemList) -> bool:
    """Whether most items begin with the id of a step (``3.2``)."""
    ids = [item.number if "." in item.number else "" for item in block.items]
    lead = [
        name or re.match(r"^(?:(?:step|task)\s+)?\d+\.\d+(\.\d+)*\b", plain(item.text), re.I)
        for name, item in zip(ids, block.items, strict=True)
    ]
    return sum(bool(found) for found in lead) * 2 > len(block.items)


def _is_direct_steps(block: ItemList, section: Section, phase: PhaseDraft) -> bool:
    """Whether a list right under a phase holds its steps: by ids, or numbered in a phase that has no other steps."""
    if _looks_like_steps(block):
        return True
    others = any(
        (isinstance(other, Table) and is_step_table(other))
        or (isinstance(other, ItemList) and _looks_like_steps(other))
        for inner in section.walk()
        for other in inner.blocks
    ) or any(kind_of(inner.title) in (Kind.TASKS, Kind.STEP) for inner in section.walk() if inner is not section)
    is_numbered = is_step_list(block) or all(item.box is not None for item in block.items)
    return not others and is_numbered and _all_facts(block) is None and not phase.tasks


def _only_fences(section: Section) -> bool:
    return any(isinstance(block, Fence) for block in section.blocks)


def _keep(blocks: list[Block], phase: PhaseDraft, draft: Draft) -> None:
    for block in blocks:
        if isinstance(block, Paragraph):
            _read_paragraph(block, phase, draft)
        elif not isinstance(block, Line | Comment):
            phase.text.append(draft.raw([block]))


def words_of(item: Item) -> str:
    """Return an item's words with those under it, without marks of emphasis."""
    inner = "; ".join(words_of(child) for child in item.items)
    text = item.text.replace("**", "").strip()
    return f"{text.rstrip(':')}: {inner}" if inner else text


def _link_stages(phase: PhaseDraft) -> None:
    """Give tasks their stage: the one they stood under, unless all stood under the last of several, else by words."""
    if not phase.stages:
        return
    owners = {task.stage for task, _ in phase.tasks if task.stage}
    stages = [stage.id for stage, _ in phase.stages]
    if len(stages) > 1 and owners == {stages[-1]}:
        phase.tasks = [(_staged(task, ""), line) for task, line in phase.tasks]
    for index, (task, line) in enumerate(phase.tasks):
        if task.stage:
            continue
        words = f"{task.title} {task.written.command if task.written else ''}"
        match = re.search(r"(?i)\bstage[\s=#-]*(\d+(?:\.\d+)*)", words)
        if match:
            name = _stage_id(match.group(1), phase)
            if name in stages:
                phase.tasks[index] = (_staged(task, name), line)


def _staged(task: Task, stage: str) -> Task:
    return msgspec.structs.replace(task, stage=stage)
