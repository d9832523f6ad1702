"""How far a chunked statement has come, written in the transaction of each range; and what people asked of copies."""

from __future__ import annotations

import json
from typing import NamedTuple

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


def forget_progress(store: Store, run_id: str, step: int, direction: str) -> None:
    """Forget how far the statements of a step have come: it is undone, or done again from the start."""
    store.write("DELETE FROM {p}progress WHERE id LIKE %s", (f"{run_id}/{step}/{direction}/%",))


def read_wish(store: Store) -> str:
    """Return what copies were last asked to do: go, pause or abandon."""
    rows = store.read("SELECT meta_value FROM {p}meta WHERE meta_name = 'copy_wish'")
    return str(rows[0][0]) if rows else GO


def write_wish(store: Store, wish: str) -> None:
    """Ask copies to go, pause or abandon."""
    store.write("DELETE FROM {p}meta WHERE meta_name = 'copy_wish'")
    store.write("INSERT INTO {p}meta (meta_name, meta_value) VALUES ('copy_wish', %s)", (wish,))
