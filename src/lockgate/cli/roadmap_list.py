"""``lockgate roadmap list``: the items of a roadmap."""

from __future__ import annotations

import click

from lockgate.cli.face import Face, make_command


@make_command("list", "List the items of a roadmap.", is_target_configured=False)
@click.argument("file", required=False, metavar="[FILE]")
@click.option("--status", default="", help="Only those in this state: ready, in-progress, complete, blocked.")
def command(face: Face, file: str | None, status: str) -> int:
    """Status, priority, estimate and boxes of each item."""
    from lockgate.cli.roadmaps import report_of, roadmap_path

    items = [i for i in report_of(face, roadmap_path(face, file)).items if not status or i.status == status]
    if face.output_format == "json":
        face.show_json(
            {
                "format_version": 1,
                "items": [
                    {
                        "id": item.id,
                        "title": item.title,
                        "line": item.line,
                        "status": item.status,
                        "priority": item.priority,
                        "estimate_h": item.estimate_h,
                        "dependencies": list(item.dependencies),
                        "boxes": len(item.boxes),
                        "ticked": sum(box.is_ticked for box in item.boxes),
                    }
                    for item in items
                ],
            }
        )
        return 0
    lines = [
        f"{item.id:<14}  {item.status or '?':<11}  {item.priority or '?':<6}  "
        f"{sum(b.is_ticked for b in item.boxes)}/{len(item.boxes)}  {item.title}"
        for item in items
    ]
    face.show("\n".join(lines) or "there is no such item")
    return 0
