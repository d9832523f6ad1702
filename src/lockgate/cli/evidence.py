"""Leave the readable report of a run beside its events; a disk that refuses it costs the report, not the run."""

from __future__ import annotations

from pathlib import Path

from lockgate.cli.progress import Progress
from lockgate.cli.talk import Talk
from lockgate.errors import LockgateError
from lockgate.model.run import RunResult
from lockgate.outside.redact import redact
from lockgate.report.document import Document
from lockgate.report.html import render_html
from lockgate.report.markdown import render_markdown
from lockgate.report.run import failure_document, run_document


def write_run_report(progress: Progress, talk: Talk, result: RunResult, name: str = "report") -> None:
    """Write ``<name>.md`` and ``<name>.html`` of a run that came to its end."""
    if progress.folder is not None:
        _write(progress.folder, name, run_document(result, progress.events), talk)


def write_failure_report(
    progress: Progress, talk: Talk, target: str, error: LockgateError, name: str = "report"
) -> None:
    """Write ``<name>.md`` and ``<name>.html`` of a run that ended in an error."""
    if progress.folder is None:
        return
    parts = (("where", error.where), ("cause", error.cause), ("state now", error.state), ("next", error.hint))
    facts = [(name, text) for name, text in parts if text]
    document = failure_document(progress.folder.name, target, error.what, facts, progress.events)
    _write(progress.folder, name, document, talk)


def _write(folder: Path, name: str, document: Document, talk: Talk) -> None:
    try:
        (folder / f"{name}.md").write_text(redact(render_markdown(document)), encoding="utf-8")
        (folder / f"{name}.html").write_text(redact(render_html(document)), encoding="utf-8")
    except OSError as error:
        talk.say(f"note: the report was not written: {error.strerror}")
    else:
        talk.say(f"report: {folder / 'report.md'}")
