"""Run a folder of migrations from the first to the last in a scratch database, to learn where it breaks."""

from __future__ import annotations

from dataclasses import dataclass

from lockgate.engine.base import Engine, Scope, Scratch, Session, SourceStatement
from lockgate.errors import SourceError, StatementFailed
from lockgate.model.finding import Finding
from lockgate.model.schema import Schema
from lockgate.source.declaration import SqlFile
from lockgate.source.migrations import rules
from lockgate.source.migrations.folder import Folder
from lockgate.source.migrations.sql import build_files

_SHOWN = 200


@dataclass(frozen=True)
class Replayed:
    """What a folder adds up to, or where it stops.

    ``schema`` is None when it did not come to its end: ``failure`` says at which statement, ``unknown`` what nobody can
    say because of that. ``statements`` and ``migrations`` ran.
    """

    schema: Schema | None
    failure: Finding | None = None
    unknown: tuple[str, ...] = ()
    statements: int = 0
    migrations: int = 0


def replay_folder(folder: Folder, engine: Engine, scratch: Scratch, *, name: str = "folder") -> Replayed:
    """Run every migration that runs on a new database; ``name`` is that of the scratch database.

    Raises:
        FailedError: The scratch itself failed: a lost connection, a time limit.
    """
    session = scratch.create_database(name)
    try:
        return _replay(folder, engine, scratch, session)
    finally:
        session.close()


def _replay(folder: Folder, engine: Engine, scratch: Scratch, session: Session) -> Replayed:
    count = 0
    files = build_files(folder, engine)
    for place, file in enumerate(files):
        try:
            for statement in engine.split_sql(file.text):
                problem = None if scratch.is_private else engine.statement_problem(statement.text)
                if problem:
                    return Replayed(None, unknown=(_refused(file, statement, problem),), migrations=place)
                session.execute(statement.text)
                count += 1
        except StatementFailed as error:
            failure = _failure(file, statement, error.cause or str(error))
            return Replayed(None, failure, _after(files, place), count, place)
        except SourceError as error:
            failure = rules.STATEMENT_FAILS.found(f"{error.what}: {error.statement}", file=file.name, line=error.line)
            return Replayed(None, failure, _after(files, place), count, place)
    return Replayed(engine.inspect(session, scratch.server, Scope()), statements=count, migrations=len(files))


def _failure(file: SqlFile, statement: SourceStatement, cause: str) -> Finding:
    text = " ".join(statement.text.split())
    shown = text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
    return rules.STATEMENT_FAILS.found(f"{cause}: {shown}", file=file.name, line=statement.line)


def _refused(file: SqlFile, statement: SourceStatement, problem: str) -> str:
    return (
        f"{file.name}:{statement.line} was not run, nor what follows: {problem}, and the scratch is no private server "
        "(docs/how-to/scratch-server.md)"
    )


def _after(files: tuple[SqlFile, ...], place: int) -> tuple[str, ...]:
    left = len(files) - place - 1
    if not left:
        return ()
    return (f"the {left} migrations after {files[place].name} were not run, so nothing is known of them",)
