"""``lockgate report lesson``: a person's words in a run's journal."""

from __future__ import annotations

import os

import click

from lockgate.cli.face import Face, make_command
from lockgate.cli.run_folders import find_run
from lockgate.errors import ConfigError


@make_command(
    "lesson", "Add a person's words to a run, by name and time; they change no fact.", is_target_configured=False
)
@click.argument("run", metavar="RUN")
@click.argument("text", metavar="TEXT")
@click.option(
    "--about",
    type=click.Choice(("lesson", "summary", "note")),
    default="lesson",
    show_default=True,
    help="Where in the report they stand.",
)
def command(face: Face, run: str, text: str, about: str) -> int:
    """TEXT is written into the run's journal and its report is written again. A run that is at work takes no words
    until it rests."""
    from lockgate.cli.actor import find_actor
    from lockgate.model.procedure import EntryType
    from lockgate.runbook.record import Record
    from lockgate.runbook.run_reports import write_run_reports

    if not text.strip():
        raise ConfigError("there are no words", where="TEXT", state="nothing was written", hint="say them in quotes")
    folder, actor = find_run(face, run), find_actor(os.environ)
    by = f"{actor.name} (by {actor.program})" if actor.kind == "agent" else actor.name
    record = Record(folder, actor=by)
    try:
        entry = record.append(EntryType.LESSON, {"text": text, "about": about, "by": by})
    finally:
        record.close()
    write_run_reports(folder)
    if face.output_format == "json":
        face.show_json({"format_version": 1, "run": folder.name, "about": about, "by": by, "at": entry.ts})
    else:
        face.show(f"added to {folder.name}: {by} at {entry.ts}\nnext: lockgate report build {folder.name}")
    if (folder / "seal.json").exists():
        face.talk.say("the run was sealed before; lockgate report seal seals it with these words")
    return 0
