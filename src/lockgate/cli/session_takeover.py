"""``lockgate session takeover``: make a session one's own, with a reason."""

from __future__ import annotations

import os

import click

from lockgate.cli.face import Face, make_command


@make_command("takeover", "Make a session one's own, with a reason.")
@click.argument("session", metavar="SESSION")
@click.option("--reason", required=True, help="Why it is taken over; it stays on record.")
@click.option("--owner", default="", help="Who answers for it from now on (else who runs this).")
def command(face: Face, session: str, reason: str, owner: str) -> int:
    """The former holder's next sign of life is refused (exit 8), and the channel in [session] notify is told."""
    from lockgate.cli.actor import find_actor
    from lockgate.cli.messages import tell_of_takeover
    from lockgate.cli.session_docs import write_docs
    from lockgate.cli.sessions import open_registry, show_session, utc_now
    from lockgate.coordinate.sessions import take_over

    registry = open_registry(face)
    taken = take_over(registry, session, find_actor(os.environ), reason, now=utc_now, owner=owner)
    notes = [*write_docs(face, registry.read()), tell_of_takeover(face, taken)]
    show_session(face, taken, registry.place, notes=notes)
    return 0
