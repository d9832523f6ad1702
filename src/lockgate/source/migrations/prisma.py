"""Reads Prisma's migrations: one folder each, in the order of their names."""

from __future__ import annotations

import re
from pathlib import Path

from lockgate.errors import SourceError
from lockgate.source.migrations import rules
from lockgate.source.migrations.collect import Collector
from lockgate.source.migrations.folder import Folder, Migration
from lockgate.source.migrations.text import is_sql, list_folder, number_of, read_text, sha256_any_newline
from lockgate.source.migrations.tools import PRISMA

LOCK_FILE = "migration_lock.toml"
_PROVIDER = re.compile(r"""^\s*provider\s*=\s*["']([^"']*)["']""", re.M)


def read_prisma(path: Path) -> Folder:
    """Read every folder's ``migration.sql``."""
    collector = Collector(PRISMA, path)
    for folder in list_folder(path):
        if is_sql(folder):
            collector.add_stray(folder)
        if not folder.is_dir() or folder.name.startswith("."):
            continue
        file = folder / "migration.sql"
        if not file.is_file():
            collector.lost.append((folder.name, 0))
            message = f"the folder {folder.name} holds no migration.sql"
            collector.unread.append(rules.FILE_MISSING.found(message, file=str(folder), object=folder.name))
            continue
        text = collector.read(file)
        if text is not None:
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
