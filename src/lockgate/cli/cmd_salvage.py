"""``lockgate salvage``: show the values that the schema in force cannot hold."""

from __future__ import annotations

import click

from lockgate.cli.face import Face, make_command


@click.group("salvage", short_help="Show values that are kept because the schema in force cannot hold them.")
def command() -> None:
    """Show values that are kept because the schema in force cannot hold them."""


@make_command("list", "List every value that is kept, with its row.")
def list_all(face: Face) -> int:
    """Reads only. Applying the rolled-back plan again puts the values back; finalize drops them."""
    from lockgate.workflow.status import read_salvage

    found = read_salvage(face.engine, face.target.target)
    if face.output_format == "json":
        from lockgate.cli.result import plain_of

        items = [plain_of(item) for item in found]
        face.show_json({"format_version": 1, "target": face.target.name, "salvage": items})
    else:
        from lockgate.report.run import salvage_text

        face.show(salvage_text(found))
    return 0


command.add_command(list_all)
