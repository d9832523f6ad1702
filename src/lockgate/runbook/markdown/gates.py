"""Gates and lists of checks: boxes, bullets or tables, and the lines that say what a closed gate does; pure."""

from __future__ import annotations

import re

from lockgate.model.checks import Check
from lockgate.model.runbook import Gate, OnFail
from lockgate.runbook.markdown.cells import command_of, read_check
from lockgate.runbook.markdown.draft import Draft, GateDraft, PhaseDraft
from lockgate.runbook.markdown.kinds import Kind, kind_of
from lockgate.runbook.markdown.plan import Block, Comment, Fence, Item, ItemList, Line, Paragraph, Section, Table
from lockgate.runbook.markdown.tables import column_of
from lockgate.runbook.markdown.words import is_nothing, key_of, plain, read_level, read_on_fail

_ORDER = re.compile(
    r"(?i)^\W*(stop|halt|abort|escalate|do not (proceed|continue)|fix\b.*\b(before|first)\b|"
    r"roll ?back (trigger|if|when|on)|on fail(ure)?|"
    r"if (any|a|the|this|qa)?\s*(qa )?(gate|check|verification)|if (any|it|this|one).{0,30}\bfail|"
    r"action on failure|when closed)"
)

# What `render` writes under a gate whose author wrote nothing; read as the order it is, and not as the author's words.
ORDERS = {
    OnFail.STOP: "**🛑 STOP if this gate fails. Do not proceed.**",
    OnFail.ESCALATE: "**🛑 STOP if this gate fails. Escalate for review.**",
    OnFail.FIX: "**🛑 STOP if this gate fails. Fix before proceeding.**",
    OnFail.ROLLBACK: "**🔴 ROLLBACK TRIGGER:** if any check fails, roll back.",
}


def is_order(words: str) -> bool:
    """Whether a line says what is to happen when a gate does not open."""
    return _ORDER.match(words) is not None and read_on_fail(words) is not None


def read_gate(section: Section, phase: PhaseDraft, draft: Draft) -> None:
    """Read a phase's gate; a second one in the same phase adds its checks to the first, and that is told."""
    draft.take(section.heading)
    title = plain(section.title).rstrip(":")
    if phase.gate is not None and (phase.gate.checks or phase.gate.line != section.heading.line):
        draft.note(
            section.heading.line, f"phase {phase.id} has a second gate ({title}); its checks were added to the first"
        )
    gate = phase.set_gate(title, section.heading.line)
    for block in read_check_blocks(section, gate.checks, draft, gate):
        if isinstance(block, Line | Comment):
            draft.take(block)
        elif isinstance(block, Paragraph):
            kept = []
            draft.take(block)
            for line in block.lines:
                if is_order(plain(line)):
                    gate.orders.append(line.strip())
                else:
                    kept.append(line.rstrip())
            if kept:
                phase.text.append("\n".join(kept))
        else:
            phase.text.append(draft.raw([block]))


def read_check_blocks(
    section: Section, checks: list[tuple[Check, int]], draft: Draft, gate: GateDraft | None = None
) -> list[Block]:
    """Read checks from lists and tables of a section and of those inside; return the blocks that are none."""
    rest: list[Block] = []
    has_boxes = any(
        item.box is not None for inner in section.walk() for block in inner.blocks if isinstance(block, ItemList)
        for item in block.items
    )  # fmt: skip
    for inner in section.walk():
        if inner is not section:
            draft.take(inner.heading)
            if gate is not None and is_order(plain(inner.title)):
                gate.orders.append(_with_items(inner, draft))
                continue
        is_foreign = inner is not section and (kind_of(inner.title) is not Kind.OTHER or has_boxes)
        for block in inner.blocks:
            if isinstance(block, ItemList) and (not is_foreign or any(item.box is not None for item in block.items)):
                draft.take(block)
                for item in block.items:
                    _read_item(item, checks, draft, gate, has_boxes=has_boxes)
            elif isinstance(block, Table):
                draft.take(block)
                _read_rows(block, checks, draft)
            elif isinstance(block, Fence):
                rest.append(block)
            else:
                rest.append(block)
    return rest


def finish_gate(draft: GateDraft, phase: PhaseDraft, name: str) -> Gate:
    """Make the gate: the strongest of its orders decides, none means stop."""
    orders = " ".join(dict.fromkeys(draft.orders))
    written = " ".join(line for line in dict.fromkeys(draft.orders) if line not in ORDERS.values())
    on_fail = read_on_fail(orders) or OnFail.STOP
    return Gate(
        id=name,
        title=draft.title,
        checks=tuple(check for check, _ in draft.checks),
        on_fail=on_fail,
        level=read_level(written) if on_fail is OnFail.ROLLBACK else None,
        reviewers=("reviewer",) if on_fail is OnFail.ESCALATE else (),
        written=written,
    )


def _read_item(
    item: Item, checks: list[tuple[Check, int]], draft: Draft, gate: GateDraft | None, *, has_boxes: bool
) -> None:
    words = plain(item.text)
    if gate is not None and item.box is None and is_order(words):
        gate.orders.append(item.text.strip())
        return
    boxed = [child for child in item.items if child.box is not None]
    if not words and not item.items:
        draft.note(item.line, "this line is empty; it was not read as a check")
        return
    is_group = bool(item.items) and words.endswith(":") and item.box is None
    if is_group or (item.box is None and boxed):
        for child in item.items:
            _read_item(child, checks, draft, gate, has_boxes=has_boxes)
        return
    if item.box is None and has_boxes:
        draft.note(item.line, f"this line stands among boxes and has none; it was not read as a check: {words}")
        return
    details = [child for child in item.items if child.box is None]
    text = "; ".join([item.text.strip(), *(child.text.strip() for child in details)])
    if item.box:
        draft.note(item.line, "this check is ticked by hand; that is no evidence")
    checks.append((read_check(_unbold(text), command_of(text)), item.line))
    for child in boxed:
        _read_item(child, checks, draft, gate, has_boxes=has_boxes)


def _read_rows(table: Table, checks: list[tuple[Check, int]], draft: Draft) -> None:
    index = column_of(table, r"^(qa |gate )?(check|criteri|requirement|item|condition|what|test|description)")
    if index < 0:
        index = next(
            (i for i, name in enumerate(table.header) if key_of(name) not in ("", "no", "id", "step", "nr")), 0
        )
    for row in table.rows:
        if index >= len(row.cells) or is_nothing(row.cells[index]):
            continue
        others = [
            f"{plain(name)}: {cell}"
            for at, (name, cell) in enumerate(zip(table.header, row.cells, strict=False))
            if at != index
            and not is_nothing(cell)
            and key_of(name) not in ("", "no", "id", "nr", "status", "done", "result", "pass")
        ]
        text = " — ".join([row.cells[index], *others])
        checks.append((read_check(_unbold(text), ""), row.line))


def _with_items(section: Section, draft: Draft) -> str:
    items = [item.text.strip() for block in section.blocks if isinstance(block, ItemList) for item in block.items]
    draft.take(*section.blocks)
    return ": ".join([section.title, "; ".join(items)]) if items else section.title


def _unbold(text: str) -> str:
    return text.replace("**", "").strip()
