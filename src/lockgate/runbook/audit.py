"""Whether what a run left is what was written: the chain of its entries, its lock, the evidence its entries name."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lockgate.errors import ArtifactError
from lockgate.runbook.lock import read_lock
from lockgate.runbook.record import read_entries


def audit_run(folder: Path) -> dict[str, Any]:
    """Return how many entries and pieces of evidence were looked at, the last hash, and what is damaged.

    Raises:
        ArtifactError: The chain is broken (it names the line), or the run has not begun.
        StalePlan: The lock was changed.
    """
    entries = read_entries(folder)
    if not entries:
        raise ArtifactError(f"the run {folder.name} has not begun", where=str(folder))
    lock = read_lock(folder)
    damaged: list[str] = []
    if str(entries[0].body.get("digest", "")) != lock.digest:
        damaged.append("lock.json is not the one the run began with")
    named = {path: digest for entry in entries for path, digest in _named(entry.body)}
    for path, digest in sorted(named.items()):
        try:
            found = hashlib.sha256((folder / path).read_bytes()).hexdigest()
        except OSError as error:
            damaged.append(f"{path}: {error.strerror}")
            continue
        if found != digest:
            damaged.append(f"{path}: it is not what was kept")
    return {
        "run": folder.name,
        "entries": len(entries),
        "head": entries[-1].hash,
        "digest": lock.digest,
        "evidence": len(named),
        "damaged": damaged,
    }


def _named(value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        if value.get("path") and value.get("sha256") and "bytes" in value and "name" in value:
            yield str(value["path"]), str(value["sha256"])
        for inner in value.values():
            yield from _named(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _named(inner)
