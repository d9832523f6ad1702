"""Apply a plan to a live database, stage by stage, and lead it back when anything fails."""

from __future__ import annotations

from dataclasses import dataclass, field

from msgspec.structs import replace

from lockgate.engine.base import Engine
from lockgate.errors import ConnectionLost, FailedError, Interrupted, LockgateError
from lockgate.execute.checkpoint import take_checkpoint
from lockgate.execute.execution import Execution
from lockgate.execute.opening import open_reading, open_stoppable
from lockgate.execute.prechecks import check_steps
from lockgate.execute.programs import check_plan_programs
from lockgate.execute.script import render_step
from lockgate.execute.stage import apply_stage, first_number
from lockgate.model import codec
from lockgate.model.plan import Plan, Stage, encode_plan
from lockgate.model.run import Checkpoint, EventType, Observer, Run, RunResult, RunState
from lockgate.model.target import Target
from lockgate.store import lease, runs
from lockgate.store.lease import lease_name
from lockgate.workflow.admission import Admission, admit, check_inputs
from lockgate.workflow.open_step import settle_attempt
from lockgate.workflow.options import ApplyOptions, NewId, Now, StageAsk, ignore_event, random_id, utc_now
from lockgate.workflow.owed import is_all_but_owed
from lockgate.workflow.reconnect import recover_after_loss
from lockgate.workflow.way_back import close_rollback, doubt, save_run, stage_before, undo_steps

NO_CHECKPOINT = Checkpoint(id="", run="", run_number=0, position=0, stage=0, created_at="", fingerprint="")


def apply_plan(
    engine: Engine,
    target: Target,
    plan: Plan,
    options: ApplyOptions | None = None,
    observer: Observer = ignore_event,
    *,
    now: Now = utc_now,
    new_id: NewId = random_id,
) -> RunResult:
    """Apply a plan: lease, checks, then per stage checkpoint, steps and verification; or print it (dry run).

    Ctrl-C once winds down at the end of the running transaction and rolls back; twice cancels the running statement.

    Raises:
        InputError: The plan is for another engine, flavor or database, or the stage is not in it.
        LeaseHeld: Another runner holds the target.
        StalePlan: The live schema is not what the plan was made for, or the plan was applied already.
        PrecheckFailed: Rows stand in the way.
        FailedError: A step failed; everything is as before (``state`` names the checkpoint).
        InDoubtError: It failed and the way back failed too; ``state`` lists what is where.
        Interrupted: Wound down on request; ``state`` says where things stand.
    """
    options = options or ApplyOptions()
    check_inputs(engine, target, plan, options)
    check_plan_programs(plan)
    if options.is_dry_run or plan.is_empty:
        with open_reading(
            engine, target, patience=options.patience, observer=observer, now=now, new_id=new_id
        ) as execution:
            return _look_ahead(execution, plan, options)
    try:
        with open_stoppable(
            engine,
            target,
            patience=options.patience,
            observer=observer,
            now=now,
            new_id=new_id,
            is_stop_wanted=options.is_stop_wanted,
        ) as execution:
            return _Application(execution, plan, options).apply()
    except ConnectionLost as error:
        raise recover_after_loss(
            engine, target, error, options, observer, now=now, new_id=new_id, digest=plan.digest
        ) from None


def _look_ahead(execution: Execution, plan: Plan, options: ApplyOptions) -> RunResult:
    """Do the checks and return what would be sent, over a read-only session."""
    admission = admit(execution, plan, options)
    steps = [step for stage in admission.stages for step in stage.steps]
    deferred, _ = check_steps(execution.session, admission.directed(steps[admission.skip :]))
    lines: list[str] = []
    skip = admission.skip
    for stage in admission.stages:
        lines.append(f"-- stage {stage.number}: {stage.name} (a checkpoint is taken before it)")
        for number, step in list(enumerate(stage.steps, first_number(plan, stage)))[skip:]:
            direction, soft = admission.way.direction_of(number), admission.way.softs_of(number)
            lines.extend(render_step(step, direction, execution.engine.state, options.patience, soft))
        skip = 0
    notes = [
        f"pre-checks of step {step} need what earlier steps make; they run right before it" for step in sorted(deferred)
    ]
    notes.extend(admission.notes)
    is_nothing = not steps
    return RunResult(
        run="",
        state="nothing to do" if is_nothing else "dry run",
        target=execution.target.name,
        message="there is nothing to do" if is_nothing else f"{len(steps)} steps would run; nothing was written",
        is_dry_run=options.is_dry_run,
        stages_left=tuple(stage.number for stage in admission.stages),
        steps_total=len(plan.steps),
        statements=tuple(lines),
        notes=tuple(notes),
    )


