"""Whether a plan may be applied now, and which part of it; reads only."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from lockgate.engine.base import Engine
from lockgate.errors import InputError, RefusedError, StalePlan
from lockgate.execute.execution import Execution, invalid_indexes
from lockgate.execute.stage import WayForth, find_way_forth, first_number
from lockgate.model import codec
from lockgate.model.plan import STAGE_NAMES, Plan, Stage, Step
from lockgate.model.run import Direction, Run, RunState
from lockgate.model.target import Target
from lockgate.store import parked, runs
from lockgate.store.restored import read_marks
from lockgate.workflow.options import ApplyOptions

_ROLLED_BACK = (RunState.ROLLED_BACK, RunState.ROLLED_BACK_WITH_DEBT)
_PARK_NUMBER = re.compile(r"lockgate_p(\d+)_")


class Admission(NamedTuple):
    """What is left to run: ``stages`` without the first ``skip`` steps of the first one; ``run`` is gone on with.

    ``way`` says which steps are done once more, because they were reverted.
    """

    run: Run | None
    stages: tuple[Stage, ...]
    skip: int
    notes: tuple[str, ...]
    way: WayForth = WayForth(frozenset(), frozenset())
    plan: Plan | None = None

    def directed(self, steps: Sequence[Step]) -> list[tuple[Step, Direction]]:
        """Return steps with the direction each is done in."""
        numbers = {step.id: number for number, step in enumerate(self.plan.steps)} if self.plan else {}
        return [(step, self.way.direction_of(numbers.get(step.id, -1))) for step in steps]


def check_inputs(engine: Engine, target: Target, plan: Plan, options: ApplyOptions) -> None:
    """Refuse what can be seen without a connection.

    Raises:
        InputError: The plan is for another engine or target, or an option makes no sense.
    """
    if plan.engine != engine.name:
        raise InputError(
            f"the plan is for {plan.engine}, the target is {engine.name}",
            state="nothing was touched",
            hint="make a plan for this target with `lockgate plan`",
        )
    if plan.target and plan.target != target.name and not options.is_other_target_allowed:
        raise InputError(
            f"the plan is for the database {plan.target!r}, the target is {target.name!r}",
            state="nothing was touched",
            hint="make a plan for this target, or allow another target explicitly",
        )
    if options.stage and options.stage not in STAGE_NAMES:
        raise InputError(
            f"there is no stage {options.stage}", cause="stages are 1, 2 and 3", state="nothing was touched"
        )
    if options.on_error not in ("run", "stage", "stop"):
        raise InputError(f"on_error cannot be {options.on_error!r}", state="nothing was touched")
    if options.is_checkpoint_skipped and not options.reason:
        raise InputError("a checkpoint is left out only for a reason", state="nothing was touched", hint="--reason …")


def admit(execution: Execution, plan: Plan, options: ApplyOptions) -> Admission:
    """Decide what of the plan may run now, by the server, the journal and the live schema.

    Raises:
        InputError: The server is of another flavor than the plan's.
        RefusedError: An earlier run is unfinished.
        StalePlan: The live schema is not what the plan (or its run so far) ends at, or the plan was used.
    """
    _check_server(execution, plan)
    check_finished(execution)
    live = execution.inspect()
    execution.invalid_indexes = invalid_indexes(live)
    found = codec.fingerprint(live)
    run = _find_begun(execution, plan)
    wanted = _wanted(plan, run)
    if found != wanted:
        raise _stale(execution, plan, found, wanted, run)
    notes = _version_notes(execution, plan)
    if run is None:
        _check_park_numbers(execution, plan)
        return Admission(None, _until(plan.stages, options.stage), 0, notes, plan=plan)
    way = find_way_forth(execution, run)
    if way.reverted or way.owed:
        _check_kept(execution, plan, run)
        notes = (*notes, f"run {run.id} was rolled back; it is gone on with, and what its way back kept is used again")
    position = runs.steps_done(execution.store, run.id)
    stages = tuple(s for s in plan.stages if first_number(plan, s) + len(s.steps) > position)
    skip = position - first_number(plan, stages[0]) if stages else 0
    return Admission(run, _until(stages, options.stage), max(skip, 0), notes, way, plan)


def _wanted(plan: Plan, run: Run | None) -> str:
    """Return the fingerprint that the live schema must have."""
    return plan.before if run is None or run.state is RunState.ROLLED_BACK else run.left


def _check_kept(execution: Execution, plan: Plan, run: Run) -> None:
    """Refuse to do a rolled-back run once more when something that its way back kept is gone, or in its way.

    Raises:
        StalePlan: Something was dropped for good, or a step that knows no redo left something parked.
    """
    if parked.has_finalized(execution.store, run.id):
        raise _used(plan, run, "what its rollback had kept was dropped for good by finalize")
    waiting = {
        e.step_id for e in parked.list_parked(execution.store, run_id=run.id) if e.direction is Direction.BACKWARD
    }
    done = runs.steps_done(execution.store, run.id)
    for number, step in enumerate(plan.steps):
        if number >= done and step.id in waiting and step.revert is None and step.backward_parks:
            raise _used(plan, run, f"step {step.id} left something parked under the name it would need again")


def _used(plan: Plan, run: Run, cause: str) -> StalePlan:
    return StalePlan(
        f"plan {plan.id} was used by run {run.id} and cannot be applied once more",
        cause=cause,
        state="nothing was touched",
        hint="make a new plan with `lockgate plan`",
    )


def _until(stages: tuple[Stage, ...], last: int) -> tuple[Stage, ...]:
    return tuple(stage for stage in stages if not last or stage.number <= last)


def _check_server(execution: Execution, plan: Plan) -> None:
    if plan.flavor != execution.server.flavor:
        raise InputError(
            f"the plan is for {plan.flavor}, the server is {execution.server.flavor}",
            state="nothing was touched",
            hint="make a plan for this server with `lockgate plan`",
        )


def _version_notes(execution: Execution, plan: Plan) -> tuple[str, ...]:
    now = execution.server.version_text
    if plan.server_version == now:
        return ()
    return (f"the plan was made for server version {plan.server_version}, this one is {now}",)


def check_no_restore(execution: Execution, restore: str = "") -> None:
    """Refuse while a restore of the database (but the one that asks) is unfinished.

    Raises:
        RefusedError: It names it.
    """
    other = read_marks(execution.store)[1]
    if other and other != restore:
        raise RefusedError(
            f"restore {other} of this database is unfinished",
            state="nothing was touched",
            hint="lockgate restore --resume goes on with it, lockgate restore --abort gives it up",
        )


def check_restorable(execution: Execution, restore: str) -> None:
    """Refuse to restore while a run is unfinished, unless it is in doubt: then a restore may be the only way out.

    Raises:
        RefusedError: It names what is unfinished.
    """
    check_no_restore(execution, restore)
    run = runs.find_unfinished(execution.store)
    if run is None or run.state is not RunState.IN_DOUBT:
        check_finished(execution, restore)


def check_finished(execution: Execution, restore: str = "") -> None:
    """Refuse while a run, or a restore (but the one that asks), is unfinished.

    Raises:
        RefusedError: It names what is unfinished and where it stands.
    """
    check_no_restore(execution, restore)
    run = runs.find_unfinished(execution.store)
    if run is not None:
        raise RefusedError(
            f"run {run.id} is unfinished ({run.state.value})",
            cause=f"it was begun {run.started_at} by {run.holder}",
            state="nothing was touched",
            hint="lockgate recover",
        )


def _find_begun(execution: Execution, plan: Plan) -> Run | None:
    """Return the run of this plan to go on with, None for a fresh start.

    A run that was rolled back is gone on with when its way back kept things for it, and no run after it still stands.

    Raises:
        StalePlan: The plan is what was applied last.
    """
    every = runs.list_runs(execution.store)
    for run in every:
        is_kept = run.digest == plan.digest and run.state in _ROLLED_BACK
        if is_kept and find_way_forth(execution, run).is_redo:
            return run
        if run.state is not RunState.ROLLED_BACK and runs.steps_done(execution.store, run.id):
            break
    standing = [run for run in every if run.state is not RunState.ROLLED_BACK]
    for run in standing:
        if run.digest == plan.digest and run.state in (RunState.PAUSED, RunState.STOPPED):
            return run
    if standing and standing[0].digest == plan.digest and not plan.is_empty:
        raise StalePlan(
            "the plan was applied already",
            cause=f"by run {standing[0].id}, {standing[0].changed_at}",
            state="nothing was touched",
            hint="make a new plan with `lockgate plan`",
        )
    return None


def _check_park_numbers(execution: Execution, plan: Plan) -> None:
    """Refuse a plan whose reserved names may be taken by what was parked since it was made.

    Raises:
        StalePlan: A name is below the first free number.
    """
    parks = [park for step in plan.steps for park in (*step.parks, *step.backward_parks)]
    numbers = [int(found.group(1)) for park in parks if (found := _PARK_NUMBER.search(park.parked))]
    if numbers and min(numbers) < execution.engine.next_park_number(execution.session):
        raise StalePlan(
            "the reserved names of this plan are in use",
            cause="something was parked after the plan was made, for example by a rollback",
            state="nothing was touched",
            hint="make a new plan with `lockgate plan`",
        )


def _stale(execution: Execution, plan: Plan, found: str, wanted: str, run: Run | None) -> StalePlan:
    where = "the plan was made for" if run is None else f"run {run.id} left"
    return StalePlan(
        f"the live schema is not what {where}",
        cause=f"its fingerprint is {found[:12]}, expected {wanted[:12]}",
        state="nothing was touched",
        hint="see what changed with `lockgate drift`, then make a new plan",
    )
