"""How far a chunked statement has come, written in the transaction of each range; and what people asked of copies."""

from __future__ import annotations

import json
from typing import NamedTuple

from lockgate.store.meta import read_meta, write_meta
from lockgate.store.tables import Store

GO, PAUSE, ABANDON = "go", "pause", "abandon"


class Progress(NamedTuple):
    """Where a chunked statement stands: ``watermark`` are the literals of the last key that is done, from none."""

    watermark: tuple[str, ...] = ()
    rows: int = 0
    is_done: bool = False


def progress_id(run_id: str, step: int, direction: str, statement: int) -> str:
    """Return the name of a chunked statement within the journal."""
    return f"{run_id}/{step}/{direction}/{statement}"


def load_progress(store: Store, name: str) -> Progress | None:
    """Return how far a chunked statement has come; None when it was not begun."""
    rows = store.read("SELECT watermark, rows_done, is_done FROM {p}progress WHERE id = %s", (name,))
    if not rows:
        return None
    return Progress(tuple(json.loads(rows[0][0])), int(rows[0][1]), bool(rows[0][2]))


def begin_progress(store: Store, name: str, run_id: str, changed_at: str) -> None:
    """Write that a chunked statement begins, from the first row."""
    store.write("DELETE FROM {p}progress WHERE id = %s", (name,))
    store.write(
        "INSERT INTO {p}progress (id, run_id, watermark, rows_done, is_done, changed_at) "
        "VALUES (%s, %s, '[]', 0, 0, %s)",
        (name, run_id, changed_at),
    )


def save_progress(store: Store, name: str, progress: Progress, changed_at: str) -> None:
    """Write how far a chunked statement has come, within the open transaction."""
    store.write(
        "UPDATE {p}progress SET watermark = %s, rows_done = %s, is_done = %s, changed_at = %s WHERE id = %s",
        (json.dumps(progress.watermark), progress.rows, int(progress.is_done), changed_at, name),
    )


def forget_progress(store: Store, run_id: str, step: int, kept: str) -> None:
    """Forget how far a step has come in every direction but one: what they did is undone, or done again."""
    store.write(
        "DELETE FROM {p}progress WHERE id LIKE %s AND id NOT LIKE %s",
        (f"{run_id}/{step}/%", f"{run_id}/{step}/{kept}/%"),
    )


def list_progress(store: Store, run_id: str) -> tuple[tuple[str, Progress, str], ...]:
    """Return how far each chunked statement of a run has come: its name in the journal, and when it last went on."""
    rows = store.read(
        "SELECT id, watermark, rows_done, is_done, changed_at FROM {p}progress WHERE run_id = %s ORDER BY changed_at",
        (run_id,),
    )
    return tuple((row[0], Progress(tuple(json.loads(row[1])), int(row[2]), bool(row[3])), row[4]) for row in rows)


def read_wish(store: Store) -> str:
    """Return what copies were last asked to do: go, pause or abandon."""
    return read_meta(store, "copy_wish") or GO


def write_wish(store: Store, wish: str) -> None:
    """Ask copies to go, pause or abandon."""
    write_meta(store, "copy_wish", wish)


class CopyState(NamedTuple):
    """How the running copy does: rows of about so many, rows a second, and why it is held back (empty: it is not)."""

    total: int = -1
    rate: float = 0.0
    held_by: str = ""


def read_copy_state(store: Store) -> CopyState:
    """Return how the copy did when it last told."""
    text = read_meta(store, "copy_state")
    return CopyState(*json.loads(text)) if text else CopyState()


def write_copy_state(store: Store, state: CopyState) -> None:
    """Tell others how the copy does."""
    write_meta(store, "copy_state", json.dumps(state))
