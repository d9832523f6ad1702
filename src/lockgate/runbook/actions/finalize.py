"""The task ``finalize``: really drop what a run parked; after it there is no way back from that run."""

from __future__ import annotations

from datetime import timedelta

from lockgate.model.actions import Finalize
from lockgate.model.procedure import TaskState
from lockgate.runbook.actions.common import done, find_effects, keep_json, would
from lockgate.runbook.base import Done, Effect, TaskContext
from lockgate.runbook.target import TargetTools
from lockgate.workflow.finalize import finalize
from lockgate.workflow.options import FinalizeOptions, RecoverOptions
from lockgate.workflow.recover import recover


def perform(tools: TargetTools, action: Finalize, context: TaskContext) -> Done:
    """Drop what a run of the target parked, when its retention is over; ``this`` is what this procedure applied."""
    tools.refuse_agent("finalize a run")
    options = FinalizeOptions(
        is_dry_run=context.is_dry_run, retention=timedelta(seconds=tools.retention_s), patience=tools.patience
    )
    result = finalize(tools.engine, tools.target, _run_of(action.run, context), options)
    kept = keep_json(context, "finalize.json", result)
    if context.is_dry_run:
        return would(result.message.partition(";")[0], kept)
    context.effect(Effect("finalize", result.run, {"message": result.message}))
    return done(result.message, kept)


def _run_of(name: str, context: TaskContext) -> str:
    own = find_effects(context.entries, "run")
    return str(own[-1].body["id"]) if name == "this" and own else name


def probe(tools: TargetTools, action: Finalize, context: TaskContext) -> TaskState:
    """Go on with a finalize that was cut off: what it began to drop cannot come back."""
    result = recover(tools.engine, tools.target, RecoverOptions(patience=tools.patience, scratch=tools.scratch))
    context.tell(result.message)
    return TaskState.DONE if result.run else TaskState.PENDING
