"""The task ``plan``: write the staged plan from the live to the desired schema; the target is only read."""

from __future__ import annotations

from lockgate.model.actions import Plan as PlanAction
from lockgate.model.plan import Plan, encode_plan
from lockgate.runbook.actions.common import done, path_in, would
from lockgate.runbook.base import Done, Effect, TaskContext
from lockgate.runbook.target import TargetTools
from lockgate.workflow.make_plan import PlanOptions, PlanResult, make_plan
from lockgate.workflow.plan_file import write_plan_file


def perform(tools: TargetTools, action: PlanAction, context: TaskContext) -> Done:
    """Make a proven plan and write it whole or not at all; an empty plan is a result."""
    result = make(tools, action.desired, action.allow, action.rename)
    data = encode_plan(result.plan)
    kept = context.keep(f"{result.plan.id}.json", data)
    path = path_in(context, action.output)
    if context.is_dry_run:
        return would(f"write {path}: {words_of_plan(result.plan)}", kept)
    write_plan_file(path, data)
    context.effect(plan_effect(result.plan, str(path)))
    for note in result.notes:
        context.tell(f"note: {note}")
    return done(f"{path}: {words_of_plan(result.plan)}", kept)


def make(tools: TargetTools, desired: str, allow: tuple[str, ...], renames: tuple[str, ...] = ()) -> PlanResult:
    """Make a plan as the command ``plan`` does where there is no terminal."""
    options = PlanOptions(
        allow=allow,
        renames=renames,
        scratch=tools.scratch,
        cache=tools.cache,
        acceptances=tools.acceptances(),
        today=tools.today,
    )
    return make_plan(tools.engine, tools.target, tools.desired_spec(desired), options)


def plan_effect(plan: Plan, path: str) -> Effect:
    """Return what the journal keeps of a plan."""
    facts = {
        "digest": plan.digest,
        "file": path,
        "before": plan.before,
        "after": plan.after,
        "steps": len(plan.steps),
        "stages": [stage.number for stage in plan.stages if stage.steps],
        "is_empty": plan.is_empty,
    }
    return Effect("plan", plan.id, facts)


def words_of_plan(plan: Plan) -> str:
    """Return what a plan holds in a few words."""
    if plan.is_empty:
        return f"plan {plan.id} is empty: the live schema is the desired one"
    parts = [f"{len(stage.steps)} in stage {stage.number} {stage.name}" for stage in plan.stages if stage.steps]
    return f"plan {plan.id}, digest {plan.digest[:12]}, {len(plan.steps)} steps: {', '.join(parts)}"
