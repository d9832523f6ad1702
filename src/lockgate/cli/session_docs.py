"""The Markdown export, kept beside the registry by every command that changes a session."""

from __future__ import annotations

from collections.abc import Sequence

from lockgate.cli.face import Face
from lockgate.cli.sessions import docs_folder, utc_now
from lockgate.coordinate.docs import export_docs
from lockgate.model.session import WorkSession


def write_docs(face: Face, book: Sequence[WorkSession]) -> list[str]:
    """Write the export where one is configured; return words for what changed."""
    docs = docs_folder(face)
    if docs is None:
        return []
    done = export_docs(docs, book, utc_now())
    return [f"wrote {path}" for path in done.written] + [f"removed {path}" for path in done.removed]
