"""The binary log for backups: where it stands, its range for one database, played back on a copy."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from io import FileIO
from typing import BinaryIO, cast

from lockgate.engine.backup import BackupFiles, DumpOptions, LoadOptions, OpenSink, Sink, Snapshot, What
from lockgate.engine.base import Session
from lockgate.engine.client.child import Call, Group, run_client
from lockgate.engine.client.credentials import client_environment, open_secret_file, option_text
from lockgate.engine.client.find import ClientProgram, beside, choose_client, find_clients
from lockgate.engine.logs import LogDialect
from lockgate.engine.mysql.binlog_cut import Cut, cut_range
from lockgate.engine.mysql.binlog_moment import KIND, open_moment, read_position
from lockgate.engine.mysql.binlog_stream import FORMAT, MAGIC, stream_events
from lockgate.engine.mysql.session import connect
from lockgate.errors import ConfigError, LockgateError
from lockgate.model.backup import Manifest, Position
from lockgate.model.server import Server
from lockgate.model.target import Target

ROLE = "log"
_MYSQL = (("mysqlbinlog",), ("mysql",))
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
    if now.time < since.time:
        return "the server's clock is behind the earlier backup"
    return ""


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


def replay(backups: Sequence[BackupFiles], target: Target, options: LoadOptions) -> None:
    """Play log backups back on a copy, all in one go and in order; see `LogDialect`."""
    paths: list[str] = []
    for number, files in enumerate(backups):
        stored = sorted((file for file in files.manifest.files if file.role == ROLE), key=lambda file: file.path)
        folder = options.work / f"log{number:04}"
        folder.mkdir(parents=True, exist_ok=True)
        files.unpack(stored, folder)
        paths += sorted(str(path) for path in folder.rglob("*") if path.is_file())
    if not paths:
        return
    with closing(connect(target)) as session:
        login, server = dict(session.login), session.server
    reader, client = _programs(server, int(login["port"]))
    with open_secret_file(_login_text(login)) as secret, open_secret_file("[client]\n") as nothing:
        read = Call(
            reader.name,
            (
                *reader.command, f"--defaults-file={nothing.path}", *reader.options, f"--database={target.database}",
                "--disable-log-bin", "--verify-binlog-checksum", *_without_gtids(server), *paths,
            ),
            client_environment(), descriptors=nothing.descriptors, idle_s=options.idle_s,
        )  # fmt: skip
        write = Call(
            client.name,
            (
                *client.command, f"--defaults-file={secret.path}", *client.options, "--binary-mode",
                "--max-allowed-packet=1G", target.database,
            ),
            client_environment(), descriptors=secret.descriptors, idle_s=options.idle_s,
            secrets=(str(login["password"]),),
        )  # fmt: skip
        _pipe(read, write)


def _pipe(read: Call, write: Call) -> None:
    """Run two programs, the second one fed with what the first one prints."""
    ends = os.pipe()
    group = Group()
    with open(ends[0], "rb", buffering=0) as taking, open(ends[1], "wb", buffering=0) as giving:

        def print_all() -> None:
            with giving:
                run_client(read, into=_Whole(giving), group=group)

        def take_all() -> None:
            with taking:
                run_client(write, source=cast("BinaryIO", taking), group=group)

        group.run([print_all, take_all], 2)


class _Whole:
    """Writes all that is given; whoever reads may be slow."""

    def __init__(self, file: FileIO) -> None:
        self._file = file

    def write(self, data: bytes | memoryview) -> int:
        view = memoryview(data)
        while view:
            view = view[self._file.write(view) :]
        return len(data)


def _programs(server: Server, port: int) -> tuple[ClientProgram, ClientProgram]:
    """Return the log's reader and the client. MariaDB's reader tells a version of its own, which says nothing."""
    is_mariadb = server.flavor == "mariadb"
    readers, clients = (("mariadb-binlog", "mysqlbinlog"), ("mariadb", "mysql")) if is_mariadb else _MYSQL
    client = choose_client(find_clients(clients, server.flavor, near_port=port), server.version[:2])
    if client is None:
        raise _no_program(clients[0], server)
    reader = next((found for name in readers if (found := beside(client, name)) is not None), None)
    if reader is None:
        others = find_clients(readers, server.flavor, near_port=port)
        reader = next(iter(others), None) if is_mariadb else choose_client(others, server.version[:2])
    if reader is None:
        raise _no_program(readers[0], server)
    return reader, client


def _no_program(name: str, server: Server) -> ConfigError:
    return ConfigError(
        f"{name} of {server.flavor} {'.'.join(map(str, server.version[:2]))} or newer is not on this machine",
        state="nothing was touched",
        hint="install the server's client programs, or name their folder in LOCKGATE_CLIENT_BIN",
    )


def _without_gtids(server: Server) -> tuple[str, ...]:
    """MySQL's reader would set GTIDs the copy does not know; MariaDB's are only session variables."""
    return () if server.flavor == "mariadb" else ("--skip-gtids",)


def _login_text(login: dict[str, object]) -> str:
    options = {name: str(login[name]) for name in ("host", "port", "user", "password") if login.get(name)}
    if login.get("unix_socket"):
        options["socket"] = str(login["unix_socket"])
    return option_text({"client": options})


def commands(manifest: Manifest) -> tuple[str, ...]:
    """Return the stock commands that play a log backup's unpacked files back."""
    is_mariadb, name = manifest.flavor == "mariadb", manifest.database
    reader, client = ("mariadb-binlog", "mariadb") if is_mariadb else ("mysqlbinlog --skip-gtids", "mysql")
    return (
        f"{reader} --database={name} --disable-log-bin --verify-binlog-checksum plain/log/*"
        f" | {client} --binary-mode --max-allowed-packet=1G {name}",
    )


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
        is_bound_to_name=True,
    )
