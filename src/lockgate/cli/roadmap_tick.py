"""``lockgate roadmap tick``: tick what a run has proven to be done."""

from __future__ import annotations

import click

from lockgate.cli.face import Face, make_command


@make_command("tick", "Tick the items whose tasks a run has done.", is_target_configured=False)
@click.argument("file", required=False, metavar="[FILE]")
@click.option("--run", required=True, metavar="RUN", help="The run of a runbook whose journal is the evidence.")
@click.option("--dry-run", is_flag=True, help="Say what would be ticked and write nothing.")
def command(face: Face, file: str | None, run: str, dry_run: bool) -> int:
    """An item is ticked when every task that names it is done in that run's journal; deferred, skipped and failed tasks
    tick nothing. Everything else in the file stays byte for byte."""
    from lockgate.cli.journals import read_outcome
    from lockgate.cli.people import read_text
    from lockgate.cli.roadmaps import roadmap_path
    from lockgate.coordinate.tick import tick_items

    path = roadmap_path(face, file)
    done, left = read_outcome(face.settings.state_dir / "procedures" / run).linked_items()
    before = read_text(str(path))
    ticked = tick_items(before, done)
    if not dry_run and ticked.text != before:
        part = path.with_name(f".{path.name}.part")
        part.write_bytes(ticked.text.encode())
        part.replace(path)
    if face.output_format == "json":
        face.show_json(
            {
                "format_version": 1,
                "file": str(path),
                "run": run,
                "ticked": list(ticked.changed),
                "done": list(done),
                "left_open": list(left),
                "missing": list(ticked.missing),
            }
        )
    else:
        lines = [f"ticked {name}" for name in ticked.changed]
        lines += [f"left open {name}: not every task of it is done" for name in left]
        lines += [f"no such item: {name}" for name in ticked.missing]
        face.show("\n".join(lines) or "nothing to tick")
    return 3 if ticked.missing else 0
