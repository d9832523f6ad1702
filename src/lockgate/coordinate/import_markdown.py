"""Read sessions from Markdown that people keep: nothing is refused that can be understood; the rest is told; pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from lockgate.coordinate.claims import parse_claims
from lockgate.coordinate.export import TABLES
from lockgate.coordinate.markdown import find_sections, find_table, is_none_row, read_box, read_field
from lockgate.errors import InputError
from lockgate.model.procedure import Actor
from lockgate.model.session import Claim, SessionState, Step, WorkSession

_TITLE = re.compile(r"#\s*Session:\s*(?P<task>\S+)(?:\s+[-–—:]+\s+(?P<title>.*))?\s*$")
_EMPTY = ("—", "-", "tba", "n/a", "none", "_(none)_")
_KINDS = {"agent": "agent", "external": "agent", "claude": "agent", "cursor": "agent", "ci": "ci", "pipeline": "ci"}
_WORDS = {"working": "currently working", "paused": "paused", "completed": "completed", "blocked": "blocked"}


@dataclass(frozen=True)
class ActiveRow:
    """A row of ACTIVE_SESSIONS.md: the table it is in, its line (from 1), the session's id, its cells by name."""

    table: str
    line: int
    id: str
    cells: dict[str, str]


@dataclass(frozen=True)
class ActivePage:
    """What ACTIVE_SESSIONS.md says; ``extras`` are the lines after tables that belong to none."""

    rows: tuple[ActiveRow, ...]
    missing: tuple[str, ...]
    extras: tuple[str, ...]


def read_active(text: str) -> ActivePage:
    """Read the four tables; rows and bullets after them are tolerated and told."""
    lines = text.split("\n")
    sections = find_sections(lines, "##")
    rows: list[ActiveRow] = []
    missing: list[str] = []
    extras: list[str] = []
    for key, word in _WORDS.items():
        place = next((item for item in sections if word in item[0].casefold()), None)
        block = find_table(lines, place[1], place[2]) if place else None
        if place is None or block is None:
            missing.append(TABLES[key][0])
            continue
        for line, cells in block.rows:
            if not is_none_row(cells):
                named = dict(zip(block.names, cells, strict=False))
                rows.append(ActiveRow(key, line + 1, cells[0].strip("`* "), named))
        extras += [f"line {n + 1}: {lines[n].strip()}" for n in range(block.end, place[2]) if _is_extra(lines[n])]
    return ActivePage(tuple(rows), tuple(missing), tuple(extras))


def _is_extra(line: str) -> bool:
    return bool(line.strip()) and line.lstrip()[:1] in "|-*" and not set(line.strip()) <= set("-")


def read_session(text: str, name: str, *, ttl_s: int, now: datetime) -> tuple[WorkSession, tuple[str, ...]]:
    """Read a session's file; return it and what could not be understood.

    Raises:
        InputError: It has no heading ``# Session: TASK - title``.
    """
    lines = text.split("\n")
    title = next((match for line in lines if (match := _TITLE.match(line))), None)
    if title is None:
        raise InputError(
            "the file is no session",
            where=name,
            cause="there is no heading such as # Session: TASK - title",
            state="nothing was registered",
        )
    sections = find_sections(lines, "##")
    first = sections[0][1] - 1 if sections else len(lines)
    fields = dict(_fold(found) for line in lines[:first] if (found := read_field(line)))
    notes: list[str] = []
    started = _moment(fields.get("started", ""), now, notes)
    bodies = {heading.casefold(): lines[start:end] for heading, start, end in sections}
    steps = (read_box(line) for line in _body(bodies, "progress"))
    return WorkSession(
        id=name,
        task=title["task"],
        title=(title["title"] or "").strip(),
        actor=_actor(fields),
        started_at=started,
        beat_at=now.astimezone(UTC).isoformat(timespec="seconds"),
        ttl_s=ttl_s,
        state=_state(fields.get("status", ""), notes),
        claims=_claims(_body(bodies, "files being modified"), notes),
        progress=tuple(Step(title=step[0], is_done=step[1]) for step in steps if step),
        notes="\n".join(_body(bodies, "notes")).strip(),
        branch=fields.get("branch", ""),
        module=fields.get("module", ""),
        platform=fields.get("platform", ""),
        sprint=fields.get("sprint", ""),
        owner=fields.get("owner", ""),
        eta=fields.get("eta", ""),
        contact=fields.get("contact", ""),
    ), tuple(notes)


def _fold(found: tuple[str, str]) -> tuple[str, str]:
    key, value = found
    value = value.strip("` ")
    return key.casefold(), "" if value.casefold() in _EMPTY else value


def _body(bodies: dict[str, list[str]], name: str) -> list[str]:
    return next((body for heading, body in bodies.items() if name in heading), [])


def _actor(fields: dict[str, str]) -> Actor:
    told = fields.get("agent type", "")
    kind = next((kind for word, kind in _KINDS.items() if word in told.casefold()), "human")
    program = re.search(r"\((.*?)\)", told)
    return Actor(name=fields.get("owner") or "unknown", kind=kind, program=program[1] if program else "")


def _state(text: str, notes: list[str]) -> SessionState:
    words = text.casefold()
    for state in (SessionState.COMPLETED, SessionState.ABANDONED, SessionState.PAUSED, SessionState.BLOCKED):
        if state.value in words:
            return state
    if not any(word in words for word in ("active", "progress", "working", "expired")):
        notes.append(f"status {text!r} is taken for active")
    return SessionState.ACTIVE


def _claims(lines: list[str], notes: list[str]) -> tuple[Claim, ...]:
    texts = []
    for line in lines:
        match = re.match(r"\s*[-*]\s+(?:\[[ xX]\]\s+)?(.*\S)", line)
        if match is None:
            continue
        code = re.search(r"`([^`]+)`", match[1])
        path = (code[1] if code else match[1].split(" - ")[0].split(" (")[0]).strip()
        has_kind = re.match(r"(shared:)?(table|column|files|target):", path)
        texts.append(path if has_kind else f"files:{path}")
    found: list[Claim] = []
    for text in texts:
        try:
            found += parse_claims([text])
        except InputError as error:
            notes.append(str(error))
    return tuple(dict.fromkeys(found))


def _moment(text: str, now: datetime, notes: list[str]) -> str:
    cleaned = re.sub(r"\s*(UTC|GMT|Z)\s*$", "", text.strip())
    try:
        moment = datetime.fromisoformat(cleaned)
    except ValueError:
        notes.append(f"the beginning {text!r} cannot be read; taken for now")
        moment = now
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return moment.astimezone(UTC).isoformat(timespec="seconds")
