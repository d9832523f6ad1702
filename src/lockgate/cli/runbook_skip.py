"""``lockgate runbook skip``: leave a task out for good; the run is then never plainly complete."""

from __future__ import annotations

import click

from lockgate.cli.face import Face, make_command
from lockgate.cli.runbook_decide import decide, reason_option


@make_command("skip", "Leave a task out for good.")
@click.argument("run_id", metavar="RUN")
@click.argument("task")
@reason_option
def command(face: Face, run_id: str, task: str, reason: str) -> int:
    """The report lists it with who and why; a run that leaves anything out is complete with deferrals at best."""
    return decide(face, run_id, "skip", task, reason=reason)
