"""Find backups in a store, prove their bytes there, and bring one back."""

from __future__ import annotations

import fcntl
import hashlib
import os
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

from lockgate.backup.files import StoredFiles
from lockgate.backup.manifest import GUIDE, NAME, SUMS, render_guide, render_sums, sync_folder
from lockgate.backup.repository import Backup
from lockgate.backup.stores.base import Store, read_on
from lockgate.backup.stores.claim import Marker, read_marker
from lockgate.backup.stores.upload import backup_prefix
from lockgate.errors import ArtifactError, BackupDamaged, InputError, LeaseHeld, StoreFailed
from lockgate.model.backup import Level, Manifest, Verification, decode_manifest

Tell = Callable[[str], None]
_AT_ONCE = 3


@dataclass(frozen=True)
class InStore:
    """A backup in a store. ``manifest`` is None when it is not whole; ``problem`` says why, ``marker`` who uploads."""

    id: str
    manifest: Manifest | None = None
    problem: str = ""
    marker: Marker | None = None

    @property
    def is_uploading(self) -> bool:
        """Whether somebody may be at it now."""
        return self.marker is not None and self.marker.is_live(datetime.now(UTC))


def list_backups(store: Store, target: str) -> tuple[InStore, ...]:
    """Return what a store has of a target, the newest first: whole backups, and what is there in part.

    Raises:
        StoreFailed: It cannot be read.
    """
    names = store.again(lambda: store.objects.list_folders(backup_prefix(target)))
    with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="store") as pool:
        found = list(pool.map(lambda name: _look_at(store, target, name), names))
    return tuple(sorted(found, key=_order, reverse=True))


def list_targets(store: Store) -> tuple[str, ...]:
    """Return the names of the targets that a store has something of.

    Raises:
        StoreFailed: It cannot be read.
    """
    return store.again(lambda: store.objects.list_folders(""))


def find_backup(store: Store, target: str, name: str) -> InStore:
    """Return a whole backup by its id or ``latest``.

    Raises:
        InputError: There is none.
        BackupDamaged: Its manifest is wrong.
        StoreFailed: It cannot be read.
    """
    if name != "latest" and "/" not in name and name not in ("", ".", ".."):
        found = _look_at(store, target, name)
        if found.manifest is not None:
            return found
        if found.problem:
            raise _damaged(store, name, found.problem)
    if name == "latest":
        for found in list_backups(store, target):
            if found.manifest is not None:
                return found
    there = store.again(lambda: store.objects.list_folders(backup_prefix(target)))
    raise InputError(
        f"there is no backup {name} of {target}",
        where=store.display,
        cause=f"{len(there)} are there" + (", this one only in part" if name in there else ""),
        state="nothing was touched",
        hint="lockgate backup list --store URL",
    )


def verify_stored(store: Store, target: str, name: str, tell: Tell = lambda text: None) -> Verification:
    """Read a backup's every byte in the store and compare; what does not hold is a result.

    Raises:
        InputError: There is no such backup.
        StoreFailed: It cannot be read: nothing is known then.
    """
    began, problem = time.monotonic(), ""
    try:
        found = find_backup(store, target, name)
        manifest = _manifest_of(found)
        tell(f"reading {len(manifest.files)} files at {store.display}")
        problem = _check_objects(store, target, manifest)
    except BackupDamaged as error:
        problem = error.cause or error.what
        backup_id = name
    else:
        backup_id = manifest.id
    return Verification(
        backup=backup_id,
        at=datetime.now(UTC).isoformat(timespec="seconds"),
        asked=Level.CHECKSUM,
        level=None if problem else Level.CHECKSUM,
        problem=problem,
        duration_s=round(time.monotonic() - began, 3),
        place=store.display,
    )


def fetch_backup(
    store: Store,
    target: str,
    name: str,
    folder: Path,
    tell: Tell = lambda text: None,
    work: Path | None = None,
) -> Backup:
    """Bring a backup into ``folder/<id>``: checked byte by byte, and below ``work`` (``folder``) until it is whole.

    What was cut off goes on where it was. A backup that is there already is looked at and not fetched again.

    Raises:
        InputError: There is no such backup.
        BackupDamaged: What is in the store is not what was stored.
        StoreFailed: It cannot be read, or not be written here.
    """
    manifest = _manifest_of(find_backup(store, target, name))
    place, partial = folder / manifest.id, (work or folder) / f".{manifest.id}.fetch"
    try:
        if place.exists():
            _check_local(place, manifest)
            return Backup(place, manifest)
        partial.mkdir(parents=True, exist_ok=True, mode=0o700)
        with _held(partial, manifest.id):
            tell(f"fetching {manifest.id}, {manifest.bytes} bytes, from {store.display}")
            _Fetch(store, backup_prefix(target, manifest.id), manifest, partial).run()
            _sync(partial)
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            os.rename(partial, place)
            sync_folder(folder)
    except OSError as error:
        raise StoreFailed(
            "the backup cannot be written here",
            where=str(place),
            cause=error.strerror or str(error),
            state="what was fetched of it stays, and is not fetched again",
            hint="free space or name another folder, then repeat the command",
        ) from None
    return Backup(place, manifest)


