"""``lockgate resume``: let a paused copy go on."""

from __future__ import annotations

from lockgate.cli.face import Face, make_command


@make_command("resume", "Let a paused copy go on.")
def command(face: Face) -> int:
    """The opposite of `lockgate pause`."""
    target = face.target
    from lockgate.cli.result import show_steered
    from lockgate.store.progress import GO
    from lockgate.workflow.steer_copy import steer_copy

    show_steered(face, GO, *steer_copy(face.engine, target.target, GO))
    return 0
