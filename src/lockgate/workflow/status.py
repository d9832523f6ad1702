"""Where things stand on a target."""

from __future__ import annotations

from datetime import datetime

from lockgate.engine.base import Engine
from lockgate.execute.opening import open_reading
from lockgate.execute.retry import Patience
from lockgate.execute.script import statements_of
from lockgate.model import codec
from lockgate.model.plan import decode_plan
from lockgate.model.run import Checkpoint, Direction, ParkedEntry, Run, RunState, Salvaged
from lockgate.model.schema import Value
from lockgate.model.target import Target
from lockgate.store import checkpoints, debts, lease, parked, runs
from lockgate.store.lease import lease_name
from lockgate.store.progress import list_progress, read_copy_state
from lockgate.store.restored import read_marks
from lockgate.store.salvage import count_salvage, list_salvage
from lockgate.store.tables import Store
from lockgate.workflow.options import RETENTION, Now, ignore_event, random_id, utc_now


class ParkedStatus(Value, frozen=True):
    """A parked object and how long it has been parked."""

    entry: ParkedEntry
    age_s: float


class CopyStatus(Value, frozen=True, omit_defaults=False):
    """How far the newest copy of an unfinished run has come.

    ``total`` is an estimate (-1: unknown), ``rate`` rows a second, ``left_s`` seconds (-1: unknown). ``held_by`` says
    why it is held back (empty: it is not); ``watermark`` is the last key that is done, ``changed_at`` when that was
    written.
    """

    table: str
    rows: int
    total: int
    rate: float
    left_s: float
    held_by: str
    watermark: str
    changed_at: str


class Status(Value, frozen=True, omit_defaults=False):
    """Where things stand.

    ``runs`` newest first, without their plans; ``holder`` who recorded the lease and did not free it (empty: nobody).

    ``owed`` is how many things rollbacks could not restore because rows stand in the way, ``salvaged`` how many values
    are kept that the schema in force cannot hold. ``is_as_left``: whether the live schema is what the last run left
    (None: there was no run). ``restoring`` is the id of a restore that is under way or was killed (empty: none).
    ``next_command`` is what to run next.
    """

    target: str
    engine: str
    server_version: str
    fingerprint: str
    tables: int
    runs: tuple[Run, ...] = ()
    unfinished: Run | None = None
    checkpoints: tuple[Checkpoint, ...] = ()
    parked: tuple[ParkedStatus, ...] = ()
    owed: int = 0
    salvaged: int = 0
    holder: str = ""
    is_as_left: bool | None = None
    restoring: str = ""
    unmanaged: tuple[str, ...] = ()
    next_command: str = ""
    copy: CopyStatus | None = None


def read_status(engine: Engine, target: Target, *, now: Now = utc_now) -> Status:
    """Read where things stand over a read-only session; writes nothing.

    Raises:
        ConnectError: The server cannot be reached.
        ArtifactError: The journal is of a version this program does not know.
    """
    with open_reading(
        engine, target, patience=Patience(), observer=ignore_event, now=now, new_id=random_id
    ) as execution:
        live = execution.inspect()
        known = runs.list_runs(execution.store)
        unfinished = next((run for run in known if run.state.is_unfinished), None)
        waiting = tuple(_age(entry, now()) for entry in parked.list_parked(execution.store))
        owed = debts.count_owed(execution.store)
        left = runs.read_left(execution.store)
        found = codec.fingerprint(live)
        is_as_left = found == left if left else None
        restoring = read_marks(execution.store)[1]
        return Status(
            target=target.display,
            engine=engine.name,
            server_version=execution.server.version_text,
            fingerprint=found,
            tables=len(live.tables),
            runs=known,
            unfinished=unfinished,
            checkpoints=checkpoints.list_checkpoints(execution.store),
            parked=waiting,
            owed=owed,
            salvaged=count_salvage(execution.store),
            holder=lease.read_holder(execution.store, lease_name(target)),
            is_as_left=is_as_left,
            restoring=restoring,
            unmanaged=tuple(f"{item.kind} {item.name}: {item.reason}" for item in live.unmanaged),
            copy=_read_copy(execution.store, unfinished),
            next_command="lockgate restore --resume"
            if restoring
            else _next_command(known, unfinished, waiting, is_as_left, owed),
        )


def read_salvage(engine: Engine, target: Target, *, now: Now = utc_now) -> tuple[Salvaged, ...]:
    """Read the values in salvage over a read-only session; raises as `read_status`."""
    with open_reading(
        engine, target, patience=Patience(), observer=ignore_event, now=now, new_id=random_id
    ) as execution:
        return list_salvage(execution.store)


def _read_copy(store: Store, unfinished: Run | None) -> CopyStatus | None:
    """Return how far the chunked statement that last went on has come, when it is not done."""
    known = list_progress(store, unfinished.id) if unfinished is not None else ()
    if not known or known[-1][1].is_done or unfinished is None:
        return None
    name, progress, changed_at = known[-1]
    state = read_copy_state(store)
    left = (state.total - progress.rows) / state.rate if state.rate > 0 and state.total > progress.rows else -1.0
    return CopyStatus(
        table=_copied_table(store, unfinished, name),
        rows=progress.rows,
        total=state.total,
        rate=state.rate,
        left_s=round(left, 1),
        held_by=state.held_by,
        watermark=", ".join(progress.watermark),
        changed_at=changed_at,
    )


def _copied_table(store: Store, unfinished: Run, name: str) -> str:
    """Return the table of a chunked statement, by the name of its progress in the journal."""
    run = runs.load_run(store, unfinished.id)
    _, step, direction, number = name.rsplit("/", 3)
    assert run is not None
    plan = decode_plan(run.plan.encode(), f"the plan of run {run.id}")
    statements = statements_of(plan.steps[int(step)], Direction(direction))
    chunked = statements[int(number)].chunked if int(number) < len(statements) else None
    return chunked.table.path if chunked is not None else plan.steps[int(step)].title


def _age(entry: ParkedEntry, now: datetime) -> ParkedStatus:
    parked_at = datetime.fromisoformat(entry.parked_at)
    return ParkedStatus(entry=entry, age_s=max((now - parked_at).total_seconds(), 0.0))


def _next_command(
    known: tuple[Run, ...],
    unfinished: Run | None,
    waiting: tuple[ParkedStatus, ...],
    is_as_left: bool | None,
    owed: int,
) -> str:
    """Return the one command that makes most sense now."""
    if unfinished is not None:
        return "lockgate recover"
    if owed and is_as_left and any(run.state is RunState.ROLLED_BACK_WITH_DEBT for run in known[:1]):
        return "lockgate settle"
    if any(run.state in (RunState.PAUSED, RunState.STOPPED) for run in known[:1]):
        return "lockgate apply PLAN" if is_as_left else "lockgate drift"
    if is_as_left is False:
        return "lockgate drift"
    old = [item for item in waiting if item.entry.direction is Direction.FORWARD]
    if old and all(item.age_s > RETENTION.total_seconds() for item in old):
        return "lockgate finalize latest"
    return "lockgate plan -o plan.json" if not known else "lockgate drift"
