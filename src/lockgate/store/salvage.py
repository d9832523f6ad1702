"""The rows of salvage: values that the schema in force cannot hold, kept by mirrors and by ways back."""

from __future__ import annotations

from lockgate.model.run import Salvaged
from lockgate.store.tables import Store

_COLUMNS = "id, mirror, table_name, row_key, column_name, value_text, stand_in, reason, state, kept_at"


def list_salvage(store: Store) -> tuple[Salvaged, ...]:
    """Return every value that is kept, oldest first."""
    rows = store.read(f"SELECT {_COLUMNS} FROM {{p}}salvage WHERE state = 'kept' ORDER BY id")
    return tuple(
        Salvaged(int(row[0]), row[1], row[2], row[3], row[4], row[5], row[6], row[7], row[8], str(row[9]))
        for row in rows
    )


def count_salvage(store: Store, plan: str = "") -> int:
    """Return how many values are kept; with the text of a plan only those of its mirrors."""
    rows = store.read("SELECT mirror, COUNT(*) FROM {p}salvage WHERE state = 'kept' GROUP BY mirror")
    return sum(int(count) for mirror, count in rows if not plan or mirror in plan)


def drop_salvage(store: Store, plan: str) -> int:
    """Delete every row of salvage, kept or used, of the mirrors of a plan; return how many kept ones went."""
    mirrors = [str(row[0]) for row in store.read("SELECT DISTINCT mirror FROM {p}salvage")]
    gone = 0
    for mirror in mirrors:
        if mirror in plan:
            kept = store.read("SELECT COUNT(*) FROM {p}salvage WHERE mirror = %s AND state = 'kept'", (mirror,))
            gone += int(kept[0][0] or 0)
            store.write("DELETE FROM {p}salvage WHERE mirror = %s", (mirror,))
    return gone
