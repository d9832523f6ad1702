"""Copy a published backup into a store: file by file, each read back, the manifest last."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path

from lockgate.backup.manifest import GUIDE, NAME, SUMS
from lockgate.backup.repository import Backup
from lockgate.backup.stores.base import Fleeting, Store, Taken, read_on
from lockgate.backup.stores.claim import Claim, claim
from lockgate.backup.stream import CHUNK
from lockgate.errors import BackupDamaged, StoreFailed
from lockgate.model.backup import StoredFile

Tell = Callable[[str], None]
_AT_ONCE = 3


@dataclass(frozen=True)
class Uploaded:
    """What an upload did. ``is_new``: false when the same backup was there already, whole and right."""

    store: str
    files: int
    bytes: int
    sent_files: int
    sent_bytes: int

    @property
    def is_new(self) -> bool:
        """Whether anything was sent."""
        return self.sent_files > 0


@dataclass(frozen=True)
class _File:
    """One file to send: where it is, how long it is, what it hashes to."""

    place: Path
    key: str
    bytes: int
    sha256: str


def backup_prefix(target: str, backup: str = "") -> str:
    """Return where a target's backups, or one of them, are below a store: the same as in the first folder."""
    return f"{target}/b/{backup}".rstrip("/")


def put_backup(store: Store, target: str, backup: Backup, tell: Tell) -> Uploaded:
    """Copy a published backup of ``target`` (a folder's name) into a store and read everything back.

    What is there already and right is not sent again; an upload that was cut off goes on. The manifest comes last and
    only when all else was read back, so what has one is whole.

    Raises:
        LeaseHeld: Another process uploads the same backup.
        BackupDamaged: A file on this machine is not what the manifest says; nothing of it was completed.
        StoreFailed: It did not come to its end; the backup on this machine is as it was.
    """
    with claim(store, target, backup.id, backup.manifest.seal) as held:
        return _Upload(store, target, backup, held, tell).run()


@dataclass
class _Upload:
    store: Store
    target: str
    backup: Backup
    held: Claim
    tell: Tell
    sent: list[int] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)

    def run(self) -> Uploaded:
        prefix = backup_prefix(self.target, self.backup.id)
        files = [self._stored(prefix, file) for file in self.backup.manifest.files]
        files += [self._small(prefix, name) for name in (GUIDE, SUMS)]
        manifest = self._small(prefix, NAME)
        there = self.store.again(lambda: {found.key: found.bytes for found in self.store.objects.list_objects(prefix)})
        is_published = self._is_published(manifest)
        self.tell(f"copying {self.backup.id} to {self.store.display}")
        self._all(files, there, is_published)
        self._one(manifest, there, is_published)
        everything = [*files, manifest]
        return Uploaded(
            store=self.store.display,
            files=len(everything),
            bytes=sum(file.bytes for file in everything),
            sent_files=len(self.sent),
            sent_bytes=sum(self.sent),
        )

    def _stored(self, prefix: str, file: StoredFile) -> _File:
        return _File(self.backup.folder / file.path, f"{prefix}/{file.path}", file.bytes, file.sha256)

    def _small(self, prefix: str, name: str) -> _File:
        place = self.backup.folder / name
        try:
            data = place.read_bytes()
        except OSError as error:
            raise _damaged(name, error.strerror or str(error)) from None
        return _File(place, f"{prefix}/{name}", len(data), hashlib.sha256(data).hexdigest())

    def _is_published(self, manifest: _File) -> bool:
        """Tell whether the store has this backup already; refuse when it has another of the same name."""
        data = self.store.read_small(manifest.key)
        if data is None:
            return False
        if hashlib.sha256(data).hexdigest() != manifest.sha256:
            raise self.store.failed(
                f"another backup is called {self.backup.id} there",
                "its manifest is not this one's; nothing was overwritten",
                "two machines must not back up under one target's name: give each a prefix of its own",
            )
        return True

    def _all(self, files: list[_File], there: dict[str, int], is_published: bool) -> None:
        with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="store") as pool:
            works = [pool.submit(self._one, file, there, is_published) for file in files]
            try:
                wait(works, return_when=FIRST_EXCEPTION)
                for work in works:
                    if work.done() and not work.cancelled():
                        work.result()
            except BaseException:
                self.stop.set()
                for work in works:
                    work.cancel()
                raise

    def _one(self, file: _File, there: dict[str, int], is_published: bool) -> None:
        """Send a file unless it is there, read it back; what is there and wrong is sent again once."""
        found = there.get(file.key)
        for _ in range(2):
            if found is None:
                self._send(file)
            if found in (None, file.bytes) and self._is_right(file):
                return
            if is_published:
                raise self.store.failed(
                    f"{file.key} is damaged there",
                    "the backup was complete before; nothing was overwritten",
                    f"lockgate backup delete {self.backup.id} --store URL, then repeat the upload",
                )
            self.store.delete(file.key)
            found = None
        raise self.store.failed(f"{file.key} is not stored as it was sent", "it was sent twice and read back twice")

    def _send(self, file: _File) -> None:
        self.held.check()

        def put() -> None:
            try:
                self.store.objects.put_new(file.key, self._read(file), file.bytes)
            except Fleeting:
                if self.store.objects.stat(file.key) is not None:
                    raise Taken(file.key) from None
                raise

        try:
            self.store.again(put)
        except Taken:
            return  # an answer that was lost, or bytes of an earlier attempt: reading back decides
        self.sent.append(file.bytes)

    def _read(self, file: _File) -> Iterator[bytes]:
        """Give the file's bytes; the last of them only when they are what the manifest says."""
        digest, size = hashlib.sha256(), 0
        try:
            with open(file.place, "rb", buffering=0) as source:
                while data := source.read(CHUNK):
                    self._check_stop()
                    digest.update(data)
                    size += len(data)
                    if size >= file.bytes:
                        self.held.check()
                        _check_whole(file, size, digest.hexdigest())
                    yield data
        except OSError as error:
            raise _damaged(file.place.name, error.strerror or str(error)) from None
        _check_whole(file, size, digest.hexdigest())

    def _is_right(self, file: _File) -> bool:
        """Read an object back and compare; twice, for a byte may turn on the way as well."""
        for _ in range(2):
            digest = hashlib.sha256()
            try:
                for piece in read_on(self.store, file.key):
                    self._check_stop()
                    digest.update(piece)
            except FileNotFoundError:
                return False
            if digest.hexdigest() == file.sha256:
                return True
        return False

    def _check_stop(self) -> None:
        if self.stop.is_set():
            raise StoreFailed("the upload was stopped")
        self.held.check()


def _check_whole(file: _File, size: int, digest: str) -> None:
    if (size, digest) != (file.bytes, file.sha256):
        raise _damaged(file.place.name, f"{size} bytes are there that do not hash to what the manifest says")


def _damaged(name: str, cause: str) -> BackupDamaged:
    return BackupDamaged(
        f"the file {name} of the backup is damaged on this machine",
        cause=cause,
        state="it was not copied to the store",
        hint="lockgate backup verify ID, then take another",
    )
