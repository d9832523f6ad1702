"""The registry in a folder: for one machine, or a folder that machines share with working file locks."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from lockgate.coordinate.book import decode_book, encode_session, merge_book
from lockgate.coordinate.sessions import Book, Change
from lockgate.errors import FailedError


class FolderRegistry:
    """One file a session, in a folder; a lock on the folder makes each change one step."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.place = f"the folder {folder}"

    def read(self) -> Book:
        """Return all sessions as they are now."""
        try:
            return decode_book((path.read_bytes(), str(path)) for path in sorted(self.folder.glob("*.json")))
        except OSError as error:
            raise FailedError(
                "the registry of sessions cannot be read",
                where=str(error.filename or self.folder),
                cause=str(error.strerror),
                state="nothing was touched",
            ) from None

    def change(self, change: Change) -> None:
        """Read, ask, write, under the lock; a file is there whole or not at all."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with open(self.folder / ".lock", "a+b") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                for session in merge_book(change(self.read())):
                    self._write(session.id, encode_session(session))
        except OSError as error:
            raise FailedError(
                "the registry of sessions cannot be written",
                where=str(self.folder),
                cause=str(error.strerror),
                state="nothing was claimed",
            ) from None

    def _write(self, name: str, data: bytes) -> None:
        part = self.folder / f".{name}.part"
        with open(part, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        part.replace(self.folder / f"{name}.json")
