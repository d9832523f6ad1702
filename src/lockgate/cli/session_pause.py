"""``lockgate session pause``: say that the work rests, and when it goes on."""

from __future__ import annotations

import click

from lockgate.cli.face import Face, make_command


@make_command("pause", "Say that the work rests, and when it goes on.")
@click.argument("session", metavar="SESSION")
@click.option("--reason", required=True, help="Why it rests.")
@click.option("--resume-when", "next_step", default="", help="When it goes on.")
def command(face: Face, session: str, reason: str, next_step: str) -> int:
    """The claims stay, as long as there are signs of life."""
    from lockgate.cli.session_docs import write_docs
    from lockgate.cli.sessions import open_registry, show_session, utc_now
    from lockgate.coordinate.sessions import mark_session
    from lockgate.model.session import SessionState

    registry = open_registry(face)
    marked = mark_session(registry, session, SessionState.PAUSED, now=utc_now, reason=reason, next_step=next_step)
    show_session(face, marked, registry.place, notes=write_docs(face, registry.read()))
    return 0
