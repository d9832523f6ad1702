"""``lockgate session start``: claim for a piece of work, all or nothing."""

from __future__ import annotations

import os

import click

from lockgate.cli.face import Face, make_command


@make_command("start", "Claim tables, files and targets for a piece of work, all or nothing.")
@click.argument("task", metavar="TASK")
@click.option("--claim", "claims", multiple=True, metavar="KIND:NAME", help="table:, column:, files: or target:.")
@click.option("--exclusive/--shared", "is_exclusive", default=True, help="Whether others may claim the same (shared).")
@click.option("--title", default="", help="What the work is, in words.")
@click.option("--branch", default="", help="The branch it is done on.")
@click.option("--owner", default="", help="Who answers for it (else who runs this).")
@click.option("--eta", default="", help="When it should be done.")
@click.option("--contact", default="", help="Where the owner is reached.")
@click.option("--module", default="", help="The part of the product.")
@click.option("--sprint", default="", help="The sprint it belongs to.")
@click.option("--platform", default="", help="Where it is worked on.")
@click.option("--agent-type", default="", help="The program that works, when the environment does not tell it.")
@click.option("--notes", default="", help="Notes for others.")
@click.option("--id", "name", default="", help="The id, instead of one made from the template.")
@click.option("--expires", default="", metavar="TIME", help="How long claims stay without a sign of life (4h).")
def command(
    face: Face,
    task: str,
    claims: tuple[str, ...],
    is_exclusive: bool,
    name: str,
    agent_type: str,
    expires: str,
    title: str,
    branch: str,
    owner: str,
    eta: str,
    contact: str,
    module: str,
    sprint: str,
    platform: str,
    notes: str,
) -> int:
    """Of two that claim overlapping things at the same moment exactly one gets them; the other is told who holds them,
    since when and until when (exit 8). A session without a sign of life for its time holds nothing any more."""
    from lockgate.cli.actor import find_actor
    from lockgate.cli.people_settings import session_settings
    from lockgate.cli.session_docs import write_docs
    from lockgate.cli.sessions import describe_expired, new_hex, open_registry, show_session, utc_now
    from lockgate.config import parse_duration_s
    from lockgate.coordinate.claims import parse_claims
    from lockgate.coordinate.sessions import Wish, start_session

    settings = session_settings(face.settings)
    registry = open_registry(face)
    wish = Wish(
        task=task,
        actor=find_actor(os.environ, program=agent_type),
        claims=parse_claims(claims, is_shared=not is_exclusive),
        target=face.settings.target.name if face.settings.target else "",
        id=name,
        template=settings.id,
        ttl_s=parse_duration_s(expires, "--expires") if expires else settings.expires_s,
        title=title,
        branch=branch,
        owner=owner,
        eta=eta,
        contact=contact,
        module=module,
        sprint=sprint,
        platform=platform,
        notes=notes,
    )
    started = start_session(registry, wish, now=utc_now, new_hex=new_hex)
    told = [describe_expired(conflict.session) for conflict in started.expired]
    told += write_docs(face, registry.read())
    show_session(face, started.session, registry.place, notes=tuple(dict.fromkeys(told)))
    return 0
