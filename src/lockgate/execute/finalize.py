"""Really drop what is parked, one object at a time, each journaled."""

from __future__ import annotations

from collections.abc import Sequence

from lockgate.errors import StatementFailed
from lockgate.execute.execution import Execution
from lockgate.execute.script import build_units
from lockgate.execute.units import run_unit
from lockgate.model.run import Direction, EventType, ParkedEntry, ParkState
from lockgate.store import parked


def finalize_entries(execution: Execution, entries: Sequence[ParkedEntry], *, is_repeat: bool = False) -> int:
    """Drop these parked objects in order; return how many were dropped.

    Args:
        is_repeat: After a crash: an object that is gone already counts as dropped.

    Raises:
        LockgateError: A statement failed; the ones before it are dropped and journaled.
    """
    for entry in entries:
        fields = {"step_id": entry.step_id, "direction": Direction.FINALIZE}
        execution.journal(EventType.FINALIZE_STARTED, message=f"dropping {entry.name}", **fields)
        if not (is_repeat and not execution.is_there(entry.name)):
            _drop(execution, entry, is_repeat=is_repeat)
        execution.tell(
            EventType.PARKED_DROPPED, message=f"dropped {entry.original} (it was parked as {entry.name})", **fields
        )
    return len(entries)


def render_entry(execution: Execution, entry: ParkedEntry) -> tuple[str, ...]:
    """Return the lines of a dry run for one parked object."""
    lines = [f"-- drop {entry.original}, parked as {entry.name} {entry.parked_at}"]
    for unit in build_units(entry.finalize, execution.engine.state, execution.patience):
        lines.extend(line for call in unit.calls if (line := call.render()))
    return tuple(lines)


def _drop(execution: Execution, entry: ParkedEntry, *, is_repeat: bool) -> None:
    units = build_units(entry.finalize, execution.engine.state, execution.patience)

    def finished() -> None:
        parked.mark_entry(execution.store, entry.id, ParkState.FINALIZED)

    for unit in units:
        try:
            run_unit(execution, unit, Direction.FINALIZE, finished if unit is units[-1] else lambda: None)
        except StatementFailed:
            if is_repeat and len(units) > 1:
                continue  # a part that was dropped before the crash; the check below decides
            raise
    if is_repeat and execution.is_there(entry.name):
        raise StatementFailed("a parked object is still there", where=entry.name)
    if not units or is_repeat:
        finished()
