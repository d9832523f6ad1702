"""The row that names who holds the lease; the lease itself is an advisory lock of the session."""

from __future__ import annotations

from lockgate.model.target import Target
from lockgate.store.tables import Store

_MAX_NAME = 60


def lease_name(target: Target) -> str:
    """Return the lease's name: the same for every address of one database."""
    return f"lockgate_{target.database}"[:_MAX_NAME] if target.database else "lockgate"


def write_holder(store: Store, name: str, holder: str, run_id: str, taken_at: str) -> None:
    """Record who holds the lease now."""
    store.write("DELETE FROM {p}lease WHERE lease_name = %s", (name,))
    store.write(
        "INSERT INTO {p}lease (lease_name, holder, session_id, run_id, taken_at) VALUES (%s, %s, %s, %s, %s)",
        (name, holder, store.session.session_id, run_id, taken_at),
    )


def read_holder(store: Store, name: str) -> str:
    """Return who recorded the lease last, empty when nobody did."""
    rows = store.read("SELECT holder, taken_at FROM {p}lease WHERE lease_name = %s", (name,))
    return f"{rows[0][0]} since {rows[0][1]}" if rows else ""


def clear_holder(store: Store, name: str) -> None:
    """Forget the holder."""
    store.write("DELETE FROM {p}lease WHERE lease_name = %s", (name,))
