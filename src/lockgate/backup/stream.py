"""Write and read one file of a backup: hashed, compressed with zstd and encrypted with age on the way, in one pass."""

from __future__ import annotations

import gzip
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

from lockgate.errors import BackupDamaged, BackupFailed, ConfigError, KeyMissing
from lockgate.model.backup import StoredFile

CHUNK = 1 << 20
_SUFFIXES = {"zstd": ".zst", "gzip": ".gz", "none": ""}


@dataclass(frozen=True)
class Coding:
    """How files are stored. ``recipients`` are age public keys, none for no encryption; ``threads`` for zstd."""

    compression: str = "zstd"
    level: int = 3
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
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._encrypt, args=(read_end, out, parsed), daemon=True)
        self._thread.start()

    def _encrypt(self, read_end: int, out: HashingWriter, recipients: Sequence[Any]) -> None:
        import pyrage

        try:
            with open(read_end, "rb", buffering=CHUNK) as source:
                pyrage.encrypt_io(source, out, recipients)
        except BaseException as error:  # noqa: BLE001 - carried over to the thread that writes
            self._error = error

    def write(self, data: bytes) -> int:
        try:
            view = memoryview(data)
            while view:
                view = view[self._pipe.write(view) :]
        except BrokenPipeError:
            self._thread.join()
            raise self._error or BackupFailed("encrypting stopped") from None
        return len(data)

    def finish(self) -> None:
        self._pipe.close()
        self._thread.join()
        if self._error is not None:
            raise self._error

    def abandon(self) -> None:
        self._pipe.close()
        self._thread.join()


def parse_recipients(recipients: Sequence[str]) -> list[Any]:
    """Read age public keys (``age1…`` or an ssh key).

    Raises:
        ConfigError: One is no key, or the library is not installed.
    """
    pyrage = _load_pyrage()
    found = []
    for text in recipients:
        kind = pyrage.ssh if text.startswith("ssh-") else pyrage.x25519
        try:
            found.append(kind.Recipient.from_str(text.strip()))
        except Exception:  # noqa: BLE001 - the library's own error, whatever its class
            raise ConfigError(
                f"{text[:20]}… is no age recipient",
                where="backup.recipients",
                cause="allowed are public keys that begin with age1 or ssh-",
                state="nothing was touched",
                hint="age-keygen makes a key pair and prints its public key",
            ) from None
    return found


def load_identities(text: str, where: str) -> list[Any]:
    """Read the private keys of an age key file's text: its lines that begin with ``AGE-SECRET-KEY-``, or an ssh key.

    Raises:
        KeyMissing: There is none in it.
    """
    pyrage = _load_pyrage()
    found: list[Any] = []
    try:
        if "PRIVATE KEY" in text:
            found.append(pyrage.ssh.Identity.from_buffer(text.encode()))
        else:
            lines = (line.strip() for line in text.splitlines())
            found += [pyrage.x25519.Identity.from_str(line) for line in lines if line.startswith("AGE-SECRET-KEY-")]
    except Exception:  # noqa: BLE001 - the library's own error, whatever its class; it may repeat the key
        found = []
    if not found:
        raise KeyMissing("the key file holds no age key", where=where, state="nothing was touched")
    return found


def _load_pyrage() -> Any:
    try:
        import pyrage
    except ImportError:
        raise ConfigError(
            "encrypted backups need the age library, which is not installed",
            where="backup.recipients",
            state="nothing was touched",
            hint="pip install 'lockgate[age]'",
        ) from None
    return pyrage


def _compressor(coding: Coding) -> _Compressor:
    if coding.compression == "none":
        return _Plain()
    if coding.compression == "gzip":
        return cast("_Compressor", zlib.compressobj(coding.level if coding.level <= 9 else 9, zlib.DEFLATED, 31))
    zstd = load_zstd()
    parameter = zstd.CompressionParameter
    # Without the checksum flag a flipped bit goes unnoticed by `zstd -t`.
    options = {parameter.compression_level: coding.level, parameter.checksum_flag: 1}
    if coding.threads:
        options[parameter.nb_workers] = coding.threads
    return cast("_Compressor", zstd.ZstdCompressor(options=options))


def load_zstd() -> Any:
    """Return the standard library's zstd, or its backport before Python 3.14."""
    try:
        from compression import zstd  # type: ignore[import-not-found, unused-ignore]
    except ImportError:
        from backports import zstd  # type: ignore[import-not-found, no-redef, unused-ignore]
    return zstd


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
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._decrypt, args=(source, write_end, identities), daemon=True)
        self._thread.start()

    def _decrypt(self, source: _HashingReader, write_end: int, identities: Sequence[Any]) -> None:
        import pyrage

        try:
            with open(write_end, "wb", buffering=0) as out:
                pyrage.decrypt_io(source, cast("BinaryIO", _Pushing(out)), identities)
        except BaseException as error:  # noqa: BLE001 - carried over to the thread that reads
            self._error = error

    def read(self, size: int = -1) -> bytes:
        data = self._pipe.read(CHUNK if size < 0 else size)
        if not data:
            self.finish()
        return data

    def finish(self) -> None:
        self._thread.join()
        if self._error is None:
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


def _cannot_write(place: Path, error: OSError) -> BackupFailed:
    return BackupFailed(
        "the backup cannot be written",
        where=str(place),
        cause=error.strerror or str(error),
        state="nothing was published; what was written of it is removed",
        hint="free space or name another folder under [backup] folder, then repeat the command",
    )
