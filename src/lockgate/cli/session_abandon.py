"""``lockgate session abandon``: end a session without its work being done."""

from __future__ import annotations

import click

from lockgate.cli.face import Face, make_command


@make_command("abandon", "End a session without its work being done.")
@click.argument("session", metavar="SESSION")
@click.option("--reason", required=True, help="Why it is given up.")
def command(face: Face, session: str, reason: str) -> int:
    """Its claims are free at once. Files are not touched, but for the export."""
    from lockgate.cli.session_docs import write_docs
    from lockgate.cli.sessions import open_registry, show_session, utc_now
    from lockgate.coordinate.sessions import end_session
    from lockgate.model.session import SessionState

    registry = open_registry(face)
    ended = end_session(registry, session, SessionState.ABANDONED, now=utc_now, reason=reason)
    show_session(face, ended, registry.place, notes=write_docs(face, registry.read()))
    return 0
