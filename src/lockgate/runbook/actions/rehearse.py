"""The task ``rehearse``: play a plan through on a restored copy, there and back and there again."""

from __future__ import annotations

from lockgate.backup.files import StoredFiles
from lockgate.model.actions import Rehearse
from lockgate.model.outcome import FailureClass
from lockgate.model.plan import Plan
from lockgate.model.rehearsal import Outcome
from lockgate.runbook.actions.common import done, failed, keep_json, path_in, would
from lockgate.runbook.base import Done, Effect, TaskContext
from lockgate.runbook.checks.touched import outside_of
from lockgate.runbook.target import TargetTools
from lockgate.workflow.plan_file import read_plan_file
from lockgate.workflow.plan_rehearsal import record_rehearsal
from lockgate.workflow.rehearsal_backup import find_fitting
from lockgate.workflow.rehearse import RehearseOptions, rehearse


def perform(tools: TargetTools, action: Rehearse, context: TaskContext) -> Done:
    """Rehearse on the newest backup that fits, else on copied rows; bound to the plan's digest."""
    file = str(path_in(context, action.plan))
    plan = read_plan_file(file)
    beyond = outside_of(context.task.touches, plan.steps)
    if beyond:
        return failed(f"the plan touches what the task does not declare: {beyond}; nothing was rehearsed")
    if context.is_dry_run:
        return would(f"rehearse plan {plan.id} on a copy")
    options = RehearseOptions(backup=_find(tools, plan, context), patience=tools.patience, scratch=tools.scratch)
    found = rehearse(tools.engine, tools.target, plan, options, context.tell)
    path = record_rehearsal(found, file, tools.state_dir)
    kept = keep_json(context, f"rehearsal-{plan.id}.json", found)
    facts = {"digest": found.digest, "outcome": found.outcome.value, "duration_s": found.duration_s, "file": str(path)}
    context.effect(Effect("rehearsal", plan.id, {**facts, "backup": found.backup, "is_full": found.is_full}))
    if found.outcome is not Outcome.PASSED:
        return failed(f"the rehearsal of {plan.id} failed: {found.failure}", FailureClass.SCHEMA, kept)
    of = f"backup {found.backup}" if found.backup else "copied rows"
    return done(f"{plan.id} there, back and there again on {of} in {found.duration_s:.1f} s", kept)


def _find(tools: TargetTools, plan: Plan, context: TaskContext) -> StoredFiles | None:
    found = find_fitting(tools.open_repository(), plan)
    if found is None:
        context.tell("no backup is of the schema that the plan was made for: rows are copied from the target")
        return None
    identities = tools.read_identities()
    if found.manifest.is_encrypted and not identities:
        context.tell(f"{found.id} is encrypted and no key is given: rows are copied from the target")
        return None
    return StoredFiles(found, identities)
