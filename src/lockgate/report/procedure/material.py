"""What a report is made of: the journal, the runbook that ran, and what was looked up beside it; no I/O."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from lockgate.model import codec
from lockgate.model.procedure import Entry, EntryType
from lockgate.model.procedure_report import ChangedFile, Sample
from lockgate.model.runbook import Runbook


@dataclass(frozen=True)
class FileState:
    """A document as it stands now; ``modified_at`` is UTC, ISO 8601."""

    sha256: str
    bytes: int
    modified_at: str


@dataclass(frozen=True)
class GitFacts:
    """What git says of the run's commits: files between the first and the last, where tags point, what is uncommitted.

    ``note`` says why nothing could be asked; ``uncommitted`` None: not known.
    """

    files: tuple[ChangedFile, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)
    first: str = ""
    last: str = ""
    uncommitted: int | None = None
    note: str = "not asked"


@dataclass(frozen=True)
class Material:
    """Everything a report is made of.

    ``samples`` are the monitors' series by name; ``evidence`` what the journal names, by path within the run's folder;
    ``documents`` what stands at a document's path now (missing: absent); ``rules`` say in
    words when each monitor's rule breaks; ``now`` is when the report is made, for ages;
    ``name`` is the run's folder's.
    """

    runbook: Runbook
    entries: tuple[Entry, ...]
    digest: str = ""
    samples: Mapping[str, tuple[Sample, ...]] = field(default_factory=dict)
    evidence: Mapping[str, bytes] = field(default_factory=dict)
    documents: Mapping[str, FileState] = field(default_factory=dict)
    git: GitFacts = GitFacts()
    rules: Mapping[str, str] = field(default_factory=dict)
    now: str = ""
    name: str = ""

    def of(self, *types: EntryType) -> Iterator[Entry]:
        """Return the entries of some types, oldest first."""
        return (entry for entry in self.entries if entry.type in types)

    @property
    def start(self) -> Entry:
        """The entry that began the run."""
        return next(self.of(EntryType.RUN_STARTED))

    @property
    def run(self) -> str:
        """The run's id."""
        return text_of(self.start.body, "run") or self.name

    def json_of(self, path: str) -> Any:
        """Return evidence that is JSON as plain values; None when it is none."""
        data = self.evidence.get(path, b"")
        if data.lstrip()[:1] not in (b"{", b"["):
            return None
        try:
            return codec.read_any(data)
        except msgspec.DecodeError:
            return None


def text_of(body: Mapping[str, Any], *names: str) -> str:
    """Return the first of some keys that has a value, as text; empty when none has."""
    for name in names:
        value = body.get(name)
        if value not in (None, "", [], {}):
            return str(value)
    return ""


def number_of(body: Mapping[str, Any], name: str) -> float:
    """Return a number of an entry's body, -1 when it is not there."""
    value = body.get(name)
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else -1.0


def parse_samples(data: bytes) -> dict[str, tuple[Sample, ...]]:
    """Return the monitors' series from ``samples.jsonl``; lines that hold no number of a monitor are passed over."""
    series: dict[str, list[Sample]] = {}
    for line in data.splitlines():
        try:
            plain = codec.read_any(line)
        except msgspec.DecodeError:
            continue
        sample = _sample(plain) if isinstance(plain, dict) else None
        if sample is not None and text_of(plain, "monitor"):
            series.setdefault(str(plain["monitor"]), []).append(sample)
    return {name: tuple(found) for name, found in series.items()}


def _sample(plain: Mapping[str, Any]) -> Sample | None:
    reading = plain.get("reading")
    inner = {**reading, **plain} if isinstance(reading, dict) else plain
    at, value = text_of(inner, "at", "ts"), _value(inner)
    judgement = text_of(inner, "judgement", "decision")
    if not at or (value is None and not judgement):
        return None
    sentence = text_of(inner, "sentence") if judgement != "ok" else ""
    return Sample(at=at, value=value, judgement=judgement, sentence=sentence)


def _value(plain: Mapping[str, Any]) -> float | None:
    values = plain.get("values")
    named = values if isinstance(values, dict) else {}
    for table in (plain, named):
        for name in ("value", "rate", "quantile", "p95"):
            if number_of(table, name) >= 0 or isinstance(table.get(name), float):
                return float(table[name])
    if number_of(plain, "total") > 0:
        return max(number_of(plain, "bad"), 0.0) / number_of(plain, "total")
    samples = plain.get("samples")
    if isinstance(samples, list) and samples:
        return float(sorted(samples)[min(len(samples) - 1, int(0.95 * len(samples)))])
    if isinstance(plain.get("is_up"), bool):
        return 1.0 if plain["is_up"] else 0.0
    return None
