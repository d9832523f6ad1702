"""Run the steps of a stage forward; nothing about verdicts or ways back."""

from __future__ import annotations

from typing import NamedTuple

from lockgate.execute.execution import Execution
from lockgate.execute.prechecks import recheck_step
from lockgate.execute.steps import run_step
from lockgate.model.plan import Plan, Stage
from lockgate.model.run import Direction, EventType, Run
from lockgate.store import debts, runs


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
    way = find_way_forth(execution, execution.run)
    for offset, step in enumerate(stage.steps):
        if offset < skip:
            continue
        execution.interrupts.check()
        direction = way.direction_of(number + offset)
        if step.id in deferred:
            recheck_step(execution, step, direction)
        run_step(execution, step, number + offset, stage.number, direction, soft=way.softs_of(number + offset))
        execution.interrupts.check()


class WayForth(NamedTuple):
    """How the steps of a run are done: those that were reverted, or left a stand-in, are done once more."""

    reverted: frozenset[int]
    owed: frozenset[tuple[int, int]]

    @property
    def is_redo(self) -> bool:
        """Whether anything is done once more."""
        return bool(self.reverted or self.owed)

    def direction_of(self, number: int) -> Direction:
        """Return in which direction a step is done."""
        return Direction.REDO if number in self.reverted or self.softs_of(number) else Direction.FORWARD

    def softs_of(self, number: int) -> tuple[int, ...]:
        """Return the backward pre-checks of a step whose stand-ins are there and must be lifted."""
        return tuple(sorted(check for step, check in self.owed if step == number))


def find_way_forth(execution: Execution, run: Run | None) -> WayForth:
    """Return how the steps of a run are done, from its journal and its debts."""
    if run is None:
        return WayForth(frozenset(), frozenset())
    owed = frozenset((debt.step, debt.check) for debt in debts.list_owed(execution.store, run_id=run.id))
    return WayForth(runs.reverted_steps(execution.store, run.id), owed)
