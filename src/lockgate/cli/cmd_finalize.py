"""``lockgate finalize``: really drop what a run parked."""

from __future__ import annotations

from datetime import timedelta

import click

from lockgate.cli.confirm import confirm_by_name
from lockgate.cli.face import Face, make_command


@make_command("finalize", "Really drop what a run parked.")
@click.argument("run")
@click.option("--now", "is_now", is_flag=True, help="Before the retention is over.")
@click.option("--all", "is_all", is_flag=True, help="Also what rollbacks left parked.")
@click.option("--dry-run", is_flag=True, help="Print what would be dropped; change nothing.")
@click.option("--confirm", metavar="NAME", help="The target's name: always needed, --yes is not enough.")
@click.option("--yes", is_flag=True, hidden=True)
def command(face: Face, run: str, is_now: bool, is_all: bool, dry_run: bool, confirm: str | None, yes: bool) -> int:
    """RUN is a run's id, or latest. After this there is no way back from that run: the parked tables, columns and
    values are gone for good."""
    target = face.target
    if not dry_run:
        confirm_by_name(target, f"finalize run {run}: drop for good what it parked", confirm)
    face.talk.say(f"{'dry run of finalizing' if dry_run else 'finalizing'} {run} on {target.target.display}")
    from lockgate.cli.progress import Progress
    from lockgate.cli.result import show_run
    from lockgate.workflow.finalize import finalize
    from lockgate.workflow.options import FinalizeOptions

    options = FinalizeOptions(
        is_dry_run=dry_run, is_now=is_now, is_all=is_all, retention=timedelta(seconds=target.retention_s)
    )
    progress = Progress(face.talk, None if dry_run else face.settings.state_dir)
    try:
        result = finalize(face.engine, target.target, run, options, progress)
    finally:
        progress.close()
    show_run(face, result)
    return 0
