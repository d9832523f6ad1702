"""``lockgate backup unpin``: let the rules decide on a backup again."""

from __future__ import annotations

import click

from lockgate.cli.backups import open_repository
from lockgate.cli.face import Face, make_command


@make_command("unpin", "Let the rules decide on a backup again.")
@click.argument("backup", metavar="ID")
def command(face: Face, backup: str) -> int:
    """Nothing is pruned by this; `lockgate backup prune --dry-run` tells what the rules say."""
    from lockgate.backup.prune import unpin

    repository = open_repository(face)
    with repository.lock("unpin"):
        found = unpin(repository, backup)
    if face.output_format == "json":
        face.show_json({"format_version": 1, "backup": found, "pinned": False})
    else:
        face.show(f"not pinned: {found} is left to the rules")
    return 0
