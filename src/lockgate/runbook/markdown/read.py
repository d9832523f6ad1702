"""Read an execution plan written in Markdown as a runbook: every line of it is understood, kept as words, or named."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from lockgate.errors import SourceError
from lockgate.runbook.markdown import header, parts
from lockgate.runbook.markdown.blocks import make_sections, parse_blocks
from lockgate.runbook.markdown.build import build_runbook
from lockgate.runbook.markdown.draft import Draft
from lockgate.runbook.markdown.gates import read_check_blocks, read_gate
from lockgate.runbook.markdown.kinds import Kind, kind_of, phase_named, phase_of, when_of
from lockgate.runbook.markdown.phases import finish_phase, read_phase
from lockgate.runbook.markdown.plan import (
    Block,
    Comment,
    Fence,
    Heading,
    ItemList,
    Line,
    MarkdownPlan,
    Paragraph,
    Section,
)
from lockgate.runbook.markdown.repair import decode_text, repair_text
from lockgate.runbook.markdown.steps import is_step_list, is_step_table
from lockgate.runbook.markdown.words import key_of, plain
from lockgate.runbook.read import ReadRunbook

_META = (
    "document status",
    "document control",
    "document information",
    "metadata",
    "document info",
    "plan status",
    "status",
)
_MOST_BYTES = 20_000_000


def read_markdown(path: Path) -> ReadRunbook:
    """Read a plan; the file is never changed.

    Raises:
        SourceError: The file cannot be read, or holds no phase with a step.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise SourceError(
            f"the plan {path} cannot be read", file=str(path), cause=error.strerror or str(error)
        ) from None
    if len(data) > _MOST_BYTES:
        raise SourceError(f"the plan {path} is too large", file=str(path), cause=f"{len(data)} bytes")
    mended = decode_text(data)
    return parse_markdown(mended.text, str(path), repaired=mended.lines)


def parse_markdown(
    text: str, file: str, *, repaired: tuple[int, ...] | None = None, has_steps: bool = True
) -> ReadRunbook:
    """Read the text of a plan; ``repaired`` None: its damaged characters are still to be mended.

    ``has_steps``: a text without a step is refused.
    """
    if repaired is None:
        mended = repair_text(text)
        text, repaired = mended.text, mended.lines
    lines = tuple(line.rstrip("\r") for line in text.split("\n"))
    draft = Draft(file, lines)
    front = header.read_front(draft)
    end = _cut_settings(draft)
    blocks = parse_blocks(lines[front:end], front + 1)
    header.read_footer(blocks, draft)
    _read_document(make_sections(blocks), draft)
    for phase in draft.phases:
        finish_phase(phase, draft)
    parts.finish_levels(draft)
    runbook, source = build_runbook(draft)
    if has_steps and not runbook.tasks:
        raise SourceError(
            f"{file} holds no phase with steps",
            file=file,
            line=1,
            cause="a plan has headings such as `## Phase 1: …` and a table or list of steps under each",
            hint="see docs/reference/runbook-markdown.md for what is read",
        )
    _note_unread(blocks, draft)
    plan = MarkdownPlan(
        lines=lines,
        blocks=blocks,
        steps=tuple(draft.steps),
        stated=tuple(draft.stated),
        fences=tuple(block for block in blocks if isinstance(block, Fence)),
        bound=tuple(draft.bound),
    )
    notes = tuple(sorted(dict.fromkeys(draft.notes)))
    return ReadRunbook(runbook, source, repaired, text=text, is_markdown=True, notes=notes, markdown=plan)


def _read_document(root: Section, draft: Draft) -> None:
    sections = root.sections
    header.read_header(root.blocks, draft)
    if sections and not phase_of(sections[0].title) and sections[0].heading.level <= 2:
        first = sections[0]
        if first.heading.level == 1 or kind_of(first.title) is Kind.OTHER:
            draft.take(first.heading)
            header.read_title(first.title, first.heading.line, draft)
            header.read_header(first.blocks, draft)
            sections = (*first.sections, *sections[1:])
    if not any(phase_of(inner.title) for section in sections for inner in section.walk()):
        sections = _numbered_as_phases(sections)
    for section in sections:
        _read_section(section, draft)


