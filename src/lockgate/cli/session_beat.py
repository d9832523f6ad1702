"""``lockgate session beat``: a sign of life."""

from __future__ import annotations

import os

import click

from lockgate.cli.face import Face, make_command


@make_command("beat", "Give a sign of life, so that the claims stay.")
@click.argument("session", metavar="SESSION")
def command(face: Face, session: str) -> int:
    """One that comes too late takes the claims again, unless somebody else has them by now (exit 8)."""
    from lockgate.cli.actor import find_actor
    from lockgate.cli.sessions import open_registry, show_session, utc_now
    from lockgate.coordinate.sessions import beat_session

    registry = open_registry(face)
    beaten = beat_session(registry, session, find_actor(os.environ), now=utc_now)
    show_session(face, beaten, registry.place)
    return 0
