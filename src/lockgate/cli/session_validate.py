"""``lockgate session validate``: whether the Markdown and the registry agree."""

from __future__ import annotations

from pathlib import Path

import click

from lockgate.cli.face import Face, make_command


@make_command("validate", "Check that the Markdown export and the registry agree.")
@click.argument("folder", required=False, metavar="[FOLDER]")
@click.option("--offline", is_flag=True, help="Do not ask the registry.")
def command(face: Face, folder: str | None, offline: bool) -> int:
    """Every row has its file and every file its row, once. Exit 3 when they do not agree, or nothing was looked at."""
    from lockgate.cli.sessions import docs_folder, open_registry, utc_now
    from lockgate.coordinate.validate import validate_docs

    docs = Path(folder) if folder else docs_folder(face) or Path("docs")
    found = validate_docs(docs, None if offline else open_registry(face).read(), utc_now())
    if face.output_format == "json":
        face.show_json(
            {
                "format_version": 1,
                "status": "ok" if found.is_ok else "fail",
                "checked": found.checked,
                "counts": found.counts,
                "errors": list(found.errors),
                "warnings": list(found.warnings),
            }
        )
    else:
        lines = [f"error: {text}" for text in found.errors] + [f"warning: {text}" for text in found.warnings]
        counts = ", ".join(f"{n} {kind}" for kind, n in found.counts.items())
        word = "agree" if found.is_ok else "do not agree"
        face.show("\n".join([*lines, f"{found.checked} checked ({counts}): they {word}"]))
    return 0 if found.is_ok else 3
