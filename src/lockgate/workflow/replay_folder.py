"""Run a folder of migrations from the first to the last in a scratch database, to learn where it breaks."""

from __future__ import annotations

import re
from dataclasses import dataclass

from lockgate.engine.base import Engine, Scope, Scratch, Session, SourceStatement
from lockgate.errors import SourceError, StatementFailed
from lockgate.model.finding import Finding
from lockgate.model.schema import Schema
from lockgate.source.declaration import SqlFile
from lockgate.source.migrations import rules
from lockgate.source.migrations.folder import Folder, Migration
from lockgate.source.migrations.sql import build_files
from lockgate.source.sql import run_migration

_SHOWN = 200
_GOES = re.compile(r"USE\s+(\S+)\s*\Z", re.I)


@dataclass(frozen=True)
class Replayed:
    """What a folder adds up to, or where it stops.

    ``schema`` is None when it did not come to its end: ``failure`` says at which statement, ``unknown`` what nobody can
    say because of that. ``statements`` and ``migrations`` ran. ``watched`` is the migration that was
    asked for, and the schemas before and after it.
    """

    schema: Schema | None
    watched: tuple[Migration, Schema, Schema] | None = None
    failure: Finding | None = None
    unknown: tuple[str, ...] = ()
    statements: int = 0
    migrations: int = 0


def replay_folder(
    folder: Folder, engine: Engine, scratch: Scratch, *, name: str = "folder", watch: str = "", own: str = ""
) -> Replayed:
    """Run every migration that runs on a new database.

    Args:
        name: That of the scratch database.
        watch: The id of a migration before and after which the schema is read.
        own: The name of the live database, to which migrations may go (``USE shop``).

    Raises:
        FailedError: The scratch itself failed: a lost connection, a time limit.
    """
    session = scratch.create_database(name)
    try:
        return _replay(folder, engine, scratch, session, watch, own)
    finally:
        session.close()


def _replay(folder: Folder, engine: Engine, scratch: Scratch, session: Session, watch: str, own: str) -> Replayed:
    count, before, watched = 0, None, None
    files = build_files(folder, engine)
    for place, (migration, file) in enumerate(zip(folder.runs, files, strict=True)):
        is_watched = migration.id == watch
        if is_watched:
            before = engine.inspect(session, scratch.server, Scope())
        ran, stop = _run(file, engine, scratch, session, own)
        count += ran
        if isinstance(stop, Finding):
            return Replayed(None, watched, stop, _after(files, place), count, place)
        if stop:
            return Replayed(None, watched, None, (stop,), count, place)
        if before is not None and is_watched:
            watched = (migration, before, engine.inspect(session, scratch.server, Scope()))
    schema = engine.inspect(session, scratch.server, Scope())
    return Replayed(schema, watched, statements=count, migrations=len(files))


def _run(file: SqlFile, engine: Engine, scratch: Scratch, session: Session, own: str) -> tuple[int, Finding | str]:
    """Run one migration; return how many statements ran, and what stopped it: a failure, or why it was not tried.

    A statement that goes to the target's own database (``own``) is left out: the scratch stands for it.
    """
    try:
        statements = engine.split_sql(file.text)
    except SourceError as error:
        message = f"{error.what}: {error.statement}"
        return 0, rules.STATEMENT_FAILS.found(message, file=file.name, line=error.line)
    allowed: list[SourceStatement] = []
    refusal = ""
    for statement in statements:
        if _goes_to(statement.text) == own and own:
            continue
        refusal = _refusal(file, statement, engine, scratch)
        if refusal:
            break
        allowed.append(statement)
    count, failure = run_migration(engine, session, allowed)
    if isinstance(failure, StatementFailed):
        return count, _failure(file, allowed[min(count, len(allowed) - 1)], failure.cause or str(failure))
    if failure is not None:
        raise failure
    return count, refusal


def _failure(file: SqlFile, statement: SourceStatement, cause: str) -> Finding:
    text = " ".join(statement.text.split())
    shown = text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
    return rules.STATEMENT_FAILS.found(f"{cause}: {shown}", file=file.name, line=statement.line)


def _goes_to(text: str) -> str:
    """Return the database that a ``USE`` goes to, without quotes; empty for any other statement."""
    match = _GOES.match(text)
    return match[1].strip('`"') if match else ""


def _refusal(file: SqlFile, statement: SourceStatement, engine: Engine, scratch: Scratch) -> str:
    """Say why a statement is not run; empty when it may be."""
    problem = engine.statement_problem(statement.text)
    if not problem:
        return ""
    place = f"{file.name}:{statement.line}"
    if _goes_to(statement.text):
        return f"{place} goes to another database, where nothing that follows could be compared"
    if scratch.is_private:
        return ""
    reason = "the scratch is no private server (docs/how-to/scratch-server.md)"
    return f"{place} was not run, nor what follows: {problem}, and {reason}"


def _after(files: tuple[SqlFile, ...], place: int) -> tuple[str, ...]:
    left = len(files) - place - 1
    if not left:
        return ()
    return (f"the {left} migrations after {files[place].name} were not run, so nothing is known of them",)
