"""Check ``tasks``: tasks of this run are done; skipped is not done, and not begun is not known to hold."""

from __future__ import annotations

from collections.abc import Sequence

from lockgate.gate.asking import count, cut, fail, ok, unknown
from lockgate.gate.base import Answer, CheckContext
from lockgate.model.checks import HistoryCheck
from lockgate.model.procedure import Entry, EntryType, TaskState
from lockgate.model.runbook import Runbook

_SET_ASIDE = {"skip": TaskState.SKIPPED, "defer": TaskState.DEFERRED}


def evaluate_tasks(check: HistoryCheck, context: CheckContext) -> Answer:
    """Fold the journal into the states of the tasks that are named, else of all before this place."""
    runbook = context.facts.get("runbook")
    wanted = check.done or (_before(runbook, context) if isinstance(runbook, Runbook) else ())
    if not wanted and not isinstance(runbook, Runbook):
        return unknown("all tasks before are done", "which tasks come before is not known")
    expected = f"done: {', '.join(wanted)}" if check.done else f"all {count(len(wanted), 'task')} before are done"
    if not wanted:
        return ok(expected, "no task comes before")
    states = states_of(context.entries)
    open_ones = {name: states.get(name, TaskState.PENDING) for name in wanted}
    open_ones = {name: state for name, state in open_ones.items() if state is not TaskState.DONE}
    if not open_ones:
        return ok(expected, f"{count(len(wanted), 'task')} done")
    found = "; ".join(f"{name} {_word(state)}" for name, state in list(open_ones.items())[:5])
    items = cut(f"{name}: {_word(state)}" for name, state in open_ones.items())
    is_known = any(
        state not in (TaskState.PENDING, TaskState.RUNNING, TaskState.UNKNOWN) for state in open_ones.values()
    )
    return (fail if is_known else unknown)(expected, found, items=items)


def states_of(entries: Sequence[Entry]) -> dict[str, TaskState]:
    """Return the last state of every task that the journal names."""
    states: dict[str, TaskState] = {}
    for entry in entries:
        if entry.type is EntryType.TASK_STARTED:
            states[entry.task] = TaskState.RUNNING
        elif entry.type is EntryType.TASK_ENDED:
            states[entry.task] = TaskState(entry.body.get("state", "unknown"))
        elif entry.type is EntryType.DECIDED and entry.body.get("what") in _SET_ASIDE:
            states[str(entry.body.get("subject"))] = _SET_ASIDE[entry.body["what"]]
    return states


def _before(runbook: Runbook, context: CheckContext) -> tuple[str, ...]:
    """Return the tasks before a task, or up to the end of a phase."""
    names: list[str] = []
    for phase in runbook.phases:
        for task in phase.tasks:
            if context.task and task.id == context.task:
                return tuple(names)
            names.append(task.id)
        if not context.task and phase.id == context.phase:
            return tuple(names)
    return tuple(names)


def _word(state: TaskState) -> str:
    return "was not run" if state is TaskState.PENDING else state.value
