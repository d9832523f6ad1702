"""Write one file of a backup: hashed, compressed with zstd and encrypted with age on the way, in one pass."""

from __future__ import annotations

import hashlib
import io
import os
import threading
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Protocol, cast

from lockgate.backup.age import parse_recipients
from lockgate.backup.zstd import load_zstd
from lockgate.errors import BackupFailed, LockgateError
from lockgate.model.backup import StoredFile

CHUNK = 1 << 20
_SUFFIXES = {"zstd": ".zst", "gzip": ".gz", "none": ""}


@dataclass(frozen=True)
class Coding:
    """How files are stored. ``recipients`` are age public keys, none for no encryption; ``threads`` for zstd."""

    compression: str = "zstd"
    level: int = 2
    recipients: tuple[str, ...] = ()
    threads: int = 0

    def suffix(self) -> str:
        """What the name of a stored file ends in."""
        return _SUFFIXES[self.compression] + (".age" if self.recipients else "")


class _Compressor(Protocol):
    def compress(self, data: bytes | memoryview, /) -> bytes: ...
    def flush(self) -> bytes: ...


class _Plain:
    def compress(self, data: bytes | memoryview, /) -> bytes:
        return bytes(data)

    def flush(self) -> bytes:
        return b""


class HashingWriter(io.RawIOBase):
    """A file that knows the hash and the size of what went through it."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.hash = hashlib.sha256()
        self.size = 0

    def writable(self) -> bool:
        """It is for writing only."""
        return True

    def write(self, data: Any, /) -> int:
        """Write and hash."""
        self.hash.update(data)
        self.size += len(data)
        self._file.write(data)
        return len(data)


class FileSink:
    """See `lockgate.engine.backup.Sink`. ``on_bytes`` is told of plain bytes as they come and may raise."""

    def __init__(self, out: BinaryIO, coding: Coding, on_bytes: Callable[[int], None]) -> None:
        self._stored = HashingWriter(out)
        self._age = _AgeWriter(self._stored, coding.recipients) if coding.recipients else None
        self._compressor = _compressor(coding)
        self._on_bytes = on_bytes
        self._hash = hashlib.sha256()
        self._size = 0

    def write(self, data: bytes | memoryview) -> int:
        """Take plain bytes."""
        self._on_bytes(len(data))
        self._hash.update(data)
        self._size += len(data)
        self._put(self._compressor.compress(data))
        return len(data)

    def finish(self) -> tuple[int, str, int, str]:
        """End all layers; return stored bytes, their sha256, plain bytes, their sha256."""
        self._put(self._compressor.flush())
        if self._age is not None:
            self._age.finish()
        return self._stored.size, self._stored.hash.hexdigest(), self._size, self._hash.hexdigest()

    def abandon(self) -> None:
        """End what runs besides; what was written is for nothing."""
        if self._age is not None:
            self._age.abandon()

    def _put(self, data: bytes) -> None:
        if data:
            (self._age or self._stored).write(data)


@contextmanager
def write_stored(
    folder: Path,
    path: str,
    role: str,
    tables: Sequence[str],
    coding: Coding,
    on_bytes: Callable[[int], None],
    done: Callable[[StoredFile], None],
) -> Iterator[FileSink]:
    """Write one file below a folder; it must not be there yet. ``done`` is told of it when it is on the disk.

    Raises:
        BackupFailed: It cannot be written; the part that was is gone.
    """
    stored_path = path + coding.suffix()
    place = folder / stored_path
    try:
        place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise _cannot_write(place, error) from None
    sink: FileSink | None = None
    try:
        with open(descriptor, "wb", buffering=0) as out:
            sink = FileSink(cast("BinaryIO", _WholeWrites(out, place)), coding, on_bytes)
            yield sink
            size, digest, size_plain, digest_plain = sink.finish()
            os.fsync(out.fileno())
    except BaseException as error:
        if sink is not None:
            sink.abandon()
        place.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise _cannot_write(place, error) from None
        raise
    done(
        StoredFile(
            path=stored_path,
            role=role,
            bytes=size,
            sha256=digest,
            bytes_plain=size_plain,
            sha256_plain=digest_plain,
            tables=tuple(tables),
            is_compressed=coding.compression != "none",
            is_encrypted=bool(coding.recipients),
        )
    )


class _WholeWrites:
    """An unbuffered file whose ``write`` writes all or raises an error of ours that names the place."""

    def __init__(self, file: io.FileIO, place: Path) -> None:
        self._file, self._place = file, place

    def write(self, data: bytes) -> int:
        view = memoryview(data)
        try:
            while view:
                view = view[self._file.write(view) :]
        except OSError as error:
            raise _cannot_write(self._place, error) from None
        return len(data)


class _AgeWriter:
    """Encrypts what is written to it into another file, in a thread: the library pulls, and we push."""

    def __init__(self, out: HashingWriter, recipients: Sequence[str]) -> None:
        parsed = parse_recipients(recipients)
        read_end, write_end = os.pipe()
        self._pipe = open(write_end, "wb", buffering=0)  # noqa: SIM115 - lives as long as the writer
        self._error: Exception | None = None
        self._is_whole = False
        self._thread = threading.Thread(target=self._encrypt, args=(read_end, out, parsed), daemon=True)
        self._thread.start()

    def _encrypt(self, read_end: int, out: HashingWriter, recipients: Sequence[Any]) -> None:
        import pyrage

        try:
            with open(read_end, "rb", buffering=CHUNK) as source:
                pyrage.encrypt_io(source, out, recipients)
                self._is_whole = True
        except (pyrage.EncryptError, LockgateError, OSError) as error:
            self._error = error

    def write(self, data: bytes) -> int:
        try:
            view = memoryview(data)
            while view:
                view = view[self._pipe.write(view) :]
        except BrokenPipeError:
            self._thread.join()
            raise self._failure() from None
        return len(data)

    def finish(self) -> None:
        self._pipe.close()
        self._thread.join()
        if not self._is_whole:
            raise self._failure()

    def _failure(self) -> LockgateError:
        if isinstance(self._error, LockgateError):
            return self._error
        return BackupFailed("the backup cannot be encrypted", cause=str(self._error or "the encrypting thread died"))

    def abandon(self) -> None:
        self._pipe.close()
        self._thread.join()


# Level → shortest match, window and table (as powers of two; 0 leaves them to the library). Rows are full of short
# chance matches (digits, dates) that cost more to name than to repeat. Measured on rows of an ERP, prose, UUIDs,
# numbers, JSON and program text: level 2 with these is 1.1 to 1.8 times faster than level 3 as it comes, and 2 to 8 %
# smaller but for program text (3 % larger). Levels above these search in another way; the library knows best.
_TUNED = {2: (7, 22, 17), 3: (7, 0, 0), 4: (6, 0, 0)}


def _compressor(coding: Coding) -> _Compressor:
    if coding.compression == "none":
        return _Plain()
    if coding.compression == "gzip":
        return cast("_Compressor", zlib.compressobj(coding.level if coding.level <= 9 else 9, zlib.DEFLATED, 31))
    zstd = load_zstd()
    parameter = zstd.CompressionParameter
    # Without the checksum flag a flipped bit goes unnoticed by `zstd -t`.
    options = {parameter.compression_level: coding.level, parameter.checksum_flag: 1}
    names = (parameter.min_match, parameter.window_log, parameter.hash_log)
    options |= {name: value for name, value in zip(names, _TUNED.get(coding.level, ()), strict=False) if value}
    if coding.threads:
        options[parameter.nb_workers] = coding.threads
    return cast("_Compressor", zstd.ZstdCompressor(options=options))


def _cannot_write(place: Path, error: OSError) -> BackupFailed:
    return BackupFailed(
        "the backup cannot be written",
        where=str(place),
        cause=error.strerror or str(error),
        state="nothing was published; what was written of it is removed",
        hint="free space or name another folder under [backup] folder, then repeat the command",
    )
