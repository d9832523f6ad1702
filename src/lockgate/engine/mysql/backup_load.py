"""Loads a backup into an empty database with several clients at once, and opens a private server to load it on."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import partial
from typing import BinaryIO, cast

from lockgate.engine.backup import BackupFiles, LoadOptions
from lockgate.engine.base import Scratch, ScratchOptions
from lockgate.engine.client.child import Group, run_client
from lockgate.engine.mysql.backup_dump import SCHEMA_FILE
from lockgate.engine.mysql.backup_look import current_account
from lockgate.engine.mysql.backup_text import with_events_off, without_definer
from lockgate.engine.mysql.backup_tools import Login, Tools, find_tools, load_call, open_login, tls_options
from lockgate.engine.mysql.backup_views import definers_of, give_definers, without_definers
from lockgate.engine.mysql.scratch import scratch_at, server_settings
from lockgate.engine.mysql.server import identify, is_mariadb
from lockgate.engine.mysql.session import MysqlSession, connect
from lockgate.engine.private.place import open_place
from lockgate.model.backup import Manifest, StoredFile
from lockgate.model.server import Server
from lockgate.model.target import Target

_FAST = "SET SESSION foreign_key_checks = 0, SESSION unique_checks = 0"
_USER = "lockgate_private"
_MEMORY_PART, _MEMORY_LEAST, _MEMORY_MOST = 4, 64 << 20, 1 << 30
_LOG_LEAST, _LOG_MOST = 16 << 20, 512 << 20
_LITTLE = 4 << 20
"""Files below this are given to one client, one behind another: a client of its own would take longer to start."""


def server_of(manifest: Manifest) -> Server:
    """Return the server a backup was taken of."""
    return Server(
        engine=manifest.engine,
        flavor=manifest.flavor,
        version=manifest.version,
        version_text=manifest.server_version,
        settings=manifest.server_settings,
    )


def load(files: BackupFiles, target: Target, options: LoadOptions) -> None:
    """Load a backup into an empty database; see `lockgate.engine.backup.BackupDialect`.

    On a private server whoever took the backup is replaced as definer by who loads it, as it was there. Elsewhere
    events are made and do not run.
    """
    session = connect(target, is_read_only=False)
    with ExitStack() as stack:
        stack.callback(session.close)
        tools = find_tools(identify(session), target)
        login = stack.enter_context(open_login(session.login))
        loading = _Loading(files, target, options, tools, login, session)
        loading.load()


class _Loading:
    """One load: the schema, then rows by several clients, then programs."""

    def __init__(
        self,
        files: BackupFiles,
        target: Target,
        options: LoadOptions,
        tools: Tools,
        login: Login,
        session: MysqlSession,
    ) -> None:
        self._files, self._target, self._options = files, target, options
        self._tools, self._login, self._session = tools, login, session
        self._tls = tls_options(tools.client, session.login)
        self._account = current_account(session)

    def load(self) -> None:
        """Load everything that is asked for."""
        stored = self._files.manifest.files
        for file in stored:
            if file.role == "schema" and file.path.startswith(SCHEMA_FILE):
                self._feed([file], None)
        self._load_rows([file for file in stored if file.role == "rows" and self._is_wanted(file)])
        if self._options.tables is None:
            for file in sorted(stored, key=lambda file: file.path):
                if file.role == "programs":
                    self._feed_text(file)

    def _is_wanted(self, file: StoredFile) -> bool:
        wanted = self._options.tables
        return wanted is None or bool({key.path for key in wanted} & set(file.tables))

    def _load_rows(self, files: Sequence[StoredFile]) -> None:
        group = Group()
        parts = [partial(self._feed, part, group) for part in deal_files(files)]
        group.run(parts, self._options.jobs)

    def _feed(self, files: Sequence[StoredFile], group: Group | None) -> None:
        """Give files to one client, one behind another."""
        with _Chain(self._files, files) as source:
            self._run(cast("BinaryIO", source), group)

    def _feed_text(self, file: StoredFile) -> None:
        with self._files.open(file) as source:
            text = source.read().decode(errors="surrogateescape")
        if self._options.is_private:
            for account in self._files.manifest.roles[:1]:
                text = without_definer(text, account)
        else:
            text = with_events_off(text)
        definers = {} if self._options.is_private else definers_of(text)
        if definers:
            text = without_definers(text)
        self._run(io.BytesIO(text.encode(errors="surrogateescape")), None)
        if definers:
            give_definers(self._session, definers, self._account)

    def _run(self, source: BinaryIO, group: Group | None) -> None:
        extra = (f"--init-command={_FAST}", *self._tls)
        call = load_call(self._tools, self._login, extra, self._target.database, idle_s=self._options.idle_s)
        run_client(call, source=source, group=group)


class _Chain(io.RawIOBase):
    """Several stored files as one, each opened when the one before was read to its end."""

    def __init__(self, files: BackupFiles, stored: Sequence[StoredFile]) -> None:
        self._files, self._waiting = files, list(reversed(stored))
        self._stack = ExitStack()
        self._source: BinaryIO | None = None

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes; none at the end of the last file."""
        while True:
            if self._source is None:
                if not self._waiting:
                    return b""
                self._source = self._stack.enter_context(self._files.open(self._waiting.pop()))
            data = self._source.read(size)
            if data:
                return data
            self._source = None
            stack, self._stack = self._stack, ExitStack()
            stack.close()

    def close(self) -> None:
        """Close what is open."""
        self._stack.close()
        super().close()


