"""Names of places within one run: checkpoints and backups that its tasks made; pure."""

from __future__ import annotations

from collections.abc import Sequence

from lockgate.errors import NoWayBack
from lockgate.model.procedure import Entry, EntryType
from lockgate.runbook.actions.common import fact_of, find_effects
from lockgate.runbook.base import TaskContext

BEFORE = "before:"


def resolve_checkpoint(to: str, context: TaskContext) -> str:
    """Return the id of a checkpoint: of a name of this run, ``before:TASK``, ``latest``, ``start``; an id as it is.

    Raises:
        NoWayBack: The run took no such checkpoint.
    """
    return find_checkpoint(to, context.entries)


def find_checkpoint(to: str, entries: Sequence[Entry]) -> str:
    """Return the id of a checkpoint as `resolve_checkpoint` does.

    ``latest`` and ``start`` mean this run's own where it took any; else what they mean to ``lockgate rollback``.
    ``before:TASK`` is where the newest attempt of the task began.
    """
    points = find_effects(entries, "checkpoint")
    if to in ("", "latest"):
        return str(points[-1].body["id"]) if points else "latest"
    if to == "start":
        return str(points[0].body["id"]) if points else "start"
    named = [point for point in points if fact_of(point, "name") == to]
    if not named:
        if to.startswith(BEFORE):
            raise NoWayBack(
                f"task {to.removeprefix(BEFORE)} took no checkpoint in this run",
                state="nothing was touched",
                hint="lockgate rollback --list",
            )
        return to
    if not to.startswith(BEFORE):
        return str(named[-1].body["id"])
    return str(_first_of_last_attempt(named, entries).body["id"])


def _first_of_last_attempt(points: Sequence[Entry], entries: Sequence[Entry]) -> Entry:
    """Return where the newest attempt that took any checkpoint began; one application may take several."""
    task = points[-1].task
    starts = [e.seq for e in entries if e.type is EntryType.TASK_STARTED and e.task == task]
    begun = max((seq for seq in starts if seq < points[-1].seq), default=0)
    return next(point for point in points if point.seq > begun)
