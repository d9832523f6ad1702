"""Steps of a phase: from tables of any column order, from lists, from headings; pure."""

from __future__ import annotations

import re

from lockgate.model.actions import Manual
from lockgate.model.runbook import Risk, Task, Written
from lockgate.runbook.markdown.cells import code_spans, command_of, is_blank_left, read_checks, read_do, read_revert
from lockgate.runbook.markdown.draft import Draft, PhaseDraft
from lockgate.runbook.markdown.facts import pairs_of
from lockgate.runbook.markdown.plan import Fence, Item, ItemList, Paragraph, RawStep, Section, Table
from lockgate.runbook.markdown.tables import cell_of, role_of, roles_of
from lockgate.runbook.markdown.words import is_nothing, plain, read_risk, read_span

_ID = re.compile(r"^\W*(?:step|task)?\s*#?((?:[A-Z]{1,4}-?)?\d+(?:\.\d+)*[a-z]?)[.):]?\s*$", re.I)
_LEADING_ID = re.compile(
    r"^(?:(?:step|task)\s+)?(\d+(?:\.\d+)+[a-z]?|\d+(?=[.):]\s))[.):]?\s*[-–—:]?\s*(.*)$", re.I | re.S
)
_FIELDS = ("command", "verification", "rollback", "risk", "estimate", "owner", "needs")


def is_step_table(table: Table) -> bool:
    """Whether a table lists steps: titles beside commands, verifications or ways back, or rows with ids of steps."""
    roles = roles_of(table)
    if "title" not in roles:
        return False
    if {"command", "verification", "rollback"} & set(roles):
        return True
    ids = [cell_of(row, roles, "id") for row in table.rows]
    return bool(ids) and sum(bool(re.search(r"^\W*\d+\.\d", plain(cell))) for cell in ids) * 2 > len(ids)


def listed_ids(section: Section) -> set[str]:
    """Return the ids of the steps in the tables of a section."""
    ids = set()
    for inner in section.walk():
        for block in inner.blocks:
            if isinstance(block, Table) and is_step_table(block):
                roles = roles_of(block)
                ids |= {_name({role: cell_of(row, roles, role) for role in roles})[0] for row in block.rows}
    return ids - {""}


def read_step_table(table: Table, phase: PhaseDraft, draft: Draft, *, stage: str = "", subtask: str = "") -> None:
    """Read one task from each row."""
    draft.take(table)
    roles = roles_of(table)
    for row in table.rows:
        if not any(cell.strip() for cell in row.cells):
            continue
        cells = {role: cell_of(row, roles, role) for role in roles}
        if len(row.cells) > len(roles):
            draft.note(
                row.line, f"this row has {len(row.cells)} cells for {len(roles)} columns; the last ones were not read"
            )
        _add(cells, row.line, phase, draft, roles, stage=stage, subtask=subtask)


def is_step_list(block: ItemList) -> bool:
    """Whether a list holds steps: its items are numbered, or most begin with the id of a step."""
    numbered = sum(bool(item.number) or bool(_LEADING_ID.match(plain(item.text))) for item in block.items)
    return numbered * 2 > len(block.items)


def read_step_list(block: ItemList, phase: PhaseDraft, draft: Draft, *, stage: str = "", subtask: str = "") -> None:
    """Read one task from each item; what is under an item are its command, verification, way back and notes."""
    draft.take(block)
    for item in block.items:
        if not item.text.strip() and not item.items and not item.fences:
            draft.note(item.line, "this line is empty; it was not read as a step")
            continue
        cells = _cells_of_item(item)
        if item.box:
            draft.note(item.line, "this step is ticked by hand; that is no evidence")
        _add(cells, item.line, phase, draft, (), stage=stage, subtask=subtask)


