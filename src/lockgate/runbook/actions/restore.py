"""The task ``restore``: bring a backup back beside the database, compare, swap."""

from __future__ import annotations

from lockgate.model.actions import Restore
from lockgate.model.procedure import TaskState
from lockgate.runbook.base import Done, TaskContext
from lockgate.runbook.levels.data import bring_back, settle
from lockgate.runbook.target import TargetTools


def perform(tools: TargetTools, action: Restore, context: TaskContext) -> Done:
    """Restore the backup that is named; ``run`` is the newest that this run took."""
    return bring_back(tools, "" if action.backup == "run" else action.backup, context)


def probe(tools: TargetTools, action: Restore, context: TaskContext) -> TaskState:
    """Go on with a restore that was cut off."""
    return settle(tools, context)
