"""Tables of Markdown: cells with escaped pipes, and what a column is for by its name; pure."""

from __future__ import annotations

import re

from lockgate.runbook.markdown.plan import Row, Table
from lockgate.runbook.markdown.words import plain

_DIVIDER = re.compile(r"^\s*\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?\s*$")
_CODE = re.compile(r"(?<!`)(`{1,8})(?!`)(?:.+?)(?<!`)\1(?!`)")


def is_divider(line: str) -> bool:
    """Whether a line is the one between a table's header and its rows."""
    return "-" in line and "|" in line and _DIVIDER.match(line) is not None


def split_row(line: str, count: int = 0) -> tuple[str, ...]:
    """Split a row into its cells; ``\\|`` is a pipe within one.

    ``count`` is how many cells there should be: with more, a bare pipe inside code is taken for a part of the code.
    """
    cells = _split(line, is_code_whole=False)
    if count and len(cells) > count:
        whole = _split(line, is_code_whole=True)
        cells = whole if len(whole) >= count else cells
    return tuple(cells)


def _split(line: str, *, is_code_whole: bool) -> list[str]:
    text = line.strip()
    spans = [match.span() for match in _CODE.finditer(text)] if is_code_whole else []
    cells, cell, index = [], "", 0
    while index < len(text):
        if text.startswith("\\|", index):
            cell, index = cell + "|", index + 2
        elif text[index] == "|" and not any(start <= index < end for start, end in spans):
            cells.append(cell)
            cell, index = "", index + 1
        else:
            cell, index = cell + text[index], index + 1
    cells.append(cell)
    if text.startswith("|"):
        cells = cells[1:]
    if cells and not cells[-1].strip() and text.endswith("|"):
        cells = cells[:-1]
    return [part.strip() for part in cells]


def join_row(cells: tuple[str, ...] | list[str]) -> str:
    """Write a row; the reverse of `split_row`."""
    return "| " + " | ".join(re.sub(r"\r?\n", "<br>", cell).replace("|", "\\|") for cell in cells) + " |"


_ROLES: dict[str, tuple[str, ...]] = {
    "id": ("step", "step id", "id", "#", "no", "nr", "number", "step no", "step number", "task id", "nº", "n°", "seq"),
    "title": (
        "task", "title", "action", "description", "what", "activity", "name", "step description", "task description",
        "step name", "operation", "to do", "todo", "details",
    ),
    "command": (
        "command", "commands", "cmd", "command script", "script", "run", "execute", "how", "how to", "shell", "code",
    ),
    "verification": (
        "verification", "verify", "check", "checks", "expected", "expected result", "expected outcome", "validation",
        "success criteria", "evidence", "verified by", "confirm", "acceptance", "proof", "expected output", "result",
    ),
    "rollback": ("rollback", "roll back", "revert", "undo", "way back", "on failure", "back out", "backout"),
    "risk": ("risk", "risk level"),
    "estimate": ("estimate", "duration", "time", "est", "eta", "estimated time", "minutes"),
    "owner": ("owner", "who", "responsible", "assignee", "by", "assigned to"),
    "needs": ("needs", "depends on", "dependencies", "after", "requires"),
}  # fmt: skip


def role_of(name: str) -> str:
    """Return what a column of a step table is for; its own name in lower case when nothing is known of it."""
    key = " ".join(re.sub(r"[^\w#°º]+", " ", plain(name).lower()).split())
    for role, names in _ROLES.items():
        if key in names:
            return role
    for role in ("rollback", "verification", "command"):
        if any(re.search(rf"\b{re.escape(name)}\b", key) for name in _ROLES[role] if len(name) > 3):
            return role
    return key


def roles_of(table: Table) -> tuple[str, ...]:
    """Return the role of each column; a role is given once, to the first that has it.

    A table with a column for titles alone has its numbers there; one with numbers alone has the words there.
    """
    roles: list[str] = []
    for name in table.header:
        role = role_of(name)
        roles.append(role if role not in roles else f"{role} {len(roles) + 1}")
    if "id" in roles and "title" not in roles and _has_words(table, roles.index("id")):
        roles[roles.index("id")] = "title"
    return tuple(roles)


def cell_of(row: Row, roles: tuple[str, ...], role: str) -> str:
    """Return the cell of a role; empty when the table has no such column or the row is short."""
    index = roles.index(role) if role in roles else -1
    return row.cells[index] if 0 <= index < len(row.cells) else ""


def column_of(table: Table, pattern: str) -> int:
    """Return the first column whose name matches, or -1."""
    names = (plain(name).lower() for name in table.header)
    return next((index for index, name in enumerate(names) if re.search(pattern, name)), -1)


def _has_words(table: Table, index: int) -> bool:
    cells = [row.cells[index] for row in table.rows if index < len(row.cells)]
    return bool(cells) and sum(bool(re.search(r"[A-Za-z]{3,}", plain(cell))) for cell in cells) * 2 > len(cells)
