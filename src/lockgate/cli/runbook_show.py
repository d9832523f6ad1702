"""``lockgate runbook show``: a runbook for people, or its counts and value as JSON; opens no database."""

from __future__ import annotations

from pathlib import Path

import click

from lockgate.cli.face import Face, make_command


@make_command("show", "Show a runbook: phases, tasks, gates, and how many of each.", is_target_configured=False)
@click.argument("runbook_file", metavar="RUNBOOK")
def command(face: Face, runbook_file: str) -> int:
    """Nothing is run and nobody is asked. The status is computed, whatever words the file uses."""
    import msgspec

    from lockgate.model.runbook import counts_of
    from lockgate.runbook.read import read_runbook

    runbook = read_runbook(Path(runbook_file)).runbook
    if face.output_format == "json":
        face.show_json({"format_version": 1, "counts": counts_of(runbook), "runbook": msgspec.to_builtins(runbook)})
        return 0
    lines = [f"{runbook.title or runbook.runbook}"]
    for phase in runbook.phases:
        lines.append(f"phase {phase.id}: {phase.title}")
        lines.extend(f"  {task.id}  {task.title}" for task in phase.tasks)
        if phase.gate is not None:
            lines.append(f"  gate {phase.gate.id}: {len(phase.gate.checks)} checks")
    face.show("\n".join(lines))
    return 0
