"""What a task of a runbook does: a closed union of actions; pure.

In YAML an action is its kind and its main field, or its kind and a table: ``{sh: "pnpm test"}``,
``{apply: {plan: plan.json, stage: 1}}``.
"""

from __future__ import annotations

from typing import TypeAlias

import msgspec

from lockgate.model.schema import Value


class _Action(Value, frozen=True, tag_field="kind"):
    """Base: ``kind`` names it in JSON."""


class Sh(_Action, frozen=True, tag="sh"):
    """Run a command by ``bash -euo pipefail``. ``env`` adds names to the allow-list; ``writes`` is what it changes."""

    command: str
    cwd: str = ""
    env: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()


class Change(_Action, frozen=True, kw_only=True):
    """Base of what changes the target's schema, with the task's own limits; empty: the usual ones.

    ``lock_timeout``: the longest wait of one attempt at a lock. ``stall_budget``: for how long all failed attempts of a
    step may hold others up. ``lock_patience``: how long to go on trying to get a statement's lock.
    """

    lock_timeout: str = ""
    stall_budget: str = ""
    lock_patience: str = ""


class Apply(Change, frozen=True, tag="apply"):
    """Apply a plan up to a stage (0: all of it)."""

    plan: str
    stage: int = 0


class Plan(_Action, frozen=True, tag="plan"):
    """Write the staged plan from the live to the desired schema (empty: the target's)."""

    output: str
    desired: str = ""
    allow: tuple[str, ...] = ()
    rename: tuple[str, ...] = ()


class Rehearse(_Action, frozen=True, tag="rehearse"):
    """Play a plan through on a restored copy, there and back and there again."""

    plan: str


class Backup(_Action, frozen=True, tag="backup"):
    """Take a backup and prove it up to a level (checksum, readable, restored, rows, schema; ``restore`` is schema)."""

    type: str = "full"
    verify: str = "restore"
    store: str = ""


class Restore(_Action, frozen=True, tag="restore"):
    """Bring a backup back beside the database, compare, swap."""

    backup: str = "latest"


class Checkpoint(_Action, frozen=True, tag="checkpoint"):
    """Take a checkpoint, known in this run by a name."""

    name: str


class Rollback(_Action, frozen=True, tag="rollback"):
    """Go back to a checkpoint: its id, a name of this run, ``before:TASK``, ``latest`` or ``start``."""

    to: str


class Finalize(_Action, frozen=True, tag="finalize"):
    """Really drop what a run parked, after its retention."""

    run: str = "latest"


class Migrate(Change, frozen=True, tag="migrate"):
    """Apply what a migrations folder of another tool has beyond the database, through a plan."""

    migrations: str = ""
    allow: tuple[str, ...] = ()


class Index(Change, frozen=True, tag="index"):
    """Build one index, online where the engine can; ``revert`` drops exactly this one."""

    sql: str


class Drift(_Action, frozen=True, tag="drift"):
    """Compare the live with the desired schema; the report is evidence. ``fix`` is a file for staged SQL, not run."""

    desired: str = ""
    fix: str = ""
    max_severity: str = ""


class Validate(_Action, frozen=True, tag="validate"):
    """Look for defects in schema, rows, migrations and conventions; the report becomes evidence."""

    migrations: str = ""
    only: tuple[str, ...] = ()


class Baseline(_Action, frozen=True, tag="baseline"):
    """Run a check command once and keep what fails already, by test id, under a name."""

    name: str
    command: str
    parser: str = "auto"


class Http(_Action, frozen=True, tag="http"):
    """Send one request; any answer outside ``status`` fails."""

    url: str
    method: str = "GET"
    status: int = 200
    body: str = ""
    headers: dict[str, str] = msgspec.field(default_factory=dict)


class Sql(_Action, frozen=True, tag="sql"):
    """Run a query over a read-only session; its rows become evidence."""

    query: str


class Git(_Action, frozen=True, tag="git"):
    """Tag, commit, revert, pull, push or branch; never with force. ``paths`` are what a commit holds."""

    do: str
    name: str = ""
    message: str = ""
    paths: tuple[str, ...] = ()
    commits: str = ""


class SessionAction(_Action, frozen=True, tag="session"):
    """Start, beat or close the work session of this run."""

    do: str = "start"
    task: str = ""
    claims: tuple[str, ...] = ()


class Notify(_Action, frozen=True, tag="notify"):
    """Send a message to a channel of ``[notify]`` in lockgate.toml."""

    channel: str
    message: str = ""
    template: str = ""


class Document(_Action, frozen=True, tag="document"):
    """Write a document made of measured facts: baseline, analysis, remediation, infrastructure, rollback, changelog,
    roadmap, report."""

    make: str
    output: str = ""


class Schedule(_Action, frozen=True, tag="schedule"):
    """Install or remove the schedule of backups; installing is undone by removing exactly its entry."""

    do: str = "install"


class Monitors(_Action, frozen=True, tag="monitors"):
    """Prove that every monitor gives a value."""

    names: tuple[str, ...] = ()


class Wait(_Action, frozen=True, tag="wait"):
    """Wait with monitors armed (``10m``)."""

    duration: str


class Manual(_Action, frozen=True, tag="manual"):
    """A person does it and says so by name; ``roles`` are who may."""

    text: str
    roles: tuple[str, ...] = ()
    proposed: str = ""


Action: TypeAlias = (
    Sh
    | Apply
    | Plan
    | Rehearse
    | Backup
    | Restore
    | Checkpoint
    | Rollback
    | Finalize
    | Migrate
    | Index
    | Drift
    | Validate
    | Baseline
    | Http
    | Sql
    | Git
    | SessionAction
    | Notify
    | Document
    | Schedule
    | Monitors
    | Wait
    | Manual
)
