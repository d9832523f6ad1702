"""Undo the steps of one run down to a position, and say what is where when that fails."""

from __future__ import annotations

from msgspec.structs import replace

from lockgate.engine.base import ScratchOptions
from lockgate.errors import ConnectionLost, FailedError, InDoubtError, LockgateError, NoWayBack, StatementFailed
from lockgate.execute.execution import Execution
from lockgate.execute.prechecks import recheck_step
from lockgate.execute.steps import run_step, step_is_atomic
from lockgate.model import codec
from lockgate.model.plan import Plan, Reversible, Step
from lockgate.model.run import Checkpoint, Direction, EventType, Run, RunState
from lockgate.model.schema import Schema
from lockgate.store import runs
from lockgate.verify.schema import compare_schema
from lockgate.workflow.open_step import settle_attempt, stage_of_step
from lockgate.workflow.owed import owed_since, prove_owed, write_goals

_TRIES = 5


def save_run(execution: Execution, run: Run) -> Run:
    """Write where a run stands and go on with it."""
    run = replace(run, changed_at=execution.timestamp(), holder=execution.holder)
    runs.update_run(execution.store, run)
    execution.run = run
    return run


def check_reversible(plan: Plan, position: int, goal: int) -> None:
    """Refuse before anything is touched when a step on the way back has none.

    Raises:
        NoWayBack: A step that is done is irreversible; names it and why.
    """
    for number in range(goal, position):
        step = plan.steps[number]
        if step.reversible is Reversible.IRREVERSIBLE:
            raise NoWayBack(
                f"step {step.id} ({step.title}) cannot be undone",
                cause=step.irreversible_reason,
                state="nothing was touched",
                hint="restore a backup, or roll back to a checkpoint after this step",
            )


def undo_steps(
    execution: Execution, plan: Plan, goal: Checkpoint, scratch: ScratchOptions, deferred: frozenset[str] = frozenset()
) -> None:
    """Undo the current run's steps, newest first, until ``goal.position`` of them are left.

    Args:
        deferred: Steps whose backward pre-checks are asked right before they are undone.

    Raises:
        LockgateError: A statement failed; the journal says how far it came.
    """
    run = execution.run
    assert run is not None
    execution.interrupts.is_winding_down = True
    save_run(execution, replace(run, state=RunState.ROLLING_BACK, goal=goal.id))
    where = f"checkpoint {goal.id}" if goal.id else "the start"
    execution.journal(
        EventType.ROLLBACK_STARTED, message=f"rolling back to {where}", checkpoint=goal.id, stage=goal.stage
    )
    settle_attempt(execution, plan, scratch)
    position = runs.steps_done(execution.store, run.id)
    check_reversible(plan, position, goal.position)
    for number in reversed(range(goal.position, position)):
        _undo_step(execution, plan, number, is_deferred=plan.steps[number].id in deferred)


def way_of(step: Step) -> Direction:
    """Return in which direction a step that is done is undone."""
    return Direction.BACKWARD if step.revert is None else Direction.REVERT


def _undo_step(execution: Execution, plan: Plan, number: int, *, is_deferred: bool) -> None:
    """Undo a step that is done, with stand-ins where rows are in the way of what it restores.

    Rows may come in the way between the question and the statement: then it is asked again.
    """
    step = plan.steps[number]
    direction = way_of(step)
    is_asked = is_deferred or any(check.soft is not None for check in step.backward_prechecks)
    soft = recheck_step(execution, step, direction) if is_asked else ()
    for _ in range(_TRIES):
        try:
            run_step(execution, step, number, stage_of_step(plan, number), direction, soft=soft)
            return
        except StatementFailed:
            again = recheck_step(execution, step, direction) if is_asked else soft
            if again == soft or not _left_nothing(execution, step, direction, soft):
                raise
            fields = {"stage": stage_of_step(plan, number), "step": number, "step_id": step.id}
            execution.journal(EventType.STEP_FAILED, direction=direction, message=step.title, **fields)
            soft = again
    raise FailedError(f"rows come in the way of step {step.id} again and again")


def _left_nothing(execution: Execution, step: Step, direction: Direction, soft: tuple[int, ...]) -> bool:
    assert execution.run is not None
    attempt = runs.find_attempt(runs.list_events(execution.store, execution.run.id))
    if attempt is None or step_is_atomic(execution, step, direction, soft):
        return True
    return attempt.done == 0 and attempt.doubtful < 0


