"""The folder that holds the backups of one target: a backup is there whole or not at all.

``b/<id>`` is published. ``.stage/<id>.<boot>.<pid>`` is being written, ``.trash`` was pruned and waits, ``.quarantine``
did not pass a verification. ``journal.jsonl`` is only ever appended to. Everything may be restored from by hand.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TextIO

from lockgate.backup.journal import Journal, unreadable
from lockgate.backup.manifest import NAME, read_manifest, sync_folder, write_manifest
from lockgate.backup.process import boot_id, is_running
from lockgate.errors import ArtifactError, BackupDamaged, BackupFailed, ConfigError, InputError, LeaseHeld
from lockgate.model.backup import BackupKind, Manifest

_ID = re.compile(r"(\d{8}T\d{6}Z)-(\d{4,})-([a-z]+)")
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
_SKEW = timedelta(minutes=5)
SAFETY = "safety"
"""The reason of a backup that a restore takes of what it is about to replace."""


@dataclass(frozen=True)
class Backup:
    """A published backup: where it is and what its manifest says."""

    folder: Path
    manifest: Manifest

    @property
    def id(self) -> str:
        """Its name."""
        return self.manifest.id


@dataclass(frozen=True)
class Broken:
    """A folder among the backups that is none: its manifest is gone, cut or edited."""

    folder: Path
    problem: str


def repository_name(target: str) -> str:
    """Return a folder's name for a target's name; two targets never share one."""
    safe = _UNSAFE.sub("_", target).strip(".") or "database"
    return safe if safe == target else f"{safe}-{hashlib.sha256(target.encode()).hexdigest()[:8]}"


class Repository(Journal):
    """The backups of one target below ``root``. Nothing is made before something is written."""

    def __init__(self, root: Path, now: Callable[[], datetime] = lambda: datetime.now(UTC), operator: str = "") -> None:
        super().__init__(root, now, operator)
        self.published = root / "b"
        self.trash = root / ".trash"

    # reading

    def backups(self) -> tuple[Backup, ...]:
        """Return all published backups, the newest first, by their sequence and never by a clock."""
        found = [item for item in map(_try_read, self._folders()) if isinstance(item, Backup)]
        return tuple(sorted(found, key=lambda backup: backup.manifest.sequence, reverse=True))

    def broken(self) -> tuple[Broken, ...]:
        """Return what stands among the published backups and cannot be read."""
        return tuple(item for item in map(_try_read, self._folders()) if isinstance(item, Broken))

    def trashed(self) -> tuple[str, ...]:
        """Return the ids of what was pruned and waits to be deleted."""
        return tuple(path.name for path in _subfolders(self.trash) if _ID.fullmatch(path.name))

    def quarantined(self) -> tuple[str, ...]:
        """Return the ids of what did not pass a verification."""
        return tuple(path.name for path in _subfolders(self.root / ".quarantine"))

    def staged(self) -> tuple[Path, ...]:
        """Return the folders of what is being written, or was left half-written."""
        return tuple(_subfolders(self.root / ".stage"))

    def foreign_stages(self) -> tuple[Path, ...]:
        """Return the folders that another machine (or this one, before it was started anew) writes or wrote."""
        return tuple(path for path in self.staged() if path.name.split(".")[-2:-1] != [boot_id()])

    def live_stages(self) -> tuple[Path, ...]:
        """Return the folders that a process is writing into, here or (as far as can be told) on another machine."""
        return tuple(path for path in self.staged() if _is_live(path) or path in self._fresh_foreign())

    def _fresh_foreign(self) -> list[Path]:
        now = self._now().timestamp()
        return [path for path in self.foreign_stages() if now - newest_change(path) < 3600]

    def find(self, name: str) -> Backup:
        """Return a backup by id, ``latest``, ``verified`` (the newest that is), or the path of its folder or manifest.

        The safety backup that a restore takes first is never the latest while there are others: who repeats a restore
        of the latest one would get back what was to be replaced.

        Raises:
            InputError: There is none.
            ArtifactError, BackupDamaged: Its manifest cannot be read.
        """
        path = Path(name)
        if path.name == NAME and path.is_file():
            path = path.parent
        if (path / NAME).is_file():
            return Backup(path, read_manifest(path))
        if _ID.fullmatch(name) and (self.published / name).is_dir():
            return Backup(self.published / name, read_manifest(self.published / name))
        published = self.backups()
        if name == "latest" and published:
            return next((backup for backup in published if backup.manifest.reason != SAFETY), published[0])
        if name == "verified":
            proven = self.verifications()
            for backup in published:
                if any(found.is_verified for found in proven.get(backup.id, ())):
                    return backup
        raise InputError(
            f"there is no backup {name}",
            where=str(self.root),
            cause=f"{len(published)} are published here",
            state="nothing was touched",
            hint="lockgate backup list",
        )

    # writing

    @contextmanager
    def lock(self, purpose: str) -> Iterator[None]:
        """Hold the repository: one writer at a time.

        Raises:
            LeaseHeld: Somebody else does; says who and for what.
        """
        self.make(self.root)
        with self._open_lock() as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                file.seek(0)
                raise LeaseHeld(
                    f"the backups in {self.root} are being worked on",
                    holder=file.read().strip() or "another process",
                    hint="wait for its end, then repeat the command",
                ) from None
            told = f"pid {os.getpid()} of {self._operator or 'this machine'}: {purpose} since {self.stamp()}"
            # The lock holds without its words: on a full disk there are none.
            with suppress(OSError):
                os.ftruncate(file.fileno(), 0)
                os.write(file.fileno(), told.encode())
            try:
                yield
            finally:
                with suppress(OSError):
                    os.ftruncate(file.fileno(), 0)

    def _open_lock(self) -> TextIO:
        try:
            return open(self.root / "lock", "a+", encoding="utf-8", errors="replace")
        except OSError as error:
            raise BackupFailed(
                "the folder for backups cannot be written to",
                where=str(self.root / "lock"),
                cause=error.strerror or str(error),
                state="nothing was written",
                hint="free space or correct the folder's rights, then repeat the command",
            ) from None

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Keep prune away while backups are read; any number may read at a time, and none keeps a new backup away."""
        try:
            file = open(self.root / "reading", "a", encoding="utf-8")  # noqa: SIM115 - closed below
        except OSError:
            # A repository that cannot be written to cannot be pruned either.
            yield
            return
        with file:
            fcntl.flock(file, fcntl.LOCK_SH)
            yield

    @contextmanager
    def without_readers(self) -> Iterator[bool]:
        """Yield whether nobody reads backups now, and keep readers away until the end if so."""
        self.make(self.root)
        with open(self.root / "reading", "a", encoding="utf-8") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
                return
            yield True

    def next_id(self, kind: BackupKind) -> tuple[str, int]:
        """Return the id and sequence of the next backup: a time and a number that only goes up.

        Raises:
            ConfigError: The clock is more than five minutes behind the newest backup.
        """
        taken = [match for name in self._all_names() if (match := _ID.match(name)) is not None]
        number = max((int(match[2]) for match in taken), default=0) + 1
        now = self._now()
        newest = max((_time_of(match[1]) for match in taken), default=now - timedelta(seconds=1))
        if now <= newest:
            if newest - now > _SKEW:
                raise ConfigError(
                    "the clock of this machine is behind",
                    where=str(self.root),
                    cause=f"it says {now:%Y-%m-%d %H:%M:%S} UTC, the newest backup is of {newest:%Y-%m-%d %H:%M:%S}",
                    state="nothing was written",
                    hint="set the clock, then repeat the command",
                )
            now = newest + timedelta(seconds=1)
        return f"{now:%Y%m%dT%H%M%SZ}-{number:04}-{kind.value}", number

    @contextmanager
    def stage(self, backup_id: str) -> Iterator[Path]:
        """Yield an empty folder to write a backup into; it is gone at the end unless it was published."""
        folder = self.root / ".stage" / f"{backup_id}.{boot_id()}.{os.getpid()}"
        self.make(folder)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def publish(self, folder: Path, manifest: Manifest) -> Backup:
        """Make a finished folder a backup, by one rename.

        Raises:
            BackupFailed: It cannot be written; nothing was published.
        """
        place = self.published / manifest.id
        try:
            write_manifest(folder, manifest)
            for path in sorted(folder.rglob("*")):
                if path.is_dir():
                    sync_folder(path)
            sync_folder(folder)
            self.make(self.published)
            os.rename(folder, place)
            sync_folder(self.published)
        except OSError as error:
            raise BackupFailed(
                "the backup cannot be published",
                where=str(place),
                cause=error.strerror or str(error),
                state="nothing was published",
                hint="free space or correct the folder's rights, then repeat the command",
            ) from None
        self.note("published", manifest.id, f"{manifest.kind.value}, {manifest.bytes} bytes, {manifest.reason}")
        return Backup(place, read_manifest(place))

    def move_away(self, backup: Backup, place: str, reason: str) -> None:
        """Move a backup to ``.trash`` or ``.quarantine``; the note comes first."""
        self.note({".trash": "trashed", ".quarantine": "quarantined"}[place], backup.id, reason)
        folder = self.root / place
        self.make(folder)
        os.rename(backup.folder, folder / backup.id)
        sync_folder(folder)
        sync_folder(self.published)

    def bring_back(self, backup_id: str) -> None:
        """Move a backup from ``.trash`` back to the published ones.

        Raises:
            BackupFailed: It cannot be moved.
        """
        try:
            os.rename(self.trash / backup_id, self.published / backup_id)
        except OSError as error:
            raise BackupFailed(
                "the backup cannot be brought back",
                where=str(self.trash / backup_id),
                cause=error.strerror or str(error),
                state="it is still in .trash",
            ) from None
        sync_folder(self.published)

    def clear_stage(self) -> tuple[str, ...]:
        """Remove what dead processes left half-written; return the ids. The repository must be locked."""
        gone = []
        for folder in _subfolders(self.root / ".stage"):
            backup_id = folder.name.partition(".")[0]
            if _is_live(folder) and not folder.name.endswith(f".{os.getpid()}"):
                continue
            shutil.rmtree(folder, ignore_errors=True)
            self.note("failed", backup_id, "left half-written by a process that is gone; removed")
            gone.append(backup_id)
        return tuple(gone)

    def _folders(self) -> list[Path]:
        return _subfolders(self.published)

    def _all_names(self) -> list[str]:
        names = [
            path.name for place in ("b", ".stage", ".trash", ".quarantine") for path in _subfolders(self.root / place)
        ]
        return names + [note.backup for note in self.notes() if note.type in ("published", "started")]


