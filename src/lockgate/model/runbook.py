"""A runbook: a written procedure of phases, tasks and gates, as a value that can be digested; pure.

Ids are the author's (``3``, ``3.10``, ``gate-3``) and unique within a runbook. Lines of the file stand beside it
(`lockgate.runbook.source.SourceMap`), so that the digest is of the meaning alone.
"""

from __future__ import annotations

from enum import Enum

import msgspec

from lockgate.model.actions import Action
from lockgate.model.checks import Check
from lockgate.model.outcome import RollbackLevel
from lockgate.model.schema import Value

FORMAT_VERSION = 1
CONFIGURED = "config"
"""The source of a monitor that a runbook only names: it stands in ``[monitors]`` of lockgate.toml."""


class Risk(Enum):
    """How bad it can be."""

    NONE = "none"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"

    @property
    def rank(self) -> int:
        """0 to 3."""
        return list(Risk).index(self)


class OnFail(Enum):
    """What a closed gate does: STOP; ESCALATE waits for named people; FIX runs again only what changed; ROLLBACK."""

    STOP = "stop"
    ESCALATE = "escalate"
    FIX = "fix"
    ROLLBACK = "rollback"


class OnError(Enum):
    """What a failed task does besides stopping: nothing, its own revert, those of its phase, or it waits for a word."""

    STOP = "stop"
    REVERT_TASK = "revert_task"
    REVERT_PHASE = "revert_phase"
    ASK = "ask"


class Rerun(Enum):
    """Whether a task that may have run can be run again.

    SAFE: again does no harm. PROBE: only after looking whether it was done. NEVER: a person must say.
    """

    SAFE = "safe"
    PROBE = "probe"
    NEVER = "never"


class Written(Value, frozen=True):
    """The author's own words for a task, kept for people and for `render`; never run."""

    command: str = ""
    verification: str = ""
    rollback: str = ""
    notes: str = ""


class Touches(Value, frozen=True):
    """The declared blast radius."""

    tables: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    services: tuple[str, ...] = ()


class Task(Value, frozen=True):
    """One thing to do, what must hold before and after, and the way back.

    ``do`` None: the text says nothing that can be run; it can only be attested. ``stage`` groups tasks within a phase
    (``3.1``), ``subtask_of`` those under one heading of it (``4.1``). ``irreversible`` is the reason why there is no
    way back.
    """

    id: str
    title: str
    do: Action | None = None
    before: tuple[Check, ...] = ()
    verify: tuple[Check, ...] = ()
    revert: Action | None = None
    irreversible: str = ""
    risk: Risk = Risk.NONE
    stage: str = ""
    subtask_of: str = ""
    needs: tuple[str, ...] = ()
    estimate: str = ""
    timeout: str = ""
    retries: int = 0
    on_error: OnError = OnError.STOP
    rerun: Rerun | None = None
    touches: Touches | None = None
    objectives: tuple[str, ...] = ()
    roadmap: tuple[str, ...] = ()
    owner: str = ""
    written: Written | None = None


class Stage(Value, frozen=True):
    """A named part of a phase."""

    id: str
    title: str
    note: str = ""


class Gate(Value, frozen=True):
    """Checks that must all hold before anything after them begins.

    ``level`` is the rollback that a failure may take at most (``on_fail: rollback``); ``reviewers`` are roles who
    decide on an escalation, until ``deadline``. ``written`` is the author's STOP line.
    """

    id: str
    title: str = ""
    checks: tuple[Check, ...] = ()
    on_fail: OnFail = OnFail.STOP
    level: RollbackLevel | None = None
    reviewers: tuple[str, ...] = ()
    deadline: str = ""
    written: str = ""


class Phase(Value, frozen=True):
    """A part of the procedure. ``rollback`` is the highest level it may use by itself; ``read_only`` what it claims."""

    id: str
    title: str
    risk: Risk = Risk.NONE
    estimate: str = ""
    rollback: RollbackLevel | None = None
    read_only: bool = False
    objectives: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    stages: tuple[Stage, ...] = ()
    subtasks: tuple[Stage, ...] = ()
    before: tuple[Check, ...] = ()
    tasks: tuple[Task, ...] = ()
    gate: Gate | None = None
    documents: tuple[str, ...] = ()
    timeout: str = ""
    written: dict[str, str] = msgspec.field(default_factory=dict)