@dataclass
class _Application:
    """One application under the lease."""

    execution: Execution
    plan: Plan
    options: ApplyOptions
    points: list[Checkpoint] = field(default_factory=list)
    stages_done: list[int] = field(default_factory=list)
    failed_stage: int = 0

    def apply(self) -> RunResult:
        started = self.execution.patience.timer()
        admission = admit(self.execution, self.plan, self.options)
        steps = [step for stage in admission.stages for step in stage.steps][admission.skip :]
        if not steps:
            return self._nothing(admission)
        deferred, _ = check_steps(self.execution.session, admission.directed(steps))
        self._check_not_stopped()
        self._begin(admission)
        try:
            self._run_stages(admission, deferred)
            result = self._finish(admission)
        except ConnectionLost:
            raise
        except LockgateError as error:
            raise self._wind_down(error) from error
        return replace(result, duration_s=self.execution.patience.timer() - started)

    def _check_not_stopped(self) -> None:
        if self.execution.interrupts.is_requested:
            error = self.execution.interrupts.error()
            error.state = "nothing was touched"
            raise error

    def _nothing(self, admission: Admission) -> RunResult:
        run = admission.run
        return RunResult(
            run=run.id if run else "",
            state="nothing to do",
            target=self.execution.target.name,
            message="there is nothing to do",
            steps_total=len(self.plan.steps),
            notes=admission.notes,
        )

    def _begin(self, admission: Admission) -> None:
        execution = self.execution
        timestamp = execution.timestamp()
        run = admission.run
        if run is None:
            newest = next(iter(runs.list_runs(execution.store)), None)
            run = Run(
                id=f"run-{execution.now():%Y%m%d%H%M%S}-{execution.new_id()}",
                number=(newest.number if newest else 0) + 1,
                target=execution.target.name,
                digest=self.plan.digest,
                plan=encode_plan(self.plan).decode(),
                state=RunState.RUNNING,
                before=self.plan.before,
                holder=execution.holder,
                started_at=timestamp,
                changed_at=timestamp,
                note=self.options.reason,
            )
            runs.insert_run(execution.store, run)
            execution.use_run(run)
        else:
            execution.use_run(run)
            run = save_run(execution, replace(run, state=RunState.RUNNING))
        lease.write_holder(execution.store, lease_name(execution.target), execution.holder, run.id, timestamp)
        execution.journal(EventType.RUN_STARTED, message=f"plan {self.plan.id} on {execution.target.name}")

    def _run_stages(self, admission: Admission, deferred: frozenset[str]) -> None:
        skip = admission.skip
        for stage in admission.stages:
            self.failed_stage = stage.number
            self._take_checkpoint(stage)
            self._back_up(stage)
            apply_stage(self.execution, self.plan, stage, skip=skip, deferred=deferred)
            skip = 0
            self._verify_stage(stage)
            self.stages_done.append(stage.number)

    def _take_checkpoint(self, stage: Stage) -> None:
        point = take_checkpoint(
            self.execution,
            stage.number,
            exact_count_rows=self.options.exact_count_rows,
            is_count_skipped=self.options.is_checkpoint_skipped,
            label=f"before stage {stage.number} {stage.name}",
        )
        self.points.append(point)

    def _back_up(self, stage: Stage) -> None:
        """Let the caller take a backup; the lease is ours, so nobody changes the schema meanwhile."""
        execution, point = self.execution, self.points[-1]
        if self.options.back_up is None:
            return
        ask = StageAsk(
            checkpoint=point.id,
            run=point.run,
            stage=stage.number,
            tables=tuple(dict.fromkeys(step.table for step in stage.steps if step.table)),
            is_first=not self.stages_done,
            is_stopped=lambda: execution.interrupts.is_requested,
        )
        taken = self.options.back_up(ask)
        if taken:
            execution.journal(EventType.BACKUP_TAKEN, message=taken, checkpoint=point.id, stage=stage.number)

    def _verify_stage(self, stage: Stage) -> None:
        live = self.execution.inspect()
        found = codec.fingerprint(live)
        is_last = stage.number == self.plan.stages[-1].number
        expected = stage.expected or (self.plan.after if is_last else "")
        if expected and found != expected and not is_all_but_owed(self.execution, expected, self.options.scratch):
            raise FailedError(
                f"after stage {stage.number} the live schema is not what the plan expects",
                cause=f"its fingerprint is {found[:12]}, expected {expected[:12]}",
            )
        run = self.execution.run
        assert run is not None
        runs.write_left(self.execution.store, found)
        save_run(self.execution, replace(run, stage=stage.number, left=found))
        text = "the live schema is as expected" if expected else "no expectation is recorded for this stage"
        self.execution.tell(EventType.STAGE_VERIFIED, stage=stage.number, message=text)

    def _finish(self, admission: Admission) -> RunResult:
        run = self.execution.run
        assert run is not None
        left = tuple(s.number for s in self.plan.stages if s.number > run.stage)
        state = RunState.PAUSED if left else RunState.APPLIED
        run = save_run(self.execution, replace(run, state=state))
        message = f"stage {run.stage} is done; stages left: {_numbers(left)}" if left else "the plan is applied"
        self.execution.journal(EventType.RUN_DONE, stage=run.stage, message=message)
        return self._result(message, left, admission.notes)

    def _result(self, message: str, left: tuple[int, ...], notes: tuple[str, ...]) -> RunResult:
        run = self.execution.run
        assert run is not None
        position = runs.steps_done(self.execution.store, run.id)
        return RunResult(
            run=run.id,
            state=run.state.value,
            target=self.execution.target.name,
            message=message,
            stages_done=tuple(self.stages_done),
            stages_left=left,
            steps_done=position,
            steps_total=len(self.plan.steps),
            checkpoint=self.points[0].id if self.points else "",
            checkpoints=tuple(point.id for point in self.points),
            statements=tuple(self.execution.sent),
            notes=notes,
            parked=tuple(park.parked for step in self.plan.steps[:position] for park in step.parks),
        )

    def _wind_down(self, error: LockgateError) -> LockgateError:
        """Lead back as the options say, and return the error to end with, its state told."""
        execution = self.execution
        if execution.interrupts.is_requested and not isinstance(error, Interrupted):
            error = execution.interrupts.error()
        execution.interrupts.is_winding_down = True
        kind = EventType.INTERRUPTED if isinstance(error, Interrupted) else EventType.FAILED
        goal = self._goal()
        try:
            execution.session.rollback()
            execution.free_limits()
            execution.journal(kind, stage=self.failed_stage, message=str(error))
            if self.options.on_error == "stop" and self.points:
                error.state = self._stop(error)
            else:
                error.state = self._lead_back(goal, error)
        except LockgateError as second:
            return doubt(execution, self.plan, goal, error, second)
        error.hint = (
            error.hint
            or "remove the cause, then make a new plan (what the way back parked took names of this one) and apply it"
        )
        return error

    def _goal(self) -> Checkpoint:
        """Return where to lead back to; a nameless one when no checkpoint was taken yet, so that nothing is undone."""
        if not self.points:
            return NO_CHECKPOINT
        return self.points[-1] if self.options.on_error == "stage" else self.points[0]

    def _lead_back(self, goal: Checkpoint, error: LockgateError) -> str:
        execution, run = self.execution, self.execution.run
        assert run is not None
        if not self.points:
            position = runs.steps_done(execution.store, run.id)
            state = RunState.PAUSED if position else RunState.ROLLED_BACK
            save_run(execution, replace(run, state=state, note=str(error)))
            return "no step was begun; the database is as before"
        undo_steps(execution, self.plan, goal, self.options.scratch)
        state = RunState.PAUSED if goal.position else RunState.ROLLED_BACK
        close_rollback(execution, self.plan, goal, state, note=str(error), scratch=self.options.scratch)
        assert execution.run is not None
        if execution.run.state is RunState.ROLLED_BACK_WITH_DEBT:
            error.hint = "lockgate settle"
            return f"rolled back to checkpoint {goal.id} with debt: rows stand in the way of what was to be restored"
        return f"rolled back to checkpoint {goal.id}: the schema was compared with it and is equal"

    def _stop(self, error: LockgateError) -> str:
        """Undo only what the failed step left half-done, and stay there."""
        execution = self.execution
        settle_attempt(execution, self.plan, self.options.scratch)
        run = execution.run
        assert run is not None
        left = codec.fingerprint(execution.inspect())
        position = runs.steps_done(execution.store, run.id)
        runs.write_left(execution.store, left)
        stage = stage_before(self.plan, position)
        save_run(execution, replace(run, state=RunState.STOPPED, stage=stage, left=left, note=str(error)))
        return f"stopped after {position} of {len(self.plan.steps)} steps; those are done, nothing is half-done"


def _numbers(stages: tuple[int, ...]) -> str:
    return ", ".join(map(str, stages))
