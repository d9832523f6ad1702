"""One execution of a runbook: its journal's entries, and the state they add up to; pure.

The journal is the only truth: state, reports and the way on are folded from it. ``body`` by type:

=================  ====================================================================================================
run_started        runbook, title, digest, target, engine, server, tool_version, commit, branch, tasks, parent, adopted,
                   logs (where each log stood that checks count from here; also in phase_started and task_started)
admitted           approvals [Approval…], waivers [Waiver…]; what let the run begin
phase_started      title, risk, estimate_s · phase_ended: outcome, duration_s
task_started       action (kind), title, attempt, estimate_s, is_revert; written before the effect
effect             what (checkpoint, backup, run, commit, tag, file, session, channel …), id, and what is known of it
task_ended         state (done, failed, unknown, reverted), message, duration_s, failure_class, evidence [Evidence…]
checked            place (requires, ID/before, ID/verify), results [CheckResult…]
gate               gate, results [CheckResult…], decision (open, stop, escalate, fix, rollback)
decided            what (skip, defer, waive, attest, retry, done, resolve, approve, decide: outcome open or stop of an
                   escalated gate, checks it answers for), subject, by, role, reason, until,
                   owner, host, outcome (resolve: done, not_done), id, refused (why it was not taken)
waiting            reason (approval, attestation, window, reviewers, data, timer, decision), subject, until · waited:
                   outcome (came, expired)
held               monitor, why · released: monitor
breach             monitor, sentence, values, action, evidence [Evidence…]
rollback_started   level, to, why, failure_class, loss_window, tasks (taken back by it) · rollback_ended: level, state
                   (done, failed, unknown, refused: nothing was touched), message, is_last
notified           key, channel, message, is_delivered, error, attempts
document           make, path, sha256, bytes
deviation          what (skip, waive, retry, defer, note, manual_sql, plan_changed, overrun, force), text
lesson             text, about (lesson, summary, note): a person's words, never a fact
interrupted        signal · resumed: actor
run_ended          status, message
=================  ====================================================================================================
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from typing import Any

from lockgate.model.schema import Value

JOURNAL_VERSION = 1


class EntryType(Enum):
    """What an entry tells."""

    RUN_STARTED = "run_started"
    ADMITTED = "admitted"
    PHASE_STARTED = "phase_started"
    PHASE_ENDED = "phase_ended"
    TASK_STARTED = "task_started"
    EFFECT = "effect"
    TASK_ENDED = "task_ended"
    CHECKED = "checked"
    GATE = "gate"
    DECIDED = "decided"
    WAITING = "waiting"
    WAITED = "waited"
    HELD = "held"
    RELEASED = "released"
    BREACH = "breach"
    ROLLBACK_STARTED = "rollback_started"
    ROLLBACK_ENDED = "rollback_ended"
    NOTIFIED = "notified"
    DOCUMENT = "document"
    DEVIATION = "deviation"
    LESSON = "lesson"
    INTERRUPTED = "interrupted"
    RESUMED = "resumed"
    RUN_ENDED = "run_ended"


class Actor(Value, frozen=True, omit_defaults=False):
    """Who acts: ``kind`` is human, ci or agent; an agent acts on somebody's behalf."""

    name: str
    kind: str = "human"
    program: str = ""
    behalf: str = ""
    host: str = ""


class Entry(Value, frozen=True, omit_defaults=False):
    """One line of the journal.

    ``ts`` is UTC, ISO 8601 with offset; ``clock_s`` a monotonic clock of this boot, for durations. ``hash`` is sha256
    over the entry's canonical JSON without it, with ``prev`` the entry before: a changed line breaks the chain.
    """

    seq: int
    type: EntryType
    ts: str
    body: dict[str, Any]
    clock_s: float = 0.0
    phase: str = ""
    task: str = ""
    actor: str = ""
    prev: str = ""
    hash: str = ""
    v: int = JOURNAL_VERSION


class TaskState(Enum):
    """Where a task stands. UNKNOWN: it was begun and its end is not in the journal."""

    PENDING = "pending"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    UNKNOWN = "unknown"
    REVERTED = "reverted"
    SKIPPED = "skipped"
    DEFERRED = "deferred"


class RunStatus(Enum):
    """Where a run stands; the last seven are how it ended.

    A run with a deferral or a skipped task is never more than COMPLETE_WITH_DEFERRALS, which goes before
    COMPLETE_WITH_WAIVERS: a waiver, or a person's word in the place of an effect.
    """

    RUNNING = "running"
    WAITING = "waiting"
    HELD = "held"
    ROLLING_BACK = "rolling back"
    INTERRUPTED = "interrupted"
    COMPLETE = "complete"
    COMPLETE_WITH_DEFERRALS = "complete with deferrals"
    COMPLETE_WITH_WAIVERS = "complete with waivers"
    STOPPED = "stopped"
    ROLLED_BACK = "rolled back"
    FAILED = "failed"
    ROLLBACK_FAILED = "rollback failed"

    @property
    def is_over(self) -> bool:
        """Whether nothing more can come (STOPPED can be resumed, and is at rest)."""
        return self in _OVER

    @property
    def is_complete(self) -> bool:
        """Whether it came to its end, in whatever way."""
        return self.value.startswith("complete")


_OVER = frozenset(list(RunStatus)[5:]) - {RunStatus.STOPPED}


class TaskRecord(Value, frozen=True, omit_defaults=False):
    """What the journal says of one task; ``started_at`` and ``duration_s`` are of its last attempt."""

    task: str
    state: TaskState = TaskState.PENDING
    attempts: int = 0
    message: str = ""
    started_at: str = ""
    duration_s: float = 0.0
    failure_class: str = ""


def last_of(entries: Iterable[Entry], *types: EntryType) -> Entry | None:
    """Return the newest entry of some types."""
    found = None
    for entry in entries:
        if entry.type in types:
            found = entry
    return found


def effects_of(entries: Iterable[Entry], what: str) -> tuple[Entry, ...]:
    """Return the entries about things of one kind that a run made, oldest first."""
    return tuple(e for e in entries if e.type is EntryType.EFFECT and e.body.get("what") == what)
