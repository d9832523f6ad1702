"""``lockgate session show``: one session."""

from __future__ import annotations

import click

from lockgate.cli.face import Face, make_command


@make_command("show", "Show one session.")
@click.argument("session", metavar="SESSION")
def command(face: Face, session: str) -> int:
    """SESSION is an id, the six digits at its end, or the task."""
    from lockgate.cli.sessions import open_registry, show_session
    from lockgate.coordinate.sessions import find_session

    registry = open_registry(face)
    show_session(face, find_session(registry.read(), session), registry.place)
    return 0
