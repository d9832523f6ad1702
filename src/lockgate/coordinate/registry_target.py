"""The registry in the target database: one short transaction a change, and a row that is locked while it lasts."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from datetime import UTC, datetime

from lockgate.coordinate.book import decode_book, encode_session, merge_book
from lockgate.coordinate.sessions import Book, Change
from lockgate.engine.base import Engine, Session
from lockgate.errors import FailedError, LockTimeout, StatementFailed
from lockgate.model.target import Target
from lockgate.store.sessions import ensure_session_table, lock_registry, read_sessions, write_session
from lockgate.store.tables import Store

_LOCK_MS, _STATEMENT_MS, _TRIES = 5_000, 15_000, 6
# Two transactions stood in each other's way and the server ended one. Source: PostgreSQL manual, appendix A
# (serialization_failure, deadlock_detected); MySQL manual, errors 1213 and 1205.
_AGAIN = frozenset({"40001", "40P01", "1213", "1205"})


class TargetRegistry:
    """Sessions in our own table in the target: everybody who can reach the database sees them at once."""

    def __init__(
        self,
        engine: Engine,
        target: Target,
        *,
        sleep: Callable[[float], None] = time.sleep,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._engine, self._target, self._sleep, self._now = engine, target, sleep, now
        self.place = f"the target {target.display}"

    def read(self) -> Book:
        """Return all sessions as they are now."""
        session = self._engine.connect(self._target, is_read_only=True)
        try:
            return self._book(Store(session, self._engine.state))
        finally:
            session.close()

    def change(self, change: Change) -> None:
        """Read, ask, write, in one transaction behind the guard's lock; who waits too long begins again."""
        session = self._engine.connect(self._target, is_read_only=False)
        try:
            session.set_limits(_LOCK_MS, _STATEMENT_MS)
            store = Store(session, self._engine.state)
            ensure_session_table(store)
            for attempt in range(1, _TRIES + 1):
                try:
                    self._change_once(session, store, change)
                    return
                except (LockTimeout, StatementFailed) as error:
                    is_again = isinstance(error, LockTimeout) or error.code in _AGAIN
                    if not is_again or attempt == _TRIES:
                        raise _unwritten(self._target, error) from None
                    self._sleep(0.05 * attempt * (1 + random.random()))
        finally:
            session.close()

    def _change_once(self, session: Session, store: Store, change: Change) -> None:
        session.begin(is_chunk=True)
        try:
            stamp = self._now().isoformat(timespec="seconds")
            lock_registry(store, stamp)
            for item in merge_book(change(self._book(store, is_locked=True))):
                write_session(store, item.id, item.state.value, stamp, encode_session(item).decode())
            session.commit()
        except BaseException:
            session.rollback()
            raise

    def _book(self, store: Store, *, is_locked: bool = False) -> Book:
        rows = read_sessions(store, is_locked=is_locked)
        return decode_book((body, f"{self._target.display}: session {name}") for name, body in rows)


def _unwritten(target: Target, error: FailedError) -> FailedError:
    return FailedError(
        "the registry of sessions cannot be written",
        where=target.display,
        cause=str(error),
        state="nothing was claimed",
        hint="repeat the command; lockgate session list",
    )
