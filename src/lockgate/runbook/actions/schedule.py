"""The task ``schedule``: install or remove the schedule of backups; only an entry of our own is ever touched."""

from __future__ import annotations

from lockgate.errors import ConfigError
from lockgate.model.actions import Schedule
from lockgate.model.procedure import TaskState
from lockgate.runbook.actions.common import done, would
from lockgate.runbook.base import Done, Effect, TaskContext
from lockgate.runbook.target import TargetTools


def perform(tools: TargetTools, action: Schedule, context: TaskContext) -> Done:
    """Install or remove; installing twice leaves one entry.

    Raises:
        ConfigError: There is no such thing to do, or no scheduler here.
    """
    if action.do not in ("install", "remove") or tools.schedule is None:
        raise ConfigError(
            f"a schedule cannot be asked to {action.do!r} here", cause="allowed are install and remove",
            state="nothing was installed",
        )  # fmt: skip
    tools.refuse_agent("schedule backups")
    words = tools.schedule(action.do, context.is_dry_run)
    if context.is_dry_run:
        return would(f"{action.do} the schedule: {words}")
    context.effect(Effect("schedule", action.do, {"message": words}))
    return done(words)


def probe(tools: TargetTools, action: Schedule, context: TaskContext) -> TaskState:
    """Both may be done again: a second time changes nothing."""
    return TaskState.PENDING
