"""Open a session for effects: connect, identify, take the lease, make our tables, record the holder."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

from lockgate.engine.base import Engine
from lockgate.errors import LeaseHeld, LockgateError
from lockgate.execute.execution import Execution
from lockgate.execute.interrupt import Interrupts, catch_signals, watch_wish
from lockgate.execute.lease import describe_holder, free_lease, take_lease
from lockgate.execute.retry import Patience
from lockgate.model.run import EventType, Observer
from lockgate.model.target import Target
from lockgate.store import lease
from lockgate.store.fence import raise_token
from lockgate.store.lease import lease_name
from lockgate.store.progress import GO, write_wish
from lockgate.store.tables import Store, check_version, ensure_tables

_ORPHAN_WAIT_S = 10.0


@contextmanager
def open_execution(
    engine: Engine,
    target: Target,
    *,
    patience: Patience,
    observer: Observer,
    now: Callable[[], datetime],
    new_id: Callable[[], str],
    interrupts: Interrupts | None = None,
    lease_wait_s: float = 0.0,
) -> Iterator[Execution]:
    """Yield an execution whose session holds the lease; the lease and the session end with the block.

    Raises:
        ConnectError, LeaseHeld, ArtifactError (foreign journal version), InputError (journal not writable).
    """
    session = engine.connect(target, is_read_only=False)
    try:
        execution = Execution(
            engine,
            target,
            session,
            engine.identify(session),
            patience,
            observer,
            now,
            new_id,
            describe_holder(),
            interrupts or Interrupts(),
        )
        execution.free_limits()
        check_version(Store(session, engine.state))
        take_lease(
            session,
            engine.state,
            wait_s=lease_wait_s,
            sleep=patience.sleep,
            timer=patience.timer,
            tell_wait=lambda text: _tell(execution, text),
        )
        ensure_tables(execution.store)
        execution.token = raise_token(execution.store)
        write_wish(execution.store, GO)
        _wait_for_orphans(execution, max(lease_wait_s, _ORPHAN_WAIT_S))
        lease.write_holder(execution.store, lease_name(target), execution.holder, "", execution.timestamp())
        execution.interrupts.cancel = session.cancel
        execution.interrupts.on_request = lambda count: _tell_request(execution, count)
        try:
            yield execution
        finally:
            execution.interrupts.cancel = lambda: None
            execution.interrupts.on_request = lambda count: None
            _forget_wish(execution)
            free_lease(session, engine.state)
    finally:
        session.close()


@contextmanager
def open_stoppable(
    engine: Engine,
    target: Target,
    *,
    patience: Patience,
    observer: Observer,
    now: Callable[[], datetime],
    new_id: Callable[[], str],
    lease_wait_s: float = 0.0,
    is_stop_wanted: Callable[[], bool] | None = None,
) -> Iterator[Execution]:
    """Yield an execution as `open_execution` does; Ctrl-C and SIGTERM are requests to it to stop, from the start.

    ``is_stop_wanted`` is asked meanwhile, by another thread; when it says so, the running statement is cancelled.
    """
    with (
        catch_signals(Interrupts()) as interrupts,
        open_execution(
            engine,
            target,
            patience=patience,
            observer=observer,
            now=now,
            new_id=new_id,
            interrupts=interrupts,
            lease_wait_s=lease_wait_s,
        ) as execution,
        watch_wish(interrupts, is_stop_wanted),
    ):
        yield execution


@contextmanager
def open_reading(
    engine: Engine,
    target: Target,
    *,
    patience: Patience,
    observer: Observer,
    now: Callable[[], datetime],
    new_id: Callable[[], str],
) -> Iterator[Execution]:
    """Yield an execution over a session that the server keeps read-only; it takes no lease and writes nothing."""
    session = engine.connect(target, is_read_only=True)
    try:
        server = engine.identify(session)
        execution = Execution(engine, target, session, server, patience, observer, now, new_id, describe_holder())
        execution.free_limits()
        check_version(execution.store)
        yield execution
    finally:
        session.close()


def _forget_wish(execution: Execution) -> None:
    """Let the next run start without what was asked of this one; a broken session leaves that to its start."""
    try:
        write_wish(execution.store, GO)
    except LockgateError:
        pass


def _wait_for_orphans(execution: Execution, wait_s: float) -> None:
    """Wait until no statement of an earlier run is at work any more in a session that has lost the lease.

    Raises:
        LeaseHeld: One still is when the time is over; names it.
    """
    end = execution.patience.timer() + wait_s
    while found := execution.session.orphans():
        names = "; ".join(blocker.description for blocker in found)
        if execution.patience.timer() >= end:
            raise LeaseHeld(
                "a statement of an earlier run is still at work",
                holder=names,
                hint="wait for it to end, or end its session, then run this again",
            )
        _tell(execution, f"waiting for a statement of an earlier run: {names}")
        execution.patience.sleep(0.5)


def _tell(execution: Execution, text: str) -> None:
    execution.tell(EventType.WAITING, message=text, wait_s=0.5)


def _tell_request(execution: Execution, count: int) -> None:
    """Say what a request to stop leads to."""
    if execution.interrupts.is_winding_down:
        text = "the way back is never interrupted; please wait"
    elif count > 1:
        text = "cancelling the running statement"
    else:
        text = "stopping after the running step; once more cancels its statement"
    execution.tell(EventType.NOTE, message=text)
