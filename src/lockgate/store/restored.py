"""What our own tables say of restores: whose database this is, which restore is under way, and a line for each."""

from __future__ import annotations

from lockgate.model.run import Event, EventType
from lockgate.store import fence, runs
from lockgate.store.meta import read_meta, write_meta
from lockgate.store.tables import Store

_RESTORE = "restore"
_RESTORING = "restoring"


def read_marks(store: Store) -> tuple[str, str]:
    """Return the restore whose database this is, and the one that is under way; empty when there is none."""
    return read_meta(store, _RESTORE), read_meta(store, _RESTORING)


def mark_restored(store: Store, restore: str) -> None:
    """Say whose database this is."""
    write_meta(store, _RESTORE, restore)


def mark_under_way(store: Store, restore: str) -> None:
    """Say that a restore is under way (empty: none is any more), so that nothing else begins."""
    write_meta(store, _RESTORING, restore)


def write_note(store: Store, restore: str, message: str, at: str) -> None:
    """Write a line about a restore into the journal, under its own number."""
    name = f"restore-{restore}"
    event = Event(run=name, seq=runs.last_seq(store, name) + 1, type=EventType.NOTE, ts=at, message=message)
    runs.insert_event(store, event)


def carry_token(old: Store, new: Store) -> None:
    """Let the fencing token go on from the old database's, so that no runner of the past fits the restored one."""
    fence.keep_above(new, fence.read_token(old))
