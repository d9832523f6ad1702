"""``lockgate report journal``: a run's journal, checked and exported."""

from __future__ import annotations

import click

from lockgate.cli.face import Face, make_command
from lockgate.cli.run_folders import find_run


@make_command("journal", "Check a run's journal and print it, an entry a line.", is_target_configured=False)
@click.argument("run", metavar="RUN")
def command(face: Face, run: str) -> int:
    """With --format json each line is an entry as it was written, with actor, time and hash. Exit code 2 when an entry
    was changed, left out or put in; the line is named."""
    from lockgate.model.codec import encode
    from lockgate.runbook.record import read_entries

    folder = find_run(face, run)
    entries = read_entries(folder)
    if face.output_format == "json":
        face.show("\n".join(encode(entry).decode() for entry in entries))
        return 0
    for entry in entries:
        words = ", ".join(f"{k} {v}" for k, v in entry.body.items() if isinstance(v, str | int | float) and v != "")
        place = entry.task or entry.phase
        face.show(f"{entry.seq:>5}  {entry.ts}  {entry.type.value:<16} {place:<8} {words}".rstrip())
    face.show(f"{len(entries)} entries, the chain holds; last hash {entries[-1].hash if entries else 'none'}")
    return 0
