"""Which migrations of another tool wait to be applied, and whether a plan could stand for them; reads only."""

from __future__ import annotations

import hashlib
from contextlib import ExitStack
from typing import NamedTuple

from lockgate.errors import RefusedError
from lockgate.model.ddl import ROW_KINDS
from lockgate.model.finding import Severity
from lockgate.model.schema import Value
from lockgate.source.migrations.folder import Migration
from lockgate.source.migrations.rules import UNAPPLIED
from lockgate.source.migrations.sql import find_unread
from lockgate.verify.migrations.check import check_history
from lockgate.workflow.subject import Subject, ValidateOptions


class Pending(NamedTuple):
    """What waits: ids in order, and the name of the tool. ``obstacles`` say why a plan cannot stand for them."""

    tool: str
    ids: tuple[str, ...]
    obstacles: tuple[str, ...] = ()


class JournalEntry(Value, frozen=True, omit_defaults=False):
    """One migration as the folder has it: its id, file, and the digest of its text."""

    id: str
    file: str
    sha256: str


class MigrationJournal(Value, frozen=True, omit_defaults=False):
    """A tool's migrations as data: what the folder has and what the database says was applied."""

    tool: str
    folder: str
    count: int
    files: int
    applied_count: int
    migrations: tuple[JournalEntry, ...]
    applied: tuple[str, ...]


def read_journal(options: ValidateOptions) -> MigrationJournal:
    """Return a folder of migrations and its history as data.

    Raises:
        InputError: The folder cannot be found or told.
    """
    with ExitStack() as stack:
        subject = Subject(options, stack)
        folder, history = subject.folder, subject.history
        entries = tuple(
            JournalEntry(id=m.id, file=m.file, sha256=hashlib.sha256(m.text.encode()).hexdigest())
            for m in folder.migrations
        )
        return MigrationJournal(
            tool=folder.tool.name,
            folder=folder.path,
            count=len(entries),
            files=folder.files,
            applied_count=len(history.applied),
            migrations=entries,
            applied=tuple(item.id or item.hash for item in history.applied),
        )


def find_pending(options: ValidateOptions) -> Pending:
    """Return what a folder has beyond the database, as the tool's own table in it says.

    Raises:
        RefusedError: The table and the folder contradict each other, so nobody knows what waits.
        InputError: The folder cannot be found or told.
    """
    with ExitStack() as stack:
        subject = Subject(options, stack)
        folder, history = subject.folder, subject.history
        found = check_history(folder, history, subject.live)
        wrong = [f for f in found if f.severity is Severity.CRITICAL and f.code != UNAPPLIED.code]
        if wrong or not (history.table or not subject.live.tables):
            raise RefusedError(
                "what waits to be applied is not known",
                where=folder.path,
                cause="; ".join(f.message for f in wrong) or f"{folder.tool.title} keeps no table in this database",
                state="nothing was touched",
                hint="lockgate validate --only history",
            )
        names = {f.object for f in found if f.code == UNAPPLIED.code}
        waiting = [m for m in folder.runs if m.id in names or not history.applied]
        obstacles = [f"{finding.place}: {finding.message}" for finding in find_unread(folder, subject.engine)]
        obstacles += [text for migration in waiting for text in _obstacles(migration, subject)]
        return Pending(folder.tool.title, tuple(m.id for m in waiting), tuple(obstacles))


def _obstacles(migration: Migration, subject: Subject) -> list[str]:
    """Return why a migration is more than a change of schema; what cannot be read may be."""
    if subject.folder.tool.is_program:
        return [f"{migration.id} is a program, and what it does to rows cannot be read"]
    dialect = subject.engine.ddl()
    found = []
    for statement in subject.engine.split_sql(migration.text):
        read = dialect.read(statement.text, subject.server)
        if read.unread:
            found.append(f"{migration.id}:{statement.line}: {read.unread}")
        elif any(act.kind in ROW_KINDS for act in read.acts):
            found.append(f"{migration.id}:{statement.line} changes rows")
    return found
