"""Whether the Markdown of sessions agrees with itself and with the registry; looking at nothing is an error."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from lockgate.coordinate.claims import state_of
from lockgate.coordinate.export import ACTIVE_FILE
from lockgate.coordinate.import_markdown import read_active
from lockgate.model.session import SessionState, WorkSession

_FOLDERS = ("active", "completed", "abandoned")


@dataclass(frozen=True)
class Validation:
    """What was found; ``checked`` counts rows, files and sessions that were looked at."""

    errors: tuple[str, ...]
    warnings: tuple[str, ...]
    checked: int
    counts: dict[str, int]

    @property
    def is_ok(self) -> bool:
        """Whether something was looked at and no error found."""
        return not self.errors


def validate_docs(docs: Path, book: Sequence[WorkSession] | None, now: datetime) -> Validation:
    """Compare ACTIVE_SESSIONS.md, the files of sessions, and the registry (None: it cannot be asked: a warning)."""
    errors: list[str] = []
    warnings: list[str] = []
    files = {kind: sorted(p.stem for p in (docs / "sessions" / kind).glob("*.md")) for kind in _FOLDERS}
    page_file = docs / ACTIVE_FILE
    try:
        page = read_active(page_file.read_text(encoding="utf-8"))
    except OSError as error:
        page = read_active("")
        errors.append(f"{page_file}: cannot be read: {error.strerror}")
    except UnicodeDecodeError:
        page = read_active("")
        errors.append(f"{page_file}: is no UTF-8")
    else:
        errors += [f"{page_file}: there is no table {name}" for name in page.missing]
    warnings += [f"{page_file}: {extra}: belongs to no table" for extra in page.extras]
    open_rows = [row for row in page.rows if row.table != "completed"]
    for row in open_rows:
        if row.id not in files["active"]:
            errors.append(f"{page_file}:{row.line}: {row.id} has no file in sessions/active")
    for row in page.rows:
        if row.table == "completed" and row.id not in files["completed"]:
            errors.append(f"{page_file}:{row.line}: {row.id} has no file in sessions/completed")
    listed = {row.id for row in open_rows}
    errors += [
        f"sessions/active/{name}.md: has no row in {ACTIVE_FILE}" for name in files["active"] if name not in listed
    ]
    errors += [f"{ACTIVE_FILE}: {n} rows for {name}" for name, n in Counter(r.id for r in page.rows).items() if n > 1]
    every = Counter(name for names in files.values() for name in names)
    errors += [f"{name}.md: is in {n} folders of sessions" for name, n in every.items() if n > 1]
    checked = len(page.rows) + sum(map(len, files.values()))
    if book is None:
        warnings.append("the registry was not asked")
    else:
        checked += sum(not session.state.is_over for session in book)
        more_errors, more_warnings = _compare(book, files["active"], now)
        errors += more_errors
        warnings += more_warnings
    if not checked:
        errors.append(f"nothing was checked: no rows in {page_file}, no files, no sessions")
    counts = {kind: len(files[kind]) for kind in _FOLDERS}
    return Validation(tuple(errors), tuple(warnings), checked, counts)


def _compare(book: Sequence[WorkSession], active: Sequence[str], now: datetime) -> tuple[list[str], list[str]]:
    by_id = {session.id: session for session in book}
    errors = [
        f"{session.id}: is {session.state.value} in the registry and has no file in sessions/active"
        for session in book
        if not session.state.is_over and session.id not in active
    ]
    warnings = []
    for name in active:
        session = by_id.get(name)
        if session is None:
            warnings.append(f"{name}: is not in the registry, so it holds nothing; lockgate session import")
        elif session.state.is_over:
            errors.append(f"{name}: is {session.state.value} in the registry, and its file is in sessions/active")
        elif state_of(session, now) is SessionState.EXPIRED:
            warnings.append(f"{name}: gives no sign of life and holds nothing any more")
    return errors, warnings
