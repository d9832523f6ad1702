"""Render a rehearsal for people; pure."""

from __future__ import annotations

from lockgate.model.rehearsal import Outcome, Rehearsal, StepMeasure
from lockgate.report.document import Block, Bullets, Document, Heading, Table


def rehearsal_document(rehearsal: Rehearsal) -> Document:
    """Return a rehearsal as a document: the verdict, the acts, the steps with what they cost, what was copied."""
    rows = sum(table.rows for table in rehearsal.tables)
    facts = (
        ("plan", f"{rehearsal.plan} (digest {rehearsal.digest[:12]})"),
        ("target", rehearsal.target),
        ("server", rehearsal.server_version),
        ("begun", rehearsal.started_at),
        ("took", f"{rehearsal.duration_s:.1f} s"),
        ("rows", f"{rows:,} of {len(rehearsal.tables)} tables, {_extent(rehearsal)}"),
    )
    blocks: list[Block] = [Table(("fact", "value"), facts)]
    if rehearsal.acts:
        blocks += [Heading("What was done"), Bullets(rehearsal.acts)]
    if rehearsal.steps:
        blocks += [Heading("Steps"), _steps(rehearsal.steps)]
    sampled = tuple(f"{table.table}: {table.rows:,} rows" for table in rehearsal.tables if not table.is_full)
    if sampled:
        blocks += [Heading("Copied in part"), Bullets(sampled)]
    if rehearsal.notes:
        blocks += [Heading("Notes"), Bullets(rehearsal.notes)]
    return Document(f"Rehearsal of {rehearsal.plan}", verdict_of(rehearsal), tuple(blocks))


def verdict_of(rehearsal: Rehearsal) -> str:
    """Return how it ended, in a sentence."""
    if rehearsal.outcome is Outcome.FAILED:
        return f"Failed: {rehearsal.failure}"
    if not rehearsal.steps:
        return "Passed: the plan is empty, there was nothing to do."
    return "Passed: applied, rolled back with every row as before, and applied again."


def _extent(rehearsal: Rehearsal) -> str:
    if rehearsal.backup:
        return f"restored from {rehearsal.backup}"
    return "all of the target's" if rehearsal.is_full else "larger tables in part"


def _steps(steps: tuple[StepMeasure, ...]) -> Table:
    columns = ("step", "what", "apply", "undo", "again", "reads waited", "writes waited", "extra disk")
    rows = tuple(
        (
            step.id,
            step.title,
            _seconds(step.apply_s),
            _seconds(step.undo_s),
            _seconds(step.again_s),
            _seconds(step.blocked_reads_s),
            _seconds(step.blocked_writes_s),
            f"{step.extra_bytes / 1e6:.1f} MB",
        )
        for step in steps
    )
    return Table(columns, rows)


def _seconds(seconds: float) -> str:
    return "not run" if seconds < 0 else f"{seconds:.3f} s"
