"""Who may run now: an advisory lock in the very session that runs the statements."""

from __future__ import annotations

import getpass
import os
import socket
from collections.abc import Callable

from lockgate.engine.base import Session, StateDialect
from lockgate.errors import LeaseHeld, LockgateError
from lockgate.store import lease
from lockgate.store.lease import lease_name
from lockgate.store.tables import Store


def describe_holder() -> str:
    """Return who we are, for others to read: user, host and process."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        user = str(os.getuid())
    return f"{user}@{socket.gethostname()} pid {os.getpid()}"


def take_lease(
    session: Session,
    dialect: StateDialect,
    *,
    wait_s: float,
    sleep: Callable[[float], None],
    timer: Callable[[], float],
    tell_wait: Callable[[str], None],
) -> None:
    """Take the lease, waiting at most ``wait_s``.

    Raises:
        LeaseHeld: Another session holds it; names the holder as it recorded itself.
    """
    name = lease_name(session.target)
    end = timer() + wait_s
    while not session.acquire_lease(name):
        holder = _read_holder(session, dialect, name)
        if timer() >= end:
            raise LeaseHeld(
                f"another runner is at work on {session.target.display}",
                holder=holder or "a session that did not record itself",
                hint="wait for it to end; a dead holder frees the lease by itself",
            )
        tell_wait(f"waiting for the lease held by {holder or 'another session'}")
        sleep(0.5)


def free_lease(session: Session, dialect: StateDialect) -> None:
    """Free the lease and forget the holder; a broken session has freed it already."""
    name = lease_name(session.target)
    try:
        lease.clear_holder(Store(session, dialect), name)
        session.release_lease(name)
    except LockgateError:
        pass


def _read_holder(session: Session, dialect: StateDialect, name: str) -> str:
    """Return the recorded holder; a busy database (SQLite while a step commits) hides it."""
    try:
        return lease.read_holder(Store(session, dialect), name)
    except LockgateError:
        return ""
