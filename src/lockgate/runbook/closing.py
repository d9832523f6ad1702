"""How a work session is ended: the export, its validation, the commit, and then the registry."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from msgspec.structs import replace

from lockgate.coordinate.close import (
    changed_files,
    claimed_files,
    closing_message,
    commit_closing,
    is_repository,
    top_of,
)
from lockgate.coordinate.docs import export_docs
from lockgate.coordinate.sessions import Book, Registry, end_session, find_session
from lockgate.coordinate.validate import validate_docs
from lockgate.errors import RefusedError
from lockgate.model.session import SessionState, Step, WorkSession


@dataclass(frozen=True)
class Closing:
    """What ends with a session: ``done`` and ``deferred`` are for the commit's message.

    ``docs`` is the folder of the export (None: there is none), ``folder`` is in the work tree. ``progress`` replaces
    the session's boxes.
    """

    folder: Path
    docs: Path | None
    now: Callable[[], datetime]
    done: Sequence[str] = ()
    deferred: Sequence[str] = ()
    progress: Sequence[Step] | None = None
    is_all: bool = False
    is_committing: bool = True


def close_session(registry: Registry, name: str, closing: Closing) -> tuple[WorkSession, tuple[str, ...]]:
    """Archive, validate, commit, and then complete a session; return it and what should be known.

    Killed on the way, the same call goes on where it stopped: the registry is written last.

    Raises:
        RefusedError: The export would not be valid.
        FailedError: git refused.
    """
    book = registry.read()
    session = find_session(book, name)
    if session.state.is_over:
        return session, (f"it is {session.state.value} already; nothing was done",)
    now = closing.now()
    stamp = now.isoformat(timespec="seconds")
    steps = session.progress if closing.progress is None else tuple(closing.progress)
    ended = replace(session, state=SessionState.COMPLETED, ended_at=stamp, reason="", next="", since="", progress=steps)
    notes: list[str] = []
    commit = ""
    if closing.docs is not None:
        rest = tuple(ended if item.id == session.id else item for item in book)
        written = export_docs(closing.docs, rest, now)
        _check(closing.docs, rest, now)
        notes += [f"wrote {path}" for path in written.written] + [f"removed {path}" for path in written.removed]
    if closing.is_committing and is_repository(closing.folder):
        commit, left = _commit(closing, session, closing_message(ended, closing.done, closing.deferred))
        notes.append(f"committed {commit[:12]}" if commit else "there was nothing to commit")
        notes += [f"not committed, as nobody claimed it: {path}" for path in left]
    closed = end_session(registry, session.id, SessionState.COMPLETED, now=lambda: now, commit=commit, progress=steps)
    return closed, tuple(notes)


def _check(docs: Path, book: Book, now: datetime) -> None:
    found = validate_docs(docs, book, now)
    if found.errors:
        raise RefusedError(
            "the export of sessions is not valid, so the session is not closed",
            where=str(docs),
            cause="; ".join(found.errors[:5]),
            state="nothing was committed; the session is still registered",
            hint="lockgate session validate",
        )


def _commit(closing: Closing, session: WorkSession, message: str) -> tuple[str, tuple[str, ...]]:
    files = changed_files(closing.folder)
    top = top_of(closing.folder)
    own = [name for name in files if closing.docs is not None and _is_export(top / name, closing.docs)]
    claimed = files if closing.is_all else claimed_files(session, files)
    commit = commit_closing(closing.folder, sorted({*own, *claimed}), message)
    return commit, changed_files(closing.folder)


def _is_export(path: Path, docs: Path) -> bool:
    docs, path = docs.resolve(), path.resolve()
    return path == docs / "ACTIVE_SESSIONS.md" or path.is_relative_to(docs / "sessions")
