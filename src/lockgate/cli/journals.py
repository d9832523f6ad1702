"""What the journals of runs of runbooks say to commands that look back: what was done, deferred, left open."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from lockgate.errors import ArtifactError
from lockgate.model.procedure import EntryType, TaskState
from lockgate.model.runbook import Runbook
from lockgate.runbook.outcome import TaskOutcome, outcomes_of
from lockgate.runbook.record import read_entries


@dataclass(frozen=True)
class Outcome:
    """Titles of the tasks of one run, by how they ended."""

    done: tuple[str, ...] = ()
    deferred: tuple[str, ...] = ()
    tasks: tuple[TaskOutcome, ...] = ()


@dataclass(frozen=True)
class OpenItem:
    """Something a run left for later."""

    run: str
    kind: str
    text: str
    by: str = ""
    at: str = ""
    task: str = ""
    owner: str = ""
    until: str = ""


@dataclass(frozen=True)
class Backlog:
    """Open items of all runs, and how many journals were read."""

    items: tuple[OpenItem, ...] = ()
    runs: int = 0
    unread: tuple[str, ...] = field(default=())


def read_outcome(folder: Path) -> Outcome:
    """Return how the tasks of a run ended.

    Raises:
        ArtifactError: There is no journal, or it was changed.
    """
    tasks = outcomes_of(read_entries(folder))
    return Outcome(
        done=tuple(f"{task.id} {task.title}" for task in tasks if task.state is TaskState.DONE),
        deferred=tuple(f"{task.id} {task.title}" for task in tasks if task.state is TaskState.DEFERRED),
        tasks=tasks,
    )


def open_items(folder: Path) -> tuple[OpenItem, ...]:
    """Return what one run left open: deferrals, skips, waivers, lessons, gates that were not ok.

    Raises:
        ArtifactError: There is no journal, or it was changed.
    """
    run, items = folder.name, []
    for entry in read_entries(folder):
        body = entry.body
        if entry.type is EntryType.DECIDED and body.get("what") in ("defer", "skip", "waive"):
            subject = str(body.get("subject", "") or entry.task)
            items.append(
                OpenItem(
                    run=run,
                    kind={"defer": "deferred", "skip": "skipped", "waive": "waived"}[str(body["what"])],
                    text=f"{subject}: {body.get('reason', '')}",
                    by=str(body.get("by", "")),
                    at=entry.ts,
                    task=entry.task or subject,
                    owner=str(body.get("owner", "")),
                    until=str(body.get("until", "")),
                )
            )
        elif entry.type is EntryType.LESSON and str(body.get("text", "")).strip().casefold() not in ("", "none"):
            items.append(OpenItem(run=run, kind="lesson", text=str(body["text"]), by=entry.actor, at=entry.ts))
        elif entry.type is EntryType.DEVIATION and body.get("what") in ("note", "manual_sql", "plan_changed", "force"):
            items.append(OpenItem(run=run, kind=str(body["what"]), text=str(body.get("text", "")), at=entry.ts))
    return tuple(items)


def linked_items(folder: Path) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the roadmap's items that a run has done, and those it has not: an item is done when all its tasks are.

    Raises:
        ArtifactError: There is no journal or no runbook of the run, or they were changed.
    """
    states = {task.id: task.state for task in read_outcome(folder).tasks}
    linked: dict[str, list[bool]] = {}
    for task in _locked_runbook(folder).tasks:
        for item in task.roadmap:
            linked.setdefault(item, []).append(states.get(task.id) is TaskState.DONE)
    done = tuple(item for item, parts in linked.items() if all(parts))
    return done, tuple(item for item in linked if item not in done)


def _locked_runbook(folder: Path) -> Runbook:
    """Return the runbook that a run runs, as it was locked."""
    path = folder / "lock.json"
    try:
        document = msgspec.json.decode(path.read_bytes())
        table = document.get("runbook") if isinstance(document.get("runbook"), dict) else document
        return msgspec.convert(table, Runbook)
    except (OSError, msgspec.MsgspecError, AttributeError) as error:
        raise ArtifactError(
            "the runbook of this run cannot be read", where=str(path), cause=str(error), state="nothing was touched"
        ) from None


def read_backlog(procedures: Path, run: str = "") -> Backlog:
    """Return what all runs (or one) left open, newest run first; journals that cannot be read are named."""
    from lockgate.errors import LockgateError

    items: list[OpenItem] = []
    unread: list[str] = []
    count = 0
    for folder in sorted((path for path in procedures.glob(run or "*") if path.is_dir()), reverse=True):
        try:
            items += open_items(folder)
            count += 1
        except LockgateError as error:
            unread.append(f"{folder.name}: {error}")
    return Backlog(tuple(items), count, tuple(unread))
