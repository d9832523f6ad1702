"""``lockgate backup fetch``: bring a backup back from a store."""

from __future__ import annotations

import click

from lockgate.cli.backups import open_repository, size_text
from lockgate.cli.face import Face, make_command
from lockgate.cli.stores import open_one, store_option


@make_command("fetch", "Bring a backup back from a store.")
@click.argument("backup", metavar="BACKUP", default="latest")
@store_option
def command(face: Face, backup: str, store_url: str | None) -> int:
    """BACKUP is an id or latest. It comes into the folder of this machine, with the backups it needs, every byte
    compared with the manifest; what was cut off goes on. Restore it then: lockgate restore ID."""
    from lockgate.workflow.store_backup import fetch_into

    repository, store = open_repository(face), open_one(face, store_url)
    fetched = fetch_into(store, repository, backup, face.talk.say)
    if face.output_format == "json":
        items = [{"id": item.id, "folder": str(item.folder), "bytes": item.manifest.bytes} for item in fetched]
        face.show_json({"format_version": 1, "store": store.display, "backups": items})
    else:
        lines = [f"{item.id} is in {item.folder}, {size_text(item.manifest.bytes)}, all compared" for item in fetched]
        face.show("\n".join([*lines, f"restore it: lockgate restore {fetched[-1].id}"]))
    return 0
