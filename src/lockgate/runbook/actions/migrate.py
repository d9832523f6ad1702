"""The task ``migrate``: apply what another tool's migrations have beyond the database, by a plan, where one can."""

from __future__ import annotations

from pathlib import Path

from lockgate.errors import ConfigError, RefusedError
from lockgate.model.actions import Migrate
from lockgate.model.plan import Plan, encode_plan
from lockgate.model.procedure import TaskState
from lockgate.runbook.actions.apply import patience_of, probe_plan, run_plan
from lockgate.runbook.actions.common import done, failed, would
from lockgate.runbook.actions.plan import make, plan_effect, words_of_plan
from lockgate.runbook.base import Done, TaskContext
from lockgate.runbook.checks.touched import outside_of
from lockgate.runbook.target import TargetTools
from lockgate.workflow.pending_migrations import Pending, find_pending
from lockgate.workflow.plan_file import read_plan_file, write_plan_file
from lockgate.workflow.subject import ValidateOptions


def perform(tools: TargetTools, action: Migrate, context: TaskContext) -> Done:
    """Plan from the live schema to what the folder adds up to, and apply it; rows that migrations change are refused.

    Raises:
        ConfigError: There is no folder. RefusedError: A plan cannot stand for what waits; nothing was touched.
    """
    folder = _folder(tools, action)
    pending = find_pending(
        ValidateOptions(target=tools.target, migrations=folder, scratch=tools.scratch, cache=tools.cache)
    )
    if not pending.ids:
        return done(f"no migration of {pending.tool} is pending; nothing was done")
    if pending.obstacles:
        raise RefusedError(
            f"a plan cannot stand for what waits in {folder}",
            cause="; ".join(pending.obstacles[:5]),
            state="nothing was touched",
            hint=f"run {pending.tool}'s own command in a task of kind sh",
        )
    plan = make(tools, f"migrations:{folder}", action.allow).plan
    beyond = outside_of(context.task.touches, plan.steps)
    if beyond:
        return failed(f"the migrations touch what the task does not declare: {beyond}; nothing was touched")
    if context.is_dry_run:
        return would(f"apply {', '.join(pending.ids)} as {words_of_plan(plan)}")
    return _apply(tools, action, plan, pending, context)


def _apply(tools: TargetTools, action: Migrate, plan: Plan, pending: Pending, context: TaskContext) -> Done:
    tools.refuse_agent("apply migrations")
    note = f"{pending.tool} still lists as pending: {', '.join(pending.ids)}; mark them as applied with its own command"
    if plan.is_empty:
        return done(f"the live schema is what the migrations add up to; {note}")
    path = _file(context)
    write_plan_file(path, encode_plan(plan))
    context.effect(plan_effect(plan, str(path)))
    ended = run_plan(tools, plan, 0, context, patience_of(tools, action))
    return Done(ended.state, f"{ended.message}; {note}", ended.evidence, failure_class=ended.failure_class)


def _folder(tools: TargetTools, action: Migrate) -> str:
    folder = tools.migrations_folder(action.migrations)
    if not folder:
        raise ConfigError(
            "no folder of migrations is given",
            where="migrate",
            cause="neither the task nor lockgate.toml names one",
            state="nothing was touched",
            hint="add migrations: db/migrations to the task",
        )
    return folder


def _file(context: TaskContext) -> Path:
    return context.run_folder / "plans" / f"{context.task.id}.json"


def probe(tools: TargetTools, action: Migrate, context: TaskContext) -> TaskState:
    """Look for the task's plan in the target's journal; without a plan nothing was begun."""
    path = _file(context)
    return probe_plan(tools, read_plan_file(str(path)), 0, context) if path.is_file() else TaskState.PENDING
