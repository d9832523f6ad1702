"""``lockgate abandon``: give up the copy of the run at work, which is then undone."""

from __future__ import annotations

import click

from lockgate.cli.face import Face, make_command


@make_command("abandon", "Give up the copy of the run at work, which is then undone.")
@click.option("--yes", is_flag=True, help="Do not ask (not enough for a protected target).")
@click.option("--confirm", metavar="NAME", help="The target's name: needed for a protected target.")
def command(face: Face, yes: bool, confirm: str | None) -> int:
    """The emergency exit while `lockgate apply` copies rows: the copy ends within a second, and what it was for is
    undone as after an error (--on-error of that run), without losing a row."""
    target = face.target
    from lockgate.cli.confirm import confirm_write

    confirm_write(target, "abandon the run at work", yes, confirm)
    from lockgate.cli.result import show_steered
    from lockgate.store.progress import ABANDON
    from lockgate.workflow.steer_copy import steer_copy

    show_steered(face, ABANDON, *steer_copy(face.engine, target.target, ABANDON))
    return 0
