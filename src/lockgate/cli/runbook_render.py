"""``lockgate runbook render``: a runbook as Markdown or HTML for reviewers; importing the Markdown gives it back."""

from __future__ import annotations

from pathlib import Path

import click

from lockgate.cli.face import Face, make_command


@make_command(
    "render",
    "Write a runbook as Markdown or HTML for reviewers.",
    ("text", "markdown", "html"),
    is_target_configured=False,
)
@click.argument("runbook_file", metavar="RUNBOOK")
@click.option("-o", "--output", metavar="FILE", help="Write it here instead of to standard output (.html: as HTML).")
@click.option("--force", is_flag=True, help="Replace the file if it is there.")
def command(face: Face, runbook_file: str, output: str | None, force: bool) -> int:
    """What tables cannot say stands in a block of settings at the end: importing the Markdown gives it back."""
    from lockgate.cli.runbook_import import write_new
    from lockgate.outside import redact
    from lockgate.runbook.load import load_runbook
    from lockgate.runbook.render import render_runbook
    from lockgate.runbook.render_html import render_html

    text = render_runbook(load_runbook(Path(runbook_file)).runbook)
    is_html = face.output_format == "html" or (output or "").lower().endswith((".html", ".htm"))
    if is_html:
        text = render_html(text)
    if output:
        write_new(Path(output), redact.redact(text), is_replaced=force)
        face.talk.say(f"wrote {output}")
    else:
        face.show(text)
    return 0
