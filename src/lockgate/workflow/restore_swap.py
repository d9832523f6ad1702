"""Lead a restore back to the old database, whatever its swap came to."""

from __future__ import annotations

from lockgate.engine.base import Session
from lockgate.engine.swap import Places
from lockgate.errors import BackupFailed, InDoubtError, LockgateError
from lockgate.execute.execution import Execution
from lockgate.model.restore import Phase, Where
from lockgate.model.target import Target
from lockgate.store.lease import lease_name
from lockgate.store.restored import mark_restored
from lockgate.store.tables import Store, ensure_tables
from lockgate.workflow.restore_work import Work


def lead_back(work: Work, execution: Execution, error: LockgateError) -> None:
    """After a failure around the swap: find out which one is in place, and put the old one back.

    Raises:
        InDoubtError: It could not be put back, or not be looked up.
    """
    try:
        put_old_back(work, execution)
    except LockgateError as second:
        raise InDoubtError(
            "the swap failed, and the old database could not be put back",
            where=work.item.database,
            cause=f"{error}; then: {second}",
            state=f"old and new are whole: look for {work.item.kept} and {work.item.side}",
            hint="remove the cause, then: lockgate restore --resume or lockgate restore --abort",
        ) from second


def put_old_back(work: Work, execution: Execution) -> bool:
    """Put the old database in place, whatever the swap came to; tell whether the new one was there before."""
    execution.session = _living(work, execution)
    where = work.where()
    if work.item.phase is Phase.SWAPPING_BACK:
        if where is not Where.NEW:
            swap_back(work, execution, is_repeat=True)
        return True
    if where is Where.BETWEEN:
        execution.session = work.engine.swap().back(execution.session, work.item.record, work.swap_options())
    elif where is Where.NEW:
        swap_back(work, execution)
        return True
    return False


def _living(work: Work, execution: Execution) -> Session:
    """Return the execution's session, or a new one on what is live now when a swap ended it."""
    if execution.session.is_alive():
        return execution.session
    execution.session.close()  # it holds the lease, where that is not the server's
    session = work.engine.connect(work.target, is_read_only=False)
    if not session.acquire_lease(lease_name(work.target)):
        session.close()
        raise BackupFailed("the lease was taken by another runner meanwhile")
    return session


def swap_back(work: Work, execution: Execution, *, is_repeat: bool = False) -> None:
    """Swap the kept database in; what is live now goes to the name that it was loaded under."""
    marker = f"{work.item.id}-undone"
    places = Places(live=work.target, incoming=work.places.kept, kept=work.places.incoming)
    if not is_repeat:
        _mark_kept(work, places.incoming, marker)
        work.engine.swap().drop(places.kept)
        record = work.engine.swap().prepare(execution.session, places, marker, work.item.active)
        work.enter(Phase.SWAPPING_BACK, f"swapping {work.item.kept} in again", record=record)
    work.swap(execution, lambda session: None)
    work.engine.swap().drop(places.incoming)


def _mark_kept(work: Work, kept: Target, marker: str) -> None:
    session = work.engine.connect(kept, is_read_only=False)
    try:
        store = Store(session, work.engine.state)
        ensure_tables(store)
        mark_restored(store, marker)
    finally:
        session.close()
