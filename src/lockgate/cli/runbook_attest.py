"""``lockgate runbook attest``: a person says by name that a manual task is done or a manual check holds."""

from __future__ import annotations

import click

from lockgate.cli.face import Face, make_command
from lockgate.cli.runbook_decide import decide, reason_option, role_option


@make_command("attest", "Say by name that a manual task is done, or a manual check holds.")
@click.argument("run_id", metavar="RUN")
@click.argument("task")
@reason_option
@role_option
def command(face: Face, run_id: str, task: str, reason: str, role: str) -> int:
    """TASK is the id of a manual task, or of a manual check (gate-3/2, 3.2/verify/1). A coding agent is refused."""
    return decide(face, run_id, "attest", task, reason=reason, role=role)
