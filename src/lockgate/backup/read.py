"""Read one file of a backup: decrypted, decompressed, and compared with what the manifest says of it."""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import threading
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, BinaryIO, cast

from lockgate.backup.stream import CHUNK
from lockgate.backup.zstd import load_zstd
from lockgate.errors import BackupDamaged, KeyMissing
from lockgate.model.backup import StoredFile


class PlainReader(io.RawIOBase):
    """Gives back the plain bytes of a stored file; at the end all sizes and hashes must be the manifest's."""

    def __init__(self, place: Path, file: StoredFile, identities: Sequence[Any]) -> None:
        self._file, self._place = file, place
        try:
            raw = open(place, "rb", buffering=0)  # noqa: SIM115 - closed by close()
        except OSError as error:
            raise damaged(file, f"it cannot be read: {error.strerror}") from None
        self._raw = _HashingReader(raw)
        self._age: _AgeReader | None = None
        layer: Any = self._raw
        if file.is_encrypted:
            if not identities:
                raw.close()
                raise KeyMissing(
                    "the backup is encrypted and no key was given",
                    where=file.path,
                    state="nothing was touched",
                    hint="name the key file with --identity FILE",
                )
            layer = self._age = _AgeReader(self._raw, identities, file)
        self._layer = _decompressing(layer, file)
        self._hash = hashlib.sha256()
        self._size = 0
        self._is_done = False

    def readable(self) -> bool:
        """It is for reading only."""
        return True

    def readinto(self, buffer: Any, /) -> int:
        """Read plain bytes; 0 at an end that was checked."""
        if self._is_done:
            return 0
        try:
            data = self._layer.read(min(len(buffer), CHUNK))
        except (OSError, EOFError, zlib.error, ValueError) as error:
            raise damaged(self._file, f"it cannot be decoded: {error}") from None
        except Exception as error:
            if type(error).__name__ == "ZstdError":
                raise damaged(self._file, f"it cannot be decoded: {error}") from None
            raise
        if not data:
            self._check_end()
            return 0
        self._hash.update(data)
        self._size += len(data)
        buffer[: len(data)] = data
        return len(data)

    def _check_end(self) -> None:
        if self._age is not None:
            self._age.finish()
        while self._raw.read(CHUNK):
            pass
        found = (self._raw.size, self._raw.hash.hexdigest(), self._size, self._hash.hexdigest())
        if found != (self._file.bytes, self._file.sha256, self._file.bytes_plain, self._file.sha256_plain):
            raise damaged(self._file, f"{found[0]} stored and {found[2]} plain bytes do not hash to what was stored")
        self._is_done = True

    def close(self) -> None:
        """Close all layers."""
        if self._age is not None:
            self._age.abandon()
        self._raw.close()
        super().close()


class _HashingReader:
    def __init__(self, raw: io.FileIO) -> None:
        self._raw = raw
        self.hash = hashlib.sha256()
        self.size = 0

    def read(self, size: int = -1) -> bytes:
        data = self._raw.read(CHUNK if size < 0 else size)
        self.hash.update(data)
        self.size += len(data)
        return data

    def readinto(self, buffer: Any) -> int:
        data = self.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return False

    closed = False

    def close(self) -> None:
        self._raw.close()


class _AgeReader:
    """Decrypts a file in a thread and gives the result to who reads: the library pushes, and we pull."""

    def __init__(self, source: _HashingReader, identities: Sequence[Any], file: StoredFile) -> None:
        read_end, write_end = os.pipe()
        self._pipe = open(read_end, "rb", buffering=0)  # noqa: SIM115 - lives as long as the reader
        self._file = file
        self._error: Exception | None = None
        self._is_whole = False
        self._thread = threading.Thread(target=self._decrypt, args=(source, write_end, identities), daemon=True)
        self._thread.start()

    def _decrypt(self, source: _HashingReader, write_end: int, identities: Sequence[Any]) -> None:
        import pyrage

        try:
            with open(write_end, "wb", buffering=0) as out:
                pyrage.decrypt_io(source, cast("BinaryIO", _Pushing(out)), identities)
                self._is_whole = True
        except (pyrage.DecryptError, OSError) as error:
            self._error = error

    def read(self, size: int = -1) -> bytes:
        data = self._pipe.read(CHUNK if size < 0 else size)
        if not data:
            self.finish()
        return data

    def finish(self) -> None:
        self._thread.join()
        if self._is_whole:
            return
        if "matching keys" in str(self._error).lower():
            raise KeyMissing(
                "no given key fits this backup",
                where=self._file.path,
                cause="it was encrypted for other recipients",
                state="nothing was touched",
                hint="name the right key file with --identity FILE",
            ) from None
        raise damaged(self._file, f"it cannot be decrypted: {self._error}") from None

    def abandon(self) -> None:
        self._pipe.close()
        self._thread.join()


class _Pushing(io.RawIOBase):
    def __init__(self, out: io.FileIO) -> None:
        self._out = out

    def writable(self) -> bool:
        return True

    def write(self, data: Any, /) -> int:
        view = memoryview(data)
        while view:
            view = view[self._out.write(view) :]
        return len(data)


def _decompressing(layer: Any, file: StoredFile) -> Any:
    if not file.is_compressed:
        return layer
    name = file.path.removesuffix(".age")
    if name.endswith(".gz"):
        return gzip.GzipFile(fileobj=cast("BinaryIO", io.BufferedReader(_Readable(layer), CHUNK)))
    return load_zstd().ZstdFile(_Readable(layer), "r")


class _Readable(io.RawIOBase):
    """Makes a raw file of whatever has ``read``."""

    def __init__(self, layer: Any) -> None:
        self._layer = layer

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        data = self._layer.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)


def hash_file(place: Path, on_bytes: Callable[[int], None] = lambda count: None) -> tuple[int, str]:
    """Return size and sha256 of a file.

    Raises:
        OSError: It cannot be read.
    """
    digest, size = hashlib.sha256(), 0
    with open(place, "rb", buffering=0) as source:
        while data := source.read(CHUNK):
            digest.update(data)
            size += len(data)
            on_bytes(len(data))
    return size, digest.hexdigest()


def damaged(file: StoredFile, cause: str) -> BackupDamaged:
    """Return the error for a stored file that is not what it should be."""
    return BackupDamaged(
        f"the file {file.path} of the backup is damaged",
        cause=cause,
        state="nothing was touched",
        hint="use another backup: lockgate backup list",
    )
