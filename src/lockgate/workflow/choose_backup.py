"""Decide what a backup is to hold: the kind that was asked for, or the smallest that brings everything back."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass

from lockgate.backup.incremental import Choice, choose_kind, find_parent, find_tables, with_connected
from lockgate.backup.repository import Backup, Repository
from lockgate.engine.base import Engine, Scope
from lockgate.errors import InputError
from lockgate.model.backup import BackupKind
from lockgate.model.schema import Key
from lockgate.model.target import Target


@dataclass(frozen=True)
class Wanted:
    """What to take: ``tables`` of a tables backup, ``parent`` of a log; ``why`` when it was chosen."""

    kind: BackupKind
    tables: tuple[Key, ...] | None = None
    parent: Backup | None = None
    why: str = ""


def choose_backup(
    engine: Engine,
    target: Target,
    repository: Repository,
    kind: BackupKind | None,
    *,
    since: str = "",
    table_names: Sequence[str] = (),
    touched: Sequence[Key] = (),
) -> Wanted:
    """Return what to take. ``kind`` None: a log where the server keeps it, else the named tables, else everything.

    Tables come with everything that foreign keys connect them with. ``since`` is the id of the backup that a log
    follows, empty for the newest that can be followed.

    Raises:
        InputError: A table or backup is not there, or what was named does not belong to that kind.
    """
    has_tables = bool(table_names or touched)
    _check(kind, since, has_tables=has_tables)
    if kind is BackupKind.LOG:
        return Wanted(kind, parent=find_parent(repository, since))
    if kind not in (None, BackupKind.TABLES):
        return Wanted(kind)
    with closing(engine.connect(target, is_read_only=True)) as session:
        choice = Choice(BackupKind.TABLES, "")
        if kind is None:
            parent = repository.find(since) if since else None
            choice = choose_kind(engine, session, repository, since=parent, has_tables=has_tables)
        if choice.kind is not BackupKind.TABLES:
            return Wanted(choice.kind, parent=choice.parent, why=choice.why)
        schema = engine.inspect(session, engine.identify(session), Scope(include_own=True))
    named = (*find_tables(schema, table_names), *touched)
    return Wanted(BackupKind.TABLES, tables=with_connected(schema, named), why=choice.why)


def _check(kind: BackupKind | None, since: str, *, has_tables: bool) -> None:
    problem = ""
    if kind is BackupKind.TABLES and not has_tables:
        problem = "a tables backup needs the tables: name them with --table"
    elif kind not in (None, BackupKind.TABLES) and has_tables:
        problem = f"--table does not belong to a {kind.value} backup, which holds the whole database"
    elif kind not in (None, BackupKind.LOG) and since:
        problem = f"--since does not belong to a {kind.value} backup, which follows none"
    if problem:
        raise InputError(problem, state="nothing was touched", hint="lockgate backup create --help")
