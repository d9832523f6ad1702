"""The binary log for backups: where it stands, its range for one database, played back on a copy."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager

from lockgate.engine.backup import DumpOptions, OpenSink, Sink, Snapshot, What
from lockgate.engine.base import Session
from lockgate.engine.logs import LogDialect
from lockgate.engine.mysql.binlog_cut import Cut, cut_range
from lockgate.engine.mysql.binlog_moment import open_moment
from lockgate.engine.mysql.binlog_place import KIND, read_position
from lockgate.engine.mysql.binlog_replay import ROLE, commands, replay
from lockgate.engine.mysql.binlog_stream import FORMAT, MAGIC, stream_events
from lockgate.engine.mysql.server import identify, is_mariadb
from lockgate.engine.mysql.session import connect
from lockgate.errors import LockgateError
from lockgate.model.backup import Position
from lockgate.model.server import Server
from lockgate.model.target import Target

_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


def problem(session: Session, since: Position) -> str:
    """Say why the log since a position cannot be had or played back exactly; see `LogDialect`."""
    is_on, form = session.query("SELECT @@GLOBAL.log_bin, @@GLOBAL.binlog_format")[0]
    if not is_on:
        return "the server writes no binary log (log_bin is off)"
    if str(form).upper() != "ROW":
        return f"binlog_format is {form}; only ROW can be played back exactly"
    now = read_position(session)
    if not now.is_known:
        return "the user may not see the binary log; grant REPLICATION CLIENT (MariaDB: BINLOG MONITOR)"
    return _left_out(session) or _missing_right(session) or (_gone(session, since, now) if since.is_known else "")


def _left_out(session: Session) -> str:
    for statement in ("SHOW BINARY LOG STATUS", "SHOW MASTER STATUS"):
        try:
            rows = session.query(statement)
        except LockgateError:
            continue
        if rows and any(str(value or "") for value in rows[0][2:4]):
            return "the server leaves databases out of its log (binlog-do-db, binlog-ignore-db)"
    return ""


def _missing_right(session: Session) -> str:
    text = " ".join(str(row[0]) for row in session.query("SHOW GRANTS")).upper()
    if any(right in text for right in ("ALL PRIVILEGES ON *.*", "REPLICATION SLAVE", "REPLICATION REPLICA")):
        return ""
    roles = session.query("SELECT CURRENT_ROLE()")[0][0]
    if roles and str(roles).upper() != "NONE":
        return ""
    return "the user may not read the binary log; grant REPLICATION SLAVE"


def _gone(session: Session, since: Position, now: Position) -> str:
    if since.kind != KIND:
        return "the earlier backup has no position in a binary log"
    if since.server and since.server != now.server:
        return "the earlier backup was taken of another server, whose log this is not"
    files = {str(row[0]): int(row[1]) for row in session.query("SHOW BINARY LOGS")}
    if since.file not in files:
        return f"the server has purged its log {since.file}, where the earlier backup ends"
    if files[since.file] < since.offset:
        return f"the server's log {since.file} is shorter than it was; it was begun anew"
    if _lacks(session, since.set):
        return "the server's log was begun anew: it lacks transactions of the earlier backup"
    if now.time < since.time:
        return "the server's clock is behind the earlier backup"
    return ""


def _lacks(session: Session, gtids: str) -> bool:
    """Tell whether a MySQL server has not run transactions that it had run; MariaDB's GTIDs do not tell."""
    if not gtids or is_mariadb(identify(session)):
        return False
    return not session.query("SELECT GTID_SUBSET(%s, @@GLOBAL.gtid_executed)", (gtids,))[0][0]


def fetch(target: Target, since: Position, until: Position, open_sink: OpenSink) -> tuple[str, ...]:
    """Write a range of the log, our database's part, into files of a backup; see `LogDialect`."""
    with closing(connect(target)) as session:
        others = frozenset(str(row[0]) for row in session.query("SHOW DATABASES")) - {target.database}
        cut = Cut(target.database, others)
        with ExitStack() as stack:
            files = _Files(stack, open_sink)
            for file, data in cut_range(stream_events(session, since), cut, since, until):
                files.write(file, data)
            files.close()
    return tuple(cut.notes)


class _Files:
    """The stored files of a range, one for each file of the log that holds something of ours."""

    def __init__(self, stack: ExitStack, open_sink: OpenSink) -> None:
        self._stack, self._open_sink = stack, open_sink
        self._open: ExitStack = stack.enter_context(ExitStack())
        self._sink: Sink | None = None
        self._head, self._count = b"", 0

    def write(self, file: str, data: bytes) -> None:
        if data[4] == FORMAT:
            self.close()
            self._head = data
            return
        if self._sink is None:
            self._count += 1
            name = f"log/{self._count:04}.{_UNSAFE.sub('_', file)}"
            self._sink = self._open.enter_context(self._open_sink(name, ROLE))
            self._sink.write(MAGIC + self._head)
        self._sink.write(data)

    def close(self) -> None:
        self._sink = None
        self._open.close()


@contextmanager
def open_snapshot(target: Target, server: Server, what: What, options: DumpOptions) -> Iterator[Snapshot]:
    """Open the backup's own snapshot: it is taken with its place in the log."""
    from lockgate.engine.mysql import ENGINE

    with ENGINE.backup().open_snapshot(target, server, what, options) as snapshot:
        yield snapshot


def logs() -> LogDialect:
    """Return how the binary log is used for backups."""
    return LogDialect(
        position=read_position,
        problem=problem,
        open_snapshot=open_snapshot,
        open_moment=open_moment,
        release=lambda session, position: None,
        held=lambda session, holder: (),
        fetch=fetch,
        replay=replay,
        commands=commands,
        mark=lambda session, name: "",
        warnings=lambda session: (),
        is_bound_to_name=True,
    )
