"""What `backup status` looks at and how it says what it thinks of it; values only."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from lockgate.backup.schedule import When
from lockgate.backup.settings import StatusSettings
from lockgate.model.backup import BackupKind, Manifest, Verification
from lockgate.model.schema import Value


class State(enum.Enum):
    """How one check went."""

    OK = "ok"
    FAIL = "fail"
    UNKNOWN = "unknown"


class Check(Value, frozen=True, omit_defaults=False, kw_only=False):
    """One thing looked at. ``value`` and ``limit`` are its numbers, in ``unit``, where it has any.

    ``matters``: when it is unknown the whole is; a thing nobody configured does not matter.
    """

    id: str
    state: State
    message: str
    value: float | None = None
    limit: float | None = None
    unit: str = ""
    next_step: str = ""
    matters: bool = True


@dataclass(frozen=True)
class Known:
    """A published backup: its manifest, when it was begun by our clock, and what was proven of it, oldest first."""

    manifest: Manifest
    at: datetime
    is_good: bool
    verifications: tuple[Verification, ...] = ()

    @property
    def is_whole(self) -> bool:
        """Whether all rows can be brought back from it: good and full, or a log with all that it needs."""
        return self.is_good and self.manifest.kind in (BackupKind.FULL, BackupKind.LOG)


@dataclass(frozen=True)
class ScheduleFacts:
    """A schedule that was found; ``when`` None: its mark was changed."""

    place: str
    when: When | None
    since: datetime | None
    is_edited: bool = False
    is_active: bool | None = None


@dataclass(frozen=True)
class StoreFacts:
    """What a store answered. ``holds`` is whether it has the newest backup; None when it could not be asked."""

    name: str
    holds: bool | None
    problem: str = ""
    is_uploading: bool = False


@dataclass(frozen=True)
class Facts:
    """Everything that is judged.

    ``backups`` newest first. ``outcome`` is the journal's last of started, published, failed (empty: none), with
    ``outcome_message``; ``is_running`` a backup is being taken now. ``gaps`` are log backups that cannot be restored,
    with the reason. ``prune_objection`` says why pruning would be refused. ``key_problem`` None: not tried; empty: it
    fits. ``noted_schedule`` is where one was installed.
    """

    target: str
    now: datetime
    backups: tuple[Known, ...] = ()
    outcome: str = ""
    outcome_message: str = ""
    is_running: bool = False
    broken: tuple[str, ...] = ()
    quarantined: tuple[str, ...] = ()
    leftovers: tuple[str, ...] = ()
    gaps: tuple[tuple[str, str], ...] = ()
    prune_objection: str = ""
    free_bytes: int | None = None
    key_problem: str | None = None
    has_identity: bool = False
    stores: tuple[StoreFacts, ...] = ()
    schedules: tuple[ScheduleFacts, ...] = ()
    unread_schedulers: tuple[str, ...] = ()
    noted_schedule: str = ""
    is_schedule_configured: bool = False
    settings: StatusSettings = field(default_factory=StatusSettings)

    @property
    def good(self) -> tuple[Known, ...]:
        """Good backups that bring all rows back: full ones, and logs with all that they need."""
        return tuple(known for known in self.backups if known.is_whole)

    @property
    def full(self) -> tuple[Known, ...]:
        """Good full backups, newest first."""
        return tuple(b for b in self.good if b.manifest.kind is BackupKind.FULL)


class BackupStatus(Value, frozen=True, omit_defaults=False):
    """The judgement: ``state`` is fail when one check fails, unknown when one that matters is, else ok.

    ``restore_estimate_s`` is how long the last verified restore took, -1 when there was none. Numbers that are not
    known are None and have no metric.
    """

    target: str
    state: State
    checks: tuple[Check, ...]
    newest: str = ""
    newest_at: str = ""
    newest_bytes: int | None = None
    newest_rows: int | None = None
    backups: int = 0
    verified: str = ""
    verified_at: str = ""
    restore_estimate_s: float = -1.0
    free_bytes: int | None = None
    next_run: str = ""


def span_text(seconds: float) -> str:
    """Write a length of time for people."""
    span = timedelta(seconds=seconds)
    if span < timedelta(minutes=2):
        return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"
    if span < timedelta(hours=2):
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h" if span < timedelta(days=3) else f"{seconds / 86400:.1f} days"
