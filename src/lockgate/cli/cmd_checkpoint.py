"""``lockgate checkpoint``: create, list and show places one can return to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from lockgate.cli.confirm import confirm_write
from lockgate.cli.face import Face, make_command

if TYPE_CHECKING:
    from lockgate.workflow.checkpoint_backups import CheckpointBackup


@click.group("checkpoint", short_help="Create, list and show places one can return to.")
def command() -> None:
    """Create, list and show places one can return to. A run takes its own before every stage."""


@make_command("create", "Take a checkpoint outside of a run.")
@click.option("--label", default="", help="A name for people.")
@click.option("--yes", is_flag=True, help="Do not ask (not enough for a protected target).")
@click.option("--confirm", metavar="NAME", help="The target's name: needed for a protected target.")
def create(face: Face, label: str, yes: bool, confirm: str | None) -> int:
    """Keeps the schema, its fingerprint and the row counts in Lockgate's own tables in the target."""
    target = face.target
    confirm_write(target, "take a checkpoint", yes, confirm)
    face.talk.say(f"taking a checkpoint of {target.target.display}")
    from lockgate.cli.progress import Progress
    from lockgate.workflow.checkpoints import create_checkpoint

    progress = Progress(face.talk, face.settings.state_dir)
    checkpoint = create_checkpoint(face.engine, target.target, label, progress)
    progress.close()
    if face.output_format == "json":
        from lockgate.cli.result import document_of

        face.show_json(document_of(checkpoint))
    else:
        face.show(f"checkpoint {checkpoint.id} of {target.name}\nway back: lockgate rollback --to {checkpoint.id}")
    return 0


@make_command("list", "List all checkpoints, newest first.")
def list_all(face: Face) -> int:
    """Reads only."""
    return show_checkpoints(face)


@make_command("show", "Show one checkpoint.", ("text", "json", "markdown", "html"))
@click.argument("checkpoint", metavar="ID")
def show(face: Face, checkpoint: str) -> int:
    """ID may be latest."""
    from lockgate.cli.output import render_document
    from lockgate.cli.result import document_of
    from lockgate.report.run import checkpoint_document
    from lockgate.workflow.checkpoints import load_checkpoint

    loaded = load_checkpoint(face.engine, face.target.target, checkpoint)
    if face.output_format == "json":
        face.show_json(document_of(loaded))
    else:
        face.show(render_document(checkpoint_document(loaded), face.output_format))
    return 0


def show_checkpoints(face: Face) -> int:
    """Print the list of checkpoints with their backups; also ``rollback --list``."""
    from dataclasses import asdict
    from datetime import UTC, datetime

    from lockgate.cli.backups import open_repository
    from lockgate.report.run import checkpoints_text
    from lockgate.workflow.checkpoint_backups import read_checkpoint_backups
    from lockgate.workflow.checkpoints import list_checkpoints

    now = datetime.now(UTC)
    found = list_checkpoints(face.engine, face.target.target)
    backups = read_checkpoint_backups(open_repository(face), now)
    ages = {item.id: round((now - datetime.fromisoformat(item.created_at)).total_seconds(), 1) for item in found}
    if face.output_format == "json":
        from lockgate.model.codec import encode_pretty, read_any

        items = [
            {
                **read_any(encode_pretty(item)),
                "backup": asdict(backups[item.id]) if item.id in backups else None,
                "age_s": ages[item.id],
                "checkpoint_kind": "schema snapshot",
                "loses": "nothing",
            }
            for item in found
        ]
        face.show_json({"format_version": 1, "target": face.target.name, "checkpoints": items})
    else:
        words = {name: _words_of(backup) for name, backup in backups.items()}
        face.show(checkpoints_text(found, words, {name: _span(age) for name, age in ages.items()}))
    return 0


def _words_of(backup: CheckpointBackup) -> tuple[str, str, str, str]:
    """Return a backup's id and kind, whether it was proven, what restoring it would lose, and how long that took."""
    return (
        f"{backup.backup} ({backup.kind})",
        "yes" if backup.is_verified else "no",
        f"writes of {_span(backup.loss_s)}",
        _span(backup.restore_s) if backup.restore_s >= 0 else "unknown",
    )


def _span(seconds: float) -> str:
    """Write a length of time for people: 45 s, 12 min, 5.5 h, 3.1 days."""
    for size, word in ((86400, "days"), (3600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds / size:.1f} {word}" if size > 60 else f"{seconds / size:.0f} {word}"
    return f"{seconds:.0f} s"


for part in (create, list_all, show):
    command.add_command(part)
