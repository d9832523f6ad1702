"""``lockgate backup list``: the backups, newest first."""

from __future__ import annotations

from lockgate.cli.backups import line_of, open_repository
from lockgate.cli.face import Face, make_command


@make_command("list", "List the backups, newest first.")
def command(face: Face) -> int:
    """Reads the repository only; the database is not asked."""
    repository = open_repository(face)
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
