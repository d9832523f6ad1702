"""Whether a task that may have run may be run again: what its author says, else what its kind allows."""

from __future__ import annotations

from lockgate.model.actions import Http, Manual
from lockgate.model.runbook import Rerun, Task

_SAFE = frozenset(
    ("backup", "baseline", "document", "drift", "manual", "monitors", "plan", "rehearse", "sql", "validate", "wait")
)
_PROBE = frozenset(
    (
        "apply",
        "checkpoint",
        "finalize",
        "git",
        "index",
        "migrate",
        "notify",
        "restore",
        "rollback",
        "schedule",
        "session",
    )
)
READ_ONLY = frozenset(("baseline", "drift", "manual", "monitors", "rehearse", "sql", "validate", "wait"))
ON_TARGET = frozenset(("apply", "finalize", "index", "migrate", "restore", "rollback"))


def kind_of(task: Task) -> str:
    """Return the kind of a task's action; one that says nothing to run is a person's."""
    return "manual" if task.do is None else str(type(task.do).__struct_config__.tag)


def rerun_of(task: Task) -> Rerun:
    """Return whether the task may be run again after it may have run."""
    if task.rerun is not None:
        return task.rerun
    kind = kind_of(task)
    if kind in _SAFE or isinstance(task.do, Manual | None):
        return Rerun.SAFE
    if isinstance(task.do, Http):
        return Rerun.SAFE if task.do.method.upper() in ("GET", "HEAD", "OPTIONS") else Rerun.NEVER
    return Rerun.PROBE if kind in _PROBE else Rerun.NEVER


def is_writing(task: Task) -> bool:
    """Whether a task may change something that would have to be taken back."""
    if isinstance(task.do, Http):
        return rerun_of(task) is not Rerun.SAFE
    return kind_of(task) not in READ_ONLY
