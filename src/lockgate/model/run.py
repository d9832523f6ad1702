"""One execution of a plan and what it leaves behind: its journal, checkpoints and parked objects; pure."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import TypeAlias

from lockgate.model.op import Soft, Statement
from lockgate.model.schema import Value

EVENT_VERSION = 1


class RunState(Enum):
    """Where a run stands.

    Unfinished, so that only `recover` may go on: running, rolling_back, finalizing, in_doubt. At rest: paused (stages
    remain), applied, stopped (failed or interrupted, left at a consistent point on request), rolled_back,
    rolled_back_with_debt (rows stand in the way of something that was to be restored; `settle` does it), finalized.
    """

    RUNNING = "running"
    ROLLING_BACK = "rolling_back"
    FINALIZING = "finalizing"
    IN_DOUBT = "in_doubt"
    PAUSED = "paused"
    APPLIED = "applied"
    STOPPED = "stopped"
    ROLLED_BACK = "rolled_back"
    ROLLED_BACK_WITH_DEBT = "rolled_back_with_debt"
    FINALIZED = "finalized"

    @property
    def is_unfinished(self) -> bool:
        """Whether the run died in the middle (or still runs)."""
        return self in (RunState.RUNNING, RunState.ROLLING_BACK, RunState.FINALIZING, RunState.IN_DOUBT)


class Direction(Enum):
    """Which of a step's statements are meant.

    BACKWARD undoes a step that was left half-way, or one without a way of its own; REVERT undoes one that was done;
    REDO does a reverted step again.
    """

    FORWARD = "forward"
    BACKWARD = "backward"
    REVERT = "revert"
    REDO = "redo"
    FINALIZE = "finalize"
    SETTLE = "settle"


class EventType(Enum):
    """What an event tells. The ones in `JOURNALED` are rows of the journal; the others go to observers only."""

    RUN_STARTED = "run_started"
    STAGE_STARTED = "stage_started"
    STAGE_VERIFIED = "stage_verified"
    CHECKPOINT_TAKEN = "checkpoint_taken"
    BACKUP_TAKEN = "backup_taken"
    STEP_STARTED = "step_started"
    STATEMENT_INTENT = "statement_intent"
    STATEMENT_STARTED = "statement_started"
    STATEMENT_FINISHED = "statement_finished"
    STATEMENT_DONE = "statement_done"
    COMMITTING = "committing"
    STATEMENT_FAILED = "statement_failed"
    STEP_DONE = "step_done"
    STEP_UNDONE = "step_undone"
    STEP_FAILED = "step_failed"
    WAITING = "waiting"
    PROGRESS = "progress"
    THROTTLED = "throttled"
    INTERRUPTED = "interrupted"
    FAILED = "failed"
    ROLLBACK_STARTED = "rollback_started"
    ROLLBACK_DONE = "rollback_done"
    FINALIZE_STARTED = "finalize_started"
    PARKED_DROPPED = "parked_dropped"
    SETTLE_STARTED = "settle_started"
    SETTLE_FAILED = "settle_failed"
    DEBT_SETTLED = "debt_settled"
    RECOVERED = "recovered"
    IN_DOUBT = "in_doubt"
    NOTE = "note"
    RUN_DONE = "run_done"


JOURNALED = frozenset(
    {
        EventType.RUN_STARTED,
        EventType.STEP_STARTED,
        EventType.STATEMENT_INTENT,
        EventType.STATEMENT_DONE,
        EventType.STATEMENT_FAILED,
        EventType.CHECKPOINT_TAKEN,
        EventType.BACKUP_TAKEN,
        EventType.STEP_DONE,
        EventType.STEP_UNDONE,
        EventType.STEP_FAILED,
        EventType.INTERRUPTED,
        EventType.FAILED,
        EventType.ROLLBACK_STARTED,
        EventType.ROLLBACK_DONE,
        EventType.FINALIZE_STARTED,
        EventType.PARKED_DROPPED,
        EventType.SETTLE_STARTED,
        EventType.SETTLE_FAILED,
        EventType.DEBT_SETTLED,
        EventType.RECOVERED,
        EventType.IN_DOUBT,
        EventType.RUN_DONE,
    }
)


class Event(Value, frozen=True, omit_defaults=False, forbid_unknown_fields=False):
    """One thing that happened; a line of ``events.jsonl``.

    ``ts`` is UTC (ISO 8601 with offset); ``seq`` goes up within a run, with gaps in the journal where only observers
    were told. ``step`` is the step's number within the plan (from 0, -1 when none), ``step_id`` its name; ``statement``
    the statement's number within the step and direction (-1: the step as a whole); ``checkpoint`` the one that was
    taken or is led back to. ``soft`` are the numbers of the backward pre-checks of the step in whose place a stand-in
    is put (or lifted). ``message`` is for people.
    """

    run: str
    seq: int
    type: EventType
    ts: str = ""
    v: int = EVENT_VERSION
    state: str = ""
    stage: int = 0
    step: int = -1
    step_id: str = ""
    statement: int = -1
    direction: Direction = Direction.FORWARD
    message: str = ""
    sql: str = ""
    checkpoint: str = ""
    soft: tuple[int, ...] = ()
    wait_s: float = 0.0
    duration_s: float = 0.0


Observer: TypeAlias = Callable[[Event], None]


class Run(Value, frozen=True):
    """One execution of one plan on one database.

    ``number`` orders runs; ``stage`` is the last stage that is complete; ``left`` the fingerprint of the live schema
    when the run came to rest; ``goal`` the checkpoint a rollback under way leads to; ``holder`` who runs or ran it.
    """

    id: str
    number: int
    target: str
    digest: str
    plan: str
    state: RunState
    stage: int = 0
    before: str = ""
    left: str = ""
    goal: str = ""
    holder: str = ""
    started_at: str = ""
    changed_at: str = ""
    note: str = ""


class TableCount(Value, frozen=True):
    """Rows of one table: exact, or an estimate from statistics (-1 when unknown)."""

    table: str
    rows: int
    is_exact: bool = True


class Checkpoint(Value, frozen=True):
    """A place one can return to.

    ``position`` is how many steps of the run ``run`` were done; ``run_number`` is 0 before any run. ``schema`` is the
    live schema as canonical JSON, ``full_schema`` the same with parked objects where there were any (else empty).
    """

    id: str
    run: str
    run_number: int
    position: int
    stage: int
    created_at: str
    fingerprint: str
    schema: str = ""
    full_schema: str = ""
    counts: tuple[TableCount, ...] = ()
    label: str = ""


class ParkState(Enum):
    """Whether a parked object still waits, was put back, or was really dropped."""

    PARKED = "parked"
    RESTORED = "restored"
    FINALIZED = "finalized"


class ParkedEntry(Value, frozen=True):
    """One parked object as the journal knows it."""

    id: str
    run: str
    step_id: str
    direction: Direction
    original: str
    name: str
    finalize: tuple[Statement, ...]
    parked_at: str
    state: ParkState = ParkState.PARKED


class DebtState(Enum):
    """Whether a debt is owed, was settled, or is gone because its step was done again (or its object undone)."""

    OWED = "owed"
    SETTLED = "settled"
    LIFTED = "lifted"


class Debt(Value, frozen=True):
    """Something a way back could not restore exactly, because rows stand in its way.

    ``step`` and ``check`` are numbers within the plan and the step's backward pre-checks; ``soft`` says what stands in
    and how it is settled. ``goal`` is the fingerprint of the schema once all is settled, ``position`` how many steps of
    the run are still done then.
    """

    id: str
    run: str
    step: int
    step_id: str
    check: int
    message: str
    soft: Soft
    rows_found: int
    owed_since: str
    goal: str = ""
    position: int = 0
    state: DebtState = DebtState.OWED


class OwedRow(Value, frozen=True, omit_defaults=False):
    """One row in the way: its key as JSON text, and the value in the way as text (None: NULL)."""

    key: str
    value: str | None


class Owed(Value, frozen=True, omit_defaults=False):
    """A debt as people read it, with every row that stands in the way now; ``note`` says why none could be listed."""

    debt: str
    run: str
    step_id: str
    message: str
    since: str
    rows: tuple[OwedRow, ...] = ()
    note: str = ""


class Salvaged(Value, frozen=True, omit_defaults=False):
    """One value that the schema in force cannot hold, kept until a redo takes it or its run is finalized.

    ``mirror`` is the reserved name of what keeps it, ``row_key`` the row's key as JSON text, ``value`` the value and
    ``stand_in`` what the row holds instead, both as text (None: NULL).
    """

    id: int
    mirror: str
    table: str
    row_key: str
    column: str
    value: str | None
    stand_in: str | None
    reason: str
    state: str
    kept_at: str


class RunResult(Value, frozen=True, omit_defaults=False):
    """What a workflow did.

    ``statements`` are the lines sent (dry run: that would be sent), ``notes`` sentences for people, ``rows`` how the
    row proof came out per table that differs. ``debts`` are what is owed, ``salvaged`` how many values of the run wait
    in the table of salvage. ``is_proven`` is false when something could not be compared.
    """

    run: str
    state: str
    target: str
    message: str
    is_dry_run: bool = False
    stages_done: tuple[int, ...] = ()
    stages_left: tuple[int, ...] = ()
    steps_done: int = 0
    steps_total: int = 0
    checkpoint: str = ""
    checkpoints: tuple[str, ...] = ()
    statements: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    rows: tuple[str, ...] = ()
    parked: tuple[str, ...] = ()
    debts: tuple[Owed, ...] = ()
    salvaged: int = 0
    next_command: str = ""
    is_proven: bool = True
    duration_s: float = 0.0
