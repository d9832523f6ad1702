"""``lockgate backlog``: what runs of runbooks left open."""

from __future__ import annotations

import click

from lockgate.cli.face import Face, make_command


@make_command(
    "backlog", "List what runs left open: deferred, skipped, waived, lessons.", ("text", "json", "markdown"),
    is_target_configured=False,
)  # fmt: skip
@click.option("--run", default="", metavar="RUN", help="Only this run's.")
def command(face: Face, run: str) -> int:
    """Read from the journals of all runs, whose chains are checked; one that cannot be read is named (exit 3)."""
    from dataclasses import asdict

    from lockgate.cli.journals import read_backlog

    found = read_backlog(face.settings.state_dir / "procedures", run)
    if face.output_format == "json":
        face.show_json(
            {
                "format_version": 1,
                "runs": found.runs,
                "items": [asdict(item) for item in found.items],
                "unread": list(found.unread),
            }
        )
        return 3 if found.unread else 0
    mark = "- [ ] " if face.output_format == "markdown" else ""
    lines = [
        f"{mark}{item.kind}: {item.text}{f' (owner {item.owner})' if item.owner else ''}"
        f"{f', until {item.until}' if item.until else ''} — {item.run}"
        for item in found.items
    ]
    lines += [f"cannot be read: {text}" for text in found.unread]
    face.show("\n".join(lines) or f"nothing is open in {found.runs} runs")
    return 3 if found.unread else 0
