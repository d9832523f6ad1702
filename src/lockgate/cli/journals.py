"""What the journals of runs of runbooks say to commands that look back: what was done, deferred, left open."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from lockgate.model.procedure import EntryType, TaskState
from lockgate.runbook.lock import read_lock
from lockgate.runbook.outcome import RunOutcome, outcome_of
from lockgate.runbook.record import read_entries


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


def read_outcome(folder: Path) -> RunOutcome:
    """Return how the tasks of a run ended.

    Raises:
        ArtifactError: There is no journal or no runbook of the run, or they were changed.
    """
    return outcome_of(read_lock(folder).runbook, read_entries(folder))


def open_items(folder: Path) -> tuple[OpenItem, ...]:
    """Return what one run left open: deferrals and skips that still stand, waivers, lessons, deviations.

    Raises:
        ArtifactError: There is no journal, or it was changed.
    """
    run, items = folder.name, []
    stand = {task.id: task.state for task in read_outcome(folder).tasks}
    for entry in read_entries(folder):
        body = entry.body
        if body.get("refused"):
            continue
        if entry.type is EntryType.DECIDED and body.get("what") in ("defer", "skip", "waive"):
            subject = str(body.get("subject", "") or entry.task)
            if body["what"] != "waive" and stand.get(subject) not in (TaskState.DEFERRED, TaskState.SKIPPED):
                continue
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


def undelivered(folder: Path) -> tuple[tuple[str, str, str], ...]:
    """Return channel, key and text of the messages of a run whose newest attempt failed.

    Raises:
        ArtifactError: There is no journal, or it was changed.
    """
    newest: dict[tuple[str, str], tuple[bool, str]] = {}
    for entry in read_entries(folder):
        body = entry.body
        is_effect = entry.type is EntryType.EFFECT and body.get("what") == "channel"
        if entry.type is EntryType.NOTIFIED or is_effect:
            channel = str(body.get("id" if is_effect else "channel", ""))
            newest[channel, str(body.get("key", ""))] = (bool(body.get("is_delivered")), str(body.get("message", "")))
    return tuple((channel, key, text) for (channel, key), (is_there, text) in newest.items() if not is_there)


def read_backlog(procedures: Path, run: str = "") -> Backlog:
    """Return what all runs (or one) left open, newest run first; journals that cannot be read are named."""
    from lockgate.errors import LockgateError

    items: list[OpenItem] = []
    unread: list[str] = []
    count = 0
    for folder in sorted(
        (path for path in procedures.glob("*") if path.is_dir() and run in ("", path.name)), reverse=True
    ):
        try:
            items += open_items(folder)
            count += 1
        except LockgateError as error:
            unread.append(f"{folder.name}: {error}")
    return Backlog(tuple(items), count, tuple(unread))
