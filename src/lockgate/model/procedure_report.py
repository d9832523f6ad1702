"""What a report of one run of a runbook says: facts folded from its journal, and people's words set apart; pure."""

from __future__ import annotations

import msgspec

from lockgate.model.finding import Severity
from lockgate.model.outcome import CheckResult, Evidence, Outcome
from lockgate.model.procedure import RunStatus, TaskState
from lockgate.model.schema import Value

FORMAT_VERSION = 1


class Standing(Value, frozen=True, omit_defaults=False):
    """How the run stands, folded from its entries.

    ``headline`` is the status in words for people (``complete with deferrals (4.3)``, ``open: session … active``).
    ``recorded`` is what the run itself wrote at its end, ``conflict`` says that it claims something else.
    ``reasons`` are what keeps it from "complete", ``open`` what keeps it from being over.
    """

    status: RunStatus
    headline: str
    recorded: str = ""
    conflict: str = ""
    reasons: tuple[str, ...] = ()
    open: tuple[str, ...] = ()

    @property
    def is_good(self) -> bool:
        """Whether it came to its end and nothing speaks against it."""
        return self.status.is_complete and not self.conflict and not self.open


class Words(Value, frozen=True, omit_defaults=False):
    """What a person says, by name and time. ``about``: summary, lesson, note. Never a fact."""

    text: str
    by: str
    at: str
    about: str = "lesson"


class ObjectiveRow(Value, frozen=True, omit_defaults=False):
    """One objective of a phase against what happened. ``outcome``: met, not met, unknown, deferred, not evidenced."""

    phase: str
    text: str
    outcome: str
    by: tuple[str, ...] = ()
    evidence: str = ""


class PhaseRow(Value, frozen=True, omit_defaults=False):
    """A phase: what it was estimated to take and took (seconds; -1 unknown), and their ratio."""

    id: str
    title: str
    risk: str
    state: str
    tasks: int
    tasks_done: int
    estimate_s: float = -1.0
    actual_s: float = -1.0
    started_at: str = ""
    ended_at: str = ""

    @property
    def ratio(self) -> float | None:
        """Actual by estimate; None when either is unknown."""
        return self.actual_s / self.estimate_s if self.estimate_s > 0 and self.actual_s >= 0 else None


class Attempt(Value, frozen=True, omit_defaults=False):
    """One attempt at a task."""

    number: int
    state: TaskState
    started_at: str
    duration_s: float = -1.0
    message: str = ""


