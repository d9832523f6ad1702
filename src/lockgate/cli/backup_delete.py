"""``lockgate backup delete``: delete a backup from a store."""

from __future__ import annotations

import click

from lockgate.cli.backups import open_repository
from lockgate.cli.confirm import confirm_by_name
from lockgate.cli.face import Face, make_command
from lockgate.cli.stores import open_one, store_option


@make_command("delete", "Delete a backup from a store.")
@click.argument("backup", metavar="ID")
@store_option
@click.option("--confirm", metavar="NAME", help="The target's name, in place of the question.")
def command(face: Face, backup: str, store_url: str | None, confirm: str | None) -> int:
    """Whole or left in part by an upload that was not finished; the manifest goes first. Backups on this machine are
    not touched (see `lockgate backup prune`). One that is being uploaded is left alone, exit code 8."""
    from lockgate.backup.stores.remove import delete_backup

    repository, store = open_repository(face), open_one(face, store_url)
    confirm_by_name(face.target, f"delete {backup} from {store.display}", confirm)
    count = delete_backup(store, repository.root.name, backup)
    repository.note("unstored", backup, store.display)
    if face.output_format == "json":
        face.show_json({"format_version": 1, "backup": backup, "store": store.display, "objects": count})
    else:
        face.show(f"{backup} is gone from {store.display}, {count} objects")
    return 0