def _subfolders(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if path.is_dir())
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        raise unreadable(folder, error) from None


def _try_read(folder: Path) -> Backup | Broken:
    try:
        manifest = read_manifest(folder)
    except (ArtifactError, BackupDamaged) as error:
        return Broken(folder, error.what)
    if manifest.id != folder.name:
        return Broken(folder, f"its manifest is that of {manifest.id}")
    return Backup(folder, manifest)


def is_id(name: str) -> bool:
    """Tell whether a text is an id as we make them."""
    return _ID.fullmatch(name) is not None


def time_of(backup_id: str) -> datetime:
    """Return the time in an id, UTC: made by our clock, and never before that of an earlier backup.

    Raises:
        ArtifactError: It is no id.
    """
    match = _ID.match(backup_id)
    if match is None:
        raise ArtifactError(f"{backup_id} is no name of a backup", state="nothing was touched")
    return _time_of(match[1])


def _time_of(text: str) -> datetime:
    return datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)


def _is_live(folder: Path) -> bool:
    """Tell whether the process of this machine that writes into a staged folder still runs."""
    boot, _, pid = folder.name.partition(".")[2].rpartition(".")
    return boot == boot_id() and pid.isdigit() and is_running(int(pid))


def newest_change(folder: Path) -> float:
    """Return when something in a folder was last written, in seconds since 1970."""
    found = [0.0]
    for path in (folder, *folder.rglob("*")):
        try:
            found.append(path.stat().st_mtime)
        except FileNotFoundError:
            continue
    return max(found)
