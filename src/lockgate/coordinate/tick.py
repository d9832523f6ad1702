"""Tick what is done in a roadmap, and nothing else; pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from lockgate.coordinate.roadmap import Item, read_roadmap


@dataclass(frozen=True)
class Ticked:
    """A roadmap with items ticked: the text, which changed, and which could not be found."""

    text: str
    changed: tuple[str, ...]
    missing: tuple[str, ...]


def tick_items(text: str, done: Sequence[str]) -> Ticked:
    """Set items to complete and tick their boxes; every other byte stays as it is. Twice is once.

    Args:
        done: ``ID``, or ``ID#deliverable`` for one box of an item.
    """
    items = {item.id: item for item in reversed(read_roadmap(text))}
    lines = text.split("\n")
    changed: list[str] = []
    missing: list[str] = []
    for name in done:
        key, _, part = name.partition("#")
        item = items.get(key)
        boxes = [] if item is None else [box for box in item.boxes if not part or part in box.text]
        if item is None or (part and not boxes):
            missing.append(name)
            continue
        before = list(lines)
        for box in boxes:
            lines[box.line - 1] = re.sub(r"\[ \]", "[x]", lines[box.line - 1], count=1)
        if not part:
            _set_complete(lines, item)
        if lines != before:
            changed.append(name)
    return Ticked("\n".join(lines), tuple(changed), tuple(missing))


def _set_complete(lines: list[str], item: Item) -> None:
    if item.status == "complete" or not item.fields.get("status"):
        return
    at, value = item.lines["status"] - 1, item.fields["status"]
    if not value[0].isalnum():
        new = "✅ Complete"
    else:
        new = "COMPLETE" if value.isupper() else "complete" if value.islower() else "Complete"
    start, end = _cell_of(lines[at], list(item.fields).index("status")) if item.is_row else (0, len(lines[at]))
    place = lines[at].rfind(value, start, end)
    if place >= 0:
        lines[at] = lines[at][:place] + new + lines[at][place + len(value) :]


def _cell_of(line: str, index: int) -> tuple[int, int]:
    """Return where a cell of a table's line begins and ends."""
    bars = [match.start() for match in re.finditer(r"(?<!\\)\|", line)]
    starts = bars if line.lstrip().startswith("|") else [-1, *bars]
    ends = [*starts[1:], len(line)]
    return (starts[index] + 1, ends[index]) if index < len(starts) else (0, 0)
