"""``lockgate rollback``: go back to a checkpoint."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from lockgate.cli.confirm import confirm_write
from lockgate.cli.face import Face, make_command
from lockgate.cli.read_options import scratch_options
from lockgate.cli.read_patience import patience_options
from lockgate.errors import ConfigError, LockgateError

if TYPE_CHECKING:
    from lockgate.execute.retry import Patience


@make_command("rollback", "Go back to a checkpoint; every row and value comes back.", has_scratch=True)
@patience_options
@click.option("--list", "is_list", is_flag=True, help="List the checkpoints one can go back to.")
@click.option("--to", metavar="CHECKPOINT", help="A checkpoint's id, latest, or start (before the newest run).")
@click.option("--dry-run", is_flag=True, help="Print exactly what would run and what would be lost; change nothing.")
@click.option("--yes", is_flag=True, help="Do not ask (not enough for a protected target).")
@click.option("--confirm", metavar="NAME", help="The target's name: needed for a protected target.")
@click.option("--force", is_flag=True, help="Go on although the live schema is not what the last run left.")
def command(
    face: Face,
    is_list: bool,
    to: str | None,
    dry_run: bool,
    yes: bool,
    confirm: str | None,
    force: bool,
    patience: Patience,
) -> int:
    """There is no default: name the checkpoint. Afterwards the live schema is proven to be the checkpoint's, and the
    rows are compared."""
    target = face.target
    if is_list:
        from lockgate.cli.cmd_checkpoint import show_checkpoints

        return show_checkpoints(face)
    if to is None:
        raise ConfigError(
            "rollback needs to know where to",
            where="lockgate rollback",
            cause="neither --to nor --list was given, and there is no default",
            state="nothing was touched",
            hint="lockgate rollback --list, then lockgate rollback --to CHECKPOINT (or latest, or start)",
        )
    if not dry_run:
        if force:
            from lockgate.cli.confirm import confirm_by_name

            confirm_by_name(target, f"roll back to {to} by force", confirm)
        else:
            confirm_write(target, f"roll back to {to}", yes, confirm)
    face.talk.say(f"{'dry run of a rollback' if dry_run else 'rolling back'} to {to} on {target.target.display}")
    from lockgate.cli.evidence import write_failure_report, write_run_report
    from lockgate.cli.progress import Progress
    from lockgate.cli.result import show_run
    from lockgate.workflow.options import RollbackOptions
    from lockgate.workflow.roll_back import roll_back

    options = RollbackOptions(is_dry_run=dry_run, is_forced=force, patience=patience, scratch=scratch_options(face))
    progress = Progress(face.talk, None if dry_run else face.settings.state_dir)
    try:
        result = roll_back(face.engine, target.target, to, options, progress)
    except LockgateError as error:
        write_failure_report(progress, face.talk, target.name, error, "rollback")
        raise
    finally:
        progress.close()
    write_run_report(progress, face.talk, result, "rollback")
    show_run(face, result)
    return 3 if result.debts else 0
