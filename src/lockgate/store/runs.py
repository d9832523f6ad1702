"""The rows of runs and of their journal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from lockgate.model import codec
from lockgate.model.run import Direction, Event, EventType, Run, RunState
from lockgate.store.tables import Store

_COLUMNS = (
    "id, number, target, plan_digest, plan, state, stage, before_print, left_print, goal, holder, started_at, "
    "changed_at, note"
)
_HEAD = _COLUMNS.replace(" plan,", " '',")
_PROGRESS = (EventType.STEP_DONE.value, EventType.STEP_UNDONE.value)


def insert_run(store: Store, run: Run) -> None:
    """Write a new run."""
    marks = ", ".join(["%s"] * 14)
    store.write(f"INSERT INTO {{p}}run ({_COLUMNS}) VALUES ({marks})", _values(run))


def update_run(store: Store, run: Run) -> None:
    """Write where a run stands."""
    store.write(
        "UPDATE {p}run SET state = %s, stage = %s, left_print = %s, goal = %s, holder = %s, changed_at = %s, note = %s "
        "WHERE id = %s",
        (run.state.value, run.stage, run.left, run.goal, run.holder, run.changed_at, run.note, run.id),
    )


def list_runs(store: Store, *, with_plans: bool = False) -> tuple[Run, ...]:
    """Return all runs, newest first; without their plans' text unless asked."""
    columns = _COLUMNS if with_plans else _HEAD
    return tuple(map(_run, store.read(f"SELECT {columns} FROM {{p}}run ORDER BY number DESC")))


def load_run(store: Store, run_id: str) -> Run | None:
    """Return one run with its plan."""
    rows = store.read(f"SELECT {_COLUMNS} FROM {{p}}run WHERE id = %s", (run_id,))
    return _run(rows[0]) if rows else None


def find_unfinished(store: Store) -> Run | None:
    """Return the run that died in the middle (or still runs), with its plan."""
    for run in list_runs(store):
        if run.state.is_unfinished:
            return load_run(store, run.id)
    return None


def read_left(store: Store) -> str:
    """Return the fingerprint that the last thing we did left behind; empty when there was nothing."""
    rows = store.read("SELECT meta_value FROM {p}meta WHERE meta_name = 'left_print'")
    return str(rows[0][0]) if rows else ""


def write_left(store: Store, fingerprint: str) -> None:
    """Record the fingerprint that we leave behind."""
    if read_left(store):
        store.write("UPDATE {p}meta SET meta_value = %s WHERE meta_name = 'left_print'", (fingerprint,))
    else:
        store.write("INSERT INTO {p}meta (meta_name, meta_value) VALUES ('left_print', %s)", (fingerprint,))


def insert_event(store: Store, event: Event) -> None:
    """Write one row of the journal."""
    store.write(
        "INSERT INTO {p}event (run_id, seq, event_type, direction, step_number, statement_number, body) "
        "VALUES (%s, %s, %s, %s, %s, %s, %s)",
        (
            event.run,
            event.seq,
            event.type.value,
            event.direction.value,
            event.step,
            event.statement,
            codec.encode(event).decode(),
        ),
    )


def list_events(store: Store, run_id: str) -> tuple[Event, ...]:
    """Return the journal of a run, in order."""
    rows = store.read("SELECT body FROM {p}event WHERE run_id = %s ORDER BY seq", (run_id,))
    return tuple(codec.decode(row[0], Event, "a row of the journal") for row in rows)


def last_seq(store: Store, run_id: str) -> int:
    """Return the number of the last journal row, 0 when there is none."""
    rows = store.read("SELECT MAX(seq) FROM {p}event WHERE run_id = %s", (run_id,))
    return int(rows[0][0] or 0) if rows else 0


def steps_done(store: Store, run_id: str) -> int:
    """Return how many steps of the run's plan are done now; they are always the first ones."""
    rows = store.read(
        "SELECT event_type, step_number FROM {p}event WHERE run_id = %s AND event_type IN (%s, %s) "
        "ORDER BY seq DESC LIMIT 1",
        (run_id, *_PROGRESS),
    )
    if not rows:
        return 0
    return int(rows[0][1]) + (1 if rows[0][0] == EventType.STEP_DONE.value else 0)


def reverted_steps(store: Store, run_id: str) -> frozenset[int]:
    """Return the numbers of the steps that were done and then reverted, so that doing them again is a redo."""
    rows = store.read(
        "SELECT event_type, step_number, direction FROM {p}event WHERE run_id = %s AND event_type IN (%s, %s) "
        "ORDER BY seq",
        (run_id, *_PROGRESS),
    )
    last = {int(number): (kind, direction) for kind, number, direction in rows}
    undone = (EventType.STEP_UNDONE.value, Direction.REVERT.value)
    return frozenset(number for number, end in last.items() if end == undone)


class Attempt(NamedTuple):
    """A step that was begun and neither done, undone nor cleanly failed.

    ``done`` are the numbers of its statements whose effect is journaled, ``doubtful`` the one that was begun and never
    reported (-1: none, or the step ran in one transaction, which then left nothing). ``first`` is the statement the
    attempt began with, ``first_seq`` its journal row; ``origin_seq`` that of the first open attempt at this step.
    ``soft`` are the pre-checks for which a stand-in is put or lifted.
    """

    step: int
    direction: Direction
    done: int
    doubtful: int
    first: int
    first_seq: int
    origin_seq: int
    soft: tuple[int, ...] = ()


def find_attempt(events: Sequence[Event]) -> Attempt | None:
    """Return the step attempt that the journal leaves open, or None."""
    attempt: Attempt | None = None
    for event in events:
        if event.type is EventType.STEP_STARTED:
            first = max(event.statement, 0)
            origin = event.seq if attempt is None else attempt.origin_seq
            attempt = Attempt(event.step, event.direction, first, -1, first, event.seq, origin, event.soft)
        elif event.type in (EventType.STEP_DONE, EventType.STEP_UNDONE, EventType.STEP_FAILED):
            attempt = None
        elif attempt is not None and event.type is EventType.STATEMENT_INTENT:
            attempt = attempt._replace(doubtful=event.statement)
        elif attempt is not None and event.type is EventType.STATEMENT_FAILED:
            attempt = attempt._replace(doubtful=-1)
        elif attempt is not None and event.type is EventType.STATEMENT_DONE:
            attempt = attempt._replace(done=event.statement + 1, doubtful=-1)
    return attempt


def _values(run: Run) -> tuple[Any, ...]:
    return (
        run.id,
        run.number,
        run.target,
        run.digest,
        run.plan,
        run.state.value,
        run.stage,
        run.before,
        run.left,
        run.goal,
        run.holder,
        run.started_at,
        run.changed_at,
        run.note,
    )


def _run(row: tuple[Any, ...]) -> Run:
    return Run(
        id=row[0],
        number=int(row[1]),
        target=row[2],
        digest=row[3],
        plan=row[4],
        state=RunState(row[5]),
        stage=int(row[6]),
        before=row[7],
        left=row[8],
        goal=row[9],
        holder=row[10],
        started_at=row[11],
        changed_at=row[12],
        note=row[13],
    )
