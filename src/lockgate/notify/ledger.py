"""What was sent to whom: written before and after each message, so that a crash does not send it again.

Between the line before and the line after, a crash leaves it open whether a message arrived. It is sent again then, and
says so; a webhook has the same key again. So a message arrives at least once, and twice only after a crash within the
very request.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import msgspec

from lockgate.errors import ArtifactError, FailedError
from lockgate.model import codec
from lockgate.outside.redact import redact

SENDING, SENT, FAILED, ACKNOWLEDGED = "sending", "sent", "failed", "acknowledged"


class Line(msgspec.Struct, frozen=True, omit_defaults=True):
    """One line. ``address`` is the name that may be shown; ``by`` is who acknowledged."""

    at: str
    state: str
    key: str
    channel: str = ""
    address: str = ""
    error: str = ""
    attempts: int = 0
    by: str = ""
    note: str = ""
    title: str = ""


def _plain(name: str) -> str:
    return "".join(char if char.isalnum() or char in "_-" else "-" for char in name)[:60]


class Ledger:
    """The file of deliveries; several processes may write it."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @contextmanager
    def locked(self, channel: str = "") -> Iterator[None]:
        """Keep others out of a channel, so that two do not send the same message at once.

        Raises:
            FailedError: It cannot be written.
        """
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            lock = open(self.path.with_name(f".{self.path.name}.{_plain(channel)}.lock"), "a+b")  # noqa: SIM115 - closed below
        except OSError as error:
            raise self._unwritten(error) from None
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            lock.close()

    def write(self, line: Line) -> None:
        """Append a line and wait until it is on the disk.

        Raises:
            FailedError: It cannot be written; then nothing may be sent.
        """
        clean = msgspec.structs.replace(
            line, error=redact(line.error), title=redact(line.title), note=redact(line.note), key=redact(line.key)
        )
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with open(self.path, "a+b") as file:
                if file.tell() and not self._ends_whole():
                    file.write(b"\n")
                file.write(msgspec.json.encode(clean, order="sorted") + b"\n")
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise self._unwritten(error) from None

    def read(self) -> tuple[Line, ...]:
        """Return all lines, oldest first; one that a crash cut short is left out.

        Raises:
            ArtifactError: The file cannot be read.
        """
        try:
            data = self.path.read_bytes()
        except FileNotFoundError:
            return ()
        except OSError as error:
            raise ArtifactError(
                "what was sent cannot be read", where=str(self.path), cause=str(error.strerror), state="nothing is sent"
            ) from None
        found = []
        for text in data.splitlines():
            try:
                found.append(codec.read_json(text, Line))
            except msgspec.MsgspecError:
                continue
        return tuple(found)

    def acknowledge(self, key: str, by: str, at: datetime, note: str = "") -> bool:
        """Record that a person has taken note of a message; False: they had already."""
        with self.locked():
            if by in self.acknowledged(key):
                return False
            self.write(Line(at=at.isoformat(timespec="seconds"), state=ACKNOWLEDGED, key=key, by=by, note=note))
            return True

    def acknowledged(self, key: str) -> tuple[str, ...]:
        """Return who has acknowledged a message, in order."""
        found = (line for line in self.read() if line.state == ACKNOWLEDGED and line.key == key)
        return tuple(dict.fromkeys(line.by for line in found))

    def last(self, key: str, channel: str, address: str) -> Line | None:
        """Return the newest line about a message to an address."""
        wanted = (redact(key), channel, address)
        found = [line for line in self.read() if (line.key, line.channel, line.address) == wanted]
        return found[-1] if found else None

    def is_sent(self, key: str, channel: str) -> bool:
        """Tell whether every address of a channel that a message was sent to has it."""
        newest = {
            line.address: line.state
            for line in self.read()
            if (line.key, line.channel) == (redact(key), channel) and line.state != ACKNOWLEDGED
        }
        return bool(newest) and set(newest.values()) == {SENT}

    def _ends_whole(self) -> bool:
        with open(self.path, "rb") as file:
            file.seek(-1, os.SEEK_END)
            return file.read(1) == b"\n"

    def _unwritten(self, error: OSError) -> FailedError:
        return FailedError(
            "what is sent cannot be recorded, so nothing is sent",
            where=str(self.path),
            cause=str(error.strerror),
            state="no message was sent",
        )
