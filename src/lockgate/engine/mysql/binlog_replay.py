"""Plays ranges of the binary log back with the server's own reader and client, one piped into the other."""

from __future__ import annotations

import os
import shlex
from collections.abc import Sequence
from contextlib import closing
from io import FileIO
from typing import BinaryIO, cast

from lockgate.engine.backup import BackupFiles, LoadOptions
from lockgate.engine.client.child import Call, Group, run_client
from lockgate.engine.client.credentials import client_environment, open_secret_file
from lockgate.engine.client.find import ClientProgram, beside, choose_client, find_clients
from lockgate.engine.mysql.backup_text import without_definer
from lockgate.engine.mysql.backup_tools import find_tools, load_call, open_login, tls_options
from lockgate.engine.mysql.server import identify, is_mariadb
from lockgate.engine.mysql.session import connect
from lockgate.errors import ConfigError
from lockgate.model.backup import Manifest
from lockgate.model.server import Server
from lockgate.model.target import Target

ROLE = "log"
_READERS = {"mysql": ("mysqlbinlog",), "mariadb": ("mariadb-binlog", "mysqlbinlog")}


def replay(backups: Sequence[BackupFiles], target: Target, options: LoadOptions) -> None:
    """Play log backups back on a copy, in order; see `LogDialect`.

    On a private server whoever took a backup is replaced as definer by who loads it, as it was there.
    """
    for number, files in enumerate(backups):
        stored = sorted((file for file in files.manifest.files if file.role == ROLE), key=lambda file: file.path)
        if stored:
            folder = options.work / f"log{number:04}"
            folder.mkdir(parents=True, exist_ok=True)
            files.unpack(stored, folder)
            paths = sorted(str(path) for path in folder.rglob("*") if path.is_file())
            _play(paths, target, options, files.manifest.roles[:1] if options.is_private else ())


def _play(paths: Sequence[str], target: Target, options: LoadOptions, accounts: Sequence[str]) -> None:
    with closing(connect(target)) as session:
        server, login = identify(session), session.login
    tools = find_tools(server, target)
    reader = _find_reader(tools.client, server, target.port)
    with open_login(login) as secret, open_secret_file("[client]\n") as nothing:
        read = Call(
            name=reader.name,
            command=(
                *reader.command,
                f"--defaults-file={nothing.path}",
                *reader.options,
                f"--database={target.database}",
                "--disable-log-bin",
                "--verify-binlog-checksum",
                *_without_gtids(server),
                *paths,
            ),
            environment=client_environment(),
            descriptors=nothing.descriptors,
            idle_s=options.idle_s,
        )
        extra = tls_options(tools.client, login)
        _pipe(read, load_call(tools, secret, extra, target.database, idle_s=options.idle_s), accounts)


def _pipe(read: Call, write: Call, accounts: Sequence[str]) -> None:
    """Run two programs, the second one fed with what the first one prints."""
    ends = os.pipe()
    group = Group()
    with open(ends[0], "rb", buffering=0) as taking, open(ends[1], "wb", buffering=0) as giving:

        def print_all() -> None:
            with giving:
                into = _Lines(giving, accounts)
                run_client(read, into=into, group=group)
                into.finish()

        def take_all() -> None:
            with taking:
                run_client(write, source=cast("BinaryIO", taking), group=group)

        group.run([print_all, take_all], 2)


class _Lines:
    """Hands lines on as they come; in those that make programs, accounts are left out as definers."""

    def __init__(self, file: FileIO, accounts: Sequence[str]) -> None:
        self._file, self._accounts = file, accounts
        self._rest = b""

    def write(self, data: bytes | memoryview) -> int:
        whole, mark, rest = bytes(data).rpartition(b"\n")
        if mark:
            self._put(self._rest + whole + mark)
            self._rest = rest
        else:
            self._rest += rest
        return len(data)

    def finish(self) -> None:
        self._put(self._rest)

    def _put(self, text: bytes) -> None:
        if self._accounts and b" DEFINER=" in text:
            lines = text.split(b"\n")
            text = b"\n".join(self._plain(line) if line.startswith(b"CREATE ") else line for line in lines)
        view = memoryview(text)
        while view:
            view = view[self._file.write(view) :]

    def _plain(self, line: bytes) -> bytes:
        text = line.decode(errors="surrogateescape")
        for account in self._accounts:
            text = without_definer(text, account).replace(f" DEFINER={account} SQL", " SQL")
        return text.encode(errors="surrogateescape")


def _find_reader(client: ClientProgram, server: Server, port: int) -> ClientProgram:
    """Return the log's reader, beside the client if it is there. MariaDB's tells a version that says nothing."""
    names = _READERS[server.flavor]
    found = next((program for name in names if (program := beside(client, name)) is not None), None)
    if found is None:
        others = find_clients(names, server.flavor, near_port=port)
        found = next(iter(others), None) if is_mariadb(server) else choose_client(others, server.version[:2])
    if found is None:
        raise ConfigError(
            f"{names[0]} is needed to play a log back and was not found",
            cause=f"the server is {server.flavor} {'.'.join(map(str, server.version[:2]))}",
            state="nothing was touched",
            hint="install the server's client programs, or name their folder in LOCKGATE_CLIENT_BIN",
        )
    return found


def _without_gtids(server: Server) -> tuple[str, ...]:
    """MySQL's reader would set GTIDs the copy does not know; MariaDB's are only session variables."""
    return () if server.flavor == "mariadb" else ("--skip-gtids",)


def commands(manifest: Manifest) -> tuple[str, ...]:
    """Return the stock commands that play a log backup's unpacked files back."""
    is_mariadb, name = manifest.flavor == "mariadb", shlex.quote(manifest.database)
    reader, client = ("mariadb-binlog", "mariadb") if is_mariadb else ("mysqlbinlog --skip-gtids", "mysql")
    return (
        ': "${MYSQL_OPTS:=--defaults-file=$HOME/.my.cnf}"    # how to connect',
        f'{reader} --database={name} --disable-log-bin --verify-binlog-checksum "$plain"/*'
        f" | {client} $MYSQL_OPTS --binary-mode --max-allowed-packet=1G {name}",
    )
