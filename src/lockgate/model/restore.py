"""What a restore is: its plan, how far it has come, what it came to; pure."""

from __future__ import annotations

from enum import Enum

from lockgate.model.schema import Value

FORMAT_VERSION = 1


class Phase(Enum):
    """How far a restore has come; written down before the phase begins.

    Up to LOADING and CHECKING the live database is untouched; SWAPPING is the only moment at which it has to be looked
    up which one is in place; CONFIRMING and STARTING come after. At rest: DONE, FAILED (the old one is in place),
    ABORTED, UNDONE (the old one was swapped in again), DROPPED (the kept one is gone for good).
    """

    BEGUN = "begun"
    STOPPING = "stopping"
    LOADING = "loading"
    CHECKING = "checking"
    SWAPPING = "swapping"
    CONFIRMING = "confirming"
    STARTING = "starting"
    SWAPPING_BACK = "swapping_back"
    DONE = "done"
    FAILED = "failed"
    ABORTED = "aborted"
    UNDONE = "undone"
    DROPPED = "dropped"

    @property
    def is_at_rest(self) -> bool:
        """Whether nothing is left to be done."""
        return self in (Phase.DONE, Phase.FAILED, Phase.ABORTED, Phase.UNDONE, Phase.DROPPED)


class Where(Enum):
    """Which database stands under the live name; BETWEEN: parts of the old one are away (it says which engine may)."""

    OLD = "old"
    NEW = "new"
    BETWEEN = "between"


class Restore(Value, frozen=True, omit_defaults=False):
    """One restore as it is written down beside the backups.

    ``side`` and ``kept`` are the names (or paths) of the database that is loaded and of the old one once it is
    replaced; ``kept`` is empty for one that only loads beside (``--into``, ``--table``). ``record`` is the engine's own
    account of the swap under way. ``app_state`` is what the state hook told before the stop hook ran (``is_stopped``).
    ``is_checked``: rows and schema were compared with the manifest. ``is_made``: the side database is ours to drop,
    unless it ``was_live``: others may have written to it while it stood under the live name.
    """

    id: str
    backup: str
    folder: str
    target: str
    database: str
    side: str
    kept: str
    phase: Phase
    started_at: str
    changed_at: str
    operator: str = ""
    is_forced: bool = False
    is_checked: bool = True
    is_stopped: bool = False
    is_made: bool = False
    was_live: bool = False
    app_state: str = ""
    record: str = ""
    safety: str = ""
    problem: str = ""
    tables: tuple[str, ...] = ()
    active: tuple[str, ...] = ()
    format_version: int = FORMAT_VERSION


class LostRows(Value, frozen=True, omit_defaults=False):
    """A table whose rows differ in number: now, and in the backup (-1: it is not in the backup, or not there now)."""

    table: str
    now: int
    backup: int


class RestorePlan(Value, frozen=True, omit_defaults=False):
    """What a restore would do. Times in seconds (-1: unknown), sizes in bytes (-1: unknown).

    ``lost`` are tables with rows that only the kept database would have; ``sessions`` who is connected now, as the
    server tells; ``questions`` are what a person must say yes to, ``steps`` every command and statement in order.
    """

    id: str
    backup: str
    kind: str
    target: str
    database: str
    side: str
    kept: str
    snapshot_at: str
    age_s: float
    is_verified: bool
    is_atomic: bool
    swap: str
    lost: tuple[LostRows, ...] = ()
    objects_lost: tuple[str, ...] = ()
    sessions: tuple[str, ...] = ()
    estimate_s: float = -1.0
    bytes_needed: int = -1
    bytes_free: int = -1
    warnings: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()
    steps: tuple[str, ...] = ()


class RestoreResult(Value, frozen=True, omit_defaults=False):
    """What a restore came to. ``is_verified``: rows and schema were compared beside and again after the swap.

    ``app`` says what became of the application's state, empty without hooks.
    """

    restore: str
    state: str
    backup: str
    target: str
    database: str
    kept: str = ""
    is_verified: bool = False
    duration_s: float = 0.0
    load_s: float = -1.0
    swap_s: float = -1.0
    app: str = ""
    safety: str = ""
    message: str = ""
    notes: tuple[str, ...] = ()
    next_commands: tuple[str, ...] = ()
