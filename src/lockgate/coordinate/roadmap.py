"""A roadmap in Markdown: its items read with their lines, and what is wrong with them; pure.

Items are headings ``### ID: title`` with bold fields, or rows of a table that has a column of ids.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from lockgate.coordinate.markdown import find_table, is_none_row, read_box, read_field

_HEAD = re.compile(r"###\s+(?P<id>[A-Za-z0-9][A-Za-z0-9._/-]*)\s*:\s*(?P<title>.*\S)\s*$")
_HEADING = re.compile(r"#{1,6}\s")
_FENCE = re.compile(r"\s*(```|~~~)")
_ESTIMATE = re.compile(r"(?P<low>\d+(?:\.\d+)?)\s*(?:[-–]\s*(?P<high>\d+(?:\.\d+)?)\s*)?(?P<unit>[hdw])(?:\w*)")
_HOURS = {"h": 1.0, "d": 8.0, "w": 40.0}
STATES = ("ready", "in-progress", "complete", "blocked")
PRIORITIES = ("HIGH", "MEDIUM", "LOW", "P0", "P1", "P2", "P3")
_REQUIRED = ("status", "priority", "estimate")
_NOTHING = ("", "none", "-", "—", "n/a", "nothing")
_TABLE_NAMES = ("id", "item", "task id", "task", "key")
_LONG_HOURS = 16.0


@dataclass(frozen=True)
class Box:
    """A deliverable: its line (from 1), its text, whether it is ticked."""

    line: int
    text: str
    is_ticked: bool


@dataclass(frozen=True)
class Item:
    """One item; ``fields`` by name in small letters, ``lines`` where each stands; ``estimate_h`` -1: cannot be read."""

    id: str
    title: str
    line: int
    fields: dict[str, str] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    boxes: tuple[Box, ...] = ()
    is_row: bool = False

    @property
    def status(self) -> str:
        """One of `STATES`, or empty."""
        return read_status(self.fields.get("status", ""))

    @property
    def priority(self) -> str:
        """One of `PRIORITIES`, or empty."""
        words = re.findall(r"[A-Z]+\d?", self.fields.get("priority", "").upper())
        return next((word for word in words if word in PRIORITIES), "")

    @property
    def estimate_h(self) -> float:
        """The upper end of the estimate in hours; a day has 8, a week 40."""
        match = _ESTIMATE.search(self.fields.get("estimate", "").casefold())
        return float(match["high"] or match["low"]) * _HOURS[match["unit"]] if match else -1.0

    @property
    def dependencies(self) -> tuple[str, ...]:
        """The ids it waits for."""
        text = self.fields.get("dependencies", "").strip("` ")
        if text.casefold().rstrip(".") in _NOTHING:
            return ()
        parts = (re.sub(r"\(.*?\)", "", part).strip("` .*[]") for part in re.split(r"[,;]|\band\b", text))
        return tuple(part for part in parts if part)


@dataclass(frozen=True)
class Remark:
    """Something wrong with an item; ``is_error``, else a warning."""

    line: int
    id: str
    text: str
    is_error: bool = True

    def __str__(self) -> str:
        return f"Line {self.line} [{self.id}]: {self.text}"


@dataclass(frozen=True)
class RoadmapReport:
    """What was found, and how many items were looked at."""

    remarks: tuple[Remark, ...]
    items: tuple[Item, ...]

    @property
    def errors(self) -> tuple[Remark, ...]:
        """What must be repaired; without any item, that."""
        if not self.items:
            return (Remark(1, "-", "no item was found, so nothing was checked"),)
        return tuple(remark for remark in self.remarks if remark.is_error)

    @property
    def warnings(self) -> tuple[Remark, ...]:
        """What should be looked at."""
        return tuple(remark for remark in self.remarks if not remark.is_error)


def read_status(text: str) -> str:
    """Return a status of `STATES`; emoji, case, and how in-progress is written do not matter; empty: none of them."""
    words = re.sub(r"[^a-z]+", "-", text.casefold()).strip("-")
    words = {"inprogress": "in-progress", "completed": "complete", "done": "complete"}.get(words, words)
    return words if words in STATES else ""


def read_roadmap(text: str) -> tuple[Item, ...]:
    """Return all items of a file in order."""
    lines = text.split("\n")
    heads = [(number, match) for number, line in _outside_code(lines) if (match := _HEAD.match(line))]
    items = [_read_item(lines, number, match) for number, match in heads]
    inside = {n for item, (number, _) in zip(items, heads, strict=True) for n in range(number, _end_of(lines, number))}
    return tuple(sorted([*items, *_read_rows(lines, inside)], key=lambda item: item.line))


def _outside_code(lines: Sequence[str]) -> list[tuple[int, str]]:
    found, is_code = [], False
    for number, line in enumerate(lines):
        if _FENCE.match(line):
            is_code = not is_code
        elif not is_code:
            found.append((number, line))
    return found


def _end_of(lines: Sequence[str], start: int) -> int:
    for number in range(start + 1, len(lines)):
        if re.match(r"#{1,3}\s", lines[number]):
            return number
    return len(lines)


def _read_item(lines: Sequence[str], start: int, match: re.Match[str]) -> Item:
    fields: dict[str, str] = {}
    places: dict[str, int] = {}
    boxes: list[Box] = []
    for number in range(start + 1, _end_of(lines, start)):
        found, box = read_field(lines[number]), read_box(lines[number])
        if box:
            boxes.append(Box(number + 1, *box))
        elif found and found[0].casefold() not in fields:
            fields[found[0].casefold()] = found[1]
            places[found[0].casefold()] = number + 1
    return Item(match["id"], match["title"], start + 1, fields, places, tuple(boxes))


def _read_rows(lines: Sequence[str], inside: set[int]) -> list[Item]:
    items: list[Item] = []
    at = 0
    while (block := find_table(lines, at, len(lines))) is not None:
        at = block.end
        names = [name.strip("*` ").casefold() for name in block.names]
        if block.line in inside or names[0] not in _TABLE_NAMES or "status" not in names:
            continue
        for number, cells in block.rows:
            if is_none_row(cells):
                continue
            fields = dict(zip(names, cells, strict=False))
            title = fields.get("title") or fields.get("description") or ""
            items.append(
                Item(
                    cells[0].strip("*` "),
                    title,
                    number + 1,
                    fields,
                    dict.fromkeys(fields, number + 1),
                    is_row=True,
                )
            )
    return items


def validate_roadmap(
    text: str, *, has_prompt: Callable[[str], bool], has_module: Callable[[str], bool]
) -> RoadmapReport:
    """Look at every item: fields, ids, dependencies, cycles, files.

    Args:
        has_prompt: Tells whether a prompt's file is there.
        has_module: Tells whether a module's path is there.
    """
    items = read_roadmap(text)
    first = {item.id: item for item in reversed(items)}
    remarks: list[Remark] = []
    for item in items:
        if first[item.id] is not item:
            remarks.append(Remark(item.line, item.id, f"the id is used on line {first[item.id].line} already"))
        remarks += _field_remarks(item)
        remarks += _file_remarks(item, has_prompt, has_module)
        for name in item.dependencies:
            if name not in first:
                line = item.lines.get("dependencies", item.line)
                remarks.append(Remark(line, item.id, f"depends on {name}, which is no item"))
    remarks += _cycles(first)
    return RoadmapReport(tuple(sorted(remarks, key=lambda r: (r.line, not r.is_error, r.text))), items)


def _field_remarks(item: Item) -> list[Remark]:
    found = []
    for name in _REQUIRED:
        if not item.fields.get(name, "").strip():
            is_wanted = not item.is_row or name in item.fields
            found.append(Remark(item.line, item.id, f"{name.capitalize()} is missing", is_wanted))
    given = {name: item.fields.get(name, "").strip() for name in _REQUIRED}
    if given["status"] and not item.status:
        found.append(_wrong(item, "status", ", ".join(STATES)))
    if given["priority"] and not item.priority:
        found.append(_wrong(item, "priority", ", ".join(PRIORITIES)))
    if given["estimate"] and item.estimate_h < 0:
        found.append(_wrong(item, "estimate", "6h, 2d, 1w, 4-6h"))
    if item.priority == "HIGH" and item.estimate_h > _LONG_HOURS:
        line = item.lines.get("estimate", item.line)
        found.append(Remark(line, item.id, f"is HIGH and takes {item.estimate_h:g} h; consider splitting it", False))
    if item.priority == "HIGH" and item.status == "blocked":
        found.append(Remark(item.lines.get("status", item.line), item.id, "is HIGH and blocked", False))
    return found


def _wrong(item: Item, name: str, allowed: str) -> Remark:
    text = f"{name.capitalize()} is {item.fields[name]!r}, allowed are {allowed}"
    return Remark(item.lines.get(name, item.line), item.id, text)


def _file_remarks(item: Item, has_prompt: Callable[[str], bool], has_module: Callable[[str], bool]) -> list[Remark]:
    found = []
    prompt = _path_of(item.fields.get("prompt", ""))
    if prompt and not has_prompt(prompt):
        found.append(Remark(item.lines["prompt"], item.id, f"the prompt {prompt} is not there"))
    for module in filter(None, map(_path_of, item.fields.get("module", "").split(","))):
        if "/" in module and not has_module(module):
            found.append(Remark(item.lines["module"], item.id, f"the module {module} is not there", False))
    return found


def _path_of(text: str) -> str:
    link = re.search(r"\]\(([^)]+)\)", text)
    path = (link[1] if link else text).strip("` ")
    return "" if path.casefold() in _NOTHING or path.casefold() in ("tba", "tbd") else path


def _cycles(items: dict[str, Item]) -> list[Remark]:
    state: dict[str, int] = {}
    found: list[Remark] = []

    def visit(name: str, way: tuple[str, ...]) -> None:
        state[name] = 1
        for other in items[name].dependencies:
            if other not in items:
                continue
            if state.get(other) == 1:
                ring = (*way[way.index(other) :], other)
                item = items[name]
                line = item.lines.get("dependencies", item.line)
                found.append(Remark(line, name, f"depends on itself: {' → '.join(ring)}"))
            elif other not in state:
                visit(other, (*way, other))
        state[name] = 2

    for name in items:
        if name not in state:
            visit(name, (name,))
    return found
