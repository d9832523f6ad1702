"""``lockgate session export``: the registry as Markdown."""

from __future__ import annotations

from pathlib import Path

import click

from lockgate.cli.face import Face, make_command


@make_command("export", "Write the registry as Markdown.")
@click.option("-o", "--output", "folder", metavar="FOLDER", help="Where to (else docs of [session]).")
def command(face: Face, folder: str | None) -> int:
    """ACTIVE_SESSIONS.md with its four tables, sorted, and a file for each session. Rows, bullets and sections that are
    not ours stay as they are."""
    from lockgate.cli.sessions import docs_folder, open_registry, utc_now
    from lockgate.coordinate.docs import export_docs
    from lockgate.errors import ConfigError

    docs = Path(folder) if folder else docs_folder(face)
    if docs is None:
        raise ConfigError(
            "no folder for the export is given",
            where="--output",
            cause="neither --output nor docs under [session] names one",
            state="nothing was written",
            hint="lockgate session export -o docs",
        )
    done = export_docs(docs, open_registry(face).read(), utc_now())
    if face.output_format == "json":
        written, removed = list(map(str, done.written)), list(map(str, done.removed))
        face.show_json({"format_version": 1, "written": written, "removed": removed})
    else:
        lines = [f"wrote {path}" for path in done.written] + [f"removed {path}" for path in done.removed]
        face.show("\n".join(lines) or f"{docs} says already what the registry says")
    return 0
