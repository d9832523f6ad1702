"""Repositories with a history, made without a database: what is asked of them are manifests and the journal."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from lockgate.backup.repository import Backup, Repository
from lockgate.backup.stream import Coding, write_stored
from lockgate.model.backup import (
    BackupKind,
    Consistency,
    Level,
    Manifest,
    Position,
    StoredFile,
    TableFacts,
    Tool,
    Verification,
    seal_manifest,
)

START = datetime(2026, 1, 1, 2, 15, tzinfo=UTC)


@dataclass
class History:
    """A repository and the clock it lives by."""

    root: Path
    clock: datetime = START
    recipients: tuple[str, ...] = ()
    repository: Repository = field(init=False)

    def __post_init__(self) -> None:
        """Open it."""
        self.repository = Repository(self.root, now=lambda: self.clock, operator="tests")

    def wait(self, **span: float) -> None:
        """Let time pass."""
        self.clock += timedelta(**span)

    def take(self, content: bytes = b"rows", *, rows: int = 100, verified: Level | None = None, **more: Any) -> Backup:
        """Publish a backup of one file; ``verified``: a verification right after that reached this level."""
        kind: BackupKind = more.pop("kind", BackupKind.FULL)
        backup_id, sequence = self.repository.next_id(kind)
        files: list[StoredFile] = []
        with self.repository.stage(backup_id) as folder:
            coding = Coding(recipients=self.recipients)
            with write_stored(folder, "rows/001.sql", "rows", ["t"], coding, lambda _: None, files.append) as sink:
                sink.write(content)
            manifest = self._manifest(backup_id, sequence, kind, files, rows, more)
            backup = self.repository.publish(folder, manifest)
        if verified is not None:
            self.verify(backup, verified)
        return backup

    def verify(self, backup: Backup, level: Level, problem: str = "", restore_s: float = 12.5) -> None:
        """Note a verification that was to reach the top and came to ``level``."""
        found = Verification(
            backup=backup.id,
            at=self.clock.isoformat(timespec="seconds"),
            asked=Level.SCHEMA,
            level=level,
            problem=problem,
            restore_s=restore_s,
            server_version=backup.manifest.server_version,
        )
        self.repository.note("verified", backup.id, verification=found)

    def ids(self) -> list[str]:
        """Return what is published, oldest first."""
        return [backup.id for backup in reversed(self.repository.backups())]

    def _manifest(
        self, backup_id: str, sequence: int, kind: BackupKind, files: Sequence[StoredFile], rows: int, more: Any
    ) -> Manifest:
        stamp = self.clock.isoformat(timespec="seconds")
        facts: dict[str, Any] = {
            "id": backup_id,
            "sequence": sequence,
            "kind": kind,
            "target": "shop",
            "engine": "sqlite",
            "flavor": "sqlite",
            "server_version": "3.45.1",
            "database": "shop",
            "tool_version": "0.1",
            "started_at": stamp,
            "snapshot_at": stamp,
            "finished_at": stamp,
            "duration_s": 3.0,
            "method": "backup API",
            "consistency": Consistency.SINGLE_SNAPSHOT,
            "fingerprint": hashlib.sha256(b"schema").hexdigest(),
            "files": tuple(files),
            "tables": (TableFacts(table="t", rows=rows),),
            "tools": (Tool(name="sqlite3", version="3.45.1"),),
            "recipients": self.recipients,
            "position": Position(kind="binlog", file="binlog.000001", offset=sequence),
        }
        return seal_manifest(Manifest(**{**facts, **more}))
