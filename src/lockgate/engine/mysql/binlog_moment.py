"""A moment of a MySQL or MariaDB database together with its exact place in the binary log, without a dump."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from lockgate.engine.backup import DumpOptions, OpenSink, What
from lockgate.engine.base import Session
from lockgate.engine.mysql.backup_lock import begin_snapshot, hold_writers
from lockgate.engine.mysql.backup_look import current_account, read_contents
from lockgate.engine.mysql.binlog_place import read_position
from lockgate.engine.mysql.session import connect
from lockgate.errors import LogUnusable
from lockgate.model.backup import BackupKind, Consistency, Position
from lockgate.model.server import Server
from lockgate.model.target import Target


@dataclass
class Moment:
    """See `lockgate.engine.backup.Snapshot`; it has nothing to dump."""

    sessions: tuple[Session, ...]
    position: Position
    taken_at: str
    roles: tuple[str, ...]
    lock_held_ms: int
    method: str
    consistency: Consistency = Consistency.SHARED_SNAPSHOT

    def dump(self, what: What, raw: Path, open_sink: OpenSink) -> None:
        """Nothing is dumped."""

    def check_complete(self) -> None:
        """Nothing was dumped."""


@contextmanager
def open_moment(target: Target, server: Server, options: DumpOptions, kind: BackupKind) -> Iterator[Moment]:
    """Open sessions on one snapshot whose place in the log is exact: nothing is committed while they begin.

    Raises:
        LogUnusable: The user may not keep commits out.
        BackupFailed: Somebody's statement keeps the lock from us.
    """
    with ExitStack() as stack:
        sessions = []
        for _ in range(2 + max(1, options.jobs)):
            session = connect(target)
            stack.callback(session.close)
            sessions.append(session)
        locker, look, *readers = sessions
        contents, account = read_contents(look), current_account(look)
        names = [table.name for table in contents.tables]
        taken_at = datetime.now(UTC).isoformat(timespec="milliseconds")
        with hold_writers(locker, server, names, options.lock_ms) as held:
            if not held.words:
                raise LogUnusable(
                    "the exact place in the log could not be taken",
                    where=target.display,
                    cause="commits must be kept out for a moment, and the user may not do that",
                    state="nothing was published",
                    hint="grant the user RELOAD or LOCK TABLES",
                )
            for session in readers:
                begin_snapshot(session)
            position = read_position(locker)
        yield Moment(
            sessions=tuple(readers),
            position=position,
            taken_at=taken_at,
            roles=(account, *(definer for definer in contents.definers if definer != account)),
            lock_held_ms=held.lock_held_ms,
            method=f"binary log, {held.words}",
        )