def deal_files(files: Sequence[StoredFile]) -> list[list[StoredFile]]:
    """Return which files go to one client: large ones alone and first, little ones together."""
    ordered = sorted(files, key=lambda file: file.bytes_plain, reverse=True)
    parts: list[list[StoredFile]] = []
    room = 0
    for file in ordered:
        if parts and file.bytes_plain <= room:
            parts[-1].append(file)
            room -= file.bytes_plain
        else:
            parts.append([file])
            room = _LITTLE - file.bytes_plain
    return parts


@contextmanager
def open_server(manifest: Manifest, options: ScratchOptions) -> Iterator[Scratch]:
    """Open a private server of the backup's series and settings, with the accounts its programs name as definers.

    Who works on it is an account of its own: one that a backup names would pass for whoever took the backup.

    Raises:
        ScratchUnavailable: There is none.
    """
    server = server_of(manifest)
    memory = max(_MEMORY_LEAST, min(_MEMORY_MOST, manifest.bytes_plain, _free_memory() // _MEMORY_PART))
    log_size = str(max(_LOG_LEAST, min(_LOG_MOST, manifest.bytes_plain)))
    settings = (
        *server_settings(server),
        ("innodb_log_file_size" if is_mariadb(server) else "innodb_redo_log_capacity", log_size),
        ("performance_schema", "OFF"),
        ("innodb_buffer_pool_size", str(memory)),
        ("max_allowed_packet", "1G"),
    )
    nowhere = Target(engine=manifest.engine, scheme=manifest.flavor)
    with open_place(server, nowhere, options, settings) as place:
        if place.is_private:
            place = replace(place, target=_own_login(place.target))
        with scratch_at(place, server, manifest.roles[1:] if place.is_private else ()) as scratch:
            yield scratch


def _own_login(target: Target) -> Target:
    """Make an account that no backup names, and return its login."""
    session = connect(target.with_database(""), is_read_only=False)
    try:
        account = f"'{_USER}'@'127.0.0.1'"
        session.query(f"CREATE USER {account} IDENTIFIED BY %s", (target.password,))
        session.execute(f"GRANT ALL ON *.* TO {account} WITH GRANT OPTION")
    finally:
        session.close()
    return replace(target, user=_USER)


def _free_memory() -> int:
    try:
        with open("/proc/meminfo", encoding="ascii") as file:
            words = {line.split(":")[0]: line.split()[1] for line in file}
        return int(words["MemAvailable"]) * 1024
    except (OSError, KeyError, ValueError, IndexError):
        return 0
