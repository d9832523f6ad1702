"""How the command line ends a session: the export, its validation, the commit, and then the registry."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from msgspec.structs import replace

from lockgate.cli.face import Face
from lockgate.cli.sessions import docs_folder, utc_now
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
from lockgate.model.session import SessionState, WorkSession


def close_session(
    face: Face,
    registry: Registry,
    name: str,
    done: Sequence[str],
    deferred: Sequence[str],
    *,
    is_all: bool,
    is_committing: bool,
) -> tuple[WorkSession, tuple[str, ...]]:
    """Archive, validate, commit, and then complete a session; return it and what should be known.

    Killed on the way, the same command goes on where it stopped: the registry is written last.

    Raises:
        RefusedError: The export would not be valid.
    """
    book = registry.read()
    session = find_session(book, name)
    if session.state.is_over:
        return session, (f"it is {session.state.value} already; nothing was done",)
    done, deferred = _from_run(face, session, done, deferred)
    now = utc_now()
    stamp = now.isoformat(timespec="seconds")
    ended = replace(session, state=SessionState.COMPLETED, ended_at=stamp, reason="", next="", since="")
    docs, notes, commit = docs_folder(face), [], ""
    if docs is not None:
        rest = tuple(ended if item.id == session.id else item for item in book)
        written = export_docs(docs, rest, now)
        _check(docs, rest)
        notes += [f"wrote {path}" for path in written.written] + [f"removed {path}" for path in written.removed]
    folder = face.settings.folder
    if is_committing and is_repository(folder):
        commit, left = _commit(folder, docs, session, closing_message(session, done, deferred), is_all)
        notes.append(f"committed {commit[:12]}" if commit else "there was nothing to commit")
        notes += [f"not committed, as nobody claimed it: {path}" for path in left]
    closed = end_session(registry, session.id, SessionState.COMPLETED, now=lambda: now, commit=commit)
    return closed, tuple(notes)


def _check(docs: Path, book: Book) -> None:
    found = validate_docs(docs, book, utc_now())
    if found.errors:
        raise RefusedError(
            "the export of sessions is not valid, so the session is not closed",
            where=str(docs),
            cause="; ".join(found.errors[:5]),
            state="nothing was committed; the session is still registered",
            hint="lockgate session validate",
        )


def _commit(folder: Path, docs: Path | None, session: WorkSession, message: str, is_all: bool) -> tuple[str, list[str]]:
    files = changed_files(folder)
    top = top_of(folder)
    own = [name for name in files if docs is not None and _is_export(top / name, docs)]
    claimed = files if is_all else claimed_files(session, files)
    chosen = sorted({*own, *claimed})
    commit = commit_closing(folder, chosen, message)
    return commit, list(changed_files(folder))


def _is_export(path: Path, docs: Path) -> bool:
    docs, path = docs.resolve(), path.resolve()
    return path == docs / "ACTIVE_SESSIONS.md" or path.is_relative_to(docs / "sessions")


def _from_run(
    face: Face, session: WorkSession, done: Sequence[str], deferred: Sequence[str]
) -> tuple[Sequence[str], Sequence[str]]:
    """Take what was done and deferred from the journal of the session's run, when it has one."""
    if not session.run:
        return done, deferred
    from lockgate.cli.journals import read_outcome

    found = read_outcome(face.settings.state_dir / "procedures" / session.run)
    return (*done, *found.done), (*deferred, *found.deferred)
