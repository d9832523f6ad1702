"""What people decide while a run is at work in another process: left in its folder, taken in between two acts."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from lockgate.model import codec
from lockgate.model.procedure import EntryType, TaskState
from lockgate.model.procedure_state import RunState
from lockgate.runbook.record import Record, read_entries

FILE_NAME = "decisions.jsonl"


def leave_decision(run_folder: Path, body: dict[str, Any]) -> None:
    """Leave a decision for the run at work; it is on the disk when this returns. ``id`` must be new."""
    with open(run_folder / FILE_NAME, "ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.write(codec.encode(body) + b"\n")
        file.flush()
        os.fsync(file.fileno())


def take_decisions(record: Record, fold: Callable[[], RunState]) -> None:
    """Write what was left and not taken yet into the journal; what cannot be done any more is written as refused."""
    path = record.folder / FILE_NAME
    if not path.exists():
        return
    known = {entry.body.get("id") for entry in record.entries if entry.type in _ANSWERS}
    for line in path.read_bytes().split(b"\n"):
        try:
            body = codec.read_any(line) if line.strip() else None
        except msgspec.MsgspecError:
            continue
        if isinstance(body, dict) and body.get("id") not in known:
            known.add(body.get("id"))
            write_decision(record, fold(), body)
            fold()


def write_decision(record: Record, state: RunState, body: dict[str, Any]) -> str:
    """Write one decision, and the deviation it is; return why it was refused (empty: it was taken)."""
    refused = why_refused(state, body)
    words = f"{body['what']} {body['subject']} by {body.get('by', '?')}: {body.get('reason', '')}"
    if refused:
        text = f"refused: {words} ({refused})"
        record.append(EntryType.DEVIATION, {"what": "note", "text": text, "id": body.get("id"), "refused": refused})
        return refused
    task = str(body["subject"]) if str(body["subject"]) in state.tasks else ""
    record.append(EntryType.DECIDED, body, task=task)
    if body["what"] in ("skip", "defer", "waive", "retry", "done", "resolve", "decide"):
        record.append(EntryType.DEVIATION, {"what": _DEVIATIONS.get(body["what"], "note"), "text": words}, task=task)
    return ""


def answer_to(run_folder: Path, name: str) -> str | None:
    """Return what became of a decision that was left: None while nobody took it, else why it was refused, or empty."""
    for entry in reversed(read_entries(run_folder)):
        if entry.type in _ANSWERS and entry.body.get("id") == name:
            return str(entry.body.get("refused", ""))
    return None


_ANSWERS = (EntryType.DECIDED, EntryType.DEVIATION)
_DEVIATIONS = {"skip": "skip", "defer": "defer", "waive": "waive", "retry": "retry"}


def why_refused(state: RunState, body: dict[str, Any]) -> str:
    """Return why a decision cannot be taken as things stand; empty when it can."""
    what, subject = str(body.get("what", "")), str(body.get("subject", ""))
    if not str(body.get("by", "")).strip():
        return "nobody stands for it"
    if what in _REASONED and not str(body.get("reason", "")).strip():
        return "it needs a reason"
    if state.status.is_over:
        return f"the run is over: {state.status.value}"
    if what == "attest":
        return _attest_refused(state, subject, str(body.get("role", "")))
    if what == "decide":
        return _decide_refused(state, subject, body)
    if what == "approve":
        asked = state.waiting.body if state.waiting is not None else {}
        return "" if asked.get("reason") == subject == "data" else f"nobody is asked about {subject}"
    standing = state.tasks.get(subject)
    if what == "resolve" and subject == "rollback":
        return "" if state.rollback is not None or _is_unknown_back(state) else "no way back is in doubt"
    if what in ("skip", "defer", "retry", "done", "resolve") and standing is None:
        if what == "retry" and state.gates.get(subject, "open") != "open":
            return ""
        return f"{subject} is no task of this runbook"
    if standing is None:
        return ""
    if what in ("skip", "defer"):
        if standing.effect is TaskState.DONE and standing.state is not TaskState.FAILED:
            return f"task {subject} is done"
        if standing.effect in (TaskState.RUNNING, TaskState.UNKNOWN):
            return f"task {subject} was begun and its end is not known: look, then resolve it"
    if what == "retry" and standing.effect in (TaskState.RUNNING, TaskState.UNKNOWN):
        return f"task {subject} was begun and its end is not known: look, then resolve it"
    if what == "retry" and standing.effect in (TaskState.SKIPPED, TaskState.DEFERRED, TaskState.PENDING):
        return "" if standing.effect is not TaskState.PENDING else f"task {subject} was not begun yet"
    if what == "retry" and standing.state is TaskState.DONE:
        return f"task {subject} is done"
    if what == "resolve" and standing.effect not in (TaskState.RUNNING, TaskState.UNKNOWN):
        return f"task {subject} is {standing.state.value}, not in doubt"
    if what == "resolve" and body.get("outcome") not in ("done", "not_done"):
        return "it must say done or not_done"
    if what == "done" and standing.state is TaskState.DONE:
        return f"task {subject} is done"
    return ""


_REASONED = ("decide", "skip", "defer", "waive", "retry", "done", "resolve")


def _is_unknown_back(state: RunState) -> bool:
    return state.rolled_back is not None and not state.rolled_back.body.get("is_last", True)


def _attest_refused(state: RunState, subject: str, role: str) -> str:
    asked = attestable(state)
    if subject not in asked:
        return f"{subject} asks nobody for a word; what does: {', '.join(asked) or 'nothing'}"
    roles = asked[subject]
    return "" if not roles or role in roles else f"{subject} asks for {' or '.join(roles)}, not {role or 'no role'}"


def _decide_refused(state: RunState, subject: str, body: dict[str, Any]) -> str:
    """Return why reviewers cannot decide so about a gate that is escalated to them."""
    gate = next((gate for gate in state.runbook.gates if gate.id == subject), None)
    if gate is None or state.gates.get(subject) != "escalate":
        return f"{subject} is no gate that waits for reviewers"
    if gate.reviewers and body.get("role") not in gate.reviewers:
        return f"{subject} is decided by {' or '.join(gate.reviewers)}, not {body.get('role') or 'no role'}"
    if body.get("outcome") not in ("open", "stop"):
        return "it must say open or stop"
    if body.get("outcome") == "open" and not (body.get("until") and body.get("checks")):
        return "to open a gate is to answer for each of its closed checks, until a time"
    return ""


def attestable(state: RunState) -> dict[str, tuple[str, ...]]:
    """Return what asks for a person's word, with the roles it asks for: ids of manual tasks and manual checks."""
    found: dict[str, tuple[str, ...]] = {}
    runbook = state.runbook
    places: list[tuple[str, Any]] = [("requires", runbook.requires)]
    for phase in runbook.phases:
        places.append((f"{phase.id}/before", phase.before))
        for task in phase.tasks:
            if task.do is None or _tag(task.do) == "manual":
                found[task.id] = tuple(getattr(task.do, "roles", ()))
            places += [(f"{task.id}/before", task.before), (f"{task.id}/verify", task.verify)]
        if phase.gate is not None:
            places.append((phase.gate.id, phase.gate.checks))
    for place, checks in places:
        for number, check in enumerate(checks, 1):
            if _tag(check) == "manual":
                found[f"{place}/{number}"] = tuple(check.roles)
    return found


def _tag(value: Any) -> str:
    return str(type(value).__struct_config__.tag)
