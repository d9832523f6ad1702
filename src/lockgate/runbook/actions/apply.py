"""The task ``apply``: apply exactly the plan that was written, up to a stage."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from lockgate.errors import FailedError, NoWayBack, RefusedError
from lockgate.execute.retry import Patience
from lockgate.model.actions import Apply, Change, Rollback
from lockgate.model.outcome import Evidence, FailureClass
from lockgate.model.plan import Plan, Step
from lockgate.model.procedure import TaskState
from lockgate.model.run import Event, RunResult
from lockgate.model.runbook import Risk
from lockgate.runbook.actions.common import (
    done,
    effect_of_event,
    fact_of,
    failed,
    find_effects,
    keep_json,
    observe,
    path_in,
    would,
)
from lockgate.runbook.actions.names import resolve_checkpoint
from lockgate.runbook.base import Done, Effect, TaskContext
from lockgate.runbook.checks.touched import outside_of
from lockgate.runbook.durations import parse_seconds
from lockgate.runbook.target import TargetTools
from lockgate.workflow.apply_plan import apply_plan
from lockgate.workflow.back_up_stages import FULL, OFF, StageBackups, choose_policy
from lockgate.workflow.checkpoints import list_checkpoints
from lockgate.workflow.options import ApplyOptions, RecoverOptions
from lockgate.workflow.plan_approval import find_approval
from lockgate.workflow.plan_file import read_plan_file
from lockgate.workflow.plan_rehearsal import find_rehearsal
from lockgate.workflow.plan_standing import Standing, missing_steps, read_standing, steps_until
from lockgate.workflow.recover import recover


def perform(tools: TargetTools, action: Apply, context: TaskContext) -> Done:
    """Apply a stage of a plan; a stage that is applied already, or has no steps, is left alone and said so."""
    file = str(path_in(context, action.plan))
    plan = read_plan_file(file)
    standing = read_standing(tools.engine, tools.target, plan)
    nothing = say_nothing(plan, action.stage, standing)
    if nothing is not None:
        return nothing
    beyond = outside_of(context.task.touches, steps_left(plan, action.stage, standing))
    if beyond:
        return failed(f"the plan touches what the task does not declare: {beyond}; nothing was touched")
    patience = patience_of(tools, action)
    if context.is_dry_run:
        return _look_ahead(tools, plan, action.stage, context)
    admit(tools, plan, file, context)
    check_high_risk(tools, plan, action.stage, context)
    _check_way_back(tools, context)
    return run_plan(tools, plan, action.stage, context, patience)


def patience_of(tools: TargetTools, action: Change) -> Patience:
    """Return how long the task waits for locks: its own limits, else the run's.

    Raises:
        ConfigError: A limit is no length of time.
    """
    given: dict[str, Any] = {}
    if action.lock_timeout:
        given["lock_timeout_ms"] = max(1, round(1000 * parse_seconds(action.lock_timeout, "lock_timeout")))
    if action.stall_budget:
        given["stall_budget_s"] = parse_seconds(action.stall_budget, "stall_budget")
    if action.lock_patience:
        given["budget_s"] = parse_seconds(action.lock_patience, "lock_patience")
    return replace(tools.patience, **given)


def say_nothing(plan: Plan, stage: int, standing: Standing) -> Done | None:
    """Return how the task ends without doing anything; None when there is something to do.

    What is applied counts only when the live schema is what was left.
    """
    if plan.is_empty:
        if standing.live == plan.after:
            return done("the plan is empty and the live schema is the desired one; nothing was done")
        return failed(
            f"the plan is empty, but the live schema is not what it was made for: {standing.live[:12]}, expected "
            f"{plan.after[:12]}; make a new plan",
            FailureClass.SCHEMA,
        )
    if standing.unfinished:
        return failed(f"run {standing.unfinished} is unfinished; next: lockgate recover", FailureClass.SCHEMA)
    wanted = steps_until(plan, stage)
    if wanted and standing.steps_done < len(wanted):
        return None
    if standing.run and not standing.is_as_left:
        text = f"stage {stage or plan.stages[-1].number} was applied by run {standing.run}, but the live schema is not "
        return failed(text + "what it left; see lockgate drift", FailureClass.SCHEMA)
    if not wanted:
        return done(f"the plan has no step up to stage {stage}; nothing was done")
    return done(f"already applied (verified): {len(wanted)} steps by run {standing.run}; nothing was done")


def steps_left(plan: Plan, stage: int, standing: Standing) -> tuple[Step, ...]:
    """Return the steps that this task would run."""
    return missing_steps(plan, stage, standing)


def admit(tools: TargetTools, plan: Plan, file: str, context: TaskContext) -> None:
    """Ask for what the command ``apply`` asks for: on a protected target approval and rehearsal of this digest.

    Raises:
        ApprovalMissing: One of them is missing. RefusedError: A coding agent asks.
    """
    if not tools.is_protected:
        return
    tools.refuse_agent("apply a plan")
    where = tools.target.display
    approval = find_approval(plan, file, tools.state_dir, name=tools.name, where=where)
    context.tell(f"approved by {approval.approved_by} at {approval.approved_at}")
    if tools.rehearsal_s:
        found = find_rehearsal(
            plan, file, tools.state_dir, max_age_s=tools.rehearsal_s, name=tools.name, where=where, now=tools.now()
        )
        context.tell(f"rehearsed {found.started_at}: {found.outcome.value}")


def check_high_risk(tools: TargetTools, plan: Plan, stage: int, context: TaskContext) -> None:
    """Ask, of a task of high risk on a protected target, for a proven backup and one stage at a time.

    Raises:
        RefusedError: One is missing.
    """
    if context.task.risk is not Risk.HIGH or not tools.is_protected:
        return
    stages = [part.number for part in plan.stages if part.steps]
    taken = find_effects(context.entries, "backup")
    is_taken = choose_policy("", tools.backup.before_change, tools.is_protected) == FULL
    why = ""
    if not is_taken and not any(fact_of(entry, "is_verified") for entry in taken):
        why = "this run took no backup that was proven by a test restore"
    elif stage == 0 and len(stages) > 1:
        why = f"the plan has stages {', '.join(map(str, stages))}, and the task applies all of them at once"
    if why:
        raise RefusedError(
            "a change of high risk on a protected target needs a proven backup and one stage at a time",
            where=f"task {context.task.id}",
            cause=why,
            state="nothing was touched",
            hint="do: {backup: {verify: restore}} before it, and do: {apply: {plan: …, stage: 1}}",
        )


def _check_way_back(tools: TargetTools, context: TaskContext) -> None:
    """Refuse to begin when the checkpoint that the task's revert names is not there.

    Raises:
        NoWayBack: It is missing.
    """
    revert = context.task.revert
    if not isinstance(revert, Rollback) or revert.to in ("", "start", "latest", f"before:{context.task.id}"):
        return
    wanted = resolve_checkpoint(revert.to, context)
    if all(point.id != wanted for point in list_checkpoints(tools.engine, tools.target)):
        raise NoWayBack(
            f"the checkpoint {revert.to} that the task's revert names does not exist",
            where=f"task {context.task.id}",
            state="nothing was touched",
            hint="take it in a task before this one: do: {checkpoint: NAME}",
        )


def run_plan(tools: TargetTools, plan: Plan, stage: int, context: TaskContext, patience: Patience) -> Done:
    """Apply and journal each checkpoint, backup and run at once."""
    waits: list[float] = []
    observer, problems = observe(context, lambda event: effect_of_event(event, context))

    def watch(event: Event) -> None:
        waits.append(event.wait_s)
        observer(event)

    options = ApplyOptions(
        stage=stage,
        patience=patience,
        scratch=tools.scratch,
        reason=f"runbook run {context.run}, task {context.task.id}",
        back_up=_stage_backups(tools, context),
        is_stop_wanted=lambda: bool(problems) or context.is_stopped(),
    )
    result = apply_plan(tools.engine, tools.target, plan, options, watch)
    if any(waits):
        context.effect(Effect("lock_wait", context.task.id, {"seconds": round(sum(waits), 3)}))
    if problems:
        raise FailedError(
            "the plan was applied, but the journal of the procedure could not be written",
            cause=problems[0],
            state=result.message,
        )
    return done(f"{result.message}; run {result.run}, checkpoint {result.checkpoint or 'none'}", _keep(result, context))


def _keep(result: RunResult, context: TaskContext) -> Evidence:
    return keep_json(context, f"apply-{result.run or 'dry-run'}.json", result)


def _look_ahead(tools: TargetTools, plan: Plan, stage: int, context: TaskContext) -> Done:
    options = ApplyOptions(is_dry_run=True, stage=stage, patience=tools.patience, scratch=tools.scratch)
    result = apply_plan(tools.engine, tools.target, plan, options)
    script = context.keep(f"apply-{plan.id}.sql", "\n".join(result.statements).encode())
    return would(f"apply plan {plan.id}: {result.message}", script)


def _stage_backups(tools: TargetTools, context: TaskContext) -> StageBackups | None:
    policy = choose_policy("", tools.backup.before_change, tools.is_protected)
    if policy == OFF:
        return None
    return StageBackups(
        engine=tools.engine,
        target=tools.target,
        name=tools.name,
        repository=tools.open_repository(),
        settings=tools.backup,
        policy=policy,
        identities=tools.read_identities(),
        tell=context.tell,
    )


def probe(tools: TargetTools, action: Apply, context: TaskContext) -> TaskState:
    """Look into the target's journal; an unfinished run of the plan is undone first, as ``recover`` does."""
    plan = read_plan_file(str(path_in(context, action.plan)))
    return probe_plan(tools, plan, action.stage, context)


def probe_plan(tools: TargetTools, plan: Plan, stage: int, context: TaskContext) -> TaskState:
    """Return whether the steps of a plan up to a stage are applied: all, none that this task began, or not known."""
    standing = read_standing(tools.engine, tools.target, plan)
    if standing.unfinished and standing.unfinished != standing.run:
        raise RefusedError(f"run {standing.unfinished} of another plan is unfinished", hint="lockgate recover")
    if standing.unfinished:
        observer, _ = observe(context, lambda event: None)
        options = RecoverOptions(patience=tools.patience, scratch=tools.scratch)
        context.tell(recover(tools.engine, tools.target, options, observer).message)
        standing = read_standing(tools.engine, tools.target, plan)
    if not missing_steps(plan, stage, standing):
        return TaskState.DONE if plan.is_empty or standing.is_as_left else TaskState.UNKNOWN
    return TaskState.PENDING
