"""``lockgate session list``: who is changing what."""

from __future__ import annotations

import click

from lockgate.cli.face import Face, make_command


@make_command("list", "List who is changing what.")
@click.option("--all", "is_all", is_flag=True, help="Also those that are over.")
def command(face: Face, is_all: bool) -> int:
    """Reads the registry as it is now. Owner, ETA and contact are TBA where nobody said them."""
    from lockgate.cli.sessions import is_listed, open_registry, session_lines, session_plain, utc_now

    registry, now = open_registry(face), utc_now()
    found = [session for session in registry.read() if is_listed(session, now, is_all=is_all)]
    found.sort(key=lambda session: (session.started_at, session.id))
    if face.output_format == "json":
        face.show_json(
            {
                "format_version": 1,
                "registry": registry.place,
                "sessions": [session_plain(session, now) for session in found],
            }
        )
        return 0
    texts = ["\n".join(session_lines(session, now)) for session in found]
    face.show("\n\n".join(texts) or f"nobody is at work, as {registry.place} says")
    return 0
