"""The journal of one execution of a runbook: appended to, chained by hashes, on the disk before anything is done."""

from __future__ import annotations

import fcntl
import hashlib
import os
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from lockgate.errors import ArtifactError, FailedError, LeaseHeld
from lockgate.model import codec
from lockgate.model.chain import FIRST, check_chain, hash_of
from lockgate.model.outcome import Evidence
from lockgate.model.procedure import Entry, EntryType
from lockgate.outside.redact import redact

FILE_NAME = "journal.jsonl"


class Record:
    """One run's folder: ``journal.jsonl``, ``lock.json``, ``evidence/``, ``documents/``. One writer at a time.

    ``observe`` is told each entry after it is on the disk.
    """

    def __init__(
        self,
        folder: Path,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        clock: Callable[[], float] = time.monotonic,
        actor: str = "",
        observe: Callable[[Entry], None] = lambda entry: None,
    ) -> None:
        """Open the journal for writing; a last line that was cut short by a crash is taken off.

        Raises:
            LeaseHeld: Another process writes this run.
            ArtifactError: The chain is broken.
        """
        self.folder, self.actor = folder, actor
        self._now, self._clock, self._observe = now, clock, observe
        (folder / "evidence").mkdir(parents=True, exist_ok=True)
        self._file = open(folder / FILE_NAME, "a+b")  # noqa: SIM115 - held open as long as the run is ours
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._file.close()
            raise LeaseHeld(
                f"the run {folder.name} is at work in another process", hint="wait for it, or end it first"
            ) from None
        self._drop_cut_line()
        self.entries: list[Entry] = list(read_entries(folder))

    def close(self) -> None:
        """Let go of the run."""
        self._file.close()

    def append(self, kind: EntryType, body: Mapping[str, Any], *, phase: str = "", task: str = "") -> Entry:
        """Write an entry, secrets masked, and wait until it is on the disk.

        Raises:
            FailedError: It cannot be written; then nothing may be done.
        """
        clean = _masked(codec.read_any(codec.encode(dict(body))))
        entry = Entry(
            seq=len(self.entries) + 1,
            type=kind,
            ts=self._now().astimezone(UTC).isoformat(timespec="milliseconds"),
            clock_s=round(float(self._clock()), 3),
            phase=phase,
            task=task,
            actor=self.actor,
            body=clean,
            prev=self.entries[-1].hash if self.entries else FIRST,
        )
        entry = replace(entry, hash=hash_of(entry))
        try:
            self._file.write(codec.encode(entry) + b"\n")
            self._file.flush()
            os.fsync(self._file.fileno())
        except OSError as error:
            raise FailedError(
                "the run's journal cannot be written, so nothing more is done",
                where=str(self.folder / FILE_NAME),
                cause=str(error.strerror),
                state="the last entry says what was begun",
                hint="make room, then lockgate runbook resume",
            ) from None
        self.entries.append(entry)
        self._observe(entry)
        return entry

    def keep(self, name: str, data: bytes) -> Evidence:
        """Store evidence under its digest, secrets masked, and return what names it."""
        text = redact(data.decode(errors="replace")).encode()
        digest = hashlib.sha256(text).hexdigest()
        safe = "".join(c if c.isalnum() or c in "._-" else "-" for c in name)[:80]
        path = f"evidence/{digest[:12]}-{safe}"
        place = self.folder / path
        if not place.exists():
            rest = place.with_name(place.name + ".part")
            rest.write_bytes(text)
            rest.replace(place)
        return Evidence(name=name, path=path, sha256=digest, bytes=len(text))

    def _drop_cut_line(self) -> None:
        data = (self.folder / FILE_NAME).read_bytes()
        whole = data.rfind(b"\n") + 1
        if whole < len(data):
            os.truncate(self.folder / FILE_NAME, whole)


def _masked(value: Any) -> Any:
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, list):
        return [_masked(item) for item in value]
    if isinstance(value, dict):
        return {redact(key): _masked(item) for key, item in value.items()}
    return value


def read_entries(folder: Path) -> tuple[Entry, ...]:
    """Read a run's journal and check its chain.

    Raises:
        ArtifactError: There is none, or an entry was changed, left out or put in; it names the line.
    """
    path = folder / FILE_NAME
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ArtifactError("there is no journal of this run", where=str(path), cause=str(error.strerror)) from None
    return check_chain(data, str(path))
