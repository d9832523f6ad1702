"""``lockgate roadmap validate``: check the items of a roadmap."""

from __future__ import annotations

import click

from lockgate.cli.face import Face, make_command


@make_command("validate", "Check the items of a roadmap.", is_target_configured=False)
@click.argument("file", required=False, metavar="[FILE]")
def command(face: Face, file: str | None) -> int:
    """Fields, ids, dependencies, cycles and files, each with its line. Exit 3 with errors, or without any item."""
    from lockgate.cli.roadmaps import report_of, roadmap_path

    path = roadmap_path(face, file)
    report = report_of(face, path)
    if face.output_format == "json":
        face.show_json(
            {
                "format_version": 1,
                "file": str(path),
                "status": "fail" if report.errors else "ok",
                "checked": len(report.items),
                "errors": [{"line": r.line, "id": r.id, "message": r.text} for r in report.errors],
                "warnings": [{"line": r.line, "id": r.id, "message": r.text} for r in report.warnings],
            }
        )
    else:
        lines = [f"error: {remark}" for remark in report.errors] + [f"warning: {remark}" for remark in report.warnings]
        counts = f"{len(report.items)} items checked: {len(report.errors)} errors, {len(report.warnings)} warnings"
        face.show("\n".join([*lines, counts]))
    return 3 if report.errors else 0
