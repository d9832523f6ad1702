"""Roll a live database back to a checkpoint and prove that it is there, rows included."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from lockgate.engine.base import Engine
from lockgate.errors import ConnectionLost, InDoubtError, LockgateError, NoWayBack, StalePlan
from lockgate.execute.execution import Execution, invalid_indexes
from lockgate.execute.opening import open_reading, open_stoppable
from lockgate.execute.prechecks import check_step, check_steps
from lockgate.execute.script import render_step
from lockgate.model import codec
from lockgate.model.op import Strategy
from lockgate.model.plan import Plan, Step, decode_plan
from lockgate.model.run import Checkpoint, Direction, EventType, Observer, Run, RunResult, RunState
from lockgate.model.schema import Schema
from lockgate.model.target import Target
from lockgate.store import checkpoints, parked, runs
from lockgate.store.salvage import count_salvage
from lockgate.verify.data import RowFacts, RowVerdict, compare_rows, compare_with_counts, measure_rows
from lockgate.verify.schema import compare_schema
from lockgate.workflow.admission import check_finished
from lockgate.workflow.options import ApplyOptions, NewId, Now, RollbackOptions, ignore_event, random_id, utc_now
from lockgate.workflow.owed import list_rows, owed_since
from lockgate.workflow.reconnect import recover_after_loss
from lockgate.workflow.suspicion import Suspicion
from lockgate.workflow.way_back import check_reversible, close_rollback, doubt, exact_print, undo_steps, way_of


class Leg(NamedTuple):
    """The part of a way back within one run: its plan, how many steps are done, and where it leads."""

    run: Run
    plan: Plan
    position: int
    goal: Checkpoint

    @property
    def steps(self) -> tuple[Step, ...]:
        """The steps to undo, in the order they are undone."""
        return tuple(reversed(self.plan.steps[self.goal.position : self.position]))


def roll_back(
    engine: Engine,
    target: Target,
    to: str,
    options: RollbackOptions | None = None,
    observer: Observer = ignore_event,
    *,
    now: Now = utc_now,
    new_id: NewId = random_id,
) -> RunResult:
    """Undo every step done after a checkpoint, newest first, across runs.

    ``to`` is a checkpoint's id, ``latest`` (the newest checkpoint with anything done after it) or ``start`` (before the
    newest run that is not rolled back).

    Raises:
        NoWayBack: There is nothing to go back to, or a run on the way was finalized.
        StalePlan: The live schema is not what the last run left.
        LeaseHeld: Another runner holds the target.
        InDoubtError: The rollback failed half-way, or its result could not be proven.
    """
    options = options or RollbackOptions()
    if options.is_dry_run:
        with open_reading(
            engine, target, patience=options.patience, observer=observer, now=now, new_id=new_id
        ) as execution:
            return _look_ahead(execution, to, options)
    try:
        with open_stoppable(
            engine, target, patience=options.patience, observer=observer, now=now, new_id=new_id
        ) as execution:
            execution.interrupts.is_winding_down = True
            return _Rollback(execution, options).run(to)
    except ConnectionLost as error:
        choice = ApplyOptions(patience=options.patience, scratch=options.scratch)
        raise recover_after_loss(engine, target, error, choice, observer, now=now, new_id=new_id) from None


def _look_ahead(execution: Execution, to: str, options: RollbackOptions) -> RunResult:
    legs, goal = find_way(execution, to)
    notes = _check_way(execution, legs, options)
    asked = check_steps(execution.session, [(step, way_of(step)) for leg in legs for step in leg.steps])
    lines = [line for leg in legs for step in leg.steps for line in _render(execution, step, options)]
    count = sum(len(leg.steps) for leg in legs)
    end = "with debt, but without losing a row" if asked.notes else "without losing a row"
    return RunResult(
        run=legs[0].run.id,
        state="dry run",
        target=execution.target.name,
        message=f"{count} steps would be undone, to checkpoint {goal.id}, {end}; nothing was written",
        is_dry_run=True,
        steps_total=count,
        checkpoint=goal.id,
        statements=tuple(lines),
        notes=(*notes, *asked.notes),
        parked=tuple(park.parked for leg in legs for step in leg.steps for park in step.backward_parks),
    )


def _render(execution: Execution, step: Step, options: RollbackOptions) -> tuple[str, ...]:
    soft = check_step(execution.session, step, way_of(step)).soft if step.backward_prechecks else ()
    return render_step(step, way_of(step), execution.engine.state, options.patience, soft)


def find_way(execution: Execution, to: str) -> tuple[tuple[Leg, ...], Checkpoint]:
    """Return the runs to undo, newest first, and the checkpoint this leads to.

    Raises:
        NoWayBack: There is no such checkpoint, or nothing was done after it.
    """
    standing = [run for run in runs.list_runs(execution.store) if run.state is not RunState.ROLLED_BACK]
    positions = {run.id: runs.steps_done(execution.store, run.id) for run in standing}
    standing = [run for run in standing if positions[run.id]]
    points = checkpoints.list_checkpoints(execution.store)
    goal = _find_goal(to, standing, positions, points)
    if not _is_reachable(goal, positions):
        raise NoWayBack(
            f"checkpoint {goal.id} lies ahead: its run was rolled back behind it",
            state="nothing was touched",
            hint="lockgate rollback --list",
        )
    legs = []
    for run in standing:
        if run.number < goal.run_number or (run.number == goal.run_number and positions[run.id] <= goal.position):
            continue
        loaded = runs.load_run(execution.store, run.id)
        assert loaded is not None
        plan = decode_plan(loaded.plan.encode(), f"the plan of run {run.id}")
        legs.append(Leg(loaded, plan, positions[run.id], _goal_within(execution, run, goal)))
    if not legs:
        raise NoWayBack(
            f"nothing was done after checkpoint {goal.id}",
            state="nothing was touched",
            hint="lockgate rollback --list",
        )
    return tuple(legs), goal


def _find_goal(to: str, standing: list[Run], positions: dict[str, int], points: tuple[Checkpoint, ...]) -> Checkpoint:
    if to not in ("latest", "start"):
        found = next((point for point in points if point.id == to), None)
        if found is None:
            raise NoWayBack(
                f"there is no checkpoint {to}", state="nothing was touched", hint="lockgate rollback --list"
            )
        return found
    if not standing:
        raise NoWayBack(
            "there is nothing to roll back", cause="no run left anything applied", state="nothing was touched"
        )
    newest = standing[0]
    if to == "start":
        own = [point for point in points if point.run == newest.id and point.position == 0]
    else:
        own = [point for point in points if _is_behind(point, newest, positions) and _is_reachable(point, positions)]
    if not own:
        raise NoWayBack(f"run {newest.id} has no checkpoint to go back to", state="nothing was touched")
    return own[0]


def _is_behind(point: Checkpoint, newest: Run, positions: dict[str, int]) -> bool:
    """Tell whether anything was done after a checkpoint."""
    if point.run_number != newest.number:
        return point.run_number < newest.number
    return point.position < positions[newest.id]


def _is_reachable(point: Checkpoint, positions: dict[str, int]) -> bool:
    """Tell whether undoing steps leads to a checkpoint: its run still has the steps done that it had then."""
    return positions.get(point.run, 0) >= point.position


def _goal_within(execution: Execution, run: Run, goal: Checkpoint) -> Checkpoint:
    """Return where the way back leads within one run: the goal itself, or the run's own start on the way to it."""
    if goal.run == run.id:
        loaded = checkpoints.load_checkpoint(execution.store, goal.id)
        return loaded or goal
    return Checkpoint(
        id=goal.id,
        run=run.id,
        run_number=run.number,
        position=0,
        stage=0,
        created_at=goal.created_at,
        fingerprint=run.before,
        counts=goal.counts,
    )


