"""The task ``checkpoint``: take one, known in this run by a name."""

from __future__ import annotations

from lockgate.model.actions import Checkpoint
from lockgate.model.procedure import TaskState
from lockgate.runbook.actions.common import done, would
from lockgate.runbook.base import Done, Effect, TaskContext
from lockgate.runbook.target import TargetTools
from lockgate.workflow.checkpoints import create_checkpoint, list_checkpoints


def perform(tools: TargetTools, action: Checkpoint, context: TaskContext) -> Done:
    """Take a checkpoint and journal its id under the name."""
    if context.is_dry_run:
        return would(f"take a checkpoint {action.name}")
    point = create_checkpoint(tools.engine, tools.target, label_of(action.name, context))
    facts = {"name": action.name, "fingerprint": point.fingerprint, "checkpoint_kind": "schema and row counts"}
    context.effect(Effect("checkpoint", point.id, facts))
    return done(f"checkpoint {action.name} is {point.id}: schema and row counts, no copy of rows")


def probe(tools: TargetTools, action: Checkpoint, context: TaskContext) -> TaskState:
    """Look for a checkpoint with the label that only this task writes."""
    wanted = label_of(action.name, context)
    for point in list_checkpoints(tools.engine, tools.target):
        if point.label == wanted:
            facts = {"name": action.name, "fingerprint": point.fingerprint}
            context.effect(Effect("checkpoint", point.id, facts))
            return TaskState.DONE
    return TaskState.PENDING


def label_of(name: str, context: TaskContext) -> str:
    """Return the label in the target by which the task finds its checkpoint again."""
    return f"{name} ({context.run} {context.task.id})"
