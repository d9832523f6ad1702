"""After a crash: find out by looking at the database what happened, then undo or finish."""

from __future__ import annotations

from msgspec.structs import replace

from lockgate.engine.base import Engine, ScratchOptions
from lockgate.errors import InDoubtError, LockgateError
from lockgate.execute.checkpoint import take_checkpoint
from lockgate.execute.execution import Execution
from lockgate.execute.finalize import finalize_entries
from lockgate.execute.opening import open_stoppable
from lockgate.execute.stage import apply_stage, first_number
from lockgate.model import codec
from lockgate.model.plan import Plan, decode_plan
from lockgate.model.run import Checkpoint, Direction, EventType, Observer, Run, RunResult, RunState
from lockgate.model.target import Target
from lockgate.store import checkpoints, parked, runs
from lockgate.store.restored import read_marks
from lockgate.store.salvage import drop_salvage
from lockgate.workflow.open_step import settle_attempt
from lockgate.workflow.options import NewId, Now, RecoverOptions, ignore_event, random_id, utc_now
from lockgate.workflow.owed import is_all_but_owed, list_rows, owed_since
from lockgate.workflow.way_back import close_rollback, doubt, save_run, undo_steps


def recover(
    engine: Engine,
    target: Target,
    options: RecoverOptions | None = None,
    observer: Observer = ignore_event,
    *,
    now: Now = utc_now,
    new_id: NewId = random_id,
) -> RunResult:
    """Undo (default) or finish the unfinished run; nothing when there is none. Ctrl-C and SIGTERM do not stop it.

    Raises:
        LeaseHeld: The run is still alive, or its orphaned statement did not end in time.
        InDoubtError: The live schema is neither as before nor as after the statement in doubt; both differences are
            in ``cause``.
    """
    options = options or RecoverOptions()
    with open_stoppable(
        engine,
        target,
        patience=options.patience,
        observer=observer,
        now=now,
        new_id=new_id,
        lease_wait_s=options.wait_s,
    ) as execution:
        run = runs.find_unfinished(execution.store)
        if run is None:
            return _nothing(execution)
        execution.use_run(run)
        execution.interrupts.is_winding_down = True
        plan = decode_plan(run.plan.encode(), f"the plan of run {run.id}")
        if run.state is RunState.FINALIZING:
            return _finish_finalizing(execution, run)
        goal = _find_goal(execution, run, plan)
        if run.state is not RunState.ROLLING_BACK and options.is_finish:
            return _finish(execution, run, plan, options)
        return _undo(execution, run, plan, goal, options)


def _nothing(execution: Execution) -> RunResult:
    restoring = read_marks(execution.store)[1]
    if restoring:
        return RunResult(
            run="",
            state="nothing to do",
            target=execution.target.name,
            message=f"no run is unfinished, but restore {restoring} is",
            next_command="lockgate restore --resume",
        )
    return RunResult(
        run="",
        state="nothing to do",
        target=execution.target.name,
        message="no run is unfinished; there is nothing to recover",
    )


def _find_goal(execution: Execution, run: Run, plan: Plan) -> Checkpoint:
    """Return where an undo leads: the goal of the rollback that was under way, else the start of the last application.

    A run that was continued in several calls goes back to where its last call began.
    """
    point = checkpoints.load_checkpoint(execution.store, run.goal) if run.goal else _first_of_last_call(execution, run)
    if point is None:
        return Checkpoint(
            id="", run=run.id, run_number=run.number, position=0, stage=0, created_at="", fingerprint=run.before
        )
    if point.run_number < run.number:
        return replace(point, position=0, fingerprint=run.before, schema="")
    return point


def _first_of_last_call(execution: Execution, run: Run) -> Checkpoint | None:
    first = ""
    for event in runs.list_events(execution.store, run.id):
        if event.type is EventType.RUN_STARTED:
            first = ""
        elif event.type is EventType.CHECKPOINT_TAKEN and not first:
            first = event.checkpoint
    return checkpoints.load_checkpoint(execution.store, first) if first else None


