"""Reads Prisma's migrations: one folder each, in the order of their names."""

from __future__ import annotations

import re
from pathlib import Path

from lockgate.errors import SourceError
from lockgate.source.migrations.collect import Collector
from lockgate.source.migrations.folder import Folder, Migration
from lockgate.source.migrations.text import number_of, read_text, sha256_any_newline
from lockgate.source.migrations.tools import PRISMA

LOCK_FILE = "migration_lock.toml"
_PROVIDER = re.compile(r"""^\s*provider\s*=\s*["']([^"']*)["']""", re.M)


def read_prisma(path: Path) -> Folder:
    """Read every folder's ``migration.sql``."""
    collector = Collector(PRISMA, path)
    for folder, file, text in collector.read_folders(lambda folder: not folder.name.startswith(".")):
        hashes = sha256_any_newline(text)
        collector.migrations.append(
            Migration(id=folder.name, number=number_of(folder.name), file=str(file), text=text, hashes=hashes)
        )
    return collector.folder(dialect=_provider(path / LOCK_FILE))


def _provider(lock: Path) -> str:
    try:
        match = _PROVIDER.search(read_text(lock)) if lock.is_file() else None
    except SourceError:
        return ""
    return match[1] if match else ""
