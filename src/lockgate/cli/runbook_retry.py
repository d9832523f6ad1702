"""``lockgate runbook retry``: let a failed task, or a gate in the hands of reviewers, be tried again."""

from __future__ import annotations

import click

from lockgate.cli.face import Face, make_command
from lockgate.cli.runbook_decide import decide, reason_option


@make_command("retry", "Let a failed task run again.")
@click.argument("run_id", metavar="RUN")
@click.argument("task")
@reason_option
def command(face: Face, run_id: str, task: str, reason: str) -> int:
    """A task whose end is not known is not tried again: look, and resolve it first."""
    return decide(face, run_id, "retry", task, reason=reason)
