"""What the callers of the workflows may choose; values only."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import NamedTuple, TypeAlias

from lockgate.engine.base import ScratchOptions
from lockgate.execute.retry import Patience
from lockgate.model.run import Event

Now: TypeAlias = Callable[[], datetime]
NewId: TypeAlias = Callable[[], str]
RETENTION = timedelta(days=7)
EXACT_COUNT_ROWS = 5_000_000


def utc_now() -> datetime:
    """Return the time, UTC."""
    return datetime.now(UTC)


def random_id() -> str:
    """Return eight random hexadecimal digits; runs and checkpoints are named with them."""
    return secrets.token_hex(4)


def ignore_event(event: Event) -> None:
    """Observe nothing."""


class StageAsk(NamedTuple):
    """A stage that is about to begin: its checkpoint, the run, the tables (dotted names) its steps touch.

    ``is_first``: nothing of the run was done in this call yet. ``is_stopped`` tells whether a stop was asked for.
    """

    checkpoint: str
    run: str
    stage: int
    tables: tuple[str, ...]
    is_first: bool
    is_stopped: Callable[[], bool]


@dataclass(frozen=True)
class ApplyOptions:
    """How a plan is applied.

    ``stage``: go on up to this stage only (0: all). ``on_error``: ``run`` rolls back to before the run, ``stage`` to
    before the failed stage, ``stop`` leaves the steps done before the failed one. ``is_checkpoint_skipped`` leaves the
    row counts of checkpoints out; the reason is journaled. Row counts are exact when statistics say that the database
    has at most ``exact_count_rows`` rows. ``back_up`` takes a backup before a stage and returns its id (empty: none is
    wanted there); when it fails, so does the run, before the stage. ``is_stop_wanted`` is asked all the while, by
    another thread: when it says so the running statement is cancelled and the run goes its way back (Interrupted).
    """

    is_dry_run: bool = False
    stage: int = 0
    on_error: str = "run"
    is_other_target_allowed: bool = False
    is_checkpoint_skipped: bool = False
    reason: str = ""
    patience: Patience = field(default_factory=Patience)
    exact_count_rows: int = EXACT_COUNT_ROWS
    scratch: ScratchOptions = field(default_factory=ScratchOptions)
    back_up: Callable[[StageAsk], str] | None = None
    is_stop_wanted: Callable[[], bool] | None = None


@dataclass(frozen=True)
class RollbackOptions:
    """How to roll back. ``is_forced`` goes on although the live schema is not what the last run left."""

    is_dry_run: bool = False
    is_forced: bool = False
    patience: Patience = field(default_factory=Patience)
    exact_count_rows: int = EXACT_COUNT_ROWS
    checksum_rows: int = 200_000
    scratch: ScratchOptions = field(default_factory=ScratchOptions)


@dataclass(frozen=True)
class FinalizeOptions:
    """What to drop for good. ``is_now``: before the retention is over; ``is_all``: also what rollbacks left parked."""

    is_dry_run: bool = False
    is_now: bool = False
    is_all: bool = False
    retention: timedelta = RETENTION
    patience: Patience = field(default_factory=Patience)


@dataclass(frozen=True)
class RecoverOptions:
    """How to recover.

    ``is_finish`` goes on to the end of the plan instead of undoing; ``wait_s`` bounds the wait for an orphaned session.
    """

    is_finish: bool = False
    wait_s: float = 30.0
    patience: Patience = field(default_factory=Patience)
    checksum_rows: int = 200_000
    exact_count_rows: int = EXACT_COUNT_ROWS
    scratch: ScratchOptions = field(default_factory=ScratchOptions)


@dataclass(frozen=True)
class SettleOptions:
    """How debts are settled. ``is_list`` only lists them with their rows and writes nothing."""

    is_list: bool = False
    patience: Patience = field(default_factory=Patience)
    scratch: ScratchOptions = field(default_factory=ScratchOptions)
