"""Which backup belongs to which checkpoint, what restoring it would lose, and how long it would take."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from lockgate.backup.repository import Backup, Repository
from lockgate.model.backup import Verification


@dataclass(frozen=True)
class CheckpointBackup:
    """A checkpoint's backup. ``loss_s``: writes since its moment would be lost by restoring it, in seconds.

    ``restore_s`` is how long the last test restore took, -1 when none was made.
    """

    backup: str
    kind: str
    snapshot_at: str
    is_verified: bool
    verified_at: str
    loss_s: float
    restore_s: float


def read_checkpoint_backups(repository: Repository, now: datetime) -> dict[str, CheckpointBackup]:
    """Return the newest backup of each checkpoint that has one, by the checkpoint's id."""
    proven = repository.verifications()
    found: dict[str, CheckpointBackup] = {}
    for backup in repository.backups():
        if backup.manifest.checkpoint and backup.manifest.kind.holds_rows:
            found.setdefault(backup.manifest.checkpoint, _judge(backup, proven.get(backup.id, ()), now))
    return found


def _judge(backup: Backup, proven: Sequence[Verification], now: datetime) -> CheckpointBackup:
    verified = [item for item in proven if item.is_verified]
    times = [item.restore_s for item in proven if item.restore_s >= 0]
    manifest = backup.manifest
    return CheckpointBackup(
        backup=backup.id,
        kind=manifest.kind.value,
        snapshot_at=manifest.snapshot_at,
        is_verified=bool(verified),
        verified_at=verified[-1].at if verified else "",
        loss_s=round((now - datetime.fromisoformat(manifest.snapshot_at)).total_seconds(), 1),
        restore_s=times[-1] if times else -1.0,
    )
