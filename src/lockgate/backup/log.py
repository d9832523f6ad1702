"""A backup's part in a chain of logs: the moment it is taken at, the range it fetches, what the server keeps for it."""

from __future__ import annotations

import hashlib
import platform
import shlex
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import PurePosixPath

import msgspec

from lockgate.backup.chain import read_chain
from lockgate.backup.files import plain_path
from lockgate.backup.incremental import why_no_log
from lockgate.backup.repository import Backup, Repository
from lockgate.engine.backup import DumpOptions, OpenSink, Preflight, Snapshot, What
from lockgate.engine.base import Engine, Session
from lockgate.engine.logs import LogDialect
from lockgate.errors import LockgateError, LogUnusable
from lockgate.model.backup import NO_POSITION, BackupKind, Manifest, Position, StoredFile
from lockgate.model.server import Server
from lockgate.model.target import Target

_MUCH = 1 << 30


def holder_of(repository: Repository) -> str:
    """Return a short name for a repository, which a server's hold on its log carries."""
    return hashlib.sha256(f"{platform.node()}:{repository.root.resolve()}".encode()).hexdigest()[:8]


@dataclass
class LogOfBackup:
    """What a backup being taken has to do with the server's log; ``notes`` go into its manifest.

    ``holder`` is in whose name the server keeps its log, ``mark`` how a place in it is called.
    """

    engine: Engine
    target: Target
    parent: Backup | None
    holder: str
    mark: str = ""
    notes: list[str] = field(default_factory=list)
    _position: Position = NO_POSITION
    _is_kept: bool = False

    @property
    def since(self) -> Position:
        """Where the range begins: where the parent ends."""
        return self.parent.manifest.position if self.parent else NO_POSITION

    @property
    def parents(self) -> tuple[str, ...]:
        """What is needed besides, the full one first."""
        return (*self.parent.manifest.parents, self.parent.id) if self.parent else ()

    def roles(self, now: tuple[str, ...]) -> tuple[str, ...]:
        """Return the roles that are needed to restore it: those of the moment, then the parent's."""
        return tuple(dict.fromkeys((*now, *(self.parent.manifest.roles if self.parent else ()))))

    def preflight(self, session: Session, kind: BackupKind, fingerprint: str) -> Preflight:
        """Look for what keeps a log or a mark from being taken.

        Raises:
            LogUnusable: Says why, and what can be taken instead.
            BackupDamaged: The chain it would follow has a gap.
        """
        logs = self.engine.logs()
        if logs is not None and kind is BackupKind.MARK:
            problem = "" if logs.position(session).is_known else logs.problem(session, NO_POSITION)
        else:
            problem = why_no_log(self.engine, session, self.parent, fingerprint)
            if self.parent is not None:
                read_chain(self.parent)
        if problem:
            raise LogUnusable(
                f"a {kind.value} backup cannot be taken",
                where=self.target.display,
                cause=problem,
                state="nothing was published",
                hint="take a full backup: lockgate backup create --kind full",
            )
        facts = self.parent.manifest.tables if self.parent else ()
        return Preflight(lossy=tuple((fact.table, fact.lossy) for fact in facts if fact.lossy))

    @contextmanager
    def open(
        self, session: Session, server: Server, kind: BackupKind, what: What, options: DumpOptions, *, is_kept: bool
    ) -> Iterator[Snapshot]:
        """Open the moment: with its exact place in the log where a log is taken or is to follow."""
        logs, dialect = self.engine.logs(), self.engine.backup()
        if logs is not None and not kind.is_dumped:
            opening = logs.open_moment(self.target, server, options, kind)
            self._is_kept = kind is BackupKind.LOG
        elif logs is not None and is_kept and kind is BackupKind.FULL and self._can_be_followed(logs, session):
            opening = logs.open_snapshot(self.target, server, what, options)
            self._is_kept = True
        else:
            opening = dialect.open_snapshot(self.target, server, what, options)
        with opening as snapshot:
            if logs is not None and kind is BackupKind.MARK and (name := logs.mark(session, f"lockgate_{self.mark}")):
                snapshot.position = msgspec.structs.replace(snapshot.position, set=name)
            if logs is not None and self._is_kept:
                self.notes.extend(logs.warnings(session))
                held = sum(max(size, 0) for _, size in logs.held(session, self.holder))
                if held > _MUCH:
                    self.notes.append(f"the server held {held >> 20} MiB of its log back for the backups before")
            self._position = snapshot.position
            yield snapshot

    def _can_be_followed(self, logs: LogDialect, session: Session) -> bool:
        problem = logs.problem(session, NO_POSITION)
        if problem:
            self.notes.append(f"no log can follow it as things are: {problem}")
        return not problem

    def fetch(self, until: Position, open_sink: OpenSink) -> None:
        """Fetch the range from the parent's position on."""
        logs = self.engine.logs()
        assert logs is not None
        self.notes.extend(logs.fetch(self.target, self.since, until, open_sink))

    def commands(self, manifest: Manifest) -> tuple[str, ...]:
        """Return the stock commands for a log or a mark."""
        logs = self.engine.logs()
        if manifest.kind is not BackupKind.LOG or logs is None:
            return ("# This is a mark in the server's log and holds no rows.", f"# position: {position_text(manifest)}")
        head = [
            f"# First restore {manifest.parents[-1]}, as its RESTORE.txt says, as {manifest.database},",
            "# on a server of its own; then, in this folder:",
            "( set -e -o pipefail    # any error ends it",
            "sha256sum --quiet -c SHA256SUMS",
        ]
        files = [file for file in manifest.files if file.role == "log"]
        if not files:
            return (*head, ")    # nothing had changed since; that is all")
        if manifest.is_encrypted:
            head.append(': "${AGE_KEY:=$HOME/age.key}"    # the file with the private key')
        return (*head, "plain=$(mktemp -d)", *map(_unpack, files), *logs.commands(manifest), 'rm -r "$plain" )')

    def settle(self, manifest: Manifest, tell: Callable[[str], None]) -> None:
        """Give up what the server kept for earlier backups, when others follow the new one, or none any more."""
        logs = self.engine.logs()
        if logs is None or not (self._is_kept or manifest.kind is BackupKind.FULL):
            return
        try:
            session = self.engine.connect(self.target)
            try:
                for position, _ in logs.held(session, self.holder):
                    if position.file != manifest.position.file:
                        logs.release(session, position)
            finally:
                session.close()
        except LockgateError as error:
            tell(f"warning: the server still keeps its log for an earlier backup: {error.what}")

    def give_up(self) -> None:
        """Give up what the server keeps for a backup that failed; what cannot be is found by the next one."""
        logs = self.engine.logs()
        if logs is None or not self._is_kept or not self._position.is_known:
            return
        try:
            session = self.engine.connect(self.target)
        except LockgateError:
            return
        try:
            logs.release(session, self._position)
        except LockgateError:
            return
        finally:
            session.close()


def position_text(manifest: Manifest) -> str:
    """Say a manifest's place in the log."""
    position = manifest.position
    return f"{position.kind} {position.file}:{position.offset} {position.set}".strip()


def _unpack(file: StoredFile) -> str:
    """Return the command that puts a stored file into ``$plain`` as it was."""
    steps = ['age -d -i "$AGE_KEY"'] if file.is_encrypted else []
    if file.is_compressed:
        steps.append("gzip -dc" if file.path.removesuffix(".age").endswith(".gz") else "zstd -dcq")
    first, *rest = steps or ["cat"]
    name = shlex.quote(PurePosixPath(plain_path(file)).name)
    return " | ".join([f"{first} {shlex.quote(file.path)}", *rest]) + f' > "$plain"/{name}'
