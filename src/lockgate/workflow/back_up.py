"""Take a backup as the settings say, and prove it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from lockgate.backup.create import CreateOptions, create_backup
from lockgate.backup.repository import Backup, Repository
from lockgate.backup.settings import BackupSettings
from lockgate.backup.stream import Coding
from lockgate.backup.verify import VerifyOptions, verify_backup
from lockgate.engine.backup import DumpOptions, Preflight, What
from lockgate.engine.base import Engine, ScratchOptions
from lockgate.errors import KeyMissing, LogUnusable
from lockgate.model.backup import BackupKind, Level, Verification
from lockgate.model.schema import Key
from lockgate.model.target import Target
from lockgate.outside.git import ask_git

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Made:
    """A published backup and, when it was asked for, what was proven of it."""

    backup: Backup
    verification: Verification | None = None


def back_up(
    engine: Engine,
    target: Target,
    name: str,
    repository: Repository,
    settings: BackupSettings,
    *,
    kind: BackupKind = BackupKind.FULL,
    tables: tuple[Key, ...] | None = None,
    parent: Backup | None = None,
    or_full: bool = False,
    is_moved: bool = False,
    reason: str = "manual",
    level: Level | None = None,
    identities: Sequence[Any] = (),
    checkpoint: str = "",
    run: str = "",
    has_lease: bool = False,
    tell: Tell = lambda text: None,
    on_bytes: Callable[[int], None] = lambda count: None,
) -> Made:
    """Take a backup, publish it, prove it as far as ``level`` says (None: not now); ``parent`` is what a log
    follows; ``or_full``: when the log turns out to be of no use, everything is taken instead.

    Of a mark nothing can be restored; it is proven as far as it can be read.

    Raises:
        As `create_backup` and `verify_backup`; a backup that is published stays published.
    """
    if settings.recipients and not identities and level not in (None, Level.CHECKSUM):
        raise KeyMissing(
            "the backup could not be proven: it is to be encrypted and no key was given",
            where=f"--verify {level.value}",
            cause="reading it back needs the private key of a recipient",
            state="nothing was taken",
            hint="name the key file with --identity FILE, or prove it elsewhere with `lockgate backup verify`",
        )
    threads = settings.jobs if engine.backup().has_one_stream else 0
    options = CreateOptions(
        kind=kind,
        tables=tables,
        parent=parent,
        is_log_kept=settings.log,
        is_moved=is_moved,
        coding=Coding(settings.compression, settings.level, settings.recipients, threads),
        dump=DumpOptions(jobs=settings.jobs, lock_ms=settings.lock_timeout_ms, tool=settings.tool),
        reason=reason,
        git_commit=current_commit(Path.cwd()),
        checkpoint=checkpoint,
        run=run,
        has_lease=has_lease,
        on_bytes=on_bytes,
    )
    try:
        backup = create_backup(engine, target, name, repository, options, tell)
    except LogUnusable as error:
        if not or_full:
            raise
        tell(f"full instead of a log: {error.cause or error.what}")
        options = replace(options, kind=BackupKind.FULL, parent=None, tables=None)
        backup = create_backup(engine, target, name, repository, options, tell)
    tell(f"published {backup.id}")
    if level is None:
        return Made(backup)
    if kind is BackupKind.MARK and level.rank > Level.READABLE.rank:
        level = Level.READABLE
    proven = prove(engine, repository, backup, settings, level=level, identities=identities, tell=tell, is_new=True)
    return Made(backup, proven)


def look_ahead(engine: Engine, target: Target, settings: BackupSettings) -> Preflight:
    """Return what taking a full backup would need and meet: tools, what forbids it, warnings; nothing is written.

    Raises:
        ConfigError: A tool is missing.
    """
    options = DumpOptions(jobs=settings.jobs, lock_ms=settings.lock_timeout_ms, tool=settings.tool)
    with closing(engine.connect(target, is_read_only=True)) as session:
        return engine.backup().preflight(session, engine.identify(session), What(), options)


def prove(
    engine: Engine,
    repository: Repository,
    backup: Backup,
    settings: BackupSettings,
    *,
    level: Level = Level.SCHEMA,
    identities: Sequence[Any] = (),
    scratch_url: str = "",
    tell: Tell = lambda text: None,
    is_new: bool = False,
) -> Verification:
    """Prove a backup, note it in the journal, and move it to quarantine when it does not hold.

    One that was there before stays where it is when the place it was restored on may be at fault, such as a full disk;
    one that is taken this very moment (``is_new``) does not.

    Raises:
        KeyMissing, ScratchUnavailable, Interrupted: Nothing could be found out.
    """
    options = VerifyOptions(
        level=level,
        identities=identities,
        jobs=settings.jobs,
        scratch=ScratchOptions(url=scratch_url, holds_rows=True),
        assertions=settings.assertions,
    )
    with repository.reading():
        proven = verify_backup(engine, backup, options, tell)
    repository.note("verified", backup.id, proven.problem, proven)
    is_condemned = not proven.is_passed and (proven.is_conclusive or is_new)
    if is_condemned and backup.folder.parent == repository.published:
        repository.move_away(backup, ".quarantine", proven.problem)
    return proven


def current_commit(folder: Path) -> str:
    """Return the commit that is checked out in a folder; empty outside of git."""
    done = ask_git(folder, "rev-parse", "HEAD", timeout_s=10.0)
    return done.text.strip() if done.is_ok else ""
