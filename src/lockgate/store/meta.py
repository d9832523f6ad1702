"""Named values of the journal as a whole, one row each."""

from __future__ import annotations

from lockgate.store.tables import Store


def read_meta(store: Store, name: str, *, is_locked: bool = False) -> str:
    """Return a value, empty when there is none; with ``is_locked`` its row is held to the end of the transaction."""
    end = store.dialect.for_update if is_locked else ""
    rows = store.read("SELECT meta_value FROM {p}meta WHERE meta_name = %s" + end, (name,))
    return str(rows[0][0]) if rows else ""


def write_meta(store: Store, name: str, value: str) -> None:
    """Write a value; nothing when it is there already."""
    rows = store.read("SELECT meta_value FROM {p}meta WHERE meta_name = %s", (name,))
    if not rows:
        store.write("INSERT INTO {p}meta (meta_name, meta_value) VALUES (%s, %s)", (name, value))
    elif str(rows[0][0]) != value:
        store.write("UPDATE {p}meta SET meta_value = %s WHERE meta_name = %s", (value, name))
