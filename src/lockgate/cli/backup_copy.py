"""``lockgate backup copy``: copy a published backup to further places."""

from __future__ import annotations

import click

from lockgate.cli.backups import open_repository
from lockgate.cli.face import Face, make_command
from lockgate.cli.stores import plain_copy, read_place, store_option, store_urls
from lockgate.outside import redact


@make_command("copy", "Copy a published backup to further places.")
@click.argument("backup", metavar="BACKUP", default="latest")
@store_option
def command(face: Face, backup: str, store_url: str | None) -> int:
    """BACKUP is an id, latest or verified; without --store it goes to all stores under [backup]. What is there already
    is not sent again, an upload that was cut off goes on, and everything is read back. Exit code 6 when a copy is
    missing; the backup on this machine is as it was."""
    from lockgate.backup.stores.open import check_addresses
    from lockgate.workflow.store_backup import refuse_missing_copies, store_backup

    repository, place = open_repository(face), read_place()
    found = repository.find(backup)
    urls = store_urls(face, store_url)
    check_addresses(urls, place)
    copies = store_backup(repository, found, urls, place, face.talk.say, redact.add_secret)
    if face.output_format == "json":
        face.show_json({"format_version": 1, "backup": found.id, "copies": [plain_copy(copy) for copy in copies]})
    else:
        face.show("\n".join(f"{found.id} {copy.line}" for copy in copies))
    refuse_missing_copies(found, copies)
    return 0
