"""Run SQL files in a scratch database, so that the server itself says what they mean."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lockgate.engine.base import Engine, Session, SourceStatement
from lockgate.errors import FailedError, InputError, SourceError
from lockgate.source.declaration import SqlFile

_SHOWN = 200
_COMMENT = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)
_OPENS = re.compile(r"(BEGIN|START\s+TRANSACTION)\b", re.IGNORECASE)
_INSIDE = re.compile(
    r"LOCK\s+(TABLE\b|ONLY\b|[\w\".]+\s+IN\b)|SET\s+LOCAL\b|SAVEPOINT\b|SET\s+CONSTRAINTS\b|DECLARE\b.*?\bCURSOR\b"
    r"|CREATE\s+(LOCAL\s+|GLOBAL\s+)?TEMP(ORARY)?\s+TABLE\b.*?\bON\s+COMMIT\s+(DROP|DELETE)\b",
    re.IGNORECASE | re.DOTALL,
)
_MOST_PASSES = 50


@dataclass(frozen=True)
class _Pending:
    file: SqlFile
    statement: SourceStatement
    error: FailedError | None = None


def read_sql_files(path: Path) -> tuple[SqlFile, ...]:
    """Read one file, or all ``*.sql`` files below a folder in the order of their paths.

    Raises:
        InputError: The folder holds no SQL file.
        SourceError: A file is not UTF-8 text or cannot be read.
    """
    paths = sorted(p for p in path.rglob("*.sql") if p.is_file()) if path.is_dir() else [path]
    if not paths:
        raise InputError(f"the folder {str(path)!r} holds no .sql file", state="nothing was touched")
    return tuple(_read_file(p) for p in paths)


def _read_file(path: Path) -> SqlFile:
    try:
        return SqlFile(str(path), path.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError as error:
        raise SourceError("the file is not UTF-8 text", file=str(path), cause=error.reason) from None
    except OSError as error:
        raise SourceError("the file cannot be read", file=str(path), cause=error.strerror or str(error)) from None


def run_sql_files(
    engine: Engine, session: Session, files: tuple[SqlFile, ...], *, is_private: bool, is_ordered: bool = False
) -> int:
    """Run every statement of every file in a scratch database; return how many ran.

    A statement that fails because something it needs comes later (files in any order, cyclic foreign keys) is tried
    again after the others, as long as each pass gets further. When ``is_ordered`` the first failure is the end.

    Raises:
        SourceError: A statement the server refuses, with file, line, text and the server's message; or, where the
            scratch is not a private server, a statement that would leave the scratch database.
    """
    pending: list[_Pending] = []
    for file in files:
        for statement in _split(engine, file):
            problem = None if is_private else engine.statement_problem(statement.text)
            if problem:
                raise _source_error("the statement may not run in a shared scratch", file, statement, problem)
            pending.append(_Pending(file, statement))
    count = len(pending)
    for _ in range(1 if is_ordered else _MOST_PASSES):
        failed = _run_in_order(engine, session, pending) if is_ordered else _run_pass(session, pending)
        if not failed:
            return count
        if len(failed) == len(pending):
            break
        pending = failed
    first = failed[0]
    assert first.error is not None
    raise _source_error(
        "the server refuses a statement", first.file, first.statement, first.error.cause or str(first.error)
    )


def _split(engine: Engine, file: SqlFile) -> tuple[SourceStatement, ...]:
    try:
        return engine.split_sql(file.text)
    except SourceError as error:
        if error.file:
            raise
        raise SourceError(
            error.what, file=file.name, line=error.line, statement=error.statement, cause=error.cause, hint=error.hint
        ) from None


def _run_pass(session: Session, pending: list[_Pending]) -> list[_Pending]:
    failed = []
    for item in pending:
        try:
            session.execute(item.statement.text)
        except FailedError as error:
            failed.append(_Pending(item.file, item.statement, error))
    return failed


def _run_in_order(engine: Engine, session: Session, pending: list[_Pending]) -> list[_Pending]:
    """Run file by file up to the first failure; return what failed."""
    for _, group in itertools.groupby(pending, key=lambda item: id(item.file)):
        items = list(group)
        count, error = run_migration(engine, session, [item.statement for item in items])
        if error is not None:
            failed = items[min(count, len(items) - 1)]
            return [_Pending(failed.file, failed.statement, error)]
    return []


def run_migration(
    engine: Engine, session: Session, statements: Sequence[SourceStatement]
) -> tuple[int, FailedError | None]:
    """Run one migration's statements up to the first failure; return how many ran, and the failure.

    They are committed one by one, for many tools do so and some statements must be; in one transaction where a
    statement has no sense without one (``LOCK TABLE``, ``SET LOCAL``, a table that is gone on commit).
    """
    is_whole = engine.state.is_ddl_transactional and needs_transaction(statements)
    count = 0
    try:
        if is_whole:
            session.begin()
        for statement in statements:
            session.execute(statement.text)
            count += 1
        if is_whole:
            session.commit()
    except FailedError as error:
        if is_whole:
            session.rollback()
        return count, error
    return count, None


def needs_transaction(statements: Sequence[SourceStatement]) -> bool:
    """Tell whether statements are meant for one transaction that they do not open themselves."""
    texts = [_COMMENT.sub(" ", statement.text).strip() for statement in statements]
    return any(_INSIDE.match(text) for text in texts) and not any(_OPENS.match(text) for text in texts)


def _source_error(what: str, file: SqlFile, statement: SourceStatement, cause: str) -> SourceError:
    text = " ".join(statement.text.split())
    shown = text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
    name, line = file.lines.get(statement.line, (file.name, statement.line))
    return SourceError(what, file=name, line=line, statement=shown, cause=cause)
