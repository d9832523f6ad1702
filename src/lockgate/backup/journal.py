"""The journal of a target's backups: appended to and never changed, and what follows from it."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from lockgate.errors import BackupFailed, ConfigError
from lockgate.model import codec
from lockgate.model.backup import Note, Verification


class Journal:
    """``journal.jsonl`` below ``root``. Nothing is made before something is written."""

    def __init__(self, root: Path, now: Callable[[], datetime] = lambda: datetime.now(UTC), operator: str = "") -> None:
        self.root, self._now, self._operator = root, now, operator

    def notes(self) -> tuple[Note, ...]:
        """Return the journal, oldest first; a last line that was cut short is left out."""
        try:
            lines = (self.root / "journal.jsonl").read_bytes().splitlines()
        except FileNotFoundError:
            return ()
        except OSError as error:
            raise unreadable(self.root / "journal.jsonl", error) from None
        found = []
        for line in lines:
            try:
                found.append(codec.read_json(line, Note))
            except msgspec.MsgspecError:
                continue
        return tuple(found)

    def verifications(self, place: str = "local") -> dict[str, tuple[Verification, ...]]:
        """Return what was proven of each backup's copy at a place (``local`` or a store), oldest first."""
        result: dict[str, list[Verification]] = {}
        for note in self.notes():
            if note.verification is not None and note.verification.place == place:
                result.setdefault(note.backup, []).append(note.verification)
        return {name: tuple(items) for name, items in result.items()}

    def pinned(self) -> frozenset[str]:
        """Return the ids that must not be pruned because somebody said so."""
        result: set[str] = set()
        for note in self.notes():
            if note.type == "pinned":
                result.add(note.backup)
            elif note.type == "unpinned":
                result.discard(note.backup)
        return frozenset(result)

    def note(self, kind: str, backup: str = "", message: str = "", verification: Verification | None = None) -> None:
        """Append a line to the journal and wait until it is on the disk.

        Raises:
            BackupFailed: It cannot be written.
        """
        note = Note(
            at=self.stamp(),
            type=kind,
            backup=backup,
            operator=self._operator,
            message=message,
            verification=verification,
        )
        try:
            self.make(self.root)
            with open(self.root / "journal.jsonl", "ab") as file:
                file.write((b"\n" if _is_cut(file.name) else b"") + codec.encode(note) + b"\n")
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise BackupFailed(
                "the journal of the backups cannot be written",
                where=str(self.root / "journal.jsonl"),
                cause=error.strerror or str(error),
                state="see `lockgate backup list` for what is published",
            ) from None

    def make(self, folder: Path) -> None:
        """Make a folder that only its owner may read.

        Raises:
            ConfigError: It cannot be made.
        """
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise ConfigError(
                "the folder for backups cannot be made",
                where=str(folder),
                cause=error.strerror or str(error),
                state="nothing was written",
                hint="correct its rights, or name another under [backup] folder",
            ) from None

    def stamp(self) -> str:
        """Return the time, for a note."""
        return self._now().isoformat(timespec="seconds")


def unreadable(place: Path, error: OSError) -> ConfigError:
    """Return the error for what cannot be read."""
    return ConfigError(
        "the backups cannot be looked at",
        where=str(place),
        cause=error.strerror or str(error),
        state="nothing was touched",
        hint="correct the rights there, or run the command as the user who takes the backups",
    )


def _is_cut(path: str) -> bool:
    """Tell whether a file's last line has no end."""
    with open(path, "rb") as file:
        if file.seek(0, os.SEEK_END) == 0:
            return False
        file.seek(-1, os.SEEK_END)
        return file.read(1) != b"\n"