def _read_section(section: Section, draft: Draft) -> None:
    """Read a section that stands in no phase."""
    kind = kind_of(section.title)
    if kind is Kind.PHASE:
        return read_phase(section, draft)
    if kind is Kind.GATE:
        return _read_loose_gate(section, draft)
    if kind is Kind.SETTINGS:
        return _read_settings(section, draft)
    if kind is Kind.SUMMARY:
        draft.summary.append(_text_of(section, draft))
        return None
    if kind is Kind.PRECHECKS:
        draft.take(section.heading)
        return _keep(section, read_check_blocks(section, draft.requires, draft), draft)
    if kind is Kind.OBJECTIVES:
        return _read_objectives(section, draft)
    if kind is Kind.LEVEL:
        return parts.read_level_section(section, draft)
    if kind in (Kind.METRICS, Kind.TRIGGERS, Kind.MONITORING, Kind.COMMUNICATION, Kind.LEVELS):
        return _read_group(section, kind, draft)
    reader = {
        Kind.RISKS: parts.read_risks,
        Kind.CONTACTS: parts.read_contacts,
        Kind.APPROVALS: parts.read_approvals,
    }.get(kind)
    if reader is not None:
        _keep(section, reader(section, draft), draft)
        for inner in section.sections:
            if kind_of(inner.title) in (Kind.OTHER, kind):
                _keep(inner, reader(inner, draft), draft)
            else:
                _read_section(inner, draft)
        return None
    if key_of(section.title) in _META or _is_meta(section):
        draft.take(section.heading)
        return header.read_header(section.blocks, draft)
    return _read_other(section, draft)


def _read_group(section: Section, kind: Kind, draft: Draft) -> None:
    """Read monitoring, communication or ways back: what each part inside holds decides."""
    inner_kinds = {kind_of(inner.title) for inner in section.sections}
    if kind is Kind.LEVELS:
        draft.take(section.heading)
        _keep(section, parts.read_levels(section, draft), draft)
    elif kind is Kind.COMMUNICATION:
        when = "" if any(when_of(inner.title) for inner in section.sections) else when_of(section.title)
        _keep(section, parts.read_messages(section, draft, when), draft)
    elif kind is Kind.TRIGGERS or (kind is Kind.METRICS and not inner_kinds & {Kind.METRICS}):
        reader = parts.read_triggers if kind is Kind.TRIGGERS else parts.read_metrics
        _keep(section, reader(section, draft), draft)
    else:
        has_metrics = Kind.METRICS in inner_kinds
        _keep(section, _direct(section, draft) if has_metrics else parts.read_metrics(section, draft), draft)
    for inner in section.sections:
        _read_member(inner, kind, draft)


def _read_member(section: Section, kind: Kind, draft: Draft) -> None:
    """Read a part of a group: by its own words first, else by those of what it stands in."""
    if section.heading.line in draft.seen:
        return None
    own = kind_of(section.title)
    when = when_of(section.title)
    if kind is Kind.COMMUNICATION and own is not Kind.CONTACTS and (when or own is Kind.COMMUNICATION):
        _keep(section, parts.read_messages(section, draft, when), draft)
        for inner in section.sections:
            _read_member(inner, kind, draft)
        return None
    if own in (Kind.OTHER, Kind.SUMMARY, Kind.TASKS) and kind in (Kind.TRIGGERS, Kind.METRICS):
        reader = parts.read_triggers if kind is Kind.TRIGGERS else parts.read_metrics
        return _keep(section, reader(section, draft), draft)
    if own is Kind.MONITORING and kind is Kind.MONITORING:
        return _read_group(section, Kind.TRIGGERS if "alert" in key_of(section.title) else Kind.METRICS, draft)
    if kind is Kind.LEVELS and own is Kind.LEVELS:
        is_level = _has_fence(section) and not draft.levels
        return parts.read_level_section(section, draft) if is_level else _keep_whole(section, draft)
    if kind is Kind.LEVELS and own is Kind.STEP:
        return _keep_whole(section, draft)
    return _read_section(section, draft)


def _read_loose_gate(section: Section, draft: Draft) -> None:
    """Read a gate that stands outside of the phases: it belongs to the phase it names, else to the last one."""
    inner = [part for part in section.sections if kind_of(part.title) is Kind.GATE]
    if inner and not any(isinstance(block, ItemList) for block in section.blocks):
        draft.take(section.heading)
        _keep(section, _direct(section, draft), draft)
        for part in section.sections:
            _read_section(part, draft)
        return None
    name = phase_named(section.title)
    phase = next((phase for phase in draft.phases if phase.id == name), None)
    if phase is None and not name and draft.phases and draft.phases[-1].gate is None:
        phase = draft.phases[-1]
    if phase is None:
        draft.note(section.heading.line, "this gate belongs to no phase; it was kept as words")
        return _keep_whole(section, draft)
    return read_gate(section, phase, draft)


def _read_other(section: Section, draft: Draft) -> None:
    """Read what is about nothing known: look for known parts inside, keep the rest as words."""
    known = [
        inner
        for inner in section.walk()
        if inner is not section and kind_of(inner.title) not in (Kind.OTHER, Kind.SUMMARY, Kind.TASKS, Kind.STEP)
    ]
    if not known:
        return _keep_whole(section, draft)
    draft.take(section.heading)
    _keep(section, _direct(section, draft), draft)
    for inner in section.sections:
        _read_section(inner, draft)
    return None


def _read_objectives(section: Section, draft: Draft) -> None:
    draft.take(section.heading)
    for block in section.blocks:
        if isinstance(block, ItemList):
            draft.take(block)
            draft.objectives.extend(parts.words_of(item) for item in block.items)
        elif block.line not in draft.seen:
            _keep(section, [block], draft)
    for inner in section.sections:
        _read_section(inner, draft)