def close_rollback(
    execution: Execution,
    plan: Plan,
    goal: Checkpoint,
    state: RunState,
    note: str = "",
    scratch: ScratchOptions | None = None,
) -> Schema:
    """Prove that the live schema is the checkpoint's but for what is owed, and bring the run to rest.

    A checkpoint that was taken while something was owed shows its stand-in; that the exact thing is there is right too.

    Raises:
        InDoubtError: It is not; both are compared change by change.
    """
    run = execution.run
    assert run is not None
    live = execution.inspect()
    expected = codec.decode(goal.schema, Schema, "the checkpoint's schema") if goal.schema else None
    verdict = compare_schema(live, goal.fingerprint, expected)
    owed = owed_since(execution, run)
    exact = exact_print(run, plan, goal)
    if owed and not verdict.is_equal:
        schema = goal.schema if exact == goal.fingerprint else ""
        prove_owed(execution, owed, exact, schema, scratch or ScratchOptions())
    elif not verdict.is_equal and codec.fingerprint(live) != exact:
        raise InDoubtError(
            "the way back did not lead to the checkpoint's schema",
            cause=verdict.describe(),
            state=f"all steps after checkpoint {goal.id} were undone without an error, but the schema differs from it",
        )
    write_goals(execution, owed, exact, goal.position)
    if any(debt.run == run.id for debt in owed):
        state = RunState.ROLLED_BACK_WITH_DEBT
    left = codec.fingerprint(live)
    runs.write_left(execution.store, left)
    stage = stage_before(plan, goal.position)
    save_run(execution, replace(run, state=state, stage=stage, left=left, goal="", note=note))
    text = f"back at checkpoint {goal.id}" if goal.id else "back at the start"
    execution.journal(EventType.ROLLBACK_DONE, message=text, checkpoint=goal.id, stage=stage)
    return live


def exact_print(run: Run, plan: Plan, goal: Checkpoint) -> str:
    """Return the fingerprint of a checkpoint's position without any stand-in (one taken later may show some)."""
    if not goal.position:
        return run.before
    done = 0
    for stage in plan.stages:
        done += len(stage.steps)
        if done == goal.position and stage.expected:
            return stage.expected
    return goal.fingerprint


def stage_before(plan: Plan, position: int) -> int:
    """Return the last stage that is complete when this many steps are done; 0 when none is."""
    complete = 0
    for stage in plan.stages:
        position -= len(stage.steps)
        if position < 0:
            break
        complete = stage.number
    return complete


def doubt(
    execution: Execution, plan: Plan, goal: Checkpoint, first: LockgateError, second: LockgateError
) -> LockgateError:
    """Return the error for a way back that failed, and journal it; lists which steps are where."""
    state = list_positions(execution, plan, goal)
    try:
        run = execution.run
        if run is not None:
            execution.journal(EventType.IN_DOUBT, message=f"{first}; then: {second}")
            save_run(execution, replace(run, state=RunState.IN_DOUBT, goal=goal.id, note=str(second)))
    except LockgateError:
        pass
    if isinstance(second, ConnectionLost):
        return second
    return InDoubtError(
        "it failed, and the way back failed too",
        where=second.where,
        cause=f"{first}; on the way back: {second}",
        state=state,
        hint="remove the cause, then `lockgate recover`",
    )


def list_positions(execution: Execution, plan: Plan, goal: Checkpoint) -> str:
    """Say which steps are done, half-done and undone, from the journal."""
    run = execution.run
    if run is None:
        return "nothing was touched"
    try:
        position = runs.steps_done(execution.store, run.id)
        attempt = runs.find_attempt(runs.list_events(execution.store, run.id))
    except LockgateError as error:
        return f"the journal cannot be read ({error}); run {run.id} was on its way to checkpoint {goal.id}"
    done = ", ".join(step.id for step in plan.steps[goal.position : position]) or "none"
    text = f"still done after checkpoint {goal.id}: {done}"
    if attempt is not None:
        step = plan.steps[attempt.step]
        text += f"; half-way ({attempt.direction.value}): step {step.id} ({step.title}), {attempt.done} statements done"
    waiting = plan.steps[position].title if position < len(plan.steps) else ""
    return f"{text}; everything before it is as planned" + (f"; next would be {waiting}" if waiting else "")
