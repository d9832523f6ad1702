"""Take a backup: one moment of the database, dumped and measured at once, published only when it is whole."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from lockgate import __version__
from lockgate.backup.age import parse_recipients
from lockgate.backup.log import LogOfBackup, holder_of
from lockgate.backup.repository import Backup, Repository
from lockgate.backup.stream import Coding, FileSink, write_stored
from lockgate.engine.backup import DumpOptions, Preflight, Sink, Snapshot, What
from lockgate.engine.base import Engine, Scope, Session
from lockgate.errors import BackupFailed, ConfigError, ConnectError, Interrupted, LeaseHeld, LockgateError, RefusedError
from lockgate.model import codec
from lockgate.model.backup import BackupKind, Manifest, StoredFile, TableFacts, seal_manifest
from lockgate.model.keys import COLLECTIONS, table_key
from lockgate.model.schema import Key, Schema
from lockgate.model.server import Server
from lockgate.model.target import Target
from lockgate.store.lease import lease_name

SCHEMA_FILE = "facts/schema.json"
Tell = Callable[[str], None]


@dataclass(frozen=True)
class CreateOptions:
    """How a backup is taken. ``reason`` is said in the manifest; ``has_lease``: the caller holds the runner's lease.

    ``parent`` is what a log follows; ``is_log_kept``: logs are to follow this one, and the server is asked for that.
    ``is_moved``: the database may be in another place than the one whose backups are there.
    ``on_bytes`` is told of plain bytes as they come; it may raise to stop.
    """

    kind: BackupKind = BackupKind.FULL
    tables: tuple[Key, ...] | None = None
    coding: Coding = field(default_factory=Coding)
    dump: DumpOptions = field(default_factory=DumpOptions)
    reason: str = "manual"
    git_commit: str = ""
    checkpoint: str = ""
    run: str = ""
    parent: Backup | None = None
    is_log_kept: bool = False
    is_moved: bool = False
    has_lease: bool = False
    on_bytes: Callable[[int], None] = lambda count: None

    @property
    def what(self) -> What:
        """What is dumped."""
        return What(tables=self.tables, has_rows=self.kind.is_dumped and self.kind is not BackupKind.SCHEMA)


def create_backup(
    engine: Engine, target: Target, name: str, repository: Repository, options: CreateOptions, tell: Tell
) -> Backup:
    """Take a backup of a target called ``name`` and publish it.

    Raises:
        ConfigError: A tool, key or folder is missing.
        LeaseHeld: The repository or the target is being worked on.
        RefusedError: The database cannot be backed up truthfully; says why.
        BackupFailed: It did not come to its end; nothing was published.
        Interrupted: A stop was asked for; nothing was published.
    """
    if options.coding.recipients:
        parse_recipients(options.coding.recipients)
    with repository.lock(f"backing up {name}"):
        for gone in repository.clear_stage():
            tell(f"removed what was left of {gone}")
        backup_id, sequence = repository.next_id(options.kind)
        repository.note("started", backup_id, options.reason)
        log = LogOfBackup(engine, target, options.parent, holder_of(repository), backup_id.rsplit("-", 1)[0])
        try:
            with repository.stage(backup_id) as folder:
                taking = _Taking(engine, target, name, folder, options, tell, log, repository.backups()[:1])
                manifest = taking.take(backup_id, sequence)
                made = repository.publish(folder, manifest)
            log.settle(manifest, tell)
            return made
        except (LockgateError, KeyboardInterrupt) as error:
            log.give_up()
            what = error.what if isinstance(error, LockgateError) else "stopped on request"
            repository.note("failed", backup_id, what)
            raise
        except OSError as error:
            log.give_up()
            repository.note("failed", backup_id, error.strerror or str(error))
            raise BackupFailed(
                "the backup cannot be written",
                where=str(error.filename or repository.root),
                cause=error.strerror or str(error),
                state="nothing was published",
                hint="free space or correct the folder's rights, then repeat the command",
            ) from None


def database_of(target: Target) -> str:
    """Return the name a database has within its place."""
    return target.database or Path(target.path).name


def place_of(target: Target) -> str:
    """Return where a database is: the host, or the folder of a file."""
    return str(Path(target.path).resolve().parent) if target.path else target.host


@dataclass
class _Taking:
    """One backup being taken into a folder of its own."""

    engine: Engine
    target: Target
    name: str
    folder: Path
    options: CreateOptions
    tell: Tell
    log: LogOfBackup
    newest: tuple[Backup, ...]
    files: list[StoredFile] = field(default_factory=list)

    def take(self, backup_id: str, sequence: int) -> Manifest:
        """Dump, measure, compare before and after; return the sealed manifest."""
        started, began = datetime.now(UTC), time.monotonic()
        options, dialect = self.options, self.engine.backup()
        with ExitStack() as stack:
            session = self.engine.connect(self.target, is_read_only=True)
            stack.callback(session.close)
            server = self.engine.identify(session)
            self._check_same(server)
            warnings = list(self._take_lease(session))
            before = self.engine.inspect(session, server, Scope(include_own=True))
            fingerprint = codec.fingerprint(self.engine.inspect(session, server, Scope()))
            found = self._look(session, server, fingerprint)
            self._check(found)
            raw = self.folder / "raw"
            raw.mkdir(mode=0o700)
            dump = replace(options.dump, raw=raw, holder=self.log.holder)
            self.tell("taking the moment")
            snapshot = stack.enter_context(
                self.log.open(session, server, options.kind, options.what, dump, is_kept=options.is_log_kept)
            )
            facts = self._dump_and_measure(snapshot, before, raw)
            if options.kind.is_dumped:
                snapshot.check_complete()
            self._check_unchanged(session, server, before)
            self._write_schema(before)
            shutil.rmtree(raw)
            manifest = Manifest(
                id=backup_id,
                sequence=sequence,
                kind=options.kind,
                target=self.name,
                engine=self.engine.name,
                flavor=server.flavor,
                server_version=server.version_text,
                version=server.version,
                server_settings=server.settings,
                database=database_of(self.target),
                tool_version=__version__,
                started_at=_stamp(started),
                snapshot_at=snapshot.taken_at,
                finished_at=_stamp(datetime.now(UTC)),
                duration_s=round(time.monotonic() - began, 3),
                method=snapshot.method,
                consistency=snapshot.consistency,
                lock_held_ms=snapshot.lock_held_ms,
                position=snapshot.position,
                since=self.log.since,
                parents=self.log.parents,
                fingerprint=fingerprint,
                files=tuple(sorted(self.files, key=lambda file: file.path)),
                tables=_with_lossy(facts, found),
                inventory=count_objects(before),
                tools=found.tools,
                compression=options.coding.compression,
                recipients=options.coding.recipients,
                roles=self.log.roles(snapshot.roles),
                user=self.target.user,
                reason=options.reason,
                git_commit=options.git_commit,
                warnings=(*warnings, *found.warnings, *self.log.notes),
                checkpoint=options.checkpoint,
                run=options.run,
                host=place_of(self.target),
            )
        commands = dialect.commands(manifest) if options.kind.is_dumped else self.log.commands(manifest)
        return seal_manifest(msgspec.structs.replace(manifest, restore=commands))

    def _check_same(self, server: Server) -> None:
        """Keep the backups of two databases of one name apart: one could be restored over the other."""
        for other in self.newest:
            theirs = (other.manifest.flavor, other.manifest.host, other.manifest.database)
            ours = (server.flavor, place_of(self.target), database_of(self.target))
            if theirs != ours and not self.options.is_moved:
                raise ConfigError(
                    f"the backups of {self.name} that are there are those of another database",
                    where=str(other.folder.parent),
                    cause=f"they are of {' '.join(theirs)}, this is {' '.join(ours)}",
                    state="nothing was written",
                    hint="name the targets apart in lockgate.toml; if the same database moved: --moved",
                )

    def _look(self, session: Session, server: Server, fingerprint: str) -> Preflight:
        """Look for what forbids it; what is not dumped needs no tools, and is as exact as its parent."""
        if self.options.kind.is_dumped:
            return self.engine.backup().preflight(session, server, self.options.what, self.options.dump)
        return self.log.preflight(session, self.options.kind, fingerprint)

    def _take_lease(self, session: Session) -> Iterator[str]:
        """Keep schema changes out while the dump runs; the session's end frees it."""
        if self.options.has_lease:
            return
        try:
            is_taken = session.acquire_lease(lease_name(self.target))
        except ConnectError as error:
            yield f"schema changes were not kept out while it was taken: {error.what}"
            return
        if not is_taken:
            raise LeaseHeld(
                f"a runner is at work on {self.target.display}",
                hint="wait for it to end: a dump and a schema change must not run beside each other",
            )

    def _check(self, found: Preflight) -> None:
        if found.problems:
            raise RefusedError(
                f"{self.name} cannot be backed up as it is",
                where=self.target.display,
                cause="; ".join(found.problems),
                state="nothing was written",
                hint="mend what is named, then repeat the command",
            )
        for warning in found.warnings:
            self.tell(f"warning: {warning}")
        free = shutil.disk_usage(self.folder).free
        if 0 <= free < found.bytes:
            raise BackupFailed(
                "there is not enough room for the backup",
                where=str(self.folder.parent),
                cause=f"{free >> 20} MiB are free, the database has about {found.bytes >> 20} MiB",
                state="nothing was published",
                hint="free space or name another folder under [backup] folder",
            )

    def _dump_and_measure(self, snapshot: Snapshot, schema: Schema, raw: Path) -> tuple[TableFacts, ...]:
        """Dump while the rows are counted and summed through sessions of the same moment."""
        keys = self._measured(schema)
        verb = "dumping" if self.options.kind.is_dumped else "measuring"
        self.tell(f"{verb} with {snapshot.method}")
        with ThreadPoolExecutor(max_workers=len(snapshot.sessions)) as pool:
            waiting = [
                pool.submit(self.engine.backup().read_facts, session, schema, part)
                for session, part in zip(snapshot.sessions, _deal(keys, len(snapshot.sessions)), strict=True)
            ]
            try:
                if self.options.kind is BackupKind.LOG:
                    self.log.fetch(snapshot.position, self._open_sink)
                elif self.options.kind.is_dumped:
                    snapshot.dump(self.options.what, raw, self._open_sink)
                facts = [fact for future in waiting for fact in future.result()]
            except BaseException:
                for session in snapshot.sessions:
                    session.cancel()
                raise
        return tuple(sorted(facts, key=lambda fact: fact.table))

    def _measured(self, schema: Schema) -> list[Key]:
        if self.options.kind is BackupKind.SCHEMA:
            return []
        wanted = None if self.options.tables is None else set(self.options.tables)
        keys = [table_key(table) for table in schema.tables if table.partition_of is None]
        return [key for key in keys if wanted is None or key in wanted]

    def _open_sink(self, path: str, role: str, tables: Sequence[str] = ()) -> AbstractContextManager[Sink]:
        return _as_sink(
            write_stored(self.folder, path, role, tables, self.options.coding, self.options.on_bytes, self.files.append)
        )

    def _write_schema(self, schema: Schema) -> None:
        with self._open_sink(SCHEMA_FILE, "facts") as sink:
            sink.write(codec.encode(schema))

    def _check_unchanged(self, session: Session, server: Server, before: Schema) -> None:
        after = self.engine.inspect(session, server, Scope(include_own=True))
        if codec.fingerprint(after) != codec.fingerprint(before):
            raise BackupFailed(
                "the schema changed while the backup was taken",
                where=self.target.display,
                cause="the dump may hold parts of both schemas",
                state="nothing was published",
                hint="repeat the command when nobody changes the schema",
            )


