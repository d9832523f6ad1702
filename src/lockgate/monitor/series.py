"""Keep what was read and decided beside a run's journal, with the steps marked on it: ``samples.jsonl``."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from lockgate.model import codec
from lockgate.model.schema import Value
from lockgate.monitor.base import Decision, Judgement, Reading
from lockgate.outside.redact import redact

FILE_NAME = "samples.jsonl"
MOST_BYTES = 20 << 20


class Sample(Value, frozen=True):
    """One line: a decision of a monitor at ``ts``, or (``mark``) the beginning of a step.

    ``value`` is what a chart shows: a part of one for a rate, seconds for a quantile, 1 and 0 for up and down, a count
    of lines, a number; None: nothing was read. ``lines`` are there when the decision was not ok.
    """

    ts: str
    monitor: str = ""
    judgement: str = ""
    sentence: str = ""
    value: float | None = None
    values: dict[str, float] = msgspec.field(default_factory=dict)
    lines: tuple[str, ...] = ()
    mark: str = ""


class Series:
    """Appends to the file, flushed; past 20 MB only what is not ok. A disk that is full keeps nobody from watching."""

    def __init__(self, folder: Path, now: Callable[[], datetime], most_bytes: int = MOST_BYTES) -> None:
        self._path, self._now, self._most = folder / FILE_NAME, now, most_bytes
        self._lock = threading.Lock()
        self.problem = ""

    def add(self, decision: Decision, reading: Reading) -> None:
        """Write a decision and what it was made of."""
        is_ok = decision.judgement is Judgement.OK
        self._write(
            Sample(
                ts=decision.at or self._stamp(),
                monitor=decision.monitor,
                judgement=decision.judgement.value,
                sentence=redact(decision.sentence),
                value=decision.values.get("value"),
                values=dict(decision.values),
                lines=() if is_ok else tuple(map(redact, reading.lines)),
            ),
            is_wanted=not is_ok,
        )

    def mark(self, label: str) -> None:
        """Mark the beginning of a step."""
        self._write(Sample(ts=self._stamp(), mark=redact(label)), is_wanted=True)

    def _write(self, sample: Sample, *, is_wanted: bool) -> None:
        try:
            with self._lock, open(self._path, "ab") as file:
                if is_wanted or file.tell() < self._most:
                    file.write(msgspec.json.encode(sample) + b"\n")
        except OSError as error:
            self.problem = f"{self._path}: {error.strerror}"

    def _stamp(self) -> str:
        return self._now().astimezone(UTC).isoformat(timespec="milliseconds")


def read_series(folder: Path) -> tuple[Sample, ...]:
    """Read a run's samples, oldest first; a line that was cut short is left out, no file means no samples."""
    try:
        lines = (folder / FILE_NAME).read_bytes().splitlines()
    except OSError:
        return ()
    samples = []
    for line in lines:
        try:
            samples.append(codec.read_json(line, Sample))
        except msgspec.MsgspecError:
            continue
    return tuple(samples)
