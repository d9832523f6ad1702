"""Reads Flyway's migrations: versioned, repeatable, baselines and ways back, in subfolders too."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from lockgate.source.migrations import rules
from lockgate.source.migrations.collect import Collector
from lockgate.source.migrations.folder import Folder, Kind, Migration
from lockgate.source.migrations.text import crc32_of_lines
from lockgate.source.migrations.tools import FLYWAY

VERSIONED = re.compile(r"([VUB])(\d+(?:[._]\d+)*)__(.*)\.sql")
REPEATABLE = re.compile(r"R__(.*)\.sql")
_PROGRAM = re.compile(r"(?:[VUB]\d+(?:[._]\d+)*|R)__.*\.(java|class|kt|groovy|py|ps1|sh|bat|cmd)")
_CALLBACK = re.compile(r"(?:before|after)[A-Z]\w*\.sql|createSchema(?:__.*)?\.sql")
_PLACEHOLDER = re.compile(r"\$\{[^}\r\n]*\}")

Version = tuple[int, ...]


def parse_version(text: str) -> Version:
    """Return a version as numbers, without zeros at its end: ``1.0`` and ``1`` are the same."""
    parts = [int(part) for part in re.split(r"[._]", text)]
    while len(parts) > 1 and parts[-1] == 0:
        parts.pop()
    return tuple(parts)


def format_version(version: Version) -> str:
    """Return a version with dots."""
    return ".".join(str(part) for part in version)


def read_flyway(path: Path) -> Folder:
    """Read all folders below; the newest baseline takes the place of all versions up to its own."""
    collector = Collector(FLYWAY, path)
    found: list[tuple[tuple[int, Version, str], Migration]] = []
    for file in sorted(p for p in path.rglob("*") if p.is_file() and not p.name.startswith(".")):
        entry = _read_file(collector, file)
        if entry is not None:
            found.append(entry)
    baseline = max((key[1] for key, m in found if m.kind is Kind.BASELINE), default=None)
    for key, migration in sorted(found, key=lambda pair: pair[0]):
        collector.migrations.append(_placed(migration, key[1], baseline))
    return collector.folder()


def _read_file(collector: Collector, file: Path) -> tuple[tuple[int, Version, str], Migration] | None:
    program = _PROGRAM.fullmatch(file.name)
    if program is not None:
        collector.add_program(file, program[1])
        return None
    versioned, repeatable = VERSIONED.fullmatch(file.name), REPEATABLE.fullmatch(file.name)
    if versioned is None and repeatable is None:
        if file.name.lower().endswith(".sql") and not _CALLBACK.fullmatch(file.name):
            collector.add_stray(file)
        return None
    if versioned is not None and versioned[1] == "U":
        return None
    text = collector.read(file)
    if text is None:
        return None
    _find_placeholders(collector, file, text)
    hashes = (crc32_of_lines(text),)
    if versioned is None:
        assert repeatable is not None
        name = repeatable[1].replace("_", " ").strip()
        again = Migration(id=f"R {name}", number="", file=str(file), text=text, hashes=hashes, kind=Kind.REPEATABLE)
        return (2, (), name), again
    version = parse_version(versioned[2])
    kind = Kind.BASELINE if versioned[1] == "B" else Kind.VERSIONED
    name = format_version(version) if kind is Kind.VERSIONED else f"B{format_version(version)}"
    once = Migration(id=name, number=versioned[2], file=str(file), text=text, hashes=hashes, kind=kind)
    return (1, version, "" if kind is Kind.BASELINE else str(file)), once


def _placed(migration: Migration, version: Version, baseline: Version | None) -> Migration:
    """Mark what the newest baseline stands for: it does not run on a new database."""
    if baseline is None or migration.kind is Kind.REPEATABLE or version > baseline:
        return migration
    is_newest = migration.kind is Kind.BASELINE and version == baseline
    return migration if is_newest else replace(migration, kind=Kind.SUPERSEDED)


def _find_placeholders(collector: Collector, file: Path, text: str) -> None:
    for match in _PLACEHOLDER.finditer(text):
        line = text.count("\n", 0, match.start()) + 1
        message = f"the value of the placeholder {match[0]} is not known"
        collector.unread.append(rules.PLACEHOLDER.found(message, file=str(file), line=line, object=file.stem))
