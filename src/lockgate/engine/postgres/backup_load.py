"""Load a dump into an empty PostgreSQL database: all of it, or the rows of some tables; look whether it is sound."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from lockgate.engine.backup import BackupFiles, LoadOptions
from lockgate.engine.base import Scratch, ScratchOptions, Session
from lockgate.engine.client.child import Group, capture_client, run_client
from lockgate.engine.client.find import ClientProgram
from lockgate.engine.client.words import mask
from lockgate.engine.postgres.backup_database import FILE as DATABASE_FILE
from lockgate.engine.postgres.backup_database import apply_database
from lockgate.engine.postgres.backup_dump import FOLDER
from lockgate.engine.postgres.backup_toc import Entry, list_archive
from lockgate.engine.postgres.client import Login, find_program, need_program, open_login
from lockgate.engine.postgres.quote import quote_ident
from lockgate.engine.postgres.scratch import open_scratch_with_roles
from lockgate.engine.postgres.session import connect
from lockgate.errors import BackupDamaged, BackupFailed, ScratchUnavailable
from lockgate.model.backup import BackupKind, Manifest, StoredFile
from lockgate.model.server import Server
from lockgate.model.target import Target

_TABLESPACE = re.compile(rb"^SET default_tablespace = (?:'([^']*)'|\"?([^\";]*)\"?);$", re.M)
_EXTENSION = re.compile(r"EXTENSION - (.+?) ?$")
_ROWS_FILE = re.compile(rf"{FOLDER}/(\d+)\.dat")
_KEYS = ("CONSTRAINT", "FK CONSTRAINT", "INDEX")
_AMCHECK_SINCE = 14
_HAS_AMCHECK = "SELECT FROM pg_catalog.pg_available_extensions WHERE name = 'amcheck'"
_MOST_FOUND = 20
_BUSY = """
SELECT pg_catalog.count(*) FROM pg_catalog.pg_stat_activity
WHERE datname = pg_catalog.current_database() AND pid <> pg_catalog.pg_backend_pid() AND state = 'active'
  AND wait_event_type IS DISTINCT FROM 'Lock'
