"""Write the reports of a run into its folder, made of its journal; whoever ends a run calls this, however it ended."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from lockgate.errors import ArtifactError, FailedError
from lockgate.model import codec
from lockgate.model.procedure import Entry, EntryType, effects_of
from lockgate.model.procedure_report import ProcedureReport
from lockgate.model.runbook import Runbook
from lockgate.monitor.words import describe_rule
from lockgate.outside.redact import redact
from lockgate.report.procedure.facts import build_report
from lockgate.report.procedure.forms import FILES, render_report
from lockgate.report.procedure.material import FileState, GitFacts, Material, parse_samples, text_of
from lockgate.runbook.git_facts import git_facts
from lockgate.runbook.record import read_entries

_LOCK, _SAMPLES = "lock.json", "samples.jsonl"
_MOST_EVIDENCE, _MOST_SAMPLES = 32 << 20, 64 << 20


class _Lock(msgspec.Struct):
    """What a report needs of a run's lock."""

    runbook: Runbook
    digest: str = ""
    folder: str = ""


def write_run_reports(folder: Path, redact: Callable[[str], str] = redact) -> tuple[Path, ...]:
    """Write every form of the report into a run's folder, each whole or not at all; the same journal, the same files.

    Raises:
        ArtifactError: The journal or the lock is damaged.
        FailedError: A file cannot be written.
    """
    report = report_of(folder)
    written = []
    for name, form in FILES.items():
        path = folder / name
        try:
            part = path.with_name(path.name + ".part")
            part.write_text(redact(render_report(report, form)), encoding="utf-8")
            part.replace(path)
        except OSError as error:
            raise FailedError(
                "the run's report cannot be written",
                where=str(path),
                cause=error.strerror or str(error),
                state="the run's journal is whole; nothing of the run was changed",
                hint=f"make room, then lockgate report build {folder.name}",
            ) from None
        written.append(path)
    return tuple(written)


def report_of(folder: Path, now: datetime | None = None, entries: Sequence[Entry] | None = None) -> ProcedureReport:
    """Return the report of a run; ``now`` adds ages, ``entries`` stand for the journal while it is being written.

    Raises:
        ArtifactError: The journal or the lock is damaged, or nothing has begun.
    """
    return build_report(load_material(folder, now, entries))


def _masked(runbook: Runbook) -> Runbook:
    """Mask secrets in a runbook's texts before any form escapes them; journal and evidence were masked when written."""
    return msgspec.convert(_mask(msgspec.to_builtins(runbook)), Runbook)


def _mask(value: Any) -> Any:
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, dict):
        return {redact(key): _mask(item) for key, item in value.items()}
    return [_mask(item) for item in value] if isinstance(value, list | tuple) else value


def load_material(folder: Path, now: datetime | None = None, entries: Sequence[Entry] | None = None) -> Material:
    """Read all that a report is made of from a run's folder, and ask git and the documents' files.

    Raises:
        ArtifactError: The journal or the lock is damaged, or nothing has begun.
    """
    found = tuple(entries) if entries is not None else read_entries(folder)
    if not found or found[0].type is not EntryType.RUN_STARTED:
        raise ArtifactError(
            f"the run {folder.name} has not begun", where=str(folder), cause="its journal has no beginning of a run"
        )
    lock = _read_lock(folder, found[0])
    home = Path(lock.folder) if lock.folder else Path.cwd()
    return Material(
        runbook=_masked(lock.runbook),
        entries=found,
        digest=lock.digest,
        samples=parse_samples(_read(folder / _SAMPLES, _MOST_SAMPLES)),
        evidence=_evidence(folder, found),
        documents=_documents(home, folder, lock.runbook, found),
        git=git_facts(home, found, apart=folder.parent.parent)
        if home.is_dir()
        else GitFacts(note="not known: the runbook's folder is gone"),
        now=now.astimezone(UTC).isoformat(timespec="seconds") if now else "",
        name=folder.name,
        rules={m.name: describe_rule(m.rule) for m in lock.runbook.monitors if m.rule is not None},
    )


def _read_lock(folder: Path, start: Entry) -> _Lock:
    """Return what the run ran; a run that was begun without a runbook (a rollback somebody asked for) has none."""
    path = folder / _LOCK
    if start.body.get("parent") and not path.exists():
        return _Lock(Runbook(runbook=text_of(start.body, "runbook"), title=text_of(start.body, "title")))
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ArtifactError("the run has no lock", where=str(path), cause=str(error.strerror)) from None
    return codec.decode(data, _Lock, f"the lock {path}")


def _read(path: Path, most: int) -> bytes:
    """Return a file's end up to a bound; of one that is not there nothing."""
    try:
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            file.seek(max(size - most, 0))
            return file.read(most)
    except OSError:
        return b""


def _evidence(folder: Path, entries: Sequence[Entry]) -> dict[str, bytes]:
    """Return the JSON evidence that the entries name and that is still what they say it is."""
    found: dict[str, bytes] = {}
    for path, digest in _named(entry.body for entry in entries):
        place = folder / path
        is_inside = place.resolve().is_relative_to(folder.resolve())
        if path in found or not is_inside or not path.endswith(".json"):
            continue
        data = _read(place, _MOST_EVIDENCE)
        if data and hashlib.sha256(data).hexdigest() == digest:
            found[path] = data
    return found


def _named(value: Any) -> Iterator[tuple[str, str]]:
    """Yield path and digest of all evidence within entries' bodies."""
    if isinstance(value, dict):
        if value.get("path") and value.get("sha256") and "name" in value:
            yield str(value["path"]), str(value["sha256"])
        for item in value.values():
            yield from _named(item)
    elif not isinstance(value, str | int | float | bool | None):
        for item in value:
            yield from _named(item)


def _documents(home: Path, folder: Path, runbook: Runbook, entries: Sequence[Entry]) -> Mapping[str, FileState]:
    names = [path for phase in runbook.phases for path in phase.documents]
    names += [text_of(entry.body, "path") for entry in entries if entry.type is EntryType.DOCUMENT]
    names += [text_of(entry.body, "path", "id") for entry in effects_of(entries, "document")]
    states: dict[str, FileState] = {}
    for name in names:
        state = _file_state(home / name) or _file_state(folder / name) if name else None
        if state is not None:
            states[name] = state
    return states


def _file_state(path: Path) -> FileState | None:
    try:
        data = path.read_bytes()
        changed = datetime.fromtimestamp(path.stat().st_mtime, UTC).isoformat(timespec="milliseconds")
    except OSError:
        return None
    return FileState(hashlib.sha256(data).hexdigest(), len(data), changed)
