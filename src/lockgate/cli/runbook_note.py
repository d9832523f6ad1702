"""``lockgate runbook note``: write down what deviated, or what was learned, in a run's journal."""

from __future__ import annotations

import click

from lockgate.cli.face import Face, make_command


@make_command("note", "Write a deviation or a lesson into a run's journal.")
@click.argument("run_id", metavar="RUN")
@click.argument("text")
@click.option("--lesson", is_flag=True, help="Something learned, for the report's last section.")
@click.option("--manual-sql", is_flag=True, help="A statement that somebody ran by hand.")
def command(face: Face, run_id: str, text: str, lesson: bool, manual_sql: bool) -> int:
    """The note stands in the report beside the facts, by name; it changes none of them."""
    import os

    from lockgate.cli.actor import find_actor
    from lockgate.model.procedure import EntryType
    from lockgate.runbook.record import Record
    from lockgate.runbook.runs import find_folder

    folder = find_folder(face.settings.state_dir, run_id)
    actor = find_actor(os.environ)
    record = Record(folder, actor=actor.name)
    try:
        if lesson:
            record.append(EntryType.LESSON, {"text": text, "by": actor.name})
        else:
            what = "manual_sql" if manual_sql else "note"
            record.append(EntryType.DEVIATION, {"what": what, "text": f"{text} ({actor.name})"})
    finally:
        record.close()
    if face.output_format == "json":
        face.show_json({"format_version": 1, "run": folder.name, "text": text, "is_lesson": lesson})
    else:
        face.show(f"noted in {folder.name}")
    return 0