class TaskRow(Value, frozen=True, omit_defaults=False):
    """A task. ``state`` is what its entries add up to; ``doubt`` says why it is not taken for done where it says so.

    ``is_worded``: a person's word stands for it.
    """

    id: str
    phase: str
    title: str
    action: str
    state: TaskState
    attempts: tuple[Attempt, ...] = ()
    estimate_s: float = -1.0
    message: str = ""
    doubt: str = ""
    checks: tuple[CheckResult, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    is_worded: bool = False

    @property
    def is_done(self) -> bool:
        """Whether it is done and nothing speaks against it."""
        return self.state is TaskState.DONE and not self.doubt

    @property
    def started_at(self) -> str:
        """When its last attempt began; empty when there was none."""
        return self.attempts[-1].started_at if self.attempts else ""

    @property
    def duration_s(self) -> float:
        """How long all attempts took; -1 when none ended."""
        known = [a.duration_s for a in self.attempts if a.duration_s >= 0]
        return sum(known) if known else -1.0


class GateRow(Value, frozen=True, omit_defaults=False):
    """A gate's truth table as last asked; ``earlier`` are the decisions before. ``outcome`` is that of its results."""

    id: str
    phase: str
    title: str
    outcome: Outcome
    decision: str
    at: str = ""
    results: tuple[CheckResult, ...] = ()
    missing: int = 0
    earlier: tuple[str, ...] = ()

    @property
    def is_open(self) -> bool:
        """Whether every declared check was asked and is ok or waived, and the gate was opened."""
        return self.decision == "open" and self.outcome.opens and not self.missing


class PersonRow(Value, frozen=True, omit_defaults=False):
    """What a person answers for. ``what``: approval, waiver, attestation, skip, defer, retry, done, resolve."""

    what: str
    subject: str
    by: str
    at: str
    role: str = ""
    reason: str = ""
    until: str = ""
    owner: str = ""


class Claim(Value, frozen=True, omit_defaults=False):
    """Something the runbook's author wrote as if it were so, and what is measured. It is never a fact."""

    text: str
    found: str


class Deviation(Value, frozen=True, omit_defaults=False):
    """What went otherwise than written: skip, waive, retry, defer, note, manual_sql, plan_changed, overrun, force."""

    what: str
    subject: str
    text: str
    by: str = ""
    at: str = ""


class Sample(Value, frozen=True):
    """One decision of a monitor. ``value`` None: nothing was read; ``sentence`` has its arithmetic unless it was ok."""

    at: str
    value: float | None = None
    judgement: str = ""
    sentence: str = ""


class MonitorRow(Value, frozen=True, omit_defaults=False):
    """A monitor: its rule, its last decision with the arithmetic, its series, and what it broke or held."""

    name: str
    source: str
    rule: str = ""
    limit: float | None = None
    decisions: tuple[str, ...] = ()
    breach: str = ""
    breach_at: str = ""
    held: tuple[str, ...] = ()
    samples: tuple[Sample, ...] = ()
    counts: dict[str, int] = msgspec.field(default_factory=dict)


class EffectRow(Value, frozen=True, omit_defaults=False):
    """A thing the run made (checkpoint, backup, run, commit, tag, file, session, …), by its real id."""

    what: str
    id: str
    task: str
    at: str
    facts: dict[str, str] = msgspec.field(default_factory=dict)


class RollbackRow(Value, frozen=True, omit_defaults=False):
    """One step back that was taken."""

    level: str
    to: str
    why: str
    state: str
    at: str
    loss_window: str = ""
    message: str = ""


class FactRow(Value, frozen=True, omit_defaults=False):
    """Something counted in the database or in files. ``value`` "not measured" where nothing measured it."""

    topic: str
    name: str
    value: str
    source: str = ""


class Issue(Value, frozen=True, omit_defaults=False):
    """Something for people to look at. ``id`` is the same in every export of the same thing."""

    id: str
    code: str
    severity: Severity
    text: str
    impact: str = ""
    recommendation: str = ""
    owner: str = ""
    place: str = ""
    source: str = ""


class OpenItem(Value, frozen=True, omit_defaults=False):
    """What is left to do after the run; for the backlog."""

    id: str
    text: str
    kind: str
    owner: str = ""
    due: str = ""
    run: str = ""


class ChangedFile(Value, frozen=True, omit_defaults=False):
    """A file that the run's commits changed. ``status`` is git's letter; ``sha256`` of what stands in the last one."""

    status: str
    path: str
    purpose: str = ""
    sha256: str = ""


class TagRow(Value, frozen=True, omit_defaults=False):
    """A tag of the run: the commit in the journal, and the one that git resolves it to now (empty: none)."""

    name: str
    recorded: str
    resolved: str = ""

    @property
    def is_right(self) -> bool:
        """Whether it exists and points to the recorded commit."""
        return bool(self.resolved) and self.resolved == (self.recorded or self.resolved)


class DocumentRow(Value, frozen=True, omit_defaults=False):
    """A document of the run. ``state``: there, missing, changed, older than the run."""

    make: str
    path: str
    state: str
    sha256: str = ""
    bytes: int = 0
    at: str = ""


class MessageRow(Value, frozen=True, omit_defaults=False):
    """A message that was sent, or not."""

    key: str
    channel: str
    at: str
    is_delivered: bool
    error: str = ""


class WayBack(Value, frozen=True, omit_defaults=False):
    """One way back from here, with this run's real ids; ``command`` empty: there is none, and ``note`` says why."""

    level: str
    title: str
    command: str
    to: str = ""
    age: str = ""
    loses: str = ""
    estimate: str = ""
    note: str = ""


class ContactRow(Value, frozen=True, omit_defaults=False):
    """Somebody to reach; ``is_tested`` when a message reached the channel in this run."""

    name: str
    role: str = ""
    channel: str = ""
    reach: str = ""
    is_tested: bool = False


class ProcedureReport(Value, frozen=True, omit_defaults=False):
    """Everything a report of a run says. Times are UTC, ISO 8601; durations seconds, -1 unknown."""

    run: str
    runbook: str
    title: str
    version: str
    digest: str
    target: str
    engine: str
    server: str
    tool_version: str
    commit: str
    branch: str
    actor: str
    session: str
    started_at: str
    ended_at: str
    duration_s: float
    standing: Standing
    sentence: str
    written_summary: str = ""
    words: tuple[Words, ...] = ()
    objectives: tuple[ObjectiveRow, ...] = ()
    phases: tuple[PhaseRow, ...] = ()
    requires: tuple[CheckResult, ...] = ()
    tasks: tuple[TaskRow, ...] = ()
    gates: tuple[GateRow, ...] = ()
    people: tuple[PersonRow, ...] = ()
    claims: tuple[Claim, ...] = ()
    deviations: tuple[Deviation, ...] = ()
    monitors: tuple[MonitorRow, ...] = ()
    effects: tuple[EffectRow, ...] = ()
    rollbacks: tuple[RollbackRow, ...] = ()
    database: tuple[FactRow, ...] = ()
    differences: dict[str, tuple[str, ...]] = msgspec.field(default_factory=dict)
    issues: tuple[Issue, ...] = ()
    files: tuple[ChangedFile, ...] = ()
    files_note: str = ""
    tags: tuple[TagRow, ...] = ()
    documents: tuple[DocumentRow, ...] = ()
    messages: tuple[MessageRow, ...] = ()
    open_items: tuple[OpenItem, ...] = ()
    ways_back: tuple[WayBack, ...] = ()
    contacts: tuple[ContactRow, ...] = ()
    entries: int = 0
    head: str = ""
    counts: dict[str, int] = msgspec.field(default_factory=dict)
    format_version: int = FORMAT_VERSION
