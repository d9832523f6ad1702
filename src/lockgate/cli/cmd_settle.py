"""``lockgate settle``: put in place what a rollback still owes, once no row is in the way."""

from __future__ import annotations

import click

from lockgate.cli.confirm import confirm_write
from lockgate.cli.face import Face, make_command
from lockgate.cli.read_options import scratch_options


@make_command("settle", "Put in place what a rollback still owes, once no row is in the way.", has_scratch=True)
@click.option("--list", "is_list", is_flag=True, help="Only list what is owed and every row in the way.")
@click.option("--yes", is_flag=True, help="Do not ask (not enough for a protected target).")
@click.option("--confirm", metavar="NAME", help="The target's name: needed for a protected target.")
def command(face: Face, is_list: bool, yes: bool, confirm: str | None) -> int:
    """A rollback never fails because of rows that came later: what they stand in the way of is put in place for new
    rows only, and owed. This command changes and deletes no row: it lists those in the way, and once you corrected them
    it restores the exact schema. Exit code 3 while anything is owed."""
    target = face.target
    if not is_list:
        confirm_write(target, "settle what rollbacks owe", yes, confirm)
    face.talk.say(f"{'looking at' if is_list else 'settling'} what is owed on {target.target.display}")
    from lockgate.cli.progress import Progress
    from lockgate.cli.result import show_run
    from lockgate.workflow.options import SettleOptions
    from lockgate.workflow.settle_debt import settle

    options = SettleOptions(is_list=is_list, scratch=scratch_options(face))
    progress = Progress(face.talk, None if is_list else face.settings.state_dir)
    try:
        result = settle(face.engine, target.target, options, progress)
    finally:
        progress.close()
    show_run(face, result)
    return 3 if result.debts else 0
