"""``lockgate backup pin``: keep a backup whatever the rules say."""

from __future__ import annotations

import click

from lockgate.cli.backups import open_repository
from lockgate.cli.face import Face, make_command


@make_command("pin", "Keep a backup whatever the rules say.")
@click.argument("backup", metavar="ID")
@click.option("--reason", default="", help="Why; stands in the journal.")
def command(face: Face, backup: str, reason: str) -> int:
    """ID may be latest or verified. A backup that was pruned comes back while it waits in .trash."""
    from lockgate.backup.prune import pin

    repository = open_repository(face)
    with repository.lock("pin"):
        found = pin(repository, backup, reason)
    if face.output_format == "json":
        face.show_json({"format_version": 1, "backup": found, "pinned": True})
    else:
        face.show(f"pinned: {found} stays until lockgate backup unpin {found}")
    return 0
