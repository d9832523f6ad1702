"""How the tasks of a run ended, folded from its journal; pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from lockgate.model.procedure import Entry, EntryType, TaskState

_DECIDED = {"skip": TaskState.SKIPPED, "defer": TaskState.DEFERRED, "done": TaskState.DONE}


@dataclass(frozen=True)
class TaskOutcome:
    """One task as the journal leaves it."""

    id: str
    title: str
    state: TaskState
    phase: str = ""


def outcomes_of(entries: Iterable[Entry]) -> tuple[TaskOutcome, ...]:
    """Return every task the journal names, in the order it names them, with its last state.

    One that was begun and never ended is unknown; one that was decided on (skip, defer) is what was decided.
    """
    titles: dict[str, str] = {}
    phases: dict[str, str] = {}
    states: dict[str, TaskState] = {}
    for entry in entries:
        body = entry.body
        if entry.type is EntryType.TASK_STARTED:
            titles[entry.task] = str(body.get("title", "")) or titles.get(entry.task, "")
            phases[entry.task] = entry.phase
            states[entry.task] = TaskState.UNKNOWN
        elif entry.type is EntryType.TASK_ENDED:
            phases.setdefault(entry.task, entry.phase)
            states[entry.task] = TaskState(body.get("state", "unknown"))
        elif entry.type is EntryType.DECIDED and body.get("what") in _DECIDED:
            task = entry.task or str(body.get("subject", ""))
            if task:
                states[task] = _DECIDED[str(body["what"])]
    return tuple(TaskOutcome(task, titles.get(task, ""), state, phases.get(task, "")) for task, state in states.items())


def phases_done(entries: Iterable[Entry]) -> tuple[str, ...]:
    """Return the ids of phases that ended well, in order."""
    return tuple(
        entry.phase
        for entry in entries
        if entry.type is EntryType.PHASE_ENDED
        and str(entry.body.get("outcome")) in ("ok", "waived", "done", "complete")
    )
