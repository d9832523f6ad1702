"""What the kinds of tasks share: how an error ends one, where files are, what a run made so far."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from lockgate.errors import (
    BackupDamaged,
    BackupFailed,
    ConnectionLost,
    InDoubtError,
    LockgateError,
    LockTimeout,
    StatementFailed,
    StatementTimeout,
    StoreFailed,
)
from lockgate.model.codec import encode_pretty
from lockgate.model.outcome import Evidence, FailureClass
from lockgate.model.procedure import Entry, TaskState, effects_of
from lockgate.model.run import Event, EventType
from lockgate.runbook.base import Done, Effect, TaskContext

_SCHEMA_KINDS = ("apply", "rollback", "migrate", "index", "drift", "validate", "finalize")
_TOLD = (EventType.WAITING, EventType.THROTTLED, EventType.STAGE_VERIFIED, EventType.NOTE, EventType.STEP_STARTED)


def done_of_error(error: LockgateError, context: TaskContext) -> Done:
    """Return how a task ended that raised: unknown when the outcome must be looked up, else failed."""
    is_doubtful = isinstance(error, InDoubtError | ConnectionLost)
    return Done(
        TaskState.UNKNOWN if is_doubtful else TaskState.FAILED,
        words_of(error),
        failure_class=class_of(error, str(context.task.do.__struct_config__.tag) if context.task.do else ""),
    )


def words_of(error: LockgateError) -> str:
    """Return an error in one line: what, where, why, the state now, the next command."""
    parts = [str(error)]
    parts += [f"now: {error.state}"] if error.state else []
    parts += [f"next: {error.hint}"] if error.hint else []
    return "; ".join(parts)


def class_of(error: LockgateError, kind: str) -> FailureClass:
    """Return what kind of thing failed: a statement or a schema, the process around it, or the data."""
    if isinstance(error, BackupDamaged | BackupFailed | StoreFailed):
        return FailureClass.PROCESS
    is_schema = isinstance(error, InDoubtError | StatementFailed | StatementTimeout | LockTimeout | ConnectionLost)
    return FailureClass.SCHEMA if is_schema and kind in _SCHEMA_KINDS else FailureClass.PROCESS


def path_in(context: TaskContext, name: str) -> Path:
    """Return a path that a runbook names: relative ones are relative to its folder."""
    path = Path(name).expanduser()
    return path if path.is_absolute() else context.folder / path


def keep_json(context: TaskContext, name: str, value: Any) -> Evidence:
    """Store a value as JSON evidence."""
    return context.keep(name, encode_pretty(value))


def fact_of(entry: Entry, name: str) -> Any:
    """Return what an effect's entry knows under a name; None when nothing."""
    inner = entry.body.get("facts")
    return entry.body.get(name, inner.get(name) if isinstance(inner, dict) else None)


def find_effects(entries: Sequence[Entry], what: str, task: str = "") -> tuple[Entry, ...]:
    """Return what this run made of one kind, oldest first; by one task when it is named."""
    return tuple(entry for entry in effects_of(entries, what) if not task or entry.task == task)


def observe(context: TaskContext, into: Callable[[Event], Effect | None]) -> tuple[Callable[[Event], None], list[str]]:
    """Return an observer of a run that journals effects at once and tells people the rest, and its problems.

    What an observer raises is lost where it is called, so that a problem is kept for whoever comes after.
    """
    problems: list[str] = []

    def watch(event: Event) -> None:
        try:
            effect = into(event)
            if effect is not None:
                context.effect(effect)
        except LockgateError as error:
            problems.append(words_of(error))
        if event.type in _TOLD and event.message:
            context.tell(event.message)

    return watch, problems


def effect_of_event(event: Event, context: TaskContext) -> Effect | None:
    """Return the effect an event tells of: a run began, a checkpoint or backup was taken; else None."""
    if event.type is EventType.RUN_STARTED:
        return Effect("run", event.run, {"message": event.message})
    if event.type is EventType.CHECKPOINT_TAKEN:
        facts = {"name": f"before:{context.task.id}", "stage": event.stage, "run": event.run}
        return Effect("checkpoint", event.checkpoint, {**facts, "made_by": "lockgate"})
    if event.type is EventType.BACKUP_TAKEN:
        return Effect("backup", event.message, {"checkpoint": event.checkpoint, "stage": event.stage})
    return None


def failed(message: str, failure_class: FailureClass = FailureClass.PROCESS, *evidence: Evidence) -> Done:
    """Return a task that failed."""
    return Done(TaskState.FAILED, message, tuple(evidence), failure_class=failure_class)


def done(message: str, *evidence: Evidence) -> Done:
    """Return a task that is done."""
    return Done(TaskState.DONE, message, tuple(evidence))


def would(message: str, *evidence: Evidence) -> Done:
    """Return what a dry run says would be done; nothing was written."""
    return Done(TaskState.DONE, f"would {message}; nothing was written", tuple(evidence))
