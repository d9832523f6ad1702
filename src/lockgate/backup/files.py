"""The files of a published backup, given back plain: decrypted, decompressed and compared with the manifest."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, cast

from lockgate.backup.manifest import GUIDE, NAME, SUMS, render_guide, render_sums
from lockgate.backup.read import PlainReader, damaged, hash_file
from lockgate.backup.repository import Backup
from lockgate.backup.stream import CHUNK
from lockgate.errors import BackupDamaged, BackupFailed
from lockgate.model import codec
from lockgate.model.backup import StoredFile


class StoredFiles:
    """See `lockgate.engine.backup.BackupFiles`. ``identities`` are age private keys, read already."""

    def __init__(self, backup: Backup, identities: Sequence[Any] = ()) -> None:
        self.backup, self.folder, self.manifest = backup, backup.folder, backup.manifest
        self.identities = identities

    @contextmanager
    def open(self, file: StoredFile) -> Iterator[BinaryIO]:
        """Open one for reading its plain bytes; they are right when it was read to its end."""
        reader = PlainReader(self.folder / file.path, file, self.identities)
        try:
            yield cast("BinaryIO", io.BufferedReader(reader, CHUNK))
        finally:
            reader.close()

    def unpack(self, files: Sequence[StoredFile], folder: Path) -> None:
        """Write the plain files below a folder, under their paths without the endings of their coding, checked."""
        for file in files:
            place = folder / plain_path(file)
            place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            try:
                with self.open(file) as source, open(place, "xb", buffering=0) as out:
                    while data := source.read(CHUNK):
                        out.write(data)
            except OSError as error:
                place.unlink(missing_ok=True)
                raise BackupFailed(
                    "the backup cannot be unpacked",
                    where=str(place),
                    cause=error.strerror or str(error),
                    state="the target was not touched",
                    hint="free space there, or set TMPDIR to a folder with more",
                ) from None
            except BaseException:
                place.unlink(missing_ok=True)
                raise

    def check_stored(self) -> None:
        """Compare every stored byte with the manifest, and look for files too few and too many.

        Raises:
            BackupDamaged: One differs.
        """
        expected = {file.path for file in self.manifest.files} | {NAME, SUMS, GUIDE}
        found = {path.relative_to(self.folder).as_posix() for path in self.folder.rglob("*") if path.is_file()}
        if missing := sorted(expected - found):
            raise self._damaged(f"missing: {', '.join(missing[:5])}")
        if extra := sorted(found - expected):
            raise self._damaged(f"there is more than was stored: {', '.join(extra[:5])}")
        for file in self.manifest.files:
            try:
                size, digest = hash_file(self.folder / file.path)
            except OSError as error:
                raise damaged(file, f"it cannot be read: {error.strerror}") from None
            if size != file.bytes:
                raise damaged(file, f"{size} bytes are there, {file.bytes} were stored")
            if digest != file.sha256:
                raise damaged(file, "its sha256 is not that of what was stored")
        texts = {GUIDE: render_guide(self.manifest)}
        texts[SUMS] = render_sums(self.manifest, codec.encode_pretty(self.manifest))
        for name, text in texts.items():
            if (self.folder / name).read_bytes() != text.encode():
                raise self._damaged(f"{name} was changed after it was written")

    def check_readable(self) -> None:
        """Decrypt and decode everything to its end.

        Raises:
            BackupDamaged, KeyMissing: Something cannot be.
        """
        for file in self.manifest.files:
            with self.open(file) as source:
                while source.read(CHUNK):
                    pass

    def _damaged(self, cause: str) -> BackupDamaged:
        return BackupDamaged(
            f"the backup {self.manifest.id} is damaged",
            where=str(self.folder),
            cause=cause,
            state="nothing was touched",
            hint="use another backup: lockgate backup list",
        )


def plain_path(file: StoredFile) -> str:
    """Return the path of a file without the endings of its coding."""
    name = file.path.removesuffix(".age") if file.is_encrypted else file.path
    if file.is_compressed:
        name = name.removesuffix(".zst") if name.endswith(".zst") else name.removesuffix(".gz")
    return name
