"""The restores of a repository: each a small file that is written anew, durably, before every phase."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from msgspec.structs import replace

from lockgate.backup.manifest import sync_folder
from lockgate.errors import ArtifactError, BackupFailed, InputError
from lockgate.model import codec
from lockgate.model.restore import FORMAT_VERSION, Phase, Restore


@dataclass(frozen=True)
class RestoreLog:
    """What was restored from a repository, and how far it came. ``root`` is the repository's folder."""

    root: Path
    now: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))

    @property
    def folder(self) -> Path:
        """Where the files stand."""
        return self.root / "restores"

    def list(self) -> tuple[Restore, ...]:
        """Return all restores, the newest first.

        Raises:
            ArtifactError: A file cannot be read: what it stands for is unknown.
        """
        try:
            paths = sorted(self.folder.glob("*.json"))
        except OSError:
            return ()
        found = [self._load(path) for path in paths]
        return tuple(sorted(found, key=lambda item: (item.started_at, item.id), reverse=True))

    def unfinished(self, target: str) -> Restore | None:
        """Return the restore of a target that was begun and has not come to rest."""
        return next((item for item in self.list() if item.target == target and not item.phase.is_at_rest), None)

    def find(self, target: str, restore: str = "") -> Restore:
        """Return a restore of a target by id, or its newest that still has what it replaced.

        Raises:
            InputError: There is none.
        """
        for item in self.list():
            if item.target == target and (item.id == restore if restore else item.phase is Phase.DONE and item.kept):
                return item
        raise InputError(
            f"there is no restore {restore}" if restore else "there is no restore whose old database is kept",
            where=str(self.folder),
            state="nothing was touched",
            hint="lockgate restore --list",
        )

    def save(self, restore: Restore, phase: Phase | None = None) -> Restore:
        """Write a restore (in a phase that begins now) and wait until it is on the disk.

        Raises:
            BackupFailed: It cannot be written, so the phase must not begin.
        """
        stamp = self.now().isoformat(timespec="milliseconds")
        item = replace(restore, phase=phase or restore.phase, changed_at=stamp)
        place = self.folder / f"{item.id}.json"
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            beside = place.with_suffix(".tmp")
            with open(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
                file.write(codec.encode_pretty(item))
                file.flush()
                os.fsync(file.fileno())
            os.replace(beside, place)
            sync_folder(self.folder)
        except OSError as error:
            raise BackupFailed(
                "how far the restore has come cannot be written down, so it does not go on",
                where=str(place),
                cause=error.strerror or str(error),
                hint="free space or correct the folder's rights",
            ) from None
        return item

    def work_folder(self, restore: Restore) -> Path:
        """Return the folder for what tools read while it loads."""
        return self.folder / f"{restore.id}.work"

    def _load(self, path: Path) -> Restore:
        try:
            data = path.read_bytes()
        except OSError as error:
            raise ArtifactError(f"{path} cannot be read", cause=error.strerror or str(error)) from None
        codec.check_format_version(data, FORMAT_VERSION, str(path))
        return codec.decode(data, Restore, str(path))
