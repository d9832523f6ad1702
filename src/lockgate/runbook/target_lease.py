"""One runner per target, across machines: an advisory lock in the target, held by a session that does nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from lockgate.engine.base import Engine, Session
from lockgate.errors import LeaseHeld
from lockgate.model.target import Target
from lockgate.store.lease import lease_name

_PREFIX, _MOST = "rb_", 60


class TargetLease:
    """The lease of a run on its target; the tasks inside take the target's own one beside it."""

    def __init__(self, engine: Engine, target: Target) -> None:
        self._engine, self._target = engine, target
        self._session: Session | None = None

    def take(self) -> None:
        """Take the lease.

        Raises:
            LeaseHeld: Another runner has it. ConnectError: The target cannot be reached.
        """
        session = self._engine.connect(self._target, is_read_only=True)
        if not session.acquire_lease(self.name):
            session.close()
            raise LeaseHeld(
                f"another runbook is at work on {self._target.display}",
                hint="wait for it to end; a dead runner frees the lease by itself",
            )
        self._session = session

    def free(self) -> None:
        """Free the lease; never raises."""
        session, self._session = self._session, None
        if session is not None:
            session.close()

    @contextmanager
    def set_aside(self) -> Iterator[None]:
        """Let go while something needs the database for itself alone (a restore); what is on this machine still holds.

        Raises:
            LeaseHeld: Somebody else came in between.
        """
        if self._session is None:
            yield
            return
        self.free()
        yield
        self.take()

    @property
    def name(self) -> str:
        """The lease's name: the same for every address of one database."""
        return f"{_PREFIX}{lease_name(self._target)}"[:_MOST]
