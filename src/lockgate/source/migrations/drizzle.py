"""Reads Drizzle's migrations: with a journal, and as one folder each."""

from __future__ import annotations

import calendar
import json
import re
import time
from pathlib import Path
from typing import Any

from lockgate.errors import SourceError
from lockgate.source.migrations import rules
from lockgate.source.migrations.collect import Collector
from lockgate.source.migrations.folder import Folder, Migration
from lockgate.source.migrations.text import is_sql, list_folder, number_of, read_text, sha256_hex
from lockgate.source.migrations.tools import DRIZZLE, DRIZZLE_FOLDERS

NO_PARENT = "00000000-0000-0000-0000-000000000000"
_TIME = re.compile(r"\d{14}")


def read_journalled(path: Path) -> Folder:
    """Read ``meta/_journal.json`` and the files it lists, in its order."""
    collector = Collector(DRIZZLE, path)
    journal = path / "meta" / "_journal.json"
    text, document = _read_json(journal, collector)
    entries = document.get("entries") if isinstance(document, dict) else None
    if document is not None and not isinstance(entries, list):
        _unreadable(collector, journal, 1, "it has no list of entries")
    lines = _tag_lines(text)
    tags = set()
    for index, entry in enumerate(entries if isinstance(entries, list) else []):
        problem = _entry_problem(entry)
        line = lines[index] if index < len(lines) else 0
        if problem:
            _unreadable(collector, journal, line, f"entry {index}: {problem}")
            continue
        tags.add(entry["tag"])
        _add_entry(collector, path, entry, line)
    for file in list_folder(path):
        if is_sql(file) and file.stem not in tags:
            collector.add_stray(file)
    dialect = document.get("dialect") if isinstance(document, dict) else ""
    _check_chain(collector)
    return collector.folder(journal=str(journal), dialect=dialect if isinstance(dialect, str) else "")


def _add_entry(collector: Collector, path: Path, entry: dict[str, Any], line: int) -> None:
    tag = entry["tag"]
    file = path / f"{tag}.sql"
    if not file.is_file():
        collector.lost.append((tag, line))
        message = f"the journal lists {tag}, and there is no file {file.name}"
        place = str(path / "meta" / "_journal.json")
        collector.unread.append(rules.FILE_MISSING.found(message, file=place, line=line, object=tag))
        return
    text = collector.read(file)
    if text is None:
        return
    snapshot = path / "meta" / f"{number_of(tag)}_snapshot.json"
    collector.migrations.append(
        Migration(
            id=tag,
            number=number_of(tag),
            file=str(file),
            text=text,
            hashes=(sha256_hex(text),),
            when=entry["when"],
            line=line,
            snapshot=str(snapshot),
        )
    )


def _entry_problem(entry: object) -> str:
    if not isinstance(entry, dict):
        return "it is no object"
    tag, when = entry.get("tag"), entry.get("when")
    if not isinstance(tag, str) or not tag:
        return "it has no tag"
    if re.search(r"[/\\\0]", tag) or tag in (".", ".."):
        return f"the tag {tag!r} is no file name"
    if isinstance(when, bool) or not isinstance(when, int):
        return f"the time `when` of {tag} is no whole number"
    return ""


def _tag_lines(text: str) -> list[int]:
    """Return the line of every ``"tag":`` in the journal, in order."""
    return [text.count("\n", 0, match.start()) + 1 for match in re.finditer(r'"tag"\s*:', text)]


def _read_json(file: Path, collector: Collector) -> tuple[str, Any]:
    try:
        text = read_text(file)
    except SourceError as error:
        _unreadable(collector, file, error.line, f"{error.what}: {error.cause}")
        return "", None
    try:
        document = json.loads(text.removeprefix("\ufeff"))
    except (json.JSONDecodeError, RecursionError) as error:
        line = getattr(error, "lineno", 1)
        message = getattr(error, "msg", "it is nested too deeply")
        _unreadable(collector, file, line, f"it is no valid JSON: {message}")
        return text, None
    if not isinstance(document, dict):
        _unreadable(collector, file, 1, "it is no JSON object")
        return text, None
    return text, document


