"""Chains of backups: a full one and the logs that follow it, each from where the one before ends."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from lockgate.backup.manifest import NAME, read_manifest
from lockgate.backup.repository import Backup, Repository
from lockgate.errors import BackupDamaged, LockgateError
from lockgate.model.backup import BackupKind


def read_chain(backup: Backup) -> tuple[Backup, ...]:
    """Return what a backup is restored from, in order, itself last; for all but logs that is itself alone.

    Raises:
        BackupDamaged: A parent is missing or damaged, or the log has a gap.
    """
    if backup.manifest.kind is not BackupKind.LOG:
        return (backup,)
    chain = (*(_read_parent(backup, name) for name in backup.manifest.parents), backup)
    if problem := gap_in(chain):
        raise _broken(backup, problem)
    return chain


def gap_in(chain: tuple[Backup, ...]) -> str:
    """Say why a chain cannot be restored: where it does not begin with a full backup or positions do not meet."""
    first = chain[0].manifest
    if first.kind is not BackupKind.FULL:
        return f"it does not begin with a full backup but with {first.id}"
    for number, link in enumerate(chain[1:], 1):
        manifest, before = link.manifest, chain[number - 1].manifest
        if manifest.kind is not BackupKind.LOG:
            return f"{manifest.id} is no log"
        if manifest.parents != tuple(item.id for item in chain[:number]):
            return f"{manifest.id} does not follow {before.id}"
        if not before.position.is_known or manifest.since != before.position:
            return f"there is a gap in the log between {before.id} and {manifest.id}"
    return ""


def find_gaps(repository: Repository) -> dict[str, str]:
    """Return the published logs that cannot be restored because of their chain, each with the reason."""
    found = {}
    for backup in repository.backups():
        try:
            read_chain(backup)
        except LockgateError as error:
            found[backup.id] = error.cause or error.what
    return found


def newest_link(backups: Iterable[Backup]) -> Backup | None:
    """Return the newest backup that a log can follow: a full one or a log, of a known position and without a gap."""
    for backup in backups:
        if backup.manifest.kind in (BackupKind.FULL, BackupKind.LOG) and backup.manifest.position.is_known:
            try:
                read_chain(backup)
            except LockgateError:
                continue
            return backup
    return None


def _read_parent(backup: Backup, name: str) -> Backup:
    for place in _places(backup.folder):
        folder = place / name
        if (folder / NAME).is_file():
            return Backup(folder, read_manifest(folder))
    raise _broken(backup, f"its parent {name} is not beside it")


def _places(folder: Path) -> tuple[Path, ...]:
    """A backup's siblings, and the published ones of its repository when it was moved away."""
    return (folder.parent, folder.parent.parent / "b")


def _broken(backup: Backup, cause: str) -> BackupDamaged:
    return BackupDamaged(
        f"the log backup {backup.id} cannot be restored",
        where=str(backup.folder),
        cause=cause,
        state="nothing was touched",
        hint="take a full backup: lockgate backup create --kind full",
    )
