"""Turn a folder of migrations into the SQL that runs on a new database, and find the tool's marks that mislead."""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.engine.base import Engine
from lockgate.errors import SourceError
from lockgate.model.finding import Finding
from lockgate.source.declaration import SqlFile
from lockgate.source.migrations import rules
from lockgate.source.migrations.folder import Folder, Migration
from lockgate.source.migrations.split import CUTS, Cut, Mistake, cut_whole

_MISTAKES = {
    "mark-in-text": "the mark {text!r} stands inside a string, a comment or a quoted body, where the tool sees it too",
    "mark-twice": "the mark {text!r} stands here a second time",
    "code-before-up": "a statement stands before the mark that begins the part that runs",
    "environment": "{text!r} puts values of the environment into the statements, which are not known",
    "no-up": "there is no mark that begins the part that runs",
}


def cut_file(migration: Migration, folder: Folder, engine: Engine) -> Cut:
    """Cut one migration at its tool's marks."""
    return CUTS.get(folder.tool.name, cut_whole)(migration.text, engine.find_opaque(migration.text))


def build_files(folder: Folder, engine: Engine) -> tuple[SqlFile, ...]:
    """Return what runs on a new database, one file for each migration, every line where the user wrote it."""
    return tuple(SqlFile(migration.file, cut_file(migration, folder, engine).sql) for migration in folder.runs)


def check_marks(folder: Folder, engine: Engine) -> tuple[Finding, ...]:
    """Return the findings on marks, and on migrations without a statement."""
    return tuple(finding for migration in folder.migrations for finding in _check_one(migration, folder, engine))


def _check_one(migration: Migration, folder: Folder, engine: Engine) -> Iterator[Finding]:
    cut = cut_file(migration, folder, engine)
    for mistake in cut.mistakes:
        yield _finding(migration, mistake)
    if any(mistake.kind == "no-up" for mistake in cut.mistakes):
        return
    try:
        is_empty = not engine.split_sql(cut.sql)
    except SourceError:
        return  # the replay says where and why
    if is_empty:
        message = f"{migration.id} holds no statement"
        yield rules.EMPTY.found(message, file=migration.file, object=migration.id)


def _finding(migration: Migration, mistake: Mistake) -> Finding:
    rule = {"no-up": rules.NO_UP, "environment": rules.PLACEHOLDER}.get(mistake.kind, rules.MARK_MISPLACED)
    message = f"{migration.id}: {_MISTAKES[mistake.kind].format(text=mistake.text)}"
    return rule.found(message, file=migration.file, line=mistake.line, object=migration.id)
