"""``lockgate backup list``: the backups, newest first."""

from __future__ import annotations

from lockgate.cli.backups import line_of, open_repository
from lockgate.cli.face import Face, make_command
from lockgate.cli.stores import line_in_store, open_one, plain_in_store, store_option


@make_command("list", "List the backups, newest first.")
@store_option
def command(face: Face, store_url: str | None) -> int:
    """Reads the repository only; the database is not asked. With --store what is there is listed, whole or in part."""
    repository = open_repository(face)
    if store_url:
        return _list_store(face, store_url, repository.root.name)
    backups, broken, proven = repository.backups(), repository.broken(), repository.verifications()
    if face.output_format == "json":
        from lockgate.cli.result import plain_of

        items = [
            {
                **{
                    name: value
                    for name, value in plain_of(backup.manifest).items()
                    if name not in ("files", "tables", "restore", "server_settings", "format_version")
                },
                "bytes": backup.manifest.bytes,
                "bytes_plain": backup.manifest.bytes_plain,
                "folder": str(backup.folder),
                "verifications": [plain_of(item) for item in proven.get(backup.id, ())],
            }
            for backup in backups
        ]
        broken_items = [{"folder": str(item.folder), "problem": item.problem} for item in broken]
        face.show_json({"format_version": 1, "target": face.target.name, "backups": items, "broken": broken_items})
        return 0
    lines = [line_of(backup, proven.get(backup.id, ())) for backup in backups]
    lines += [f"{item.folder.name}  BROKEN: {item.problem}" for item in broken]
    face.show("\n".join(lines) or f"no backups in {repository.root}\ntake one: lockgate backup create")
    return 0


def _list_store(face: Face, url: str, name: str) -> int:
    from lockgate.backup.stores.read import list_backups

    store = open_one(face, url)
    found = list_backups(store, name)
    if face.output_format == "json":
        items = [plain_in_store(item) for item in found]
        face.show_json({"format_version": 1, "target": face.target.name, "store": store.display, "backups": items})
    else:
        face.show("\n".join(map(line_in_store, found)) or f"no backups of {name} in {store.display}")
    return 0
