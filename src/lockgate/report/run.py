"""Render what a run did, and a target's state, for people; pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from lockgate.model.run import Checkpoint, Event, EventType, Owed, RunResult, Salvaged
from lockgate.report.document import Block, Bullets, Code, Document, Folded, Heading, Paragraph, Table
from lockgate.report.text import table_lines

NO_AGES: Mapping[str, str] = MappingProxyType({})
NO_BACKUPS: Mapping[str, tuple[str, str, str, str]] = MappingProxyType({})
_NO_BACKUP = ("none", "-", "-", "-")


def run_text(result: RunResult) -> str:
    """Return what was done; of a dry run exactly the statements that would be sent, notes as SQL comments."""
    if result.is_dry_run:
        comments = [result.message, *result.notes, *result.rows]
        head = [f"-- {line}" for text in comments if text for line in text.splitlines()]
        body = [statement.rstrip() for statement in result.statements]
        return "\n".join([*head, *(f"{s}" if s.endswith(";") or s.startswith("--") else f"{s};" for s in body)]) + "\n"
    lines = [result.message]
    lines += [f"  {text}" for text in (*result.notes, *result.rows)]
    if result.parked:
        lines.append(f"  {_parked_words(result).lower()}: {', '.join(result.parked)}")
    for owed in result.debts:
        lines += _owed_lines(owed)
    if result.salvaged:
        lines.append(f"  {result.salvaged} values are kept in salvage: lockgate salvage list")
    if result.next_command:
        lines.append(f"  next: {result.next_command}")
    if not result.is_proven:
        lines.append("  not everything could be compared: see the notes")
    if result.checkpoint and result.state in ("applied", "paused", "stopped"):
        lines.append(f"  way back: lockgate rollback --to {result.checkpoint}")
    return "\n".join(lines) + "\n"


_ROWS_SHOWN = 50


def _owed_lines(owed: Owed) -> list[str]:
    """Return a debt and the rows in its way as lines of text; of very many rows the first ones and their number."""
    if owed.note:
        return [f"  owed: {owed.message} ({owed.note})"]
    if not owed.rows:
        return [f"  owed: {owed.message}; no row is in the way any more"]
    lines = [f"  owed: {owed.message}; {len(owed.rows)} rows in the way:"]
    for row in owed.rows[:_ROWS_SHOWN]:
        lines.append(f"    {row.key}: {'NULL' if row.value is None else row.value}")
    if len(owed.rows) > _ROWS_SHOWN:
        lines.append(f"    and {len(owed.rows) - _ROWS_SHOWN} more, all of them with --format json")
    return lines


def salvage_text(kept: Sequence[Salvaged]) -> str:
    """Return the values in salvage as a table."""
    if not kept:
        return "nothing is kept in salvage: the schema in force holds every value\n"
    rows = tuple((k.table, k.row_key, k.column, _text(k.value), _text(k.stand_in), k.reason) for k in kept)
    return "\n".join(table_lines(Table(("table", "row", "column", "value", "the row holds", "why"), rows))) + "\n"


def _text(value: str | None) -> str:
    return "NULL" if value is None else value


def run_document(result: RunResult, events: Sequence[Event]) -> Document:
    """Return a run as a document: the verdict, the facts, the story, the statements."""
    facts = Table(
        ("fact", "value"),
        (
            ("run", result.run),
            ("target", result.target),
            ("state", result.state),
            ("steps", f"{result.steps_done} of {result.steps_total}"),
            ("stages done", ", ".join(map(str, result.stages_done)) or "none"),
            ("stages left", ", ".join(map(str, result.stages_left)) or "none"),
            ("checkpoints", ", ".join(result.checkpoints) or "none"),
            ("compared", "everything" if result.is_proven else "not everything, see the notes"),
            ("duration", f"{result.duration_s:.2f} s"),
        ),
    )
    blocks: list[Block] = [facts]
    if result.notes or result.rows:
        blocks += [Heading("Notes"), Bullets((*result.notes, *result.rows))]
    if result.debts:
        blocks += [Heading("Owed"), Bullets(tuple(line.strip() for o in result.debts for line in _owed_lines(o)))]
    if result.parked:
        blocks += [Heading(_parked_words(result)), Bullets(result.parked)]
    blocks += [Heading("What happened"), events_table(events)]
    if result.statements:
        statements = "\n".join(s.rstrip().rstrip(";") + ";" for s in result.statements)
        blocks.append(Folded(f"The {len(result.statements)} statements", (Code(statements),)))
    return Document(f"Run {result.run} on {result.target}", result.message, tuple(blocks))


def _parked_words(result: RunResult) -> str:
    return "Dropped for good" if result.state == "finalized" else "Parked until finalize"


def failure_document(
    run: str, target: str, what: str, facts: Sequence[tuple[str, str]], events: Sequence[Event]
) -> Document:
    """Return a run that ended in an error as a document; ``facts`` are the labelled parts of the error."""
    return Document(
        f"Run {run} on {target}",
        what,
        (Table(("fact", "value"), tuple(facts)), Heading("What happened"), events_table(events)),
    )


def events_table(events: Sequence[Event]) -> Table:
    """Return the events people care about as a table."""
    skipped = {
        EventType.STATEMENT_INTENT,
        EventType.STATEMENT_STARTED,
        EventType.STATEMENT_FINISHED,
        EventType.STATEMENT_DONE,
        EventType.COMMITTING,
        EventType.STEP_STARTED,
    }
    rows = tuple(
        (event.ts[11:23], event.type.value.replace("_", " "), event.step_id, event.message)
        for event in events
        if event.type not in skipped
    )
    return Table(("time (UTC)", "event", "step", "what"), rows)


def checkpoints_text(
    checkpoints: Sequence[Checkpoint],
    backups: Mapping[str, tuple[str, str, str, str]] = NO_BACKUPS,
    ages: Mapping[str, str] = NO_AGES,
) -> str:
    """Return checkpoints as a table, newest first as given. Rolling back to one loses nothing; its backup may.

    ``ages``: how old each is, in words.
    ``backups``: by checkpoint, a backup's id, whether it is verified, what restoring it would lose, how long it takes.
    """
    if not checkpoints:
        return "no checkpoints: nothing was applied here yet\n"
    rows = tuple(
        (
            c.id,
            c.created_at[:19].replace("T", " "),
            ages.get(c.id, ""),
            c.run or "-",
            str(c.stage or "-"),
            str(c.position),
            _rows(c),
            c.label,
            *backups.get(c.id, _NO_BACKUP),
        )
        for c in checkpoints
    )
    head = ("checkpoint", "created (UTC)", "age", "run", "stage", "steps done", "rows", "label")
    table = Table((*head, "backup", "verified", "restoring it loses", "and takes"), rows)
    return "\n".join(table_lines(table)) + "\n"


def checkpoint_document(checkpoint: Checkpoint) -> Document:
    """Return one checkpoint with its row counts."""
    facts = Table(
        ("fact", "value"),
        (
            ("created", checkpoint.created_at),
            ("run", checkpoint.run or "none"),
            ("stage", str(checkpoint.stage)),
            ("steps done", str(checkpoint.position)),
            ("fingerprint", checkpoint.fingerprint),
            ("label", checkpoint.label or "none"),
        ),
    )
    counts = Table(
        ("table", "rows", "how"),
        tuple((c.table, _number(c.rows), "counted" if c.is_exact else "estimated") for c in checkpoint.counts),
    )
    way_back = Paragraph(f"Way back: lockgate rollback --to {checkpoint.id}")
    return Document(f"Checkpoint {checkpoint.id}", "", (facts, counts, way_back))


def _rows(checkpoint: Checkpoint) -> str:
    if not checkpoint.counts or any(count.rows < 0 for count in checkpoint.counts):
        return "-"
    total = sum(count.rows for count in checkpoint.counts)
    return f"{total:,}" if all(count.is_exact for count in checkpoint.counts) else f"about {total:,}"


def _number(rows: int) -> str:
    return f"{rows:,}" if rows >= 0 else "unknown"
