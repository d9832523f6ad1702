"""Writes small migrations folders in the formats of the tools."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

NO_PARENT = "00000000-0000-0000-0000-000000000000"


def write_files(folder: Path, files: Mapping[str, str]) -> Path:
    """Write files by their path below the folder, exactly as given."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
    return folder


def write_drizzle(
    folder: Path,
    migrations: Sequence[tuple[str, str]],
    *,
    dialect: str = "sqlite",
    whens: Sequence[int] = (),
    has_snapshots: bool = True,
) -> Path:
    """Write a Drizzle folder of ``(tag, text)`` with a journal and a chain of snapshots."""
    entries, parent = [], NO_PARENT
    for index, (tag, text) in enumerate(migrations):
        when = whens[index] if whens else 1_700_000_000_000 + index * 1000
        entries.append({"idx": index, "version": "7", "when": when, "tag": tag, "breakpoints": True})
        write_files(folder, {f"{tag}.sql": text})
        if has_snapshots:
            own = f"00000000-0000-0000-0000-{index + 1:012d}"
            snapshot = {"id": own, "prevId": parent, "version": "7", "dialect": dialect}
            write_files(folder, {f"meta/{tag.split('_')[0]}_snapshot.json": json.dumps(snapshot, indent=2)})
            parent = own
    journal = {"version": "7", "dialect": dialect, "entries": entries}
    return write_files(folder, {"meta/_journal.json": json.dumps(journal, indent=2)})


def codes(findings: Sequence[object]) -> list[str]:
    """Return the findings' codes, sorted."""
    return sorted(finding.code for finding in findings)  # type: ignore[attr-defined]