def read_step_section(section: Section, name: str, title: str, phase: PhaseDraft, draft: Draft) -> None:
    """Read a heading that is a step itself; its facts and fenced blocks are the command and the checks."""
    cells = {"id": name, "title": title}
    rest: list[str] = []
    fences: list[Fence] = []
    draft.take(section.heading, *section.blocks)
    for inner in section.sections:
        role = role_of(inner.title)
        draft.take(inner.heading, *inner.blocks)
        for block in inner.blocks:
            if isinstance(block, Fence):
                cells.setdefault(role if role in _FIELDS else "command", _as_code(block.text))
            elif isinstance(block, ItemList):
                texts = [text for item in block.items for text in _flat(item)]
                cells[role] = "<br>".join([*([cells[role]] if role in cells else []), *texts])
            elif isinstance(block, Paragraph):
                _place_lines(block, role, cells, rest)
        for deeper in inner.sections:
            rest.append(draft.raw_section(deeper, 6))
    for block in section.blocks:
        if isinstance(block, Fence):
            fences.append(block)
        elif isinstance(block, ItemList):
            for item in block.items:
                _place(item.text, [text for child in item.items for text in _flat(child)], cells, rest)
                fences.extend(item.fences)
        elif isinstance(block, Paragraph):
            for line in block.lines:
                _place(line, [], cells, rest)
    if fences and not command_of(cells.get("command", "")):
        cells["command"] = _as_code("\n".join(fence.text for fence in fences))
    if rest:
        cells["notes"] = " ".join(rest)
    _add(cells, section.heading.line, phase, draft, ())


def _place_lines(block: Paragraph, role: str, cells: dict[str, str], rest: list[str]) -> None:
    """Put lines under a label where they belong: those with a label of their own there, the others under this one."""
    for line in block.lines:
        if pairs_of(line):
            _place(line, [], cells, rest)
        else:
            cells[role] = "<br>".join([*([cells[role]] if role in cells else []), line.strip()])


def bind_fence(name: str, fence: Fence, phase: PhaseDraft, draft: Draft) -> bool:
    """Bind a fenced block to the step with this id, as a proposal to confirm; False: there is no such step."""
    from lockgate.runbook.markdown.propose import to_flow

    for index, (task, line) in enumerate(phase.tasks):
        if task.id != name:
            continue
        if task.do is None or isinstance(task.do, Manual):
            words = (
                task.do.text
                if isinstance(task.do, Manual)
                else plain((task.written or Written()).command) or task.title
            )
            before = task.do.proposed if isinstance(task.do, Manual) else ""
            whole = f"{_script_of(before)}\n{fence.text}".strip() if before else fence.text
            phase.tasks[index] = (
                _with(task, do=Manual(text=words, proposed=to_flow({"sh": whole}))),
                line,
            )
        draft.bound.append((name, fence))
        draft.note(fence.line, f"this block was bound to step {name}: confirm it")
        return True
    return False


def _script_of(proposed: str) -> str:
    import yaml

    table = yaml.safe_load(proposed)
    return str(table.get("sh", "")) if isinstance(table, dict) else ""


def _with(task: Task, **changes: object) -> Task:
    import msgspec

    return msgspec.structs.replace(task, **changes)


def _add(
    cells: dict[str, str],
    line: int,
    phase: PhaseDraft,
    draft: Draft,
    columns: tuple[str, ...],
    *,
    stage: str = "",
    subtask: str = "",
) -> None:
    given, title = _name(cells)
    name = _whole_id(given, phase, subtask)
    taken = {task.id for other in draft.phases for task, _ in other.tasks}
    if name in taken:
        draft.note(line, f"the id {name} stands here a second time; it was given another one: {_free(name, taken)}")
        name = _free(name, taken)
    command = cells.get("command", "")
    code = command_of(command)
    if code and is_blank_left(code):
        draft.note(line, f"step {name}: the command has a place to fill in, so it is only proposed")
    known = {"id", "title", *_FIELDS}
    others = [
        f"{role}: {cell}"
        for role, cell in cells.items()
        if role not in known and role != "notes" and not is_nothing(cell)
    ]
    notes = "; ".join([*others, *([cells["notes"]] if cells.get("notes") else [])])
    needs = tuple(re.findall(r"\d+(?:\.\d+)+[a-z]?", plain(cells.get("needs", ""))))
    written = Written(
        command=command, verification=cells.get("verification", ""), rollback=cells.get("rollback", ""), notes=notes
    )
    task = Task(
        id=name,
        title=title,
        do=read_do(command),
        verify=read_checks(cells.get("verification", ""), code),
        revert=read_revert(cells.get("rollback", "")),
        risk=read_risk(cells["risk"]) if cells.get("risk") else Risk.NONE,
        stage=stage,
        subtask_of=subtask,
        needs=needs,
        estimate=read_span(cells.get("estimate", "")),
        owner=plain(cells.get("owner", "")),
        written=None if written == Written() else written,
    )
    draft.steps.append(RawStep(given or name, line, phase.id, dict(cells), columns))
    phase.tasks.append((task, line))


