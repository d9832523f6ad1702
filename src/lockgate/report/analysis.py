"""Render a baseline and an analysis of a database as documents; pure."""

from __future__ import annotations

from lockgate.model.analysis import Baseline, Section, TableGroup
from lockgate.report.document import Block, Bullets, Document, Heading, Paragraph, Table

_ABOUT_DUPLICATES = ("schema", "migrations")


def baseline_document(baseline: Baseline) -> Document:
    """Return what the database was at that moment: server, counts, every table, settings."""
    blocks: list[Block] = [_facts(baseline), Heading("Objects"), _counts(baseline.counts)]
    for group in baseline.groups:
        blocks += [Heading(f"Tables: {group.name}"), _tables(group)]
    blocks += [Heading("Settings"), Table(("setting", "value"), tuple(sorted(baseline.settings.items())))]
    return Document(f"Baseline of {baseline.target}", _baseline_verdict(baseline), (*blocks, *_unmanaged(baseline)))


def analysis_document(analysis: Baseline) -> Document:
    """Return tables by group, then drift, migrations, duplicates, conventions and defects, each with its evidence."""
    rows = tuple(_group_row(group) for group in analysis.groups)
    columns = ("group", "tables", "columns", "indexes", "foreign keys", "rows (estimate)", "without a primary key")
    blocks: list[Block] = [_facts(analysis), Heading("Tables by group"), Table(columns, rows)]
    blocks += [Heading("Drift"), Paragraph(analysis.drift or "not run: no desired schema was given")]
    for section in analysis.sections:
        blocks += _section(section)
    duplicates = [f for s in analysis.sections for f in s.findings if "duplicate" in f.code or "covered" in f.code]
    blocks.append(Heading("Duplicates"))
    blocks.append(
        Bullets(tuple(f"{f.place}: {f.message} ({f.code})" for f in duplicates))
        if duplicates
        else Paragraph("none found" if _has_run(analysis) else "not run: see the sections above")
    )
    return Document(
        f"Schema analysis of {analysis.target}", _analysis_verdict(analysis), (*blocks, *_unmanaged(analysis))
    )


def _has_run(analysis: Baseline) -> bool:
    return any(s.name in _ABOUT_DUPLICATES and s.status in ("clean", "found") for s in analysis.sections)


def _baseline_verdict(baseline: Baseline) -> str:
    counts = ", ".join(f"{count:,} {kind}" for kind, count in baseline.counts.items() if count) or "an empty database"
    open_ends = f"; {len(baseline.unmanaged)} objects could not be read" if baseline.unmanaged else ""
    return f"{counts}{open_ends}; fingerprint {baseline.fingerprint[:12]}"


def _analysis_verdict(analysis: Baseline) -> str:
    found = sum(len(section.findings) for section in analysis.sections)
    not_run = [section.name for section in analysis.sections if section.status == "not_run"]
    words = [f"{found} finding{'' if found == 1 else 's'}"]
    words += [f"not run: {', '.join(not_run)}"] if not_run else []
    words += ["some things could not be looked at"] if any(s.unknown for s in analysis.sections) else []
    words.append(analysis.drift.split(" (")[0] if analysis.drift else "drift not run")
    return "; ".join(words)


def _facts(baseline: Baseline) -> Table:
    return Table(
        ("fact", "value"),
        (
            ("target", baseline.target),
            ("server", baseline.server_version),
            ("taken at (UTC)", baseline.taken_at),
            ("fingerprint", baseline.fingerprint),
        ),
    )


def _counts(counts: dict[str, int]) -> Table:
    return Table(("kind", "count"), tuple((kind, f"{count:,}") for kind, count in counts.items()))


def _tables(group: TableGroup) -> Table:
    rows = tuple(
        (
            t.name,
            str(t.columns),
            str(t.indexes),
            str(t.foreign_keys),
            _estimate(t.rows),
            _estimate(t.bytes),
            "yes" if t.has_primary_key else "no",
        )
        for t in group.tables
    )
    columns = ("table", "columns", "indexes", "foreign keys", "rows (estimate)", "bytes (estimate)", "primary key")
    return Table(columns, rows)


def _group_row(group: TableGroup) -> tuple[str, ...]:
    known = [t.rows for t in group.tables if t.rows >= 0]
    return (
        group.name,
        f"{len(group.tables):,}",
        f"{sum(t.columns for t in group.tables):,}",
        f"{sum(t.indexes for t in group.tables):,}",
        f"{sum(t.foreign_keys for t in group.tables):,}",
        f"{sum(known):,}" if len(known) == len(group.tables) else "unknown",
        ", ".join(t.name for t in group.tables if not t.has_primary_key) or "none",
    )


def _section(section: Section) -> list[Block]:
    checked = ", ".join(f"{count:,} {kind}" for kind, count in section.checked.items() if count)
    verdict = {
        "clean": f"clean (checked {checked})",
        "found": f"{len(section.findings)} found (checked {checked})",
        "unknown": f"unknown (checked {checked or 'nothing'})",
    }.get(section.status, f"not run: {section.note}")
    blocks: list[Block] = [Heading(section.name.capitalize()), Paragraph(verdict)]
    if section.findings:
        rows = tuple((f.severity.value, f.code, f.place, f.message, f.next_step) for f in section.findings)
        blocks.append(Table(("severity", "code", "where", "what", "next step"), rows))
    blocks.append(Bullets(tuple(f"could not be looked at: {text}" for text in section.unknown)))
    return blocks


def _unmanaged(baseline: Baseline) -> list[Block]:
    if not baseline.unmanaged:
        return []
    return [Heading("Not managed"), Bullets(tuple(f"{u.kind} {u.name}: {u.reason}" for u in baseline.unmanaged))]


def _estimate(number: int) -> str:
    return "unknown" if number < 0 else f"{number:,}"
