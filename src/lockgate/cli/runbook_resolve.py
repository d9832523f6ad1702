"""``lockgate runbook resolve``: a person looked, and says how something in doubt ended."""

from __future__ import annotations

import click

from lockgate.cli.confirm import confirm_loss
from lockgate.cli.face import Face, make_command
from lockgate.cli.runbook_decide import decide, reason_option


@make_command("resolve", "Say how something in doubt ended, after looking; or allow a restore.")
@click.argument("run_id", metavar="RUN")
@click.argument("subject")
@click.option("--as", "outcome", type=click.Choice(["done", "not_done", "restore"]), required=True, help="What is so.")
@reason_option
@click.option("--confirm", metavar="NAME", help="The target's name: needed to allow a restore.")
def command(face: Face, run_id: str, subject: str, outcome: str, reason: str, confirm: str | None) -> int:
    """SUBJECT is a task whose end is not known, `rollback` for a way back that was cut short, or `data` (with --as
    restore) to allow what loses writes. A coding agent is refused."""
    if outcome == "restore":
        confirm_loss(face.target, f"allow restoring {face.target.name}", confirm)
        return decide(face, run_id, "approve", "data", reason=reason)
    return decide(face, run_id, "resolve", subject, reason=reason, outcome=outcome)
