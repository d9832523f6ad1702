"""Run the steps of a stage forward; nothing about verdicts or ways back."""

from __future__ import annotations

from lockgate.execute.execution import Execution
from lockgate.execute.prechecks import recheck_step
from lockgate.execute.steps import run_step
from lockgate.model.plan import Plan, Stage
from lockgate.model.run import Direction, EventType
from lockgate.store import runs


def first_number(plan: Plan, stage: Stage) -> int:
    """Return the number of a stage's first step within the plan."""
    before = 0
    for other in plan.stages:
        if other.number == stage.number:
            return before
        before += len(other.steps)
    raise ValueError(f"stage {stage.number} is not in the plan")


def apply_stage(execution: Execution, plan: Plan, stage: Stage, *, skip: int = 0, deferred: frozenset[str]) -> None:
    """Run the steps of a stage from the ``skip``-th on, and stop between steps when asked to.

    Args:
        deferred: Steps whose pre-checks could not be asked before the run, so they are asked right before the step.

    Raises:
        Interrupted: A stop was asked for.
        PrecheckFailed: Rows stand in the way of a step.
        LockgateError: A statement failed.
    """
    execution.tell(EventType.STAGE_STARTED, stage=stage.number, message=f"stage {stage.number}: {stage.name}")
    number = first_number(plan, stage)
    reverted = runs.reverted_steps(execution.store, execution.run.id) if execution.run else frozenset()
    for offset, step in enumerate(stage.steps):
        if offset < skip:
            continue
        execution.interrupts.check()
        if step.id in deferred:
            recheck_step(execution, step, is_backward=False)
        direction = Direction.REDO if number + offset in reverted else Direction.FORWARD
        run_step(execution, step, number + offset, stage.number, direction)
        execution.interrupts.check()