class Rule(Value, frozen=True):
    """When a monitor's values break. See docs/reference/monitors.md for the arithmetic.

    ``kind``: rate (bad of all: Wilson lower bound above ``limit``), quantile (``quantile`` above ``limit``), up (``of``
    so many tries), none_of (no such line, less what was there before), value (a number above or below ``limit``).
    ``limit`` of a rate is a part of one (0.01 is 1 %), of a quantile seconds. ``min_count`` and ``hard_limit`` 0: the
    kind's own.
    """

    kind: str
    limit: float = 0.0
    window: str = "30s"
    min_count: int = 0
    windows: int = 2
    quantile: float = 0.95
    of: str = "3/3"
    every: str = "5s"
    hard_limit: float = 0.0
    hard_min_count: int = 50
    below: bool = False
    allow: tuple[str, ...] = ()


class Monitor(Value, frozen=True):
    """Something watched while the run goes on: where its values come from, and the rule.

    ``source``: http, log, prometheus, sql, command, sessions, locks, pool, replication, host (config: named here,
    set in lockgate.toml). ``query`` is the source's main text (URL, file, query, command); ``bad`` and ``total``
    are the two of a rate. ``action``: ``stop`` or the level that a breach may take at most; ``silence`` after how
    long without data it holds and notifies.
    """

    name: str
    source: str
    query: str = ""
    bad: str = ""
    total: str = ""
    rule: Rule | None = None
    action: str = "stop"
    silence: str = "90s"
    options: dict[str, str] = msgspec.field(default_factory=dict)
    written: str = ""


class Trigger(Value, frozen=True):
    """What the author wrote as a trigger (``Error rate > 1%``), and the monitor that stands for it (empty: none)."""

    text: str
    action: str = ""
    monitor: str = ""
    rule: Rule | None = None


class Metric(Value, frozen=True):
    """A metric the author wants watched, and the monitor that does."""

    text: str
    monitor: str = ""


class Contact(Value, frozen=True):
    """Somebody to reach. ``notify`` is a channel of ``[notify]``; ``reach`` what the author wrote."""

    name: str
    notify: str = ""
    reach: str = ""
    role: str = ""


class ApprovalItem(Value, frozen=True):
    """One approval asked for.

    ``evidence`` is what ticks it instead of a person: backup, rehearsal, notified, monitoring (empty: a person of
    ``roles``). ``claimed`` says that the author ticked it by hand, which proves nothing.
    """

    text: str
    roles: tuple[str, ...] = ()
    evidence: str = ""
    claimed: bool = False


class ApprovalPolicy(Value, frozen=True):
    """Who must approve this digest before a run. ``not_`` excludes author and last_editor."""

    quorum: int = 0
    roles: tuple[str, ...] = ()
    not_: tuple[str, ...] = msgspec.field(default=(), name="not")
    expires: str = "48h"
    items: tuple[ApprovalItem, ...] = ()


class Window(Value, frozen=True):
    """When a run may be on: days (mon … sun) and hours in a time zone."""

    days: tuple[str, ...] = ()
    from_: str = msgspec.field(default="00:00", name="from")
    to: str = "24:00"
    tz: str = "UTC"


class Freeze(Value, frozen=True):
    """When nothing may start, from one date to another, both included (ISO)."""

    from_: str = msgspec.field(name="from")
    to: str
    reason: str = ""


class RiskRow(Value, frozen=True):
    """A row of the risk matrix; ``links`` are phases or tasks it is about."""

    task: str
    risk: Risk = Risk.NONE
    blast_radius: str = ""
    rollback: str = ""
    mitigation: str = ""
    links: tuple[str, ...] = ()


class LevelPlan(Value, frozen=True):
    """How one level of rollback is carried out. ``impact`` is for people; ``number`` is what the author called it.

    ``restart_of`` must not fix a state (the recorded one is put back). ``commands`` are the author's, never run.
    """

    level: RollbackLevel
    number: str = ""
    title: str = ""
    impact: str = ""
    stop: str = ""
    start: str = ""
    state: str = ""
    branch: str = ""
    base: str = ""
    commands: tuple[str, ...] = ()


