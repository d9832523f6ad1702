"""Collects what a reader of a folder meets: migrations, strays, and findings on what cannot be read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from lockgate.errors import SourceError
from lockgate.model.finding import Finding
from lockgate.source.migrations import rules
from lockgate.source.migrations.folder import Folder, Migration, Tool
from lockgate.source.migrations.text import is_sql, list_folder, read_text


@dataclass
class Collector:
    """What was met so far in one folder."""

    tool: Tool
    path: Path
    migrations: list[Migration] = field(default_factory=list)
    strays: list[str] = field(default_factory=list)
    lost: list[tuple[str, int]] = field(default_factory=list)
    unread: list[Finding] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    files: int = 0

    def read(self, file: Path) -> str | None:
        """Return a migration's text; None, with a finding, when it cannot be read."""
        self.files += 1
        try:
            return read_text(file)
        except SourceError as error:
            message = f"{error.what}: {error.cause}"
            self.unread.append(rules.FILE_UNREADABLE.found(message, file=str(file), line=error.line, object=file.stem))
            return None

    def read_folders(self, is_migration: Callable[[Path], bool]) -> Iterator[tuple[Path, Path, str]]:
        """Yield folder, file and text of each migration that is a folder with a ``migration.sql``, in order.

        SQL files beside the folders are strays; a folder without the file is lost, with a finding.
        """
        for folder in list_folder(self.path):
            if is_sql(folder):
                self.add_stray(folder)
            if not folder.is_dir() or not is_migration(folder):
                continue
            file = folder / "migration.sql"
            if not file.is_file():
                self.lost.append((folder.name, 0))
                message = f"the folder {folder.name} holds no migration.sql"
                self.unread.append(rules.FILE_MISSING.found(message, file=str(folder), object=folder.name))
                continue
            text = self.read(file)
            if text is not None:
                yield folder, file, text

    def add_stray(self, file: Path) -> None:
        """Note an SQL file that the tool never runs."""
        self.files += 1
        self.strays.append(str(file))

    def add_program(self, file: Path, language: str) -> None:
        """Note a migration that is a program."""
        self.files += 1
        message = f"{file.name} is a migration written in {language}: what it does to the schema is not known"
        self.unread.append(rules.NOT_SQL.found(message, file=str(file), object=file.stem))

    def folder(self, *, journal: str = "", dialect: str = "") -> Folder:
        """Return what was collected."""
        return Folder(
            tool=self.tool,
            path=str(self.path),
            migrations=tuple(self.migrations),
            journal=journal,
            dialect=dialect,
            strays=tuple(self.strays),
            lost=tuple(self.lost),
            unread=tuple(self.unread),
            findings=tuple(self.findings),
            files=self.files,
        )
