"""What the engine of runbooks is given: how tasks are done, checks asked, levels taken, people told; no more."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

from lockgate.gate.base import Evaluate
from lockgate.model.outcome import Evidence, FailureClass, RollbackLevel
from lockgate.model.procedure import Entry, TaskState
from lockgate.model.runbook import Runbook, Task
from lockgate.monitor.base import Watcher
from lockgate.outside.shell import ShellResult


@dataclass(frozen=True)
class Effect:
    """A thing a task made: ``what`` is checkpoint, backup, run, commit, tag, file, session, …; ``id`` names it."""

    what: str
    id: str
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Done:
    """How an action ended. ``state`` is done, failed or unknown; unknown is never tried again by itself."""

    state: TaskState
    message: str = ""
    evidence: tuple[Evidence, ...] = ()
    output: ShellResult | None = None
    failure_class: FailureClass = FailureClass.PROCESS


@dataclass(frozen=True)
class TaskContext:
    """What an action may use.

    ``effect`` writes an effect into the journal at once (before anything follows from it); ``tell`` talks to people.
    ``is_stopped`` must be asked by whatever takes long: a stop, a time-out or a breach. ``is_dry_run``: say what would
    be done and touch nothing. ``values`` are the runbook's variables, resolved.
    """

    runbook: Runbook
    task: Task
    run: str
    folder: Path
    run_folder: Path
    environment: Mapping[str, str]
    values: Mapping[str, str]
    entries: Sequence[Entry]
    keep: Callable[[str, bytes], Evidence]
    effect: Callable[[Effect], None]
    tell: Callable[[str], None]
    is_stopped: Callable[[], bool]
    timeout_s: float
    is_dry_run: bool = False


Perform: TypeAlias = Callable[[Any, TaskContext], Done]
Probe: TypeAlias = Callable[[Any, TaskContext], TaskState]
"""Look whether an interrupted action was done: DONE, PENDING (not at all) or UNKNOWN."""


@dataclass(frozen=True)
class LevelAsk:
    """A wish to go back: how far at most, to which checkpoint or backup (empty: the newest of the run), and why."""

    level: RollbackLevel
    to: str
    why: str
    failure_class: FailureClass
    is_preauthorised: bool


@dataclass(frozen=True)
class World:
    """Everything an execution touches, as functions by kind; tests and dry runs give others.

    ``tell_people(key, when, text)`` sends the runbook's messages once per key and returns nothing: a channel that fails
    is in the journal. ``loss_window(level, to)`` says in words what would be lost.
    """

    perform: Mapping[str, Perform]
    probe: Mapping[str, Probe]
    evaluate: Mapping[str, Evaluate]
    take_back: Callable[[LevelAsk, TaskContext], Done]
    loss_window: Callable[[RollbackLevel, str], str]
    watcher: Watcher
    tell_people: Callable[[str, str, str], None]
    describe_target: Callable[[], Mapping[str, str]]
