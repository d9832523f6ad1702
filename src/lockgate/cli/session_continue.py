"""``lockgate session continue``: say that the work goes on."""

from __future__ import annotations

import click

from lockgate.cli.face import Face, make_command


@make_command("continue", "Say that the work goes on.")
@click.argument("session", metavar="SESSION")
def command(face: Face, session: str) -> int:
    """After a pause or a block."""
    from lockgate.cli.session_docs import write_docs
    from lockgate.cli.sessions import open_registry, show_session, utc_now
    from lockgate.coordinate.sessions import mark_session
    from lockgate.model.session import SessionState

    registry = open_registry(face)
    marked = mark_session(registry, session, SessionState.ACTIVE, now=utc_now)
    show_session(face, marked, registry.place, notes=write_docs(face, registry.read()))
    return 0