"""


@contextmanager
def open_server(manifest: Manifest, options: ScratchOptions) -> Iterator[Scratch]:
    """Open a private server of the backup's major version, with the roles it names and its user as a superuser.

    The target is never asked. On a given server the roles must be there.

    Raises:
        ScratchUnavailable: There is no server, or roles are missing on the given one.
    """
    server = Server(
        engine=manifest.engine,
        flavor=manifest.flavor,
        version=manifest.version,
        version_text=manifest.server_version,
        settings=manifest.server_settings,
    )
    user = manifest.user or next(iter(manifest.roles), "postgres")
    with open_scratch_with_roles(server, options, manifest.roles, user) as (scratch, missing):
        if missing:
            raise ScratchUnavailable(
                "the server for test restores lacks roles",
                cause=f"the backup names {', '.join(missing[:5])}",
                state="nothing was touched",
                hint="make them there (globals.sql of the backup has the statements), or leave scratch_url out",
            )
        yield scratch


def load(files: BackupFiles, target: Target, options: LoadOptions) -> None:
    """Load a backup into an empty database with pg_restore; the first error ends it.

    Raises:
        BackupFailed: pg_restore failed, or the server lacks what the backup needs.
        BackupDamaged: The backup has no dump.
        ConfigError: There is no pg_restore for it.
    """
    manifest = files.manifest
    stored = [file for file in files.manifest.files if file.path.startswith(f"{FOLDER}/")]
    if not any(file.path.startswith(f"{FOLDER}/toc.dat") for file in stored):
        raise BackupDamaged(f"{manifest.id} holds no dump", cause=f"{FOLDER}/toc.dat is not listed")
    with open_login(target) as login:
        session = connect(target, is_read_only=False)
        try:
            program = need_program("pg_restore", _major(manifest, session), target)
            _check_empty(session, target)
            wanted = _wanted(manifest, options)
            _unpack(files, [file for file in stored if _is_needed(file, wanted)], options)
            folder = options.work / FOLDER
            entries = list_archive(program, folder, login)
            _check_needs(session, manifest, entries, program, folder, login, is_private=options.is_private)
            loading = _Loading(program, login, folder, options, _sign(session))
            loading.run(entries, wanted)
            _apply_settings(files, session)
        finally:
            session.close()


def _apply_settings(files: BackupFiles, session: Session) -> None:
    """Give the database the settings, privileges and comment of the one that was backed up."""
    stored = next((file for file in files.manifest.files if file.path.startswith(f"{DATABASE_FILE}")), None)
    if stored is not None:
        with files.open(stored) as source:
            apply_database(session, source.read().decode(), files.manifest.database)


def _is_needed(file: StoredFile, wanted: frozenset[int] | None) -> bool:
    return wanted is None or file.role != "rows" or _number(file) in wanted


def _number(file: StoredFile) -> int:
    """Return the number in the archive of the table whose rows a file holds; 0 for another file."""
    match = _ROWS_FILE.match(file.path)
    return int(match[1]) if match is not None else 0


def _unpack(files: BackupFiles, wanted: Sequence[StoredFile], options: LoadOptions) -> None:
    """Write the plain files, several at a time, the largest first."""
    ordered = sorted(wanted, key=lambda file: -file.bytes_plain)
    Group().run([partial(files.unpack, [file], options.work) for file in ordered], options.jobs)


def _major(manifest: Manifest, session: Session) -> int:
    """Return the version pg_restore must have at least: that of the pg_dump that wrote the archive."""
    wrote = next((tool.version for tool in manifest.tools if tool.name == "pg_dump"), manifest.server_version)
    there = int(session.query("SELECT current_setting('server_version_num')")[0][0]) // 10000
    return max(int(wrote.split(".")[0]), there)


def _check_empty(session: Session, target: Target) -> None:
    rows = session.query(
        "SELECT n.nspname || '.' || c.relname FROM pg_catalog.pg_class c"
        " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.oid >= 16384"
        " AND n.nspname NOT IN ('pg_toast', 'pg_catalog', 'information_schema') AND n.nspname !~ '^pg_(toast_)?temp_'"
        " LIMIT 1"
    )
    if rows:
        raise BackupFailed(
            "a backup is only loaded into an empty database",
            where=target.display,
            cause=f"{rows[0][0]} is there",
            state="nothing was touched",
        )


def _wanted(manifest: Manifest, options: LoadOptions) -> frozenset[int] | None:
    """Return the numbers of the files with the rows that are loaded; None for all."""
    if options.tables is not None:
        names = {key.path for key in options.tables}
    elif manifest.kind is BackupKind.TABLES:
        names = {fact.table for fact in manifest.tables}
    else:
        return None
    return frozenset(_number(file) for file in manifest.files if not names.isdisjoint(file.tables)) - {0}


def _check_needs(
    session: Session,
    manifest: Manifest,
    entries: Sequence[Entry],
    program: ClientProgram,
    folder: Path,
    login: Login,
    *,
    is_private: bool,
) -> None:
    """Refuse before anything is made when the server lacks roles, extensions or tablespaces."""
    roles = {row[0] for row in session.query("SELECT rolname FROM pg_catalog.pg_roles")}
    extensions = {row[0] for row in session.query("SELECT name FROM pg_catalog.pg_available_extensions")}
    spaces = {row[0] for row in session.query("SELECT spcname FROM pg_catalog.pg_tablespace")}
    needed = _tablespaces(program, folder, login) - spaces
    if needed and is_private and _is_superuser(session):
        _make_tablespaces(session, needed)
        needed = set()
    wanted = {match[1] for entry in entries if entry.kind == "EXTENSION" and (match := _EXTENSION.search(entry.text))}
    for kind, missing in (
        ("roles", set(manifest.roles) - roles),
        ("extensions", wanted - extensions),
        ("tablespaces", needed),
    ):
        if missing:
            raise BackupFailed(
                f"the server lacks {kind} that the backup needs",
                where=login.connection,
                cause=", ".join(sorted(missing)),
                state="nothing was loaded",
                hint="make them there; globals.sql of the backup has the statements"
                if kind != "extensions"
                else "install the packages these extensions come in",
            )


def _tablespaces(program: ClientProgram, folder: Path, login: Login) -> set[str]:
    text = capture_client(login.call(program, "--schema-only", "-f", "-", str(folder)), most=1 << 28)
    found = {(match[1] or match[2] or b"").decode() for match in _TABLESPACE.finditer(text)}
    return found - {""}


def _make_tablespaces(session: Session, names: Iterable[str]) -> None:
    """Make tablespaces within the private server's own folder (in the manual's "Developer Options")."""
    session.execute("SET allow_in_place_tablespaces = on")
    for name in sorted(names):
        session.execute(f"CREATE TABLESPACE {quote_ident(name)} LOCATION ''")


def _is_superuser(session: Session) -> bool:
    return bool(session.query("SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user")[0][0])


def _sign(session: Session) -> Callable[[], object]:
    """Return a sign of life: a new value whenever the server is at work for us; building an index gives no byte."""

    def look() -> object:
        return time.monotonic() if session.query(_BUSY)[0][0] else 0

    return look


@dataclass(frozen=True)
class _Loading:
    """One run of pg_restore, or several."""

    program: ClientProgram
    login: Login
    folder: Path
    options: LoadOptions
    sign: Callable[[], object]

    def run(self, entries: Sequence[Entry], wanted: frozenset[int] | None) -> None:
        """Load everything; or everything but rows, and then those of the wanted tables."""
        if self.options.is_private:
            entries = [entry for entry in entries if not entry.kind.startswith("SUBSCRIPTION")]
        if wanted is None:
            self._restore(entries, f"-j{max(1, self.options.jobs)}")
            return
        self._load_some(entries, wanted)

    def _load_some(self, entries: Sequence[Entry], wanted: frozenset[int]) -> None:
        """Keys come before the rows: a foreign key to a table whose rows stay out could not be made after.

        As a replica the session does not check them. Triggers and rules come last, so that none acts on the rows.
        """
        keys = [entry for entry in entries if entry.kind in _KEYS]
        rest = [entry for entry in entries if entry.kind not in _KEYS]
        rows = [entry for entry in entries if entry.kind == "SEQUENCE SET" or entry.number in wanted]
        self._restore(entries, "--section=pre-data")
        self._restore(keys, "--section=post-data")
        self._restore(rows, "--data-only", PGOPTIONS="-c session_replication_role=replica")
        self._restore(rest, "--section=post-data")

    def _restore(self, entries: Sequence[Entry], *words: str, **environment: str) -> None:
        if not entries:
            return
        chosen = self.folder.parent / "entries"
        chosen.write_text("".join(f"{entry.text}\n" for entry in entries))
        call = self.login.call(
            self.program, "--exit-on-error", "--no-password", *words, "-L", str(chosen), "-d", self.login.connection,
            str(self.folder), idle_s=self.options.idle_s,
        )  # fmt: skip
        environment = {**self.login.environment, **environment}
        run_client(replace(call, environment=environment, has_workers=True, sign=self.sign))


def check(session: Session) -> tuple[str, ...]:
    """Return what pg_amcheck finds wrong with tables and B-tree indexes; nothing where it cannot be had.

    It needs the extension amcheck, which is made for it and dropped again.
    """
    major = int(session.query("SELECT current_setting('server_version_num')")[0][0]) // 10000
    program = find_program("pg_amcheck", major, session.target)
    if program is None or major < _AMCHECK_SINCE or not _is_superuser(session) or not session.query(_HAS_AMCHECK):
        return ()
    own = connect(session.target, is_read_only=False)
    try:
        own.execute("SET session_replication_role = replica")  # no event trigger of the database's own
        is_there = bool(own.query("SELECT FROM pg_catalog.pg_extension WHERE extname = 'amcheck'"))
        if not is_there:
            own.execute("CREATE EXTENSION amcheck WITH SCHEMA pg_catalog")
        try:
            return _run_amcheck(program, session.target)
        finally:
            if not is_there:
                own.execute("DROP EXTENSION amcheck")
    finally:
        own.close()


def _run_amcheck(program: ClientProgram, target: Target) -> tuple[str, ...]:
    with open_login(target) as login:
        call = replace(login.call(program, "-j2", "--no-password", login.connection), allowed_codes=(0, 2))
        found = capture_client(call).decode(errors="replace").splitlines()
    return tuple(mask(line.strip()) for line in found if line.strip())[:_MOST_FOUND]
