"""List what ways back left owing, and put the exact state in place where no row is in the way any more."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from lockgate.engine.base import Engine
from lockgate.errors import InDoubtError, ScratchUnavailable, StalePlan, StatementFailed
from lockgate.execute.execution import Execution
from lockgate.execute.opening import open_reading, open_stoppable
from lockgate.execute.script import build_units
from lockgate.execute.units import run_unit
from lockgate.model import codec
from lockgate.model.op import Statement
from lockgate.model.run import Debt, DebtState, Direction, EventType, Observer, Owed, Run, RunResult, RunState
from lockgate.model.target import Target
from lockgate.store import debts, runs
from lockgate.workflow.admission import check_finished
from lockgate.workflow.options import NewId, Now, SettleOptions, ignore_event, random_id, utc_now
from lockgate.workflow.owed import list_rows, settled_schema
from lockgate.workflow.way_back import save_run


def settle(
    engine: Engine,
    target: Target,
    options: SettleOptions | None = None,
    observer: Observer = ignore_event,
    *,
    now: Now = utc_now,
    new_id: NewId = random_id,
) -> RunResult:
    """Settle every debt without rows in the way; list the others with each of their rows. Changes no row itself.

    Raises:
        StalePlan: The live schema is not what the rollback left, or something was applied after it.
        LeaseHeld: Another runner holds the target.
        InDoubtError: A statement failed half-way where DDL is not transactional, or the result is not as expected.
    """
    options = options or SettleOptions()
    if options.is_list:
        with open_reading(
            engine, target, patience=options.patience, observer=observer, now=now, new_id=new_id
        ) as execution:
            return _list(execution)
    with open_stoppable(
        engine, target, patience=options.patience, observer=observer, now=now, new_id=new_id
    ) as execution:
        return _settle(execution, options)


def _list(execution: Execution) -> RunResult:
    owed = debts.list_owed(execution.store)
    listed = list_rows(execution, owed)
    clean = sum(1 for item in listed if not item.rows and not item.note)
    message = f"{len(listed)} debts are owed, {clean} of them can be settled now" if listed else "nothing is owed"
    return _result(execution, owed[0].run if owed else "", "owed" if listed else "nothing to do", message, listed)


def _settle(execution: Execution, options: SettleOptions) -> RunResult:
    check_finished(execution)
    owed = debts.list_owed(execution.store)
    if not owed:
        return _result(execution, "", "nothing to do", "nothing is owed; there is nothing to settle", ())
    known = {run.id: run for run in runs.list_runs(execution.store)}
    _check_newest(execution, owed, known)
    starts = _find_starts(execution, owed, options)
    settled: list[Debt] = []
    for debt in owed:
        run = known[debt.run]
        execution.use_run(run)
        listed = list_rows(execution, (debt,))[0]
        if (listed.rows or listed.note) and not starts.get(debt.id):
            continue
        if _settle_one(execution, debt, starts.get(debt.id, 0)):
            settled.append(debt)
    return _close(execution, owed, settled, known)


def _check_newest(execution: Execution, owed: Sequence[Debt], known: dict[str, Run]) -> None:
    """Refuse when something was applied on top: the exact state of then is no goal any more."""
    newest = max((known[debt.run].number for debt in owed), default=0)
    for run in known.values():
        if run.number > newest and run.state is not RunState.ROLLED_BACK and runs.steps_done(execution.store, run.id):
            raise StalePlan(
                f"run {run.id} was applied after the rollback that left debts",
                cause="what they would restore is no longer what is wanted",
                state="nothing was touched",
                hint="plan from the schema as it is now, or roll that run back first",
            )


def _find_starts(execution: Execution, owed: Sequence[Debt], options: SettleOptions) -> dict[str, int]:
    """Return from which statement a debt goes on whose settling was cut off, by its id; usually none.

    Raises:
        StalePlan: The live schema is neither what was left nor half-way to what is owed.
    """
    left = runs.read_left(execution.store)
    found = codec.fingerprint(execution.inspect())
    if found == left:
        return {}
    for debt in owed:
        others = [s for other in owed if other is not debt for s in other.soft.settle]
        for first in range(1, len(debt.soft.settle) + 1):
            if _leads_to(execution, options, (*debt.soft.settle[first:], *others), debt.goal):
                return {debt.id: first}
    raise StalePlan(
        "the live schema is not what the rollback left",
        cause=f"its fingerprint is {found[:12]}, expected {left[:12]}",
        state="nothing was touched",
        hint="undo what was changed by hand, or plan from the schema as it is now",
    )


def _leads_to(execution: Execution, options: SettleOptions, statements: Sequence[Statement], goal: str) -> bool:
    try:
        return codec.fingerprint(settled_schema(execution, options.scratch, statements)) == goal
    except (ScratchUnavailable, StatementFailed):
        return False


def _settle_one(execution: Execution, debt: Debt, first: int) -> bool:
    """Run a debt's statements; tell whether it is settled (rows may have come in the way at the last moment).

    Raises:
        InDoubtError: A statement failed after others took effect.
    """
    fields = {"step": debt.step, "step_id": debt.step_id, "direction": Direction.SETTLE}
    execution.journal(EventType.SETTLE_STARTED, message=debt.message, **fields)
    units = build_units(debt.soft.settle, execution.engine.state, execution.patience, first)
    done = 0

    def settled() -> None:
        debts.mark_debt(execution.store, debt.id, DebtState.SETTLED)

    for unit in units:
        try:
            run_unit(execution, unit, Direction.SETTLE, settled if unit is units[-1] else lambda: None)
        except StatementFailed as error:
            if not done and not first:
                execution.journal(
                    EventType.SETTLE_FAILED, message=f"not settled: {error.cause or error.what}", **fields
                )
                return False
            raise InDoubtError(
                "a debt was settled half-way",
                where=error.where,
                cause=error.cause,
                state=f"{debt.message}: {done + first} of {len(debt.soft.settle)} statements are done",
                hint="remove the cause, then lockgate settle",
            ) from error
        done += len(unit.numbers)
    if not units:
        settled()
    execution.journal(EventType.DEBT_SETTLED, message=f"settled: {debt.message}", **fields)
    return True


def _close(execution: Execution, owed: Sequence[Debt], settled: Sequence[Debt], known: dict[str, Run]) -> RunResult:
    """Compare with the exact state once nothing is owed, and bring the runs to rest.

    Raises:
        InDoubtError: All is settled, but the schema is not the one that was to be restored.
    """
    rest = [debt for debt in owed if debt not in settled]
    found = codec.fingerprint(execution.inspect())
    runs.write_left(execution.store, found)
    goal = owed[0].goal
    if not rest and found != goal:
        raise InDoubtError(
            "everything owed is settled, but the schema is not the one that was to be restored",
            cause=f"its fingerprint is {found[:12]}, expected {goal[:12]}",
            state="the debts are settled; something else was changed",
            hint="lockgate drift",
        )
    for run_id in {debt.run for debt in owed}:
        own = [debt for debt in rest if debt.run == run_id]
        execution.use_run(known[run_id])
        position = next(debt.position for debt in owed if debt.run == run_id)
        state = RunState.ROLLED_BACK_WITH_DEBT if own else RunState.PAUSED if position else RunState.ROLLED_BACK
        save_run(execution, replace(known[run_id], state=state, left=found))
    listed = list_rows(execution, rest)
    if rest:
        text = f"{len(settled)} debts are settled, {len(rest)} are still owed: rows stand in their way"
        return _result(execution, owed[0].run, RunState.ROLLED_BACK_WITH_DEBT.value, text, listed)
    text = f"{len(settled)} debts are settled; the schema equals the checkpoint, and nothing is owed any more"
    return _result(execution, owed[0].run, "settled", text, ())


def _result(execution: Execution, run: str, state: str, message: str, listed: tuple[Owed, ...]) -> RunResult:
    return RunResult(
        run=run,
        state=state,
        target=execution.target.name,
        message=message,
        statements=tuple(execution.sent),
        debts=listed,
        next_command="lockgate settle" if listed else "",
    )
