"""``lockgate runbook defer``: put a task off; the run is then never plainly complete."""

from __future__ import annotations

import click

from lockgate.cli.face import Face, make_command
from lockgate.cli.runbook_decide import decide, reason_option


@make_command("defer", "Put a task off until later, with an owner.")
@click.argument("run_id", metavar="RUN")
@click.argument("task")
@reason_option
@click.option("--owner", default="", help="Who does it later.")
@click.option("--until", default="", help="Until when.")
def command(face: Face, run_id: str, task: str, reason: str, owner: str, until: str) -> int:
    """The report lists it as an open item; a run that puts anything off is complete with deferrals at best."""
    return decide(face, run_id, "defer", task, reason=reason, owner=owner, until=until)
