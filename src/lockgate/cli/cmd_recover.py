"""``lockgate recover``: after a crash, finish or undo by looking at the database."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from lockgate.cli.confirm import confirm_write
from lockgate.cli.face import Face, make_command
from lockgate.cli.read_options import scratch_options
from lockgate.cli.read_patience import patience_options

if TYPE_CHECKING:
    from lockgate.execute.retry import Patience


@make_command("recover", "After a crash: finish or undo, by looking at the database.", has_scratch=True)
@patience_options
@click.option("--finish", is_flag=True, help="Go on to the end of the plan instead of undoing.")
@click.option("--wait-s", type=click.FloatRange(0), default=30.0, help="Longest wait for an orphaned session (30).")
@click.option("--yes", is_flag=True, help="Do not ask (not enough for a protected target).")
@click.option("--confirm", metavar="NAME", help="The target's name: needed for a protected target.")
def command(face: Face, finish: bool, wait_s: float, yes: bool, confirm: str | None, patience: Patience) -> int:
    """Nothing happens when no run is unfinished."""
    target = face.target
    face.talk.say(f"looking for an unfinished run on {target.target.display}")
    from lockgate.cli.evidence import write_run_report
    from lockgate.cli.progress import Progress
    from lockgate.cli.result import show_run
    from lockgate.workflow.options import RecoverOptions
    from lockgate.workflow.recover import recover
    from lockgate.workflow.status import read_status

    unfinished = read_status(face.engine, target.target).unfinished
    if unfinished is not None:
        verb = "finish" if finish else "undo"
        confirm_write(target, f"{verb} the unfinished run {unfinished.id}", yes, confirm)
    options = RecoverOptions(is_finish=finish, wait_s=wait_s, patience=patience, scratch=scratch_options(face))
    progress = Progress(face.talk, face.settings.state_dir)
    try:
        result = recover(face.engine, target.target, options, progress)
    finally:
        progress.close()
    write_run_report(progress, face.talk, result, "recovery")
    show_run(face, result)
    return 0
