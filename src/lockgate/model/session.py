"""A work session: who is changing what, since when, until when; what it claims, and when two claims meet; pure."""

from __future__ import annotations

from enum import Enum

from lockgate.model.procedure import Actor
from lockgate.model.schema import Value

FORMAT_VERSION = 1
KINDS = ("table", "column", "files", "target")


class SessionState(Enum):
    """Where a session stands. EXPIRED is never written: it is ACTIVE without a sign of life in time."""

    ACTIVE = "active"
    PAUSED = "paused"
    BLOCKED = "blocked"
    COMPLETED = "completed"
    ABANDONED = "abandoned"
    EXPIRED = "expired"

    @property
    def is_over(self) -> bool:
        """Whether it holds nothing any more, for good."""
        return self in (SessionState.COMPLETED, SessionState.ABANDONED)


class Claim(Value, frozen=True, omit_defaults=False):
    """One thing a session changes: ``kind`` is table, column, files or target; shared claims let each other be."""

    kind: str
    object: str
    is_shared: bool = False

    def __str__(self) -> str:
        return f"{'shared:' if self.is_shared else ''}{self.kind}:{self.object}"


class Takeover(Value, frozen=True, omit_defaults=False):
    """Who took a session from whom, when (UTC) and why."""

    taken_by: str
    taken_from: str
    at: str
    reason: str


class Step(Value, frozen=True, omit_defaults=False):
    """One box of a session's progress."""

    title: str
    is_done: bool = False


class WorkSession(Value, frozen=True, omit_defaults=False):
    """One session as the registry has it.

    Times are UTC, ISO 8601; ``ttl_s`` is how long it holds its claims without a sign of life. ``reason`` and ``next``
    belong to PAUSED (why, resume when) and BLOCKED (by what, action needed), ``since`` to both. ``run`` is the run of a
    runbook it belongs to. ``target`` is the target's name that tables and columns are of (empty: any).
    """

    id: str
    task: str
    actor: Actor
    started_at: str
    beat_at: str
    ttl_s: int
    title: str = ""
    state: SessionState = SessionState.ACTIVE
    claims: tuple[Claim, ...] = ()
    target: str = ""
    owner: str = ""
    eta: str = ""
    contact: str = ""
    branch: str = ""
    module: str = ""
    platform: str = ""
    sprint: str = ""
    run: str = ""
    reason: str = ""
    next: str = ""
    since: str = ""
    ended_at: str = ""
    commit: str = ""
    progress: tuple[Step, ...] = ()
    notes: str = ""
    takeovers: tuple[Takeover, ...] = ()
    format_version: int = FORMAT_VERSION

    @property
    def holder(self) -> str:
        """Who holds it, in words."""
        by = f" by {self.actor.program}" if self.actor.program else ""
        host = f"@{self.actor.host}" if self.actor.host else ""
        return f"{self.actor.name}{host}{by}"