def _undo(execution: Execution, run: Run, plan: Plan, goal: Checkpoint, options: RecoverOptions) -> RunResult:
    was = run.state
    try:
        undo_steps(execution, plan, goal, options.scratch)
        state = RunState.PAUSED if goal.position else RunState.ROLLED_BACK
        close_rollback(execution, plan, goal, state, note=f"recovered from {was.value}", scratch=options.scratch)
    except LockgateError as error:
        raise _in_doubt(execution, run, plan, goal, error) from error
    where = f"checkpoint {goal.id}" if goal.id else "the start"
    owed = owed_since(execution, run)
    end = "equals it but for what is owed" if owed else "equals it"
    message = f"run {run.id} was {was.value}; it was undone to {where}, and the live schema {end}"
    result = _result(execution, message, plan)
    return replace(result, debts=list_rows(execution, owed), next_command="lockgate settle") if owed else result


def _in_doubt(execution: Execution, run: Run, plan: Plan, goal: Checkpoint, error: LockgateError) -> LockgateError:
    if isinstance(error, InDoubtError):
        doubt(execution, plan, goal, InDoubtError(f"run {run.id} was {run.state.value}"), error)
        return error
    return doubt(execution, plan, goal, InDoubtError(f"run {run.id} was {run.state.value}"), error)


def _finish(execution: Execution, run: Run, plan: Plan, options: RecoverOptions) -> RunResult:
    """Complete the open step and go on to the end of the plan, each stage verified."""
    goal = _find_goal(execution, run, plan)
    try:
        settle_attempt(execution, plan, options.scratch, is_finish=True)
        _run_rest(execution, run, plan, options)
    except LockgateError as error:
        raise _in_doubt(execution, run, plan, goal, error) from error
    return _result(execution, f"run {run.id} was unfinished; it was finished and verified", plan)


def _run_rest(execution: Execution, run: Run, plan: Plan, options: RecoverOptions) -> None:
    position = runs.steps_done(execution.store, run.id)
    for stage in plan.stages:
        first = first_number(plan, stage)
        if first + len(stage.steps) <= position and stage.number <= run.stage:
            continue
        skip = max(position - first, 0)
        if not skip:
            take_checkpoint(execution, stage.number, exact_count_rows=options.exact_count_rows)
        deferred = frozenset(step.id for step in stage.steps[skip:] if step.prechecks or step.redo_prechecks)
        apply_stage(execution, plan, stage, skip=skip, deferred=deferred)
        _expect(execution, plan, stage.number, stage.expected, options.scratch)
    current = execution.run
    assert current is not None
    save_run(execution, replace(current, state=RunState.APPLIED, goal=""))
    execution.journal(EventType.RECOVERED, message="finished")


def _expect(execution: Execution, plan: Plan, stage: int, expected: str, scratch: ScratchOptions) -> None:
    found = codec.fingerprint(execution.inspect())
    expected = expected or (plan.after if stage == plan.stages[-1].number else "")
    if expected and found != expected and not is_all_but_owed(execution, expected, scratch):
        raise InDoubtError(
            f"after stage {stage} the live schema is not what the plan expects",
            cause=f"its fingerprint is {found[:12]}, expected {expected[:12]}",
        )
    run = execution.run
    assert run is not None
    runs.write_left(execution.store, found)
    save_run(execution, replace(run, stage=stage, left=found))


def _finish_finalizing(execution: Execution, run: Run) -> RunResult:
    entries = [e for e in parked.list_parked(execution.store, run_id=run.id) if e.direction is Direction.FORWARD]
    count = finalize_entries(execution, entries, is_repeat=True)
    drop_salvage(execution.store, run.plan)
    current = execution.run
    assert current is not None
    save_run(execution, replace(current, state=RunState.FINALIZED))
    return RunResult(
        run=run.id,
        state=RunState.FINALIZED.value,
        target=execution.target.name,
        message=f"run {run.id} was being finalized; {count} parked objects that were left are dropped",
    )


def _result(execution: Execution, message: str, plan: Plan) -> RunResult:
    run = execution.run
    assert run is not None
    execution.journal(EventType.RECOVERED, message=message)
    return RunResult(
        run=run.id,
        state=run.state.value,
        target=execution.target.name,
        message=message,
        steps_done=runs.steps_done(execution.store, run.id),
        steps_total=len(plan.steps),
        statements=tuple(execution.sent),
        parked=execution.engine.list_own(execution.session),
    )
