"""``lockgate session import``: register the sessions of an existing Markdown folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from lockgate.cli.face import Face, make_command


@make_command("import", "Register the sessions of an existing Markdown folder.")
@click.argument("folder", metavar="FOLDER")
def command(face: Face, folder: str) -> int:
    """Reads FOLDER/sessions/active. A session that is registered already stays as it is; one whose claims meet those of
    another is told and left out, as is a file that is no session (exit 3). The files are not changed."""
    from lockgate.cli.people_settings import session_settings
    from lockgate.cli.sessions import open_registry, utc_now
    from lockgate.coordinate.import_markdown import read_session
    from lockgate.coordinate.sessions import register_session
    from lockgate.errors import InputError, LeaseHeld

    files = sorted((Path(folder) / "sessions" / "active").glob("*.md"))
    if not files:
        raise InputError(
            "there are no sessions to import",
            where=f"{folder}/sessions/active",
            state="nothing was registered",
            hint="name the folder that ACTIVE_SESSIONS.md is in",
        )
    registry = open_registry(face)
    items: list[dict[str, Any]] = []
    ttl_s = session_settings(face.settings).expires_s
    for file in files:
        text = file.read_text(encoding="utf-8", errors="replace")
        try:
            session, notes = read_session(text, file.stem, ttl_s=ttl_s, now=utc_now())
        except InputError as error:
            items.append({"id": file.stem, "state": "not read", "notes": [str(error)]})
            continue
        try:
            state = "registered" if register_session(registry, session, now=utc_now) else "known"
        except LeaseHeld as error:
            state, notes = "left out", (*notes, str(error))
        items.append({"id": session.id, "state": state, "notes": list(notes)})
    if face.output_format == "json":
        face.show_json({"format_version": 1, "registry": registry.place, "sessions": items})
    else:
        lines = [f"{item['id']}: {item['state']}" + "".join(f"\n  {note}" for note in item["notes"]) for item in items]
        face.show("\n".join(lines))
    return 3 if any(item["state"] in ("left out", "not read") for item in items) else 0
