"""The task ``document``: write a document made of measured facts, or of what this run did so far."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path

from lockgate.errors import FailedError
from lockgate.model.actions import Document as DocumentAction
from lockgate.model.codec import encode_pretty
from lockgate.model.outcome import Evidence
from lockgate.model.procedure import TaskState
from lockgate.outside.redact import redact
from lockgate.report.document import Document, Heading, Paragraph
from lockgate.report.html import render_html
from lockgate.report.markdown import render_markdown
from lockgate.report.text import render_text
from lockgate.runbook.actions.common import done, failed, keep_json, path_in, would
from lockgate.runbook.base import Done, Effect, TaskContext
from lockgate.runbook.target import TargetTools
from lockgate.workflow.measure_drift import DriftOptions
from lockgate.workflow.subject import ValidateOptions

_RENDER: Mapping[str, Callable[[Document], str]] = {".html": render_html, ".htm": render_html, ".txt": render_text}


def perform(tools: TargetTools, action: DocumentAction, context: TaskContext) -> Done:
    """Write the document whole or not at all; its digest goes into the journal, what it was made of into evidence."""
    make = _MAKERS.get(action.make)
    if make is None:
        return failed(f"nothing makes a document {action.make!r}; there are {', '.join(sorted(_MAKERS))}")
    name = action.output or str(context.run_folder / "documents" / f"{action.make}.md")
    path = path_in(context, name)
    if context.is_dry_run:
        return would(f"write the document {action.make} to {name}")
    document, evidence = make(tools, context)
    data = redact(_RENDER.get(path.suffix.lower(), render_markdown)(document)).encode()
    _write(path, data)
    digest = hashlib.sha256(data).hexdigest()
    context.effect(Effect("document", name, {"make": action.make, "path": name, "sha256": digest, "bytes": len(data)}))
    return done(f"wrote {name}: {document.verdict or document.title}", *evidence)


def probe(tools: TargetTools, action: DocumentAction, context: TaskContext) -> TaskState:
    """Say that it was not done: writing it again does no harm, and its facts are those of now."""
    return TaskState.PENDING


def _write(path: Path, data: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(path.name + ".part")
        part.write_bytes(data)
        part.replace(path)
    except OSError as error:
        raise FailedError(
            "the document cannot be written",
            where=str(path),
            cause=error.strerror or str(error),
            state="the document is as it was before",
            hint="name a file in a folder you may write to",
        ) from None


_Made = tuple[Document, tuple[Evidence, ...]]


def _options(tools: TargetTools) -> ValidateOptions:
    return ValidateOptions(
        target=tools.target,
        desired=tools.desired,
        migrations=tools.migrations_folder(""),
        scratch=tools.scratch,
        cache=tools.cache,
        defects=tools.defects,
        conventions=tools.conventions,
    )


def _drift_options(tools: TargetTools) -> DriftOptions:
    return DriftOptions(scratch=tools.scratch, cache=tools.cache, acceptances=tools.acceptances(), today=tools.today)


def _baseline(tools: TargetTools, context: TaskContext) -> _Made:
    from lockgate.report.analysis import baseline_document
    from lockgate.workflow.document_database import take_baseline

    taken = take_baseline(_options(tools), tools.now())
    return baseline_document(taken), (keep_json(context, "baseline.json", taken),)


def _analysis(tools: TargetTools, context: TaskContext) -> _Made:
    from lockgate.report.analysis import analysis_document
    from lockgate.workflow.document_database import analyse_database

    taken = analyse_database(_options(tools), _drift_options(tools), tools.now())
    return analysis_document(taken), (keep_json(context, "analysis.json", taken),)


def _remediation(tools: TargetTools, context: TaskContext) -> _Made:
    """One row a difference: what mends it, in which stage, at which risk."""
    from lockgate.report.fix import fix_document
    from lockgate.workflow.propose_fix import propose_fix

    fix = propose_fix(tools.engine, tools.target, tools.desired_spec(""), _drift_options(tools))
    kept = keep_json(context, "drift.json", fix.report)
    return fix_document(fix.report, fix.plan, fix.remediations), (kept,)


def _infrastructure(tools: TargetTools, context: TaskContext) -> _Made:
    """What the database and its backups are now: server, tables, conventions, and whether backups restore."""
    from lockgate.report.analysis import analysis_document
    from lockgate.report.backup_status import status_text
    from lockgate.workflow.backup_status import Surroundings, read_backup_status
    from lockgate.workflow.document_database import analyse_database

    taken = analyse_database(_options(tools), _drift_options(tools), tools.now())
    around = tools.backup_around() if tools.backup_around is not None else Surroundings(place=tools.place)
    status = read_backup_status(tools.open_repository(), tools.backup, tools.name, around, tools.now())
    analysis = analysis_document(taken)
    lines = tuple(Paragraph(line) for line in status_text(status).splitlines())
    blocks = (*analysis.blocks, Heading("Backups"), *lines)
    verdict = f"{analysis.verdict}; {status_text(status).splitlines()[0]}"
    document = Document(f"Infrastructure of {tools.name}", verdict, blocks)
    kept = (keep_json(context, "analysis.json", taken), context.keep("backup-status.json", encode_pretty(status)))
    return document, kept


def _rollback(tools: TargetTools, context: TaskContext) -> _Made:
    """The ways back from what this run has done so far; see `way_back_document`."""
    from lockgate.report.procedure.sections_after import way_back_document
    from lockgate.runbook.run_reports import report_of

    return way_back_document(report_of(context.run_folder, entries=context.entries)), ()


def _report(tools: TargetTools, context: TaskContext) -> _Made:
    from lockgate.report.procedure.document import report_document
    from lockgate.runbook.run_reports import report_of

    return report_document(report_of(context.run_folder, entries=context.entries)), ()


_MAKERS: Mapping[str, Callable[[TargetTools, TaskContext], _Made]] = {
    "baseline": _baseline,
    "analysis": _analysis,
    "remediation": _remediation,
    "infrastructure": _infrastructure,
    "rollback": _rollback,
    "report": _report,
}
