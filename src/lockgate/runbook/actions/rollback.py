"""The task ``rollback``: go back to a checkpoint, known by id or by a name of this run; no row is lost."""

from __future__ import annotations

from lockgate.errors import NoWayBack
from lockgate.model.actions import Apply, Index, Migrate, Rollback
from lockgate.model.outcome import FailureClass
from lockgate.model.procedure import TaskState
from lockgate.model.run import RunState
from lockgate.runbook.actions.common import done, failed, find_effects, keep_json, observe
from lockgate.runbook.actions.names import BEFORE, resolve_checkpoint
from lockgate.runbook.base import Done, Effect, TaskContext
from lockgate.runbook.target import TargetTools
from lockgate.workflow.at_checkpoint import is_at_checkpoint
from lockgate.workflow.options import RecoverOptions, RollbackOptions
from lockgate.workflow.recover import recover
from lockgate.workflow.roll_back import roll_back


def perform(tools: TargetTools, action: Rollback, context: TaskContext) -> Done:
    """Roll back; where nothing was done since the checkpoint, say so after looking at the live schema."""
    if action.to.startswith(BEFORE) and never_began(action.to.removeprefix(BEFORE), context):
        return done(f"task {action.to.removeprefix(BEFORE)} changed nothing in this run; nothing was to be taken back")
    return go_back(tools, action.to, context)


def never_began(task: str, context: TaskContext) -> bool:
    """Tell whether a task that takes a checkpoint before it changes anything took none in this run."""
    tasks = {item.id: item for item in (context.task, *context.runbook.tasks)}
    does = tasks[task].do if task in tasks else None
    return isinstance(does, Apply | Index | Migrate) and not find_effects(context.entries, "checkpoint", task)


def go_back(tools: TargetTools, to: str, context: TaskContext) -> Done:
    """Roll the target back to a checkpoint and prove it: the schema is the checkpoint's, the rows are compared.

    Raises:
        NoWayBack, StalePlan, LeaseHeld: Nothing was touched. InDoubtError: It failed half-way.
    """
    goal = resolve_checkpoint(to, context)
    options = RollbackOptions(is_dry_run=context.is_dry_run, patience=tools.patience, scratch=tools.scratch)
    observer, _ = observe(context, lambda event: None)
    try:
        result = roll_back(tools.engine, tools.target, goal, options, observer)
    except NoWayBack as error:
        if is_at_checkpoint(tools.engine, tools.target, goal):
            return done(f"the live schema is that of checkpoint {goal} already; nothing was done")
        raise error
    kept = keep_json(context, f"rollback-{goal}.json", result)
    if context.is_dry_run:
        script = context.keep(f"rollback-{goal}.sql", "\n".join(result.statements).encode())
        return done(result.message, kept, script)
    context.effect(Effect("rollback", result.run, {"checkpoint": result.checkpoint, "message": result.message}))
    if result.state == RunState.ROLLED_BACK_WITH_DEBT.value:
        return failed(f"{result.message}; next: lockgate settle", FailureClass.SCHEMA, kept)
    if not result.is_proven:
        return Done(TaskState.UNKNOWN, f"{result.message}, but not all rows could be compared", (kept,))
    return done(result.message, kept)


def probe(tools: TargetTools, action: Rollback, context: TaskContext) -> TaskState:
    """Finish a rollback that was cut off, then look whether the live schema is the checkpoint's."""
    if action.to.startswith(BEFORE) and never_began(action.to.removeprefix(BEFORE), context):
        return TaskState.PENDING
    goal = resolve_checkpoint(action.to, context)
    options = RecoverOptions(patience=tools.patience, scratch=tools.scratch)
    context.tell(recover(tools.engine, tools.target, options).message)
    return TaskState.DONE if is_at_checkpoint(tools.engine, tools.target, goal) else TaskState.PENDING
