"""Say how each difference would be mended: staged SQL and its reverse; runs nothing on the target."""

from __future__ import annotations

from dataclasses import dataclass

from lockgate.diff.drift import DriftEntry, DriftReport
from lockgate.engine.base import Engine
from lockgate.model.op import HazardKind
from lockgate.model.plan import ChangeNote, Plan, Step
from lockgate.model.target import Target
from lockgate.workflow.make_plan import PlanOptions, make_plan
from lockgate.workflow.measure_drift import DriftOptions, measure_drift


@dataclass(frozen=True)
class Remediation:
    """One difference and the step that mends it; no step when the plan does not touch it."""

    entry: DriftEntry
    step: Step | None = None
    stage: str = ""


@dataclass(frozen=True)
class Fix:
    """The differences, one remediation for each, and the proven plan they come from."""

    report: DriftReport
    plan: Plan
    remediations: tuple[Remediation, ...]
    notes: tuple[str, ...] = ()


def propose_fix(engine: Engine, target: Target, desired_spec: str, options: DriftOptions) -> Fix:
    """Measure drift and plan its repair, all hazards allowed, for nothing is run.

    Raises:
        InputError: Anything wrong with the input.
        UnsupportedChange: The difference cannot be carried out, or could not be proven on a scratch copy.
    """
    report = measure_drift(engine, target, desired_spec, options)
    plan_options = PlanOptions(
        allow=tuple(kind.value for kind in HazardKind),
        scratch=options.scratch,
        cache=options.cache,
        is_unmanaged_allowed=bool(report.unmanaged),
        acceptances=options.acceptances,
        today=options.today,
    )
    made = make_plan(engine, target, desired_spec, plan_options)
    return Fix(report, made.plan, tuple(_remedy(entry, made.plan) for entry in report.changes), made.notes)


def _remedy(entry: DriftEntry, plan: Plan) -> Remediation:
    for stage in plan.stages:
        for step in stage.steps:
            if any(_covers(note, entry) for note in step.changes):
                return Remediation(entry, step, f"{stage.number} {stage.name}")
    return Remediation(entry)


def _covers(note: ChangeNote, entry: DriftEntry) -> bool:
    """Tell whether a planned change is this difference, also where two of them became one renaming."""
    if (note.kind, note.object) == (entry.kind, entry.object):
        return True
    if not note.kind.startswith("rename_"):
        return False
    was = note.object.rpartition(".")[0]
    old = note.before if "." in note.before or not was else f"{was}.{note.before}"
    is_new = entry.kind.startswith(("add_", "create_")) and entry.object == note.object
    return is_new or (entry.kind.startswith("drop_") and entry.object in (old, note.before))
