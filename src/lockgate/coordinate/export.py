"""Sessions as Markdown, in the layout teams already have; what is not ours in a file stays as it is; pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TypeAlias

from lockgate.coordinate.claims import state_of
from lockgate.coordinate.markdown import NONE_CELL, find_sections, find_table, is_none_row, join_cells, read_field
from lockgate.model.session import SessionState, WorkSession

ACTIVE_FILE = "ACTIVE_SESSIONS.md"
_EMPTY = "—"
_Cell: TypeAlias = Callable[[WorkSession], str]

_COMMON: dict[str, _Cell] = {
    "Session ID": lambda s: s.id,
    "Task": lambda s: " - ".join(part for part in (s.task, s.title) if part),
    "Branch": lambda s: s.branch,
}
TABLES: dict[str, tuple[str, dict[str, _Cell]]] = {
    "working": (
        "🟢 Currently Working",
        {
            **_COMMON,
            "Module": lambda s: s.module,
            "Status": lambda s: s.state.value.capitalize(),
            "Started": lambda s: _minute(s.started_at),
            "ETA": lambda s: s.eta or "TBA",
        },
    ),
    "paused": (
        "⏸️ Paused / Waiting",
        {
            **_COMMON,
            "Reason": lambda s: s.reason,
            "Paused At": lambda s: _minute(s.since),
            "Resume When": lambda s: s.next,
        },
    ),
    "completed": (
        "✅ Completed Today",
        {**_COMMON, "Merged At": lambda s: _minute(s.ended_at), "Commit": lambda s: s.commit[:12]},
    ),
    "blocked": (
        "🔴 Blocked",
        {
            **_COMMON,
            "Blocked By": lambda s: s.reason,
            "Since": lambda s: _minute(s.since),
            "Action Needed": lambda s: s.next,
        },
    ),
}
_WORDS = {"working": "currently working", "paused": "paused", "completed": "completed", "blocked": "blocked"}
OWN_SECTIONS = ("Files Being Modified", "Progress")
FOLDERS = {SessionState.COMPLETED: "completed", SessionState.ABANDONED: "abandoned"}


def table_of(session: WorkSession, now: datetime) -> str:
    """Return the table a session belongs to; empty: none (over, and not today)."""
    state = state_of(session, now)
    if state is SessionState.COMPLETED:
        return "completed" if session.ended_at[:10] == now.strftime("%Y-%m-%d") else ""
    if state is SessionState.ABANDONED:
        return ""
    return {SessionState.PAUSED: "paused", SessionState.BLOCKED: "blocked"}.get(session.state, "working")


def render_active(book: Sequence[WorkSession], now: datetime, text: str = "") -> str:
    """Return ACTIVE_SESSIONS.md: the rows of sessions we know in the tables, sorted; everything else as it stood.

    Args:
        text: The file as it is; empty: a new one is made. A table it lacks is put at the end.
    """
    lines = (text or "# Active Sessions\n").rstrip("\n").split("\n")
    known = {session.id for session in book}
    for key, (title, columns) in TABLES.items():
        sessions = sorted((s for s in book if table_of(s, now) == key), key=lambda s: (s.started_at, s.id))
        place = next((item for item in find_sections(lines, "##") if _WORDS[key] in item[0].casefold()), None)
        block = find_table(lines, place[1], place[2]) if place else None
        names = block.names if block else tuple(columns)
        foreign = (
            [cells for _, cells in block.rows if not is_none_row(cells) and cells[0] not in known] if block else []
        )
        rows = [_row(names, columns, session) for session in sessions] + [join_cells(cells) for cells in foreign]
        rows = rows or [join_cells([NONE_CELL, *([_EMPTY] * (len(names) - 1))])]
        if block:
            lines[block.line + 2 : block.end] = rows
        else:
            table = [join_cells(names), join_cells(["---"] * len(names)), *rows]
            if place:
                lines[place[1] : place[1]] = ["", *table]
            else:
                lines += ["", f"## {title}", "", *table]
    return "\n".join(lines) + "\n"


def _row(names: Sequence[str], columns: Mapping[str, _Cell], session: WorkSession) -> str:
    by_name = {name.casefold(): cell for name, cell in columns.items()}
    found = [by_name.get(name.casefold()) for name in names]
    return join_cells([(cell(session) if cell else "") or _EMPTY for cell in found])


def render_session(session: WorkSession, now: datetime, text: str = "") -> str:
    """Return a session's own file; sections that are not ours stay, and so does what is written under Notes."""
    title = f"# Session: {' - '.join(part for part in (session.task, session.title) if part)}"
    if not text:
        return "\n".join(
            [title, "", *_head(session, now), "", *_sections(session), "## Notes", "", _notes(session), ""]
        )
    lines = text.rstrip("\n").split("\n")
    sections = find_sections(lines, "##")
    first = sections[0][1] - 1 if sections else len(lines)
    kept = [line for line in lines[:first] if not line.startswith("# ") and not _is_own_field(line)]
    out = [title, "", *_head(session, now), *_trimmed(kept), "", *_sections(session)]
    for name, start, end in sections:
        if not name.startswith(OWN_SECTIONS):
            out += [f"## {name}", *_trimmed(lines[start:end]), ""]
    if not any(name == "Notes" for name, _, _ in sections):
        out += ["## Notes", "", _notes(session), ""]
    return "\n".join(out).rstrip("\n") + "\n"