def _check_way(execution: Execution, legs: tuple[Leg, ...], options: RollbackOptions) -> tuple[str, ...]:
    """Refuse, before anything is touched, a way that is closed; return notes.

    Raises:
        NoWayBack, StalePlan: See `roll_back`.
    """
    check_finished(execution)
    for leg in legs:
        if leg.run.state is RunState.FINALIZED or parked.has_finalized(execution.store, leg.run.id, Direction.FORWARD):
            raise NoWayBack(
                f"run {leg.run.id} was finalized",
                cause="what it had parked is dropped for good",
                state="nothing was touched",
                hint="roll back to a checkpoint after this run, or restore a backup",
            )
        check_reversible(leg.plan, leg.position, leg.goal.position)
    live = execution.inspect()
    execution.invalid_indexes = invalid_indexes(live)
    found, left = codec.fingerprint(live), runs.read_left(execution.store)
    if found == left:
        return ()
    if not options.is_forced:
        raise StalePlan(
            "the live schema is not what the last run left",
            cause=f"its fingerprint is {found[:12]}, expected {left[:12]}",
            state="nothing was touched",
            hint="undo what was changed by hand, or give --force",
        )
    return ("the live schema is not what the last run left; rolled back all the same (forced)",)


@dataclass
class _Rollback:
    """One rollback under the lease."""

    execution: Execution
    options: RollbackOptions

    def run(self, to: str) -> RunResult:
        started = self.execution.patience.timer()
        legs, goal = find_way(self.execution, to)
        notes = _check_way(self.execution, legs, self.options)
        steps = [step for leg in legs for step in leg.steps]
        deferred, _ = check_steps(self.execution.session, [(step, way_of(step)) for step in steps])
        before = self._measure()
        for leg in legs:
            self._undo(leg, deferred)
        verdict, after = self._prove(before, legs, goal)
        return self._result(legs, goal, verdict, after, notes, self.execution.patience.timer() - started)

    def _undo(self, leg: Leg, deferred: frozenset[str]) -> None:
        execution = self.execution
        execution.use_run(leg.run)
        first = NoWayBack(f"run {leg.run.id} was to be rolled back to checkpoint {leg.goal.id}")
        try:
            undo_steps(execution, leg.plan, leg.goal, self.options.scratch, deferred)
            state = RunState.PAUSED if leg.goal.position else RunState.ROLLED_BACK
            close_rollback(execution, leg.plan, leg.goal, state, scratch=self.options.scratch)
        except ConnectionLost:
            raise
        except LockgateError as error:
            raise doubt(execution, leg.plan, leg.goal, first, error) from error

    def _measure(self) -> dict[str, RowFacts]:
        execution = self.execution
        schema = execution.inspect(include_own=True)
        return measure_rows(
            execution.engine,
            execution.session,
            execution.server,
            schema,
            exact_count_rows=self.options.exact_count_rows,
            checksum_rows=self.options.checksum_rows,
        )

    def _prove(
        self, before: dict[str, RowFacts], legs: tuple[Leg, ...], goal: Checkpoint
    ) -> tuple[RowVerdict, dict[str, RowFacts]]:
        """Compare the schema with the checkpoint's and the rows of every table with those right before the rollback.

        Raises:
            InDoubtError: The schema differs, or a table holds fewer rows than before.
        """
        self._prove_schema(goal, legs[-1])
        after = self._measure()
        steps = [step for leg in legs for step in leg.steps]
        suspicion = Suspicion(self.execution, tuple(steps))
        verdict = compare_rows(before, after, follow_names(before, steps), suspicion.may_be_lost)
        if verdict.missing:
            raise InDoubtError(
                "after the rollback some tables hold fewer rows than before it",
                cause="; ".join(verdict.missing),
                state=f"the schema is that of checkpoint {goal.id}; rows were deleted meanwhile by others, or are lost",
                hint="look for who deleted these rows before anything else is run",
            )
        return verdict, after

    def _prove_schema(self, goal: Checkpoint, oldest: Leg) -> None:
        """Compare with the checkpoint itself: something may have been changed between the runs on the way."""
        if any(debt.goal == goal.fingerprint for debt in owed_since(self.execution, oldest.run)):
            return  # the end of the oldest run proved that settling what is owed leads there
        loaded = checkpoints.load_checkpoint(self.execution.store, goal.id)
        expected = codec.decode(loaded.schema, Schema, "the checkpoint's schema") if loaded else None
        live = self.execution.inspect()
        if goal.run == oldest.run.id and codec.fingerprint(live) == exact_print(oldest.run, oldest.plan, goal):
            return  # the checkpoint may show a stand-in for what was owed when it was taken
        verdict = compare_schema(live, goal.fingerprint, expected)
        if not verdict.is_equal and not self.options.is_forced:
            raise InDoubtError(
                f"all runs after checkpoint {goal.id} are undone, but the schema differs from it",
                cause=verdict.describe(),
                state="every run is rolled back to its own start; something else was changed between them",
                hint="lockgate drift",
            )

    def _result(
        self,
        legs: tuple[Leg, ...],
        goal: Checkpoint,
        verdict: RowVerdict,
        after: dict[str, RowFacts],
        notes: tuple[str, ...],
        seconds: float,
    ) -> RunResult:
        execution = self.execution
        count = sum(len(leg.steps) for leg in legs)
        owed = list_rows(execution, owed_since(execution, legs[-1].run))
        state = RunState.ROLLED_BACK_WITH_DEBT if owed else execution.run.state if execution.run else None
        equals = f"equals it but for {len(owed)} debts" if owed else "equals it"
        message = f"back at checkpoint {goal.id}: {count} steps undone, the schema {equals}, no row of "
        message += f"{verdict.compared} tables is missing"
        execution.tell(EventType.RUN_DONE, message=message)
        return RunResult(
            run=legs[0].run.id,
            state=state.value if state else "",
            target=execution.target.name,
            message=message,
            steps_done=count,
            steps_total=count,
            checkpoint=goal.id,
            statements=tuple(execution.sent),
            notes=notes,
            rows=(*verdict.differing, *verdict.unknown, *compare_with_counts(goal.counts, after)),
            parked=tuple(park.parked for leg in legs for step in leg.steps for park in step.backward_parks),
            debts=owed,
            salvaged=sum(count_salvage(execution.store, leg.run.plan) for leg in legs),
            next_command="lockgate settle" if owed else "",
            is_proven=not verdict.unknown,
            duration_s=seconds,
        )


def follow_names(names: dict[str, RowFacts], steps: list[Step]) -> dict[str, str]:
    """Return under which name each table is found after these steps are undone; pure.

    Args:
        steps: In the order they are undone.
    """
    result = {}
    for name in names:
        now = name
        for step in steps:
            now = _moves(step).get(now, now)
        if now != name:
            result[name] = now
    return result


def _moves(step: Step) -> dict[str, str]:
    moves = {}
    if step.strategy is Strategy.PLAIN:  # any other parks a mirror, whose rows are those of the table itself
        moves = {park.parked: park.original.path for park in step.parks if park.original.kind == "table"}
    new = {note.object for note in step.changes if note.kind == "create_table"}
    moves.update({park.original.path: park.parked for park in step.backward_parks if park.original.path in new})
    moves.update({note.after: note.before for note in step.changes if note.kind in ("rename", "rename_table")})
    return moves
