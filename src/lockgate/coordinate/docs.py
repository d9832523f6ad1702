"""Write the Markdown export into its folder: only what changed, and each file in one place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from lockgate.coordinate.export import ACTIVE_FILE, file_of, render_active, render_session
from lockgate.errors import FailedError
from lockgate.model.session import WorkSession


@dataclass(frozen=True)
class Written:
    """Files that were written, and those that were taken away because the session moved."""

    written: tuple[Path, ...]
    removed: tuple[Path, ...]

    @property
    def paths(self) -> tuple[Path, ...]:
        """All that changed."""
        return (*self.written, *self.removed)


def export_docs(docs: Path, book: Sequence[WorkSession], now: datetime) -> Written:
    """Bring the folder to what the registry says; sessions that are only in the folder stay as they are.

    Raises:
        FailedError: A file cannot be read or written.
    """
    written: list[Path] = []
    removed: list[Path] = []
    try:
        for session in sorted(book, key=lambda item: item.id):
            _export_one(docs, session, now, written, removed)
        page = docs / ACTIVE_FILE
        before = page.read_text(encoding="utf-8") if page.is_file() else ""
        _put(page, render_active(book, now, before), before, written)
    except OSError as error:
        raise FailedError(
            "the export of sessions cannot be written",
            where=str(error.filename or docs),
            cause=str(error.strerror),
            state="the registry is as it should be, the Markdown is not",
            hint="lockgate session export",
        ) from None
    except UnicodeDecodeError:
        raise FailedError(f"a file in {docs} is no UTF-8", state="the registry is as it should be") from None
    return Written(tuple(written), tuple(removed))


def _export_one(docs: Path, session: WorkSession, now: datetime, written: list[Path], removed: list[Path]) -> None:
    place = docs / file_of(session)
    others = [
        docs / "sessions" / kind / place.name
        for kind in ("active", "completed", "abandoned")
        if docs / "sessions" / kind / place.name != place
    ]
    old = next((path for path in (place, *others) if path.is_file()), None)
    before = old.read_text(encoding="utf-8") if old else ""
    if session.state.is_over and place.is_file() and not any(path.is_file() for path in others):
        return
    _put(place, render_session(session, now, before), before if old == place else "", written)
    for path in others:
        if path.is_file():
            path.unlink()
            removed.append(path)


def _put(path: Path, text: str, before: str, written: list[Path]) -> None:
    if text == before and path.is_file():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    part.write_text(text, encoding="utf-8")
    part.replace(path)
    written.append(path)