def _unreadable(collector: Collector, file: Path, line: int, cause: str) -> None:
    message = f"the journal cannot be read: {cause}"
    collector.unread.append(rules.JOURNAL_UNREADABLE.found(message, file=str(file), line=line))


def _check_chain(collector: Collector) -> None:
    """Check that each migration has a snapshot and builds on the one before; those that share a number share one."""
    last_of = {migration.snapshot: migration.id for migration in collector.migrations}
    before = NO_PARENT
    for migration in collector.migrations:
        file = Path(migration.snapshot)
        if not file.is_file():
            message = f"{migration.id} has no snapshot: there is no meta/{file.name}"
            collector.findings.append(rules.SNAPSHOT_MISSING.found(message, file=migration.file, object=migration.id))
        if not file.is_file() or last_of[migration.snapshot] != migration.id:
            before = ""
            continue
        own, parents = _read_snapshot(file)
        if own and before and before not in parents and not collector.unread:
            message = f"{file.name} builds on {', '.join(parents) or 'nothing'}, but the snapshot before it is {before}"
            collector.findings.append(rules.SNAPSHOT_CHAIN.found(message, file=str(file), line=1, object=migration.id))
        before = own


def _read_snapshot(file: Path) -> tuple[str, tuple[str, ...]]:
    """Return a snapshot's id and its parents' ids; empty when it cannot be read."""
    try:
        document = json.loads(read_text(file))
    except (SourceError, json.JSONDecodeError, RecursionError):
        return "", ()
    if not isinstance(document, dict):
        return "", ()
    parents = document.get("prevIds", [document.get("prevId")])
    names = parents if isinstance(parents, list) else [parents]
    return str(document.get("id") or ""), tuple(name for name in names if isinstance(name, str))


def read_foldered(path: Path) -> Folder:
    """Read the layout of one folder for each migration, named by its time: ``20260131120000_name/migration.sql``."""
    collector = Collector(DRIZZLE_FOLDERS, path)
    for folder, file, text in collector.read_folders(lambda folder: bool(number_of(folder.name))):
        collector.migrations.append(_foldered(folder, file, text))
    _check_snapshots(collector)
    return collector.folder()


def _foldered(folder: Path, file: Path, text: str) -> Migration:
    return Migration(
        id=folder.name,
        number=number_of(folder.name),
        file=str(file),
        text=text,
        hashes=(sha256_hex(text),),
        when=millis_of(folder.name),
        snapshot=str(folder / "snapshot.json"),
    )


def millis_of(name: str) -> int:
    """Return the time that begins a folder's name (``YYYYMMDDHHMMSS``, UTC) in milliseconds; -1 when it has none."""
    match = _TIME.match(name)
    if match is None:
        return -1
    try:
        return calendar.timegm(time.strptime(match[0], "%Y%m%d%H%M%S")) * 1000
    except ValueError:
        return -1


def _check_snapshots(collector: Collector) -> None:
    """Check that each has a snapshot, and that it builds on snapshots that are there."""
    known = {NO_PARENT}
    for migration in collector.migrations:
        file = Path(migration.snapshot)
        if not file.is_file():
            message = f"{migration.id} has no snapshot.json"
            collector.findings.append(rules.SNAPSHOT_MISSING.found(message, file=migration.file, object=migration.id))
            continue
        own, parents = _read_snapshot(file)
        unknown = [parent for parent in parents if parent not in known and not collector.unread]
        if unknown:
            message = f"the snapshot of {migration.id} builds on {', '.join(unknown)}, which no earlier migration has"
            collector.findings.append(rules.SNAPSHOT_CHAIN.found(message, file=str(file), line=1, object=migration.id))
        known.add(own)
