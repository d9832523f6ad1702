"""Takes the moment of a backup: sessions and dump programs that share one snapshot, and the place in the log."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

from lockgate.engine.backup import DumpOptions, What
from lockgate.engine.client.child import Group
from lockgate.engine.mysql.backup_dump import MysqlSnapshot, deal, measure_steady
from lockgate.engine.mysql.backup_lock import begin_snapshot, hold_writers, stay_connected
from lockgate.engine.mysql.backup_look import (
    Contents,
    chosen_tables,
    current_account,
    read_catalogue,
    read_contents,
    show_fresh_statistics,
)
from lockgate.engine.mysql.backup_programs import RowDump, first_error
from lockgate.engine.mysql.backup_tools import dump_call, find_tools, keeps_history, open_login, tls_options
from lockgate.engine.mysql.binlog_place import read_position
from lockgate.engine.mysql.session import MysqlSession, connect
from lockgate.errors import LockgateError
from lockgate.model.backup import Consistency
from lockgate.model.server import Server
from lockgate.model.target import Target

_BEGIN_LIMIT_S = 20.0


@contextmanager
def open_snapshot(target: Target, server: Server, what: What, options: DumpOptions) -> Iterator[MysqlSnapshot]:
    """Take the moment and hold it; see `lockgate.engine.backup.BackupDialect`.

    Where writers cannot be stopped, one program dumps alone between two snapshots of ours: `check_complete` refuses the
    dump when they differ.
    """
    with ExitStack() as stack:
        tools = find_tools(server, target)
        look = connect(target, is_read_only=False)
        stack.callback(look.close)
        stay_connected(look)
        show_fresh_statistics(look)
        contents = read_contents(look)
        tables = chosen_tables(contents, what)
        catalogue = read_catalogue(look)
        snapshot = MysqlSnapshot(
            server=server,
            database=target.database,
            tools=tools,
            login=stack.enter_context(open_login(look.login)),
            tls=tls_options(tools.dump, look.login),
            options=options,
            look=look,
            contents=contents,
            catalogue=catalogue,
            tables=tables,
            roles=_roles(contents, current_account(look)),
            steady_facts=measure_steady(look, tables),
        )
        _Taking(stack, target, snapshot).take()
        yield snapshot


def _roles(contents: Contents, account: str) -> tuple[str, ...]:
    """Return who we are, which is the first, and everybody who is named as a definer."""
    return (account, *(definer for definer in contents.definers if definer != account))


@dataclass
class _Taking:
    """The moment being taken: writers are stopped, every transaction begins, writers go on."""

    stack: ExitStack
    target: Target
    snapshot: MysqlSnapshot
    group: Group = field(default_factory=Group)

    def take(self) -> None:
        """Fill in the snapshot."""
        snapshot, options = self.snapshot, self.snapshot.options
        locker, *sessions = [self._connect() for _ in range(1 + max(2, options.jobs))]
        if not snapshot.tables:
            self._begin(sessions[:1], [], 0)
            snapshot.position = read_position(locker)
            snapshot.method = f"{snapshot.tools.dump.name} --no-data"
            return
        names = [table.name for table in snapshot.tables]
        with hold_writers(locker, snapshot.server, names, options.lock_ms) as held:
            if held.words:
                groups = deal(snapshot.tables, options.jobs)
                self._begin(sessions, groups, max(options.lock_ms / 1000, 1.0))
                snapshot.position = read_position(locker)
            else:
                self._begin(sessions[:1], [tuple(names)], _BEGIN_LIMIT_S)
                snapshot.second = sessions[1]
                begin_snapshot(sessions[1])
                snapshot.consistency = Consistency.BRACKETED
        snapshot.lock_held_ms = held.lock_held_ms
        snapshot.method = (
            f"{len(snapshot.dumps)} × {snapshot.tools.dump.name} --single-transaction,"
            f" {held.words or 'between two equal snapshots'}"
        )

    def _connect(self) -> MysqlSession:
        session = connect(self.target, is_read_only=False)
        self.stack.callback(session.close)
        return session

    def _begin(self, sessions: Sequence[MysqlSession], groups: Sequence[tuple[str, ...]], limit_s: float) -> None:
        snapshot = self.snapshot
        snapshot.taken_at = datetime.now(UTC).isoformat(timespec="milliseconds")
        dumps = [self._dump_of(group) for group in groups]
        for dump in dumps:
            self.stack.callback(dump.close)
            dump.start()
        for session in sessions:
            begin_snapshot(session)
        snapshot.sessions, snapshot.dumps = tuple(sessions), tuple(dumps)
        deadline = time.monotonic() + limit_s
        try:
            for dump in dumps:
                dump.wait_until_begun(deadline)
        except LockgateError as error:
            raise first_error(dumps) or error from None

    def _dump_of(self, names: tuple[str, ...]) -> RowDump:
        snapshot = self.snapshot
        extra = ["--verbose", "--no-create-info", "--skip-triggers", *snapshot.tls]
        has_past = any(table.is_versioned for table in snapshot.tables)
        if has_past and keeps_history(snapshot.tools.dump, snapshot.server):
            extra.append("--dump-history")
        call = dump_call(
            snapshot.tools, snapshot.login, extra, snapshot.database, names, idle_s=snapshot.options.idle_s
        )
        return RowDump(call, names, self.group)
