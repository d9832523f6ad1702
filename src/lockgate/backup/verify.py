"""Prove a backup, level by level: its bytes, its coding, a test restore, the rows, the schema."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from lockgate.backup.chain import read_chain
from lockgate.backup.create import SCHEMA_FILE, CreateOptions, create_backup
from lockgate.backup.files import StoredFiles, plain_path
from lockgate.backup.repository import Backup, Repository
from lockgate.engine.backup import DumpOptions, LoadOptions
from lockgate.engine.base import Engine, Scope, ScratchOptions, Session
from lockgate.errors import (
    BackupDamaged,
    BackupFailed,
    InputError,
    Interrupted,
    KeyMissing,
    LockgateError,
    ScratchUnavailable,
)
from lockgate.model import codec
from lockgate.model.backup import BackupKind, Level, Manifest, TableFacts, Verification
from lockgate.model.keys import table_key
from lockgate.model.schema import Schema
from lockgate.store.tables import without_journal

Tell = Callable[[str], None]


@dataclass(frozen=True)
class VerifyOptions:
    """How to prove. ``level`` is how far to go; ``identities`` age private keys; ``jobs`` clients at a time.

    ``assertions`` are queries that must give one row whose first value is true; they run on the restored copy.
    """

    level: Level = Level.SCHEMA
    identities: Sequence[Any] = ()
    jobs: int = 2
    scratch: ScratchOptions = field(default_factory=lambda: ScratchOptions(holds_rows=True))
    assertions: tuple[str, ...] = ()


def verify_backup(engine: Engine, backup: Backup, options: VerifyOptions, tell: Tell) -> Verification:
    """Prove a backup as far as asked; what does not hold is a result, not an error.

    Raises:
        InputError: It is a mark, of which no rows can be restored.
        KeyMissing: It is encrypted and no key that fits was given: nothing is known then.
        ScratchUnavailable: There is no server of our own to restore on: nothing is known then.
        Interrupted: A stop was asked for: nothing is known then.
    """
    if backup.manifest.kind is BackupKind.MARK and options.level.rank > Level.READABLE.rank:
        raise InputError(
            f"{backup.id} is a mark in the server's log and holds no rows",
            cause="there is nothing to restore it from, so nothing more can be proven of it",
            state="nothing was touched",
            hint=f"lockgate backup verify {backup.id} --level readable",
        )
    work = _Proving(engine, backup, options, tell)
    began, is_conclusive = time.monotonic(), True
    try:
        work.prove()
    except (KeyMissing, ScratchUnavailable, Interrupted):
        raise
    except LockgateError as error:
        is_conclusive = isinstance(error, BackupDamaged)
        work.problem = ": ".join(part for part in (error.what, error.where, error.cause) if part)
    return Verification(
        backup=backup.id,
        at=datetime.now(UTC).isoformat(timespec="seconds"),
        asked=options.level,
        level=work.level,
        problem=work.problem,
        duration_s=round(time.monotonic() - began, 3),
        restore_s=work.restore_s,
        server_version=work.server_version,
        notes=tuple(work.notes),
        is_conclusive=is_conclusive,
    )


@dataclass
class _Proving:
    engine: Engine
    backup: Backup
    options: VerifyOptions
    tell: Tell
    level: Level | None = None
    problem: str = ""
    restore_s: float = -1.0
    server_version: str = ""
    notes: list[str] = field(default_factory=list)

    def prove(self) -> None:
        """Go up the levels until the one that is asked for."""
        files = StoredFiles(self.backup, self.options.identities)
        self.tell(f"comparing the checksums of {len(files.manifest.files)} files")
        files.check_stored()
        self._reach(Level.CHECKSUM)
        if self._is_enough:
            return
        self.tell("reading everything")
        files.check_readable()
        read_chain(self.backup)
        self._reach(Level.READABLE)
        if self._is_enough:
            return
        self.tell(f"restoring on a private {self.backup.manifest.flavor} server")
        try:
            self._restore(files, self.options)
        except (BackupDamaged, BackupFailed) as error:
            if self.options.jobs == 1:
                raise
            # Clients side by side may wait for each other in a circle, or end in another order than the dump's.
            self.tell(f"{error}; restoring once more with one client alone, before that is believed")
            self._reach(Level.READABLE)
            self._restore(files, replace(self.options, jobs=1))

    def _restore(self, files: StoredFiles, options: VerifyOptions) -> None:
        """Restore on a server of its own and compare; the level says how far that came."""
        with open_restored(self.engine, files, options) as (session, seconds):
            self.restore_s = round(seconds, 3)
            self.server_version = self.engine.identify(session).version_text
            wrong = self.engine.backup().check(session)
            if wrong:
                raise BackupDamaged("the restored database is not sound", cause="; ".join(wrong[:5]))
            self._reach(Level.RESTORED)
            if not self._is_enough:
                self._compare(files, session)

    @property
    def _is_enough(self) -> bool:
        return self.level is not None and self.level.rank >= self.options.level.rank

    def _reach(self, level: Level) -> None:
        self.level = level

    def _compare(self, files: StoredFiles, session: Session) -> None:
        manifest = self.backup.manifest
        self.tell(f"comparing the rows of {len(manifest.tables)} tables")
        problem = compare_facts(manifest, read_restored_facts(self.engine, session, manifest))
        if problem:
            raise BackupDamaged("the restored rows are not the ones that were backed up", cause=problem)
        self._assert(session)
        self._reach(Level.ROWS)
        if self._is_enough:
            return
        problem = schema_problem(self.engine, files, session)
        if problem:
            raise BackupDamaged("the restored schema is not the one that was backed up", cause=problem)
        self._reach(Level.SCHEMA)

    def _assert(self, session: Session) -> None:
        for sql in self.options.assertions:
            rows = session.query(sql)
            if len(rows) != 1 or not rows[0] or not rows[0][0]:
                raise BackupDamaged("an assertion does not hold on the restored copy", where=sql)


@contextmanager
def open_restored(engine: Engine, files: StoredFiles, options: VerifyOptions) -> Iterator[tuple[Session, float]]:
    """Restore on a private server under the database's own name; yield a session there and the seconds it took.

    Raises:
        ScratchUnavailable: There is no server of our own.
        BackupDamaged, FailedError: It cannot be loaded.
    """
    manifest, dialect = files.manifest, engine.backup()
    with tempfile.TemporaryDirectory(prefix="lockgate-", ignore_cleanup_errors=True) as folder:
        began = time.monotonic()
        with dialect.open_server(manifest, options.scratch) as scratch:
            session = scratch.create_database(manifest.database)
            target = session.target
            session.close()
            load_backup(engine, files, target, LoadOptions(work=Path(folder), jobs=options.jobs))
            seconds = time.monotonic() - began
            session = engine.connect(target, is_read_only=True)
            try:
                yield session, seconds
            finally:
                session.close()


def load_backup(engine: Engine, files: StoredFiles, target: Any, options: LoadOptions) -> None:
    """Load a backup into an empty database, a log with all that it follows; also the way a real restore takes.

    Raises:
        BackupDamaged: It holds no rows that could be brought back, or its chain has a gap.
        FailedError: A tool failed.
    """
    if files.manifest.kind is BackupKind.MARK:
        raise BackupDamaged(f"{files.manifest.id} is a mark in the log and holds no rows", state="nothing was touched")
    logs, manifest = engine.logs(), files.manifest
    first, *rest = (StoredFiles(link, files.identities) for link in read_chain(files.backup))
    is_elsewhere = logs is not None and logs.is_bound_to_name and target.database != manifest.database
    if rest and (is_elsewhere or options.tables is not None):
        with open_as_full(engine, files, options) as full:
            engine.backup().load(full, target, options)
        return
    engine.backup().load(first, target, options)
    if rest and logs is not None:
        logs.replay(rest, target, options)


@contextmanager
def open_as_full(engine: Engine, files: StoredFiles, options: LoadOptions) -> Iterator[StoredFiles]:
    """Bring a log back on a private server, where it has its own name, and yield a full backup of what came out.

    Raises:
        ScratchUnavailable: There is no server of our own.
        BackupDamaged, FailedError: It cannot be brought back or dumped.
    """
    proving = VerifyOptions(identities=files.identities, jobs=options.jobs)
    with (
        tempfile.TemporaryDirectory(prefix="full-", dir=options.work) as folder,
        open_restored(engine, files, proving) as (session, _),
    ):
        taking = CreateOptions(dump=DumpOptions(jobs=options.jobs), reason=f"of {files.manifest.id}", has_lease=True)
        made = create_backup(
            engine, session.target, files.manifest.target, Repository(Path(folder)), taking, lambda text: None
        )
        yield StoredFiles(made)


def read_restored_facts(engine: Engine, session: Session, manifest: Manifest) -> tuple[TableFacts, ...]:
    """Measure the tables of a manifest on a restored copy, as they were measured when it was taken."""
    schema = engine.inspect(session, engine.identify(session), Scope(include_own=True))
    wanted = {fact.table for fact in manifest.tables}
    keys = [table_key(table) for table in schema.tables if table_key(table).path in wanted]
    return engine.backup().read_facts(session, schema, keys)


def stored_schema(files: StoredFiles) -> Schema | None:
    """Return the schema that was read when a backup was taken; None when it holds none."""
    stored = next((file for file in files.manifest.files if plain_path(file) == SCHEMA_FILE), None)
    if stored is None:
        return None
    with files.open(stored) as source:
        return codec.decode(source.read(), Schema, stored.path)


def schema_problem(
    engine: Engine, files: StoredFiles, session: Session, as_meant: Callable[[Schema], Schema] = lambda schema: schema
) -> str:
    """Say how a restored schema differs from the one that was backed up; empty when it does not.

    Texts that the dump's format writes another way are compared as they read after a dump and a load.

    Args:
        as_meant: Turns what is read into what is compared, for a copy that is not to be what was backed up yet.
    """
    server = engine.identify(session)
    found = codec.fingerprint(as_meant(engine.inspect(session, server, Scope())))
    if found == files.manifest.fingerprint:
        return ""
    before = stored_schema(files)
    if before is not None:
        settle = engine.backup().fingerprint
        bare = without_journal(before, engine.state)
        is_its_own = bool(engine.list_own(session)) or codec.fingerprint(bare) == files.manifest.fingerprint
        if is_its_own and settle(before) == settle(as_meant(engine.inspect(session, server, Scope(include_own=True)))):
            return ""
    return f"its fingerprint is {found[:12]}, expected {files.manifest.fingerprint[:12]}"


def compare_facts(manifest: Manifest, found: Sequence[TableFacts]) -> str:
    """Say where the rows of a copy differ from a manifest; empty when nowhere."""
    there = {fact.table: fact for fact in found}
    wrong = []
    for fact in manifest.tables:
        other = there.get(fact.table)
        if other is None:
            wrong.append(f"{fact.table} is missing")
        elif other.rows != fact.rows:
            wrong.append(f"{fact.table} has {other.rows} rows, expected {fact.rows}")
        elif other.algorithm == fact.algorithm and other.checksum != fact.checksum:
            wrong.append(f"{fact.table} has the right number of rows ({fact.rows}) with other values")
        elif other.algorithm != fact.algorithm:
            wrong.append(f"{fact.table} was measured by {fact.algorithm}, which cannot be done here")
    more = f", and {len(wrong) - 5} more" if len(wrong) > 5 else ""
    return "; ".join(wrong[:5]) + more
