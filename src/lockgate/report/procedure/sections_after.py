"""The parts of a report about files, documents, messages, lessons, what is left, and the way back; pure."""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.model.procedure_report import ProcedureReport
from lockgate.report.document import Block, Bullets, Code, Document, Heading, Paragraph, Table


def after_blocks(report: ProcedureReport) -> list[Block]:
    """Return files, documents, messages, lessons, open items and the rollback runbook."""
    blocks = [*_files(report), *_documents(report), *_messages(report), *_lessons(report), *_open(report)]
    return [*blocks, Heading("Rollback runbook"), *way_back_blocks(report)]


def _files(report: ProcedureReport) -> Iterator[Block]:
    yield Heading("Files changed")
    if not report.files:
        yield Paragraph(report.files_note or "The run's commits changed no file.")
    rows = tuple((f.status, f.path, f.purpose, f.sha256) for f in report.files)
    yield Table(("status", "file", "purpose", "sha256"), rows)
    tags = tuple(
        (tag.name, tag.recorded or "not recorded", tag.resolved or "no such tag", "yes" if tag.is_right else "NO")
        for tag in report.tags
    )
    yield Table(("tag", "recorded commit", "points to", "right"), tags)


def _documents(report: ProcedureReport) -> Iterator[Block]:
    if report.documents:
        yield Heading("Documents")
        rows = tuple((d.make, d.path, d.state, d.sha256, f"{d.bytes:,}") for d in report.documents)
        yield Table(("document", "path", "state", "sha256", "bytes"), rows)


def _messages(report: ProcedureReport) -> Iterator[Block]:
    if report.messages:
        yield Heading("Messages")
        rows = tuple((m.key, m.channel, m.at, "yes" if m.is_delivered else "NO", m.error) for m in report.messages)
        yield Table(("message", "channel", "at", "delivered", "error"), rows)


def _lessons(report: ProcedureReport) -> Iterator[Block]:
    yield Heading("Lessons, in people's words")
    lessons = tuple(f"{w.by}, {w.at}: {w.text}" for w in report.words if w.about != "summary")
    yield Bullets(lessons)
    if not lessons:
        yield Paragraph(f"None is recorded; lockgate report lesson {report.run} TEXT adds one.")


def _open(report: ProcedureReport) -> Iterator[Block]:
    yield Heading("Open items, for the next run")
    if not report.open_items:
        yield Paragraph("None.")
    rows = tuple((o.id, o.kind, o.text, o.owner or "nobody yet", o.due) for o in report.open_items)
    yield Table(("id", "kind", "what", "owner", "due"), rows)


def way_back_blocks(report: ProcedureReport) -> Iterator[Block]:
    """Yield the ways back with this run's ids and commands, and whom to call."""
    if not report.ways_back:
        yield Paragraph("This run made no commit, checkpoint or backup: there is nothing of it to go back to.")
    for way in report.ways_back:
        yield Heading(f"{way.level}: {way.title}" if way.level != "none" else way.title, 3)
        facts = (("age", way.age), ("loses", way.loses), ("estimate", way.estimate), ("note", way.note))
        yield Bullets(tuple(f"{name}: {text}" for name, text in facts if text))
        if way.command:
            yield Code(way.command, "sh")
    if report.contacts:
        yield Heading("Whom to call", 3)
        rows = tuple(
            (c.name, c.role, c.channel or c.reach or "NO CHANNEL", "yes" if c.is_tested else "no")
            for c in report.contacts
        )
        yield Table(("name", "role", "channel", "reached in this run"), rows)


def way_back_document(report: ProcedureReport) -> Document:
    """Return the rollback runbook of the run as a document of its own; the same as in its report."""
    ways = [way for way in report.ways_back if way.level != "none"]
    verdict = f"{len(ways)} ways back from the run {report.run}, the lowest level first"
    return Document(f"Rollback runbook of the run {report.run}", verdict, tuple(way_back_blocks(report)))
