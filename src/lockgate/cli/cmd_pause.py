"""``lockgate pause``: let the copy of the run at work stand still."""

from __future__ import annotations

from lockgate.cli.face import Face, make_command


@make_command("pause", "Let the copy of the run at work stand still.")
def command(face: Face) -> int:
    """From another terminal, while `lockgate apply` copies rows of a big table. Nothing is lost: what keeps both
    forms equal goes on, and so does the copy after `lockgate resume`. Changes that copy no rows are not affected."""
    target = face.target
    from lockgate.cli.result import show_steered
    from lockgate.store.progress import PAUSE
    from lockgate.workflow.steer_copy import steer_copy

    show_steered(face, PAUSE, *steer_copy(face.engine, target.target, PAUSE))
    return 0
