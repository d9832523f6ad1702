"""Migrations folders as a source: what a folder adds up to when its tool runs it on a new database."""

from __future__ import annotations

import importlib

from lockgate.errors import ConfigError
from lockgate.source.declaration import Declaration, ReadDeclaration, SourceContext
from lockgate.source.migrations.check import check_folder
from lockgate.source.migrations.detect import PROGRAMS, detect_tool, read_sql_folder, split_question
from lockgate.source.migrations.folder import Folder
from lockgate.source.migrations.sql import build_files, check_marks, find_unread

_ENGINE_OF = {
    "postgresql": "postgres", "postgres": "postgres", "cockroachdb": "postgres", "mysql": "mysql", "mariadb": "mysql",
    "singlestore": "mysql", "sqlite": "sqlite", "turso": "sqlite",
}  # fmt: skip
"""What tools call their dialects → the engine that speaks it."""


def read_migrations(argument: str, context: SourceContext) -> Declaration:
    """Read a folder of migrations: one ordered file for each.

    ``argument`` is a folder or a tool's own file (``meta/_journal.json``, ``alembic.ini``, ``manage.py``), or
    ``tool:folder`` where the tool cannot be told.

    Raises:
        InputError: It is no folder of migrations, or one of several tools.
        ConfigError: The migrations are written for another engine than the context's.
    """
    head, options = split_question(argument)
    name, path = detect_tool(head)
    if name in PROGRAMS:
        module, _, function = PROGRAMS[name][0].partition(":")
        read_program: ReadDeclaration = getattr(importlib.import_module(module), function)
        return read_program(f"{path}{options}", context)
    folder = read_sql_folder(name, path, options)
    check_dialect(folder, context)
    return declare(folder, context)


def declare(folder: Folder, context: SourceContext) -> Declaration:
    """Return what a folder declares; its findings on numbers, order and marks come along."""
    unread = find_unread(folder, context.engine)
    findings = (*check_folder(folder), *check_marks(folder, context.engine))
    return Declaration(
        files=build_files(folder, context.engine),
        is_ordered=True,
        unread=unread,
        findings=tuple(finding for finding in findings if finding not in unread),
        bookkeeping=folder.tool.bookkeeping,
        checked={"migrations": len(folder.runs)},
    )


def check_dialect(folder: Folder, context: SourceContext) -> None:
    """Refuse migrations that are written for another engine.

    Raises:
        ConfigError: They are.
    """
    engine = _ENGINE_OF.get(folder.dialect, context.engine.name)
    if engine != context.engine.name:
        raise ConfigError(
            f"the migrations are written for {folder.dialect}, the target is another engine",
            where=folder.journal or folder.path,
            cause=f"{folder.tool.title} says so",
            state="nothing was touched",
            hint="give the URL of a database that these migrations are for",
        )
