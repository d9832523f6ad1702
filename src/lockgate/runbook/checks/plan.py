"""The check ``plan``: a plan is applied, rehearsed, approved, current or lint-free."""

from __future__ import annotations

from pathlib import Path

from lockgate.errors import ApprovalMissing, LockgateError
from lockgate.gate.base import Answer, CheckContext
from lockgate.lint.run import Choice
from lockgate.model.checks import PlanCheck
from lockgate.model.duration import parse_duration
from lockgate.model.finding import Severity
from lockgate.model.outcome import FailureClass
from lockgate.model.plan import Plan
from lockgate.runbook.checks.answers import judge, unknown
from lockgate.runbook.target import TargetTools
from lockgate.workflow.lint_plan import lint_plan
from lockgate.workflow.plan_approval import find_approval
from lockgate.workflow.plan_file import read_plan_file
from lockgate.workflow.plan_rehearsal import find_rehearsal
from lockgate.workflow.plan_standing import missing_steps, read_standing, steps_until

_SCHEMA, _PROCESS = FailureClass.SCHEMA, FailureClass.PROCESS


def evaluate(tools: TargetTools, check: PlanCheck, context: CheckContext) -> Answer:
    """Ask one thing of a plan; a plan file that cannot be read is unknown."""
    asked = _ASKED.get(check.is_)
    if asked is None:
        return unknown(check.is_, f"a plan is asked to be one of {', '.join(_ASKED)}", _PROCESS)
    path = Path(check.plan).expanduser()
    file = str(path if path.is_absolute() else context.folder / path)
    try:
        return asked(tools, check, read_plan_file(file), file)
    except ApprovalMissing as error:
        return judge(False, check.is_, f"{error}; next: {error.hint}", _PROCESS)
    except LockgateError as error:
        return unknown(check.is_, str(error), _PROCESS)


def _applied(tools: TargetTools, check: PlanCheck, plan: Plan, file: str) -> Answer:
    """Applied is what the target's journal says is done, with the live schema as it was left."""
    standing = read_standing(tools.engine, tools.target, plan)
    wanted = steps_until(plan, check.stage)
    expected = f"{len(wanted)} steps applied" + (f" (stage {check.stage})" if check.stage else "")
    if standing.unfinished:
        return unknown(expected, f"run {standing.unfinished} is unfinished; next: lockgate recover", _SCHEMA)
    if plan.is_empty:
        is_equal = standing.live == plan.after
        found = "the plan is empty and the live schema is the desired one" if is_equal else "the live schema changed"
        return judge(is_equal, "an empty plan, and nothing left to do", found, _SCHEMA)
    missing = missing_steps(plan, check.stage, standing)
    items = tuple(f"not applied: {step.id} {step.title}" for step in missing)
    found = f"{len(wanted) - len(missing)} of {len(wanted)} applied by {standing.run or 'no run'}"
    if missing:
        return judge(False, expected, found, _SCHEMA, items)
    if wanted and not standing.is_as_left:
        changed = f"{found}, but the live schema ({standing.live[:12]}) is not what was left ({standing.left[:12]})"
        return judge(False, expected, changed, _SCHEMA)
    return judge(True, expected, found, _SCHEMA)


def _rehearsed(tools: TargetTools, check: PlanCheck, plan: Plan, file: str) -> Answer:
    found = find_rehearsal(
        plan, file, tools.state_dir,
        max_age_s=int(parse_duration(check.max_age)), name="", where=tools.target.display, now=tools.now(),
    )  # fmt: skip
    text = f"{found.started_at}: {found.outcome.value} in {found.duration_s:.1f} s, digest {found.digest[:12]}"
    return judge(True, f"rehearsed there and back within {check.max_age}", text, _PROCESS)


def _approved(tools: TargetTools, check: PlanCheck, plan: Plan, file: str) -> Answer:
    found = find_approval(plan, file, tools.state_dir, name=tools.name, where=tools.target.display)
    return judge(True, f"digest {plan.digest[:12]} approved", f"{found.approved_by} at {found.approved_at}", _PROCESS)


def _current(tools: TargetTools, check: PlanCheck, plan: Plan, file: str) -> Answer:
    standing = read_standing(tools.engine, tools.target, plan)
    wanted = plan.before if not standing.steps_done else standing.left
    found = f"the live schema is {standing.live[:12]}"
    return judge(standing.live == wanted, f"the schema the plan fits: {wanted[:12]}", found, _SCHEMA)


def _lint_free(tools: TargetTools, check: PlanCheck, plan: Plan, file: str) -> Answer:
    report = lint_plan(file, Choice())
    loud = [finding for finding in report.findings if finding.severity is not Severity.INFO]
    items = tuple(f"{f.severity.value} {f.code}: {f.message}" for f in loud)
    if report.unknown:
        return unknown("no finding", "; ".join(report.unknown), _PROCESS)
    return judge(not loud, "no finding", f"{len(loud)} findings", _PROCESS, items)


_ASKED = {
    "applied": _applied,
    "rehearsed": _rehearsed,
    "approved": _approved,
    "current": _current,
    "lint-free": _lint_free,
}
