"""Really drop what a run parked; after this the run cannot be rolled back."""

from __future__ import annotations

from datetime import datetime

from msgspec.structs import replace

from lockgate.engine.base import Engine
from lockgate.errors import InDoubtError, InputError, LockgateError, RefusedError
from lockgate.execute.execution import Execution
from lockgate.execute.finalize import finalize_entries, render_entry
from lockgate.execute.opening import open_reading, open_stoppable
from lockgate.model.run import Direction, Observer, ParkedEntry, Run, RunResult, RunState
from lockgate.model.target import Target
from lockgate.store import parked, runs
from lockgate.store.salvage import count_salvage, drop_salvage
from lockgate.workflow.admission import check_finished
from lockgate.workflow.options import FinalizeOptions, NewId, Now, ignore_event, random_id, utc_now
from lockgate.workflow.way_back import save_run


def finalize(
    engine: Engine,
    target: Target,
    run: str,
    options: FinalizeOptions | None = None,
    observer: Observer = ignore_event,
    *,
    now: Now = utc_now,
    new_id: NewId = random_id,
) -> RunResult:
    """Drop the parked objects of a run for good; ``run`` is its id or ``latest`` (the newest that has any).

    Raises:
        RefusedError: The retention is not over and ``is_now`` was not given, or the run is unfinished.
        InputError: There is no such run.
        LeaseHeld: Another runner holds the target.
    """
    options = options or FinalizeOptions()
    if options.is_dry_run:
        with open_reading(
            engine, target, patience=options.patience, observer=observer, now=now, new_id=new_id
        ) as execution:
            return _look_ahead(execution, run, options)
    with open_stoppable(
        engine, target, patience=options.patience, observer=observer, now=now, new_id=new_id
    ) as execution:
        return _finalize(execution, run, options)


def _look_ahead(execution: Execution, name: str, options: FinalizeOptions) -> RunResult:
    chosen, entries = _choose(execution, name, options)
    _check_retention(execution, entries, options)
    lines = tuple(line for entry in entries for line in render_entry(execution, entry))
    kept = count_salvage(execution.store, _plan_of(execution, chosen)) if chosen else 0
    words = f"{len(entries)} parked objects{_salvage_words(kept)}"
    message = f"{words} would be dropped; nothing was written"
    return _result(execution, chosen, "dry run", message, entries, lines, is_dry_run=True)


def _finalize(execution: Execution, name: str, options: FinalizeOptions) -> RunResult:
    check_finished(execution)
    chosen, entries = _choose(execution, name, options)
    if not entries or chosen is None:
        return _result(execution, chosen, "nothing to do", "nothing is parked; there is nothing to drop", (), ())
    _check_retention(execution, entries, options)
    before = chosen.state
    execution.use_run(chosen)
    save_run(execution, replace(chosen, state=RunState.FINALIZING))
    try:
        finalize_entries(execution, entries)
    except LockgateError as error:
        raise _stopped(execution, chosen, before, entries, error) from error
    kept = drop_salvage(execution.store, _plan_of(execution, chosen))
    is_back = before in (RunState.ROLLED_BACK, RunState.ROLLED_BACK_WITH_DEBT)
    save_run(execution, replace(chosen, state=before if is_back else RunState.FINALIZED))
    message = f"{len(entries)} parked objects{_salvage_words(kept)} were dropped for good"
    return _result(execution, chosen, RunState.FINALIZED.value, message, entries, tuple(execution.sent))


def _plan_of(execution: Execution, run: Run) -> str:
    """Return the text of a run's plan, which names its mirrors."""
    loaded = runs.load_run(execution.store, run.id)
    return loaded.plan if loaded else ""


def _salvage_words(kept: int) -> str:
    return f" and {kept} values in salvage" if kept else ""


def _stopped(
    execution: Execution, run: Run, before: RunState, entries: tuple[ParkedEntry, ...], error: LockgateError
) -> LockgateError:
    """Bring the run back to rest and say what is left; a broken connection leaves it to recover."""
    try:
        left = {entry.id for entry in parked.list_parked(execution.store)}
        save_run(execution, replace(run, state=before, note=str(error)))
    except LockgateError as second:
        return InDoubtError(
            "dropping parked objects failed, and the journal cannot be written",
            cause=f"{error}; then: {second}",
            state=f"run {run.id} is being finalized",
            hint="lockgate recover",
        )
    waiting = [entry.name for entry in entries if entry.id in left]
    error.state = f"{len(entries) - len(waiting)} of {len(entries)} are dropped; still parked: {', '.join(waiting)}"
    return error


def _choose(execution: Execution, name: str, options: FinalizeOptions) -> tuple[Run | None, tuple[ParkedEntry, ...]]:
    """Return the run and what to drop: what its steps parked, and with ``is_all`` what rollbacks left parked."""
    everything = parked.list_parked(execution.store)
    known = runs.list_runs(execution.store)
    run = _find_run(known, everything, name, options)
    if run is None:
        return None, ()
    if not options.is_all:
        return run, tuple(e for e in everything if e.run == run.id and e.direction is Direction.FORWARD)
    numbers = {other.id: other.number for other in known}
    leftovers = [e for e in everything if e.direction is Direction.BACKWARD and numbers.get(e.run, 0) <= run.number]
    own = [e for e in everything if e.run == run.id and e.direction is Direction.FORWARD]
    return run, (*own, *leftovers)


def _find_run(
    known: tuple[Run, ...], everything: tuple[ParkedEntry, ...], name: str, options: FinalizeOptions
) -> Run | None:
    if name != "latest":
        found = next((run for run in known if run.id == name), None)
        if found is None:
            raise InputError(f"there is no run {name}", state="nothing was touched", hint="lockgate status")
        return found
    kinds = (Direction.FORWARD, Direction.BACKWARD) if options.is_all else (Direction.FORWARD,)
    having = {entry.run for entry in everything if entry.direction in kinds}
    return next((run for run in known if run.id in having), None)


def _check_retention(execution: Execution, entries: tuple[ParkedEntry, ...], options: FinalizeOptions) -> None:
    """Refuse while anything was parked less than the retention ago."""
    if options.is_now:
        return
    end = execution.now() - options.retention
    young = [entry for entry in entries if datetime.fromisoformat(entry.parked_at) > end]
    if young:
        free_at = max(datetime.fromisoformat(entry.parked_at) for entry in young) + options.retention
        raise RefusedError(
            f"{len(young)} of {len(entries)} parked objects are still within their retention",
            cause=f"it ends {free_at:%Y-%m-%d %H:%M} UTC",
            state="nothing was touched",
            hint="wait, or give --now; after it the run cannot be rolled back",
        )


def _result(
    execution: Execution,
    run: Run | None,
    state: str,
    message: str,
    entries: tuple[ParkedEntry, ...],
    lines: tuple[str, ...],
    *,
    is_dry_run: bool = False,
) -> RunResult:
    return RunResult(
        run=run.id if run else "",
        state=state,
        target=execution.target.name,
        message=message,
        is_dry_run=is_dry_run,
        statements=lines,
        parked=tuple(entry.name for entry in entries),
    )