def _head(session: WorkSession, now: datetime) -> list[str]:
    return [f"**{key}:** {value}" for key, value in head_fields(session, now).items()]


def head_fields(session: WorkSession, now: datetime) -> dict[str, str]:
    """Return the bold keys of a session's file."""
    fields = {
        "Status": state_of(session, now).value.upper(),
        "Started": session.started_at,
        "Agent Type": f"{session.actor.kind}{f' ({session.actor.program})' if session.actor.program else ''}",
        "Platform": session.platform or session.actor.host or _EMPTY,
        "Sprint": session.sprint or _EMPTY,
        "Branch": session.branch or _EMPTY,
        "Module": session.module,
        "Owner": session.owner or "TBA",
        "ETA": session.eta or "TBA",
        "Contact": session.contact or "TBA",
        "Run": session.run,
        "Ended": session.ended_at,
        "Reason": session.reason,
        "Taken Over": "; ".join(f"{t.taken_by} from {t.taken_from} at {t.at}: {t.reason}" for t in session.takeovers),
    }
    return {key: " ".join(value.split()) for key, value in fields.items() if value}


_OWN_FIELDS = (
    "status", "started", "agent type", "platform", "sprint", "branch", "module", "owner", "eta", "contact", "run",
    "ended", "reason", "taken over",
)  # fmt: skip


def _is_own_field(line: str) -> bool:
    found = read_field(line)
    return found is not None and found[0].casefold() in _OWN_FIELDS


def _sections(session: WorkSession) -> list[str]:
    claims = [f"- `{c.object if c.kind == 'files' and not c.is_shared else c}`" for c in session.claims]
    boxes = [f"- [{'x' if step.is_done else ' '}] {step.title}" for step in session.progress]
    return [
        "## Files Being Modified", "", *(claims or [NONE_CELL]), "",
        "## Progress", "", *(boxes or [NONE_CELL]), "",
    ]  # fmt: skip


def _notes(session: WorkSession) -> str:
    return session.notes or NONE_CELL


def _trimmed(lines: Sequence[str]) -> list[str]:
    text = "\n".join(lines).strip("\n")
    return ["", *text.split("\n")] if text else []


def _minute(stamp: str) -> str:
    return re.sub(r"T(\d\d:\d\d).*", r" \1", stamp)


def file_of(session: WorkSession) -> str:
    """Return where a session's file belongs, relative to the folder of the export."""
    return f"sessions/{FOLDERS.get(session.state, 'active')}/{session.id}.md"


def steps_of(phases: Sequence[str], done: Sequence[str]) -> tuple[tuple[str, bool], ...]:
    """Return the boxes of a run's progress: each phase, and whether it has ended well."""
    return tuple((phase, phase in done) for phase in phases)