class Message(Value, frozen=True):
    """One thing to tell. ``when``: before, during, after, breach; ``lead``: T-minus times before the start."""

    text: str
    when: str
    channel: str = ""
    lead: tuple[str, ...] = ()
    template: str = ""
    acknowledged_by: tuple[str, ...] = ()


class Variable(Value, frozen=True):
    """A value known before a run; ``secret`` says where it is read (``env:NAME``, ``file:PATH``), not what it is."""

    default: str = ""
    secret: str = ""


class SessionPlan(Value, frozen=True):
    """The work session of a run: what it claims, how it is named (``Session-{date}-{task}-{hex6}``)."""

    task: str = ""
    id: str = ""
    claims: tuple[str, ...] = ()
    owner: str = ""
    branch: str = ""


class Runbook(Value, frozen=True):
    """The whole procedure.

    ``claimed_status`` are the words somebody typed; the status is computed. ``preauthorised`` are levels that may be
    taken without asking. ``bake`` is how long monitors stay armed after the last task. ``summary`` and ``appendix``
    (words by title) are kept for people.
    """

    runbook: str
    title: str = ""
    version: str = ""
    note: str = ""
    created: str = ""
    author: str = ""
    claimed_status: tuple[str, ...] = ()
    summary: str = ""
    objectives: tuple[str, ...] = ()
    appendix: dict[str, str] = msgspec.field(default_factory=dict)
    targets: tuple[str, ...] = ()
    commit: str = ""
    vars: dict[str, Variable] = msgspec.field(default_factory=dict)
    approvals: ApprovalPolicy = ApprovalPolicy()
    window: Window | None = None
    freezes: tuple[Freeze, ...] = ()
    requires: tuple[Check, ...] = ()
    risks: tuple[RiskRow, ...] = ()
    monitors: tuple[Monitor, ...] = ()
    triggers: tuple[Trigger, ...] = ()
    metrics: tuple[Metric, ...] = ()
    bake: str = "0s"
    timeout: str = ""
    levels: tuple[LevelPlan, ...] = ()
    preauthorised: tuple[RollbackLevel, ...] = ()
    contacts: tuple[Contact, ...] = ()
    messages: tuple[Message, ...] = ()
    session: SessionPlan | None = None
    roadmap: str = ""
    changelog: str = ""
    phases: tuple[Phase, ...] = ()
    format_version: int = FORMAT_VERSION

    @property
    def tasks(self) -> tuple[Task, ...]:
        """All tasks in the order they run."""
        return tuple(task for phase in self.phases for task in phase.tasks)

    @property
    def gates(self) -> tuple[Gate, ...]:
        """All gates in order."""
        return tuple(phase.gate for phase in self.phases if phase.gate is not None)


def counts_of(runbook: Runbook) -> dict[str, int]:
    """Return how many of each thing a runbook has; part of the JSON contract of ``runbook show``."""
    return {
        "phases": len(runbook.phases),
        "tasks": len(runbook.tasks),
        "steps": len(runbook.tasks),
        "subtasks": sum(len(phase.subtasks) for phase in runbook.phases),
        "stages": sum(len(phase.stages) for phase in runbook.phases),
        "gates": len(runbook.gates),
        "gate_checks": sum(len(gate.checks) for gate in runbook.gates),
        "pre_execution_checks": sum(len(phase.before) for phase in runbook.phases) + len(runbook.requires),
        "rollback_levels": len(runbook.levels),
        "triggers": len(runbook.triggers),
        "metrics": len(runbook.metrics),
        "monitors": len(runbook.monitors),
        "communications": len(runbook.messages),
        "contacts": len(runbook.contacts),
        "approvals": len(runbook.approvals.items),
        "risks": len(runbook.risks),
        "objectives": len(runbook.objectives) + sum(len(phase.objectives) for phase in runbook.phases),
        "variables": len(runbook.vars),
    }