class _Fetch:
    def __init__(self, store: Store, prefix: str, manifest: Manifest, folder: Path) -> None:
        self._store, self._prefix, self._manifest, self._folder = store, prefix, manifest, folder
        self._stop = threading.Event()

    def run(self) -> None:
        """Fetch all files, the manifest last."""
        wanted = [(file.path, file.bytes, file.sha256) for file in self._manifest.files]
        guide = render_guide(self._manifest).encode()
        with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="store") as pool:
            works = [pool.submit(self._one, *file) for file in wanted]
            try:
                wait(works, return_when=FIRST_EXCEPTION)
                for work in works:
                    if work.done() and not work.cancelled():
                        work.result()
            except BaseException:
                self._stop.set()
                for work in works:
                    work.cancel()
                raise
        encoded = self._store.read_small(f"{self._prefix}/{NAME}") or b""
        if decode_manifest(encoded, NAME) != self._manifest:
            raise _damaged(self._store, self._manifest.id, "its manifest changed meanwhile")
        sums = render_sums(self._manifest, encoded).encode()
        for name, data in ((GUIDE, guide), (SUMS, sums), (NAME, encoded)):
            self._write(name, data)

    def _one(self, path: str, size: int, sha256: str) -> None:
        place = self._folder / _checked(path)
        place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        for _ in range(2):
            if self._read(f"{self._prefix}/{path}", place, size) == (size, sha256):
                return
            place.unlink(missing_ok=True)
        raise _damaged(self._store, self._manifest.id, f"{path} is not what was stored")

    def _read(self, key: str, place: Path, size: int) -> tuple[int, str]:
        """Write an object's bytes behind what is there of it; return size and hash of all."""
        digest, done = hashlib.sha256(), 0
        with open(place, "a+b", buffering=0) as file:
            file.seek(0)
            while data := file.read(1 << 20):
                digest.update(data)
                done += len(data)
            if done < size:
                try:
                    for piece in read_on(self._store, key, done):
                        if self._stop.is_set():
                            raise StoreFailed("fetching was stopped")
                        _write_all(file, piece)
                        digest.update(piece)
                        done += len(piece)
                except FileNotFoundError:
                    raise _damaged(self._store, self._manifest.id, f"{key} is missing") from None
                os.fsync(file.fileno())
        return done, digest.hexdigest()

    def _write(self, name: str, data: bytes) -> None:
        with open(self._folder / name, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())


@contextmanager
def _held(folder: Path, backup: str) -> Iterator[None]:
    """Hold a folder: one process fetches into it at a time."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise LeaseHeld(
                f"the backup {backup} is being fetched", holder="another process here", hint="wait until it is done"
            ) from None
        yield
    finally:
        os.close(descriptor)


def _write_all(file: object, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[file.write(view) :]  # type: ignore[attr-defined]


def _look_at(store: Store, target: str, name: str) -> InStore:
    data = store.read_small(f"{backup_prefix(target, name)}/{NAME}")
    if data is None:
        return InStore(name, marker=read_marker(store, target, name))
    try:
        manifest = decode_manifest(data, f"{name}/{NAME}")
        for file in manifest.files:
            _checked(file.path)
    except (ArtifactError, BackupDamaged) as error:
        return InStore(name, problem=error.what)
    if manifest.id != name:
        return InStore(name, problem=f"its manifest is that of {manifest.id}")
    return InStore(name, manifest)


def _manifest_of(found: InStore) -> Manifest:
    if found.manifest is None:
        raise AssertionError("only whole backups are found")
    return found.manifest


def _check_objects(store: Store, target: str, manifest: Manifest) -> str:
    """Return what is wrong with the first wrong file; empty when nothing is."""
    prefix = backup_prefix(target, manifest.id)
    encoded = store.read_small(f"{prefix}/{NAME}") or b""
    wanted = [(file.path, file.bytes, file.sha256) for file in manifest.files]
    for name, data in ((GUIDE, render_guide(manifest).encode()), (SUMS, render_sums(manifest, encoded).encode())):
        wanted.append((name, len(data), hashlib.sha256(data).hexdigest()))
    for path, size, sha256 in wanted:
        problem = ""
        for _ in range(2):
            problem = _check_object(store, f"{prefix}/{path}", size, sha256)
            if not problem:
                break
        if problem:
            return f"{path} {problem}"
    return ""


def _check_object(store: Store, key: str, size: int, sha256: str) -> str:
    digest, done = hashlib.sha256(), 0
    try:
        for piece in read_on(store, key):
            digest.update(piece)
            done += len(piece)
    except FileNotFoundError:
        return "is missing"
    if done != size:
        return f"has {done} bytes, {size} were stored"
    return "" if digest.hexdigest() == sha256 else "is not what was stored: its sha256 differs"


def _check_local(place: Path, manifest: Manifest) -> None:
    StoredFiles(Backup(place, manifest)).check_stored()


def _checked(path: str) -> str:
    """Refuse a path that leads out of the backup's folder."""
    parts = PurePosixPath(path)
    if parts.is_absolute() or ".." in parts.parts or not parts.parts or "\\" in path or "\0" in path:
        raise BackupDamaged("the manifest names a file outside of the backup", where=path[:200])
    return path


def _sync(folder: Path) -> None:
    for path in sorted(folder.rglob("*")):
        if path.is_dir():
            sync_folder(path)
    sync_folder(folder)


def _order(found: InStore) -> tuple[int, str]:
    return (found.manifest.sequence if found.manifest else -1, found.id)


def _damaged(store: Store, name: str, cause: str) -> BackupDamaged:
    return BackupDamaged(
        f"the backup {name} in the store is damaged",
        where=store.display,
        cause=cause,
        state="nothing was touched",
        hint="use another: lockgate backup list --store URL",
    )
