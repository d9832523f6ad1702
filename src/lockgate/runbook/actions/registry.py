"""Which function does which kind of task, and which looks whether an interrupted one was done.

``PERFORM``: ``(tools, action, context) -> Done``. ``PROBE``: ``(tools, action, context) -> TaskState``.
"""

from __future__ import annotations

from lockgate.errors import LockgateError
from lockgate.model.procedure import TaskState
from lockgate.runbook.actions.common import done_of_error
from lockgate.runbook.base import Done, Perform, Probe, TaskContext
from lockgate.runbook.lazily import load
from lockgate.runbook.target import TargetTools

_HERE = "lockgate.runbook.actions"
_KINDS = (
    "plan",
    "apply",
    "rehearse",
    "backup",
    "restore",
    "checkpoint",
    "rollback",
    "finalize",
    "index",
    "migrate",
    "drift",
    "validate",
    "http",
    "sql",
    "git",
    "schedule",
    "baseline",
    "document",
)
_PROBED = (
    "apply",
    "restore",
    "checkpoint",
    "rollback",
    "finalize",
    "index",
    "migrate",
    "git",
    "schedule",
    "document",
)
PERFORM: dict[str, str] = {kind: f"{_HERE}.{kind}:perform" for kind in _KINDS}
PROBE: dict[str, str] = {kind: f"{_HERE}.{kind}:probe" for kind in _PROBED}


def build_perform(tools: TargetTools) -> dict[str, Perform]:
    """Return what does each kind of task; an error ends the task and never the engine."""
    return {kind: _performer(place, tools) for kind, place in PERFORM.items()}


def build_probe(tools: TargetTools) -> dict[str, Probe]:
    """Return what looks whether an interrupted task was done; what cannot be looked up is unknown."""
    return {kind: _prober(place, tools) for kind, place in PROBE.items()}


def _performer(place: str, tools: TargetTools) -> Perform:
    def perform(action: object, context: TaskContext) -> Done:
        try:
            done: Done = load(place)(tools, action, context)
        except LockgateError as error:
            return done_of_error(error, context)
        return done

    return perform


def _prober(place: str, tools: TargetTools) -> Probe:
    def probe(action: object, context: TaskContext) -> TaskState:
        try:
            state: TaskState = load(place)(tools, action, context)
        except LockgateError as error:
            context.tell(f"it cannot be told whether task {context.task.id} was done: {error}")
            return TaskState.UNKNOWN
        return state

    return probe