def _cut_settings(draft: Draft) -> int:
    """Read the settings that `render` put at the end, whatever is open before them; return where the words end."""
    lines = [line.strip() for line in draft.lines]
    while lines and not lines[-1]:
        lines.pop()
    last = len(lines) - 1
    if last < 1 or len(lines[last]) < 3 or set(lines[last]) != {"`"} or "## Runbook settings" not in lines:
        return len(draft.lines)
    start = last - 1 - lines[last - 1 :: -1].index("## Runbook settings")
    begin = next((n for n in range(start, last) if lines[n] == f"{lines[last]}yaml"), -1)
    if begin < 0:
        return len(draft.lines)
    _put_settings("\n".join(draft.lines[begin + 1 : last]), begin + 1, draft)
    draft.seen.update(range(start + 1, len(draft.lines) + 1))
    while start and not lines[start - 1]:
        start -= 1
    return start


def _read_settings(section: Section, draft: Draft) -> None:
    draft.take(section.heading, *section.blocks)
    for block in section.blocks:
        if isinstance(block, Fence):
            _put_settings(block.text, block.line, draft)


def _put_settings(text: str, line: int, draft: Draft) -> None:
    import yaml

    try:
        table: Any = yaml.load(text, Loader=yaml.BaseLoader)
    except yaml.YAMLError as error:
        raise SourceError(
            "the settings of the runbook are no YAML", file=draft.file, line=line, cause=str(error)
        ) from None
    if isinstance(table, dict):
        draft.settings.update(table)


def _numbered_as_phases(sections: tuple[Section, ...]) -> tuple[Section, ...]:
    """Take sections that hold steps for phases, when no heading says phase."""
    number = 0
    found = []
    for section in sections:
        if kind_of(section.title) in (Kind.OTHER, Kind.TASKS, Kind.STEP) and _holds_steps(section):
            title = section.title
            lead = plain(title).split(" ", 1)
            given = lead[0].rstrip(".):") if lead[0].rstrip(".):").isdigit() else ""
            number = int(given) if given else number + 1
            words = lead[1] if given and len(lead) > 1 else title
            heading = Heading(
                section.heading.line, section.heading.end, section.heading.level, f"Phase {number}: {words}"
            )
            found.append(Section(heading, section.blocks, section.sections))
        else:
            found.append(section)
    return tuple(found)


def _holds_steps(section: Section) -> bool:
    from lockgate.runbook.markdown.plan import Table

    for inner in section.walk():
        for block in inner.blocks:
            if isinstance(block, Table) and is_step_table(block):
                return True
            if isinstance(block, ItemList) and is_step_list(block) and kind_of(inner.title) is Kind.TASKS:
                return True
    return False


def _is_meta(section: Section) -> bool:
    facts = [header._is_fact(line) for block in section.blocks if isinstance(block, Paragraph) for line in block.lines]
    return bool(facts) and all(facts) and not section.sections


def _direct(section: Section, draft: Draft) -> list[Block]:
    draft.take(section.heading)
    return [block for block in section.blocks if not isinstance(block, Line | Comment)]


def _has_fence(section: Section) -> bool:
    return any(isinstance(block, Fence) for inner in section.walk() for block in inner.blocks)


def _keep(section: Section, blocks: list[Block], draft: Draft) -> None:
    """Keep what a reader did not understand as words, and say so."""
    kept = [block for block in blocks if not isinstance(block, Line | Comment) and block.line not in draft.seen]
    draft.take(*blocks)
    if kept:
        title = plain(section.title)
        text = draft.raw(kept)
        draft.appendix[title] = "\n\n".join(part for part in (draft.appendix.get(title, ""), text) if part)
        draft.note(kept[0].line, f"kept as words: {title}")


def _keep_whole(section: Section, draft: Draft) -> None:
    """Keep a section and all inside as words."""
    text = _text_of(section, draft)
    if text:
        title = plain(section.title)
        draft.appendix[title] = "\n\n".join(part for part in (draft.appendix.get(title, ""), text) if part)
        draft.note(section.heading.line, f"kept as words: {title}")


def _text_of(section: Section, draft: Draft) -> str:
    whole = draft.raw_section(section, 2)
    _, _, text = whole.partition("\n")
    lines = text.strip().split("\n")
    while lines and (not lines[-1].strip() or set(lines[-1].strip()) in ({"-"}, {"*"}, {"_"})):
        lines.pop()
    return "\n".join(lines).strip()


def _note_unread(blocks: tuple[Block, ...], draft: Draft) -> None:
    """Name every block of which a line was not accounted for."""
    for block in blocks:
        if isinstance(block, Line | Comment):
            continue
        lines = [n for n in range(block.line, block.end + 1) if draft.lines[n - 1].strip() and n not in draft.seen]
        if lines:
            draft.note(lines[0], f"left unread: {draft.lines[lines[0] - 1].strip()[:80]}")