def _name(cells: dict[str, str]) -> tuple[str, str]:
    """Return id and title of a step; the id may stand in front of the title."""
    title = cells.get("title", "").replace("**", "").strip()
    match = _ID.match(plain(cells.get("id", "")))
    if match:
        return match.group(1), title
    if "id" in cells and not title:
        title = cells["id"].replace("**", "").strip()
    leading = _LEADING_ID.match(title)
    return (leading.group(1), leading.group(2)) if leading else (plain(cells.get("id", "")) if title else "", title)


def _whole_id(given: str, phase: PhaseDraft, subtask: str) -> str:
    """Return the id within the whole plan: a bare number is counted within its phase or sub-task."""
    group = subtask or phase.id
    if not given:
        return f"{group}.{len(phase.tasks) + 1}"
    return f"{group}.{given}" if re.fullmatch(r"\d+[a-z]?", given) else given


def _free(name: str, taken: set[str]) -> str:
    return next(f"{name}-{n}" for n in range(2, 10_000) if f"{name}-{n}" not in taken)


def _cells_of_item(item: Item) -> dict[str, str]:
    cells: dict[str, str] = {}
    head, rest = item.text, ""
    # A title, then its command or facts in the same line.
    parts = [part for part in re.split(r"\s+(?:—|–|→|->|\|)\s+|\s*<br\s*/?>\s*", head) if part]
    title = parts[0] if parts else head
    notes: list[str] = []
    for part in parts[1:]:
        _place(part, [], cells, notes)
    spans = code_spans(title)
    if "command" not in cells and spans and (match := re.match(r"^(.*?)\s*:\s*(`.*`)\s*$", title)):
        title, cells["command"] = match.group(1), match.group(2)
    if "command" not in cells and spans and command_of(title):
        cells["command"] = title
    cells["title"] = title
    if item.number:
        cells["id"] = item.number
    for child in item.items:
        _place(child.text, [text for deeper in child.items for text in _flat(deeper)], cells, notes)
        if child.fences:
            role = role_of(child.text.strip(" :*"))
            cells[role if role in _FIELDS else "command"] = _as_code("\n".join(fence.text for fence in child.fences))
    if item.fences and not command_of(cells.get("command", "")):
        cells["command"] = _as_code("\n".join(fence.text for fence in item.fences))
    if rest or notes:
        cells["notes"] = "; ".join(notes)
    return cells


def _place(text: str, children: list[str], cells: dict[str, str], rest: list[str]) -> None:
    """Put ``Verify: …`` where it belongs; words that belong nowhere are notes."""
    match = re.match(
        r"^\W{0,3}(?:\*\*|__)?\s*([A-Za-z][A-Za-z -]{1,24}?)\s*(?::\s*(?:\*\*|__)?|(?:\*\*|__)\s*:)\s*(.*)$",
        text.strip(),
        re.S,
    )
    role = role_of(match.group(1)) if match else ""
    if match and role in _FIELDS:
        value = "<br>".join(part for part in (match.group(2), *children) if part)
        cells[role] = "<br>".join(part for part in (cells.get(role, ""), value) if part)
        return
    pairs = pairs_of(text)
    found = {role_of(key): value for key, value in pairs if role_of(key) in _FIELDS}
    if pairs and len(found) == len(pairs):
        cells.update(found)
        return
    if code_spans(text) and command_of(text) and "command" not in cells:
        cells["command"] = text.strip()
        return
    rest.extend([text.strip(), *children])


def _flat(item: Item) -> list[str]:
    return [item.text, *(text for child in item.items for text in _flat(child))]


def _as_code(text: str) -> str:
    mark = "`" * (max((len(run) for run in re.findall(r"`+", text)), default=0) + 1)
    return f"{mark}{text}{mark}"
