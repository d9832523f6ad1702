"""The rows of parked objects."""

from __future__ import annotations

from typing import Any

from lockgate.model import codec
from lockgate.model.op import Parked, Statement
from lockgate.model.run import Direction, ParkedEntry, ParkState
from lockgate.store.tables import Store

_COLUMNS = "id, run_id, step_id, direction, original, parked_name, finalize_json, parked_at, state"


def build_entries(
    run_id: str, step_id: str, direction: Direction, parks: tuple[Parked, ...], parked_at: str
) -> tuple[ParkedEntry, ...]:
    """Return the entries of what one step parks, with the same ids every time."""
    return tuple(
        ParkedEntry(
            id=f"{run_id}/{step_id}/{direction.value}/{number:03d}",
            run=run_id,
            step_id=step_id,
            direction=direction,
            original=str(park.original),
            name=park.parked,
            finalize=park.finalize,
            parked_at=parked_at,
        )
        for number, park in enumerate(parks)
    )


def write_entry(store: Store, entry: ParkedEntry) -> None:
    """Write an entry; writing it again replaces it."""
    store.write("DELETE FROM {p}parked WHERE id = %s", (entry.id,))
    store.write(
        f"INSERT INTO {{p}}parked ({_COLUMNS}) VALUES ({', '.join(['%s'] * 9)})",
        (
            entry.id,
            entry.run,
            entry.step_id,
            entry.direction.value,
            entry.original,
            entry.name,
            codec.encode(entry.finalize).decode(),
            entry.parked_at,
            entry.state.value,
        ),
    )


def mark_step(store: Store, run_id: str, step_id: str, direction: Direction, state: ParkState) -> None:
    """Set the state of what one step parked in one direction."""
    store.write(
        "UPDATE {p}parked SET state = %s WHERE run_id = %s AND step_id = %s AND direction = %s AND state <> %s",
        (state.value, run_id, step_id, direction.value, ParkState.FINALIZED.value),
    )


def mark_entry(store: Store, entry_id: str, state: ParkState) -> None:
    """Set the state of one entry."""
    store.write("UPDATE {p}parked SET state = %s WHERE id = %s", (state.value, entry_id))


def list_parked(store: Store, *, run_id: str = "") -> tuple[ParkedEntry, ...]:
    """Return what still waits under a reserved name, of one run or of all, in the order it was parked."""
    where = " AND run_id = %s" if run_id else ""
    rows = store.read(
        f"SELECT {_COLUMNS} FROM {{p}}parked WHERE state = 'parked'{where} ORDER BY parked_at, id",
        (run_id,) if run_id else (),
    )
    return tuple(map(_entry, rows))


def has_finalized(store: Store, run_id: str, direction: Direction | None = None) -> bool:
    """Tell whether anything that a run's steps parked (in one direction, or in any) was dropped for good."""
    where = " AND direction = %s" if direction else ""
    rows = store.read(
        f"SELECT COUNT(*) FROM {{p}}parked WHERE run_id = %s AND state = 'finalized'{where}",
        (run_id, direction.value) if direction else (run_id,),
    )
    return bool(rows and rows[0][0])


def _entry(row: tuple[Any, ...]) -> ParkedEntry:
    return ParkedEntry(
        id=row[0],
        run=row[1],
        step_id=row[2],
        direction=Direction(row[3]),
        original=row[4],
        name=row[5],
        finalize=codec.decode(row[6], tuple[Statement, ...], "a parked object's row"),
        parked_at=row[7],
        state=ParkState(row[8]),
    )
