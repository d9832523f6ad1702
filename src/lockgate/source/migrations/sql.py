"""Turn a folder of migrations into the SQL that runs on a new database, and find the tool's marks that mislead."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache

from lockgate.engine.base import Engine
from lockgate.errors import SourceError
from lockgate.model.finding import Finding
from lockgate.source.declaration import SqlFile
from lockgate.source.migrations import rules
from lockgate.source.migrations.folder import Folder, Migration
from lockgate.source.migrations.split import CUTS, Cut, Mistake, Spans, cut_whole

FindOpaque = Callable[[str], Spans]
_MISTAKES = {
    "mark-in-text": "the mark {text!r} stands inside a string, a comment or a quoted body, where the tool sees it too",
    "mark-twice": "the mark {text!r} stands here a second time",
    "code-before-up": "a statement stands before the mark that begins the part that runs",
    "environment": "{text!r} puts values of the environment into the statements, which are not known",
    "no-up": "there is no mark that begins the part that runs",
}


def cut_file(migration: Migration, folder: Folder, engine: Engine) -> Cut:
    """Cut one migration at its tool's marks."""
    return _cut(folder.tool.name, migration.text, engine.find_opaque)


@lru_cache(maxsize=4096)
def _cut(tool: str, text: str, find_opaque: FindOpaque | None) -> Cut:
    """Cut a text once, however many checks look at it."""
    return CUTS.get(tool, cut_whole)(text, find_opaque(text) if find_opaque else ())


def build_files(folder: Folder, engine: Engine) -> tuple[SqlFile, ...]:
    """Return what runs on a new database, one file for each migration, every line where the user wrote it."""
    return tuple(SqlFile(migration.file, cut_file(migration, folder, engine).sql) for migration in folder.runs)


def find_unread(folder: Folder, engine: Engine) -> tuple[Finding, ...]:
    """Return the findings on what cannot be read: with any, nobody knows what the folder adds up to."""
    hiding = (rules.NO_UP.code, rules.PLACEHOLDER.code)
    return (*folder.unread, *(finding for finding in check_marks(folder, engine) if finding.code in hiding))


def check_marks(folder: Folder, engine: Engine | None) -> tuple[Finding, ...]:
    """Return the findings on marks, and on migrations without a statement.

    Without an engine nothing is known of strings: marks are looked at as the tools themselves do, line by line.
    """
    return tuple(finding for migration in folder.migrations for finding in _check_one(migration, folder, engine))


def _check_one(migration: Migration, folder: Folder, engine: Engine | None) -> Iterator[Finding]:
    cut = _cut(folder.tool.name, migration.text, engine.find_opaque if engine else None)
    for mistake in cut.mistakes:
        yield _finding(migration, mistake)
    if engine is None or any(mistake.kind == "no-up" for mistake in cut.mistakes):
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
