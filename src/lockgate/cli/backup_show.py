"""``lockgate backup show``: one backup, what was proven of it and how it is restored."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from lockgate.cli.backups import open_repository, proven_text, size_text
from lockgate.cli.face import Face, make_command
from lockgate.cli.stores import open_one, store_option

if TYPE_CHECKING:
    from lockgate.backup.repository import Repository
    from lockgate.model.backup import Manifest


@make_command("show", "Show one backup: what is in it, what was proven, how it is restored.")
@click.argument("backup", metavar="BACKUP")
@store_option
def command(face: Face, backup: str, store_url: str | None) -> int:
    """BACKUP is an id, latest, verified (the newest that is), or a folder; with --store an id there, or latest."""
    repository = open_repository(face)
    manifest, folder, place = _find(face, repository, backup, store_url)
    proven = repository.verifications(place).get(manifest.id, ())
    if face.output_format == "json":
        from lockgate.cli.result import document_of, plain_of

        face.show_json(document_of(manifest, folder=folder, verifications=[plain_of(item) for item in proven]))
        return 0
    head = {
        "backup": manifest.id,
        "of": f"{manifest.target} ({manifest.flavor} {manifest.server_version})",
        "kind": manifest.kind.value,
        "moment": f"{manifest.snapshot_at} ({manifest.consistency.value})",
        "taken": f"in {manifest.duration_s:.1f} s with {manifest.method}; locks held {manifest.lock_held_ms} ms",
        "size": f"{size_text(manifest.bytes)}, plain {size_text(manifest.bytes_plain)}, {len(manifest.files)} files",
        "schema": manifest.fingerprint[:12],
        "rows": f"{sum(fact.rows for fact in manifest.tables)} in {len(manifest.tables)} tables",
        "encrypted": f"for {len(manifest.recipients)} keys" if manifest.recipients else "no",
        "reason": manifest.reason,
        "folder": folder,
        "proven": proven_text(proven),
    }
    lines = [f"{name:<10} {value}" for name, value in head.items()]
    lines += [f"warning    {warning}" for warning in manifest.warnings]
    lines += ["", "without Lockgate, in its folder:", *(f"    {line}" for line in manifest.restore)]
    face.show("\n".join(lines))
    return 0


def _find(face: Face, repository: Repository, backup: str, store_url: str | None) -> tuple[Manifest, str, str]:
    """Return a backup's manifest, where it is, and which copy that is."""
    if not store_url:
        found = repository.find(backup)
        return found.manifest, str(found.folder), "local"
    from lockgate.backup.stores.read import find_backup

    store = open_one(face, store_url)
    there = find_backup(store, repository.root.name, backup)
    if there.manifest is None:
        raise AssertionError("only whole backups are found")
    return there.manifest, store.display, store.display
