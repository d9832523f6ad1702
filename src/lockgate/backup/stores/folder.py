"""A second folder as a store: another disk, a mounted share; nothing but the standard library."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path

from lockgate.backup.manifest import sync_folder
from lockgate.backup.stores.base import Fleeting, Stat, Taken
from lockgate.errors import StoreFailed

_PIECE = 1 << 20
_PARTIAL = ".lockgate-partial"
_NO_LINKS = (errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK)
_FLEETING = (errno.EIO, errno.ESTALE, errno.ETIMEDOUT, errno.EAGAIN, errno.EINTR, errno.EBUSY)


class FolderObjects:
    """See `lockgate.backup.stores.base.Objects`: a file each, written under another name and linked to its own."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self.display = str(root)

    def put_new(self, key: str, chunks: Iterable[bytes], size: int) -> None:
        """Write beside and link; a link is never made over a file that is there."""
        place = self._root / key
        partial = place.with_name(f".{place.name}.{os.getpid()}.{threading.get_ident()}{_PARTIAL}")
        self._check_root()
        try:
            place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            if place.exists():
                raise Taken(key)
            try:
                _write(partial, chunks)
                _name(partial, place)
                sync_folder(place.parent)
            finally:
                partial.unlink(missing_ok=True)
        except OSError as error:
            raise self._translate(place, error) from None

    def replace(self, before: Stat, data: bytes) -> None:
        """Write beside and rename, when the file still has the content it had."""
        place = self._root / before.key
        partial = place.with_name(f".{place.name}.{os.getpid()}{_PARTIAL}")
        try:
            with open(self._root / ".lockgate-lock", "ab") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                if not place.exists() or _tag(place) != before.tag:
                    raise Taken(before.key)
                _write(partial, [data])
                os.replace(partial, place)
                sync_folder(place.parent)
        except OSError as error:
            raise self._translate(place, error) from None
        finally:
            partial.unlink(missing_ok=True)

    def stat(self, key: str) -> Stat | None:
        """Look at a file; a small one's tag is its content."""
        place = self._root / key
        try:
            return Stat(key, place.stat().st_size, _tag(place))
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise self._translate(place, error) from None

    def read(self, key: str, offset: int = 0) -> Iterator[bytes]:
        """Give a file's bytes."""
        place = self._root / key
        try:
            with open(place, "rb", buffering=0) as file:
                file.seek(offset)
                while data := file.read(_PIECE):
                    yield data
        except FileNotFoundError:
            raise
        except OSError as error:
            raise self._translate(place, error) from None

    def list_objects(self, prefix: str) -> Iterator[Stat]:
        """Give all files below a folder but half-written ones."""
        self._check_root()
        try:
            for path in sorted((self._root / prefix).rglob("*")):
                if path.is_file() and not path.name.endswith(_PARTIAL):
                    yield Stat(path.relative_to(self._root).as_posix(), path.stat().st_size)
        except FileNotFoundError:
            return
        except OSError as error:
            raise self._translate(self._root / prefix, error) from None

    def list_folders(self, prefix: str) -> tuple[str, ...]:
        """Give the names of the folders in a folder."""
        self._check_root()
        try:
            return tuple(sorted(path.name for path in (self._root / prefix).iterdir() if path.is_dir()))
        except FileNotFoundError:
            return ()
        except OSError as error:
            raise self._translate(self._root / prefix, error) from None

    def delete(self, key: str) -> None:
        """Delete a file, and its folders that are empty then."""
        place = self._root / key
        try:
            place.unlink(missing_ok=True)
            for folder in place.parents:
                if folder in (self._root, *self._root.parents):
                    break
                folder.rmdir()
        except FileNotFoundError:
            return
        except OSError as error:
            if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
                raise self._translate(place, error) from None

    def _check_root(self) -> None:
        """Refuse to make the folder itself: a share that is not mounted must not fill the disk below it."""
        if not self._root.is_dir():
            raise StoreFailed(
                "the folder for further copies of backups is not there",
                where=str(self._root),
                cause="it is missing, or what it is mounted from is not",
                state="backups in the first folder are as they were",
                hint=f"mount it, or make it: mkdir -p {self._root}",
            )

    def _translate(self, place: Path, error: OSError) -> Exception:
        if error.errno in _FLEETING:
            return Fleeting(error.strerror or str(error))
        return StoreFailed(
            "the folder for further copies of backups cannot be used",
            where=str(place),
            cause=error.strerror or str(error),
            state="backups in the first folder are as they were",
            hint="free space there, or correct its rights; then: lockgate backup probe",
        )


def _write(place: Path, chunks: Iterable[bytes]) -> None:
    descriptor = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with open(descriptor, "wb", buffering=0) as file:
        for data in chunks:
            view = memoryview(data)
            while view:
                view = view[file.write(view) :]
        os.fsync(file.fileno())


def _name(partial: Path, place: Path) -> None:
    """Give a finished file its name, never over another one."""
    try:
        os.link(partial, place)
    except FileExistsError:
        raise Taken(place.name) from None
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        try:
            os.close(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        except FileExistsError:
            raise Taken(place.name) from None
        os.replace(partial, place)


def _tag(place: Path) -> str:
    if place.stat().st_size > _PIECE:
        return ""
    return hashlib.sha256(place.read_bytes()).hexdigest()
