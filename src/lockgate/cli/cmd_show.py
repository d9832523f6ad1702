"""``lockgate show``: a plan for people; works on a stale plan too and opens no database."""

from __future__ import annotations

import click

from lockgate.cli.face import Face, make_command
from lockgate.cli.read_options import read_plan_file


@make_command(
    "show",
    "Show a plan to people: stages, SQL, locks, way back.",
    ("text", "json", "markdown", "html"),
    is_target_configured=False,
)
@click.argument("plan_file", metavar="PLAN")
def command(face: Face, plan_file: str) -> int:
    """No database is opened; the plan's digest is checked."""
    plan = read_plan_file(plan_file)
    if face.output_format == "json":
        from lockgate.model.plan import encode_plan

        click.echo(encode_plan(plan).decode(), nl=False)
        return 0
    from lockgate.cli.output import render_document
    from lockgate.report.plan import plan_document

    face.show(render_document(plan_document(plan), face.output_format))
    return 0