@contextmanager
def _as_sink(writing: AbstractContextManager[FileSink]) -> Iterator[Sink]:
    with writing as sink:
        yield sink


def _deal(keys: Sequence[Key], hands: int) -> list[list[Key]]:
    return [list(keys[hand::hands]) for hand in range(hands)]


def _with_lossy(facts: Sequence[TableFacts], found: Preflight) -> tuple[TableFacts, ...]:
    lossy = dict(found.lossy)
    return tuple(msgspec.structs.replace(fact, lossy=lossy.get(fact.table, fact.lossy)) for fact in facts)


def count_objects(schema: Schema) -> tuple[tuple[str, int], ...]:
    """Return how many objects of each kind a schema has, without parked ones told apart."""
    counts: dict[str, int] = {}
    for collection in COLLECTIONS:
        for item in getattr(schema, collection):
            kind = getattr(item, "kind", "") or collection
            counts[str(kind)] = counts.get(str(kind), 0) + 1
    return tuple(sorted(counts.items()))


def _stamp(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds")


def stop_when(is_requested: Callable[[], bool]) -> Callable[[int], None]:
    """Return an ``on_bytes`` that stops the backup when asked to."""

    def look(_count: int) -> None:
        if is_requested():
            raise Interrupted("stopped on request", state="nothing was published")

    return look
