"""``lockgate rehearse``: play a plan through on a private copy of the target."""

from __future__ import annotations

import click

from lockgate.cli.face import Face, make_command
from lockgate.cli.read_options import read_plan_file, scratch_options
from lockgate.errors import ConfigError

_FAILED = 6


@make_command(
    "rehearse",
    "Play a plan through on a private copy: apply, roll back, compare every row, apply again.",
    ("text", "json", "markdown", "html"),
    has_scratch=True,
)
@click.argument("plan_file", metavar="PLAN")
@click.option(
    "--rows", metavar="N|all", default="100000", help="Rows copied of one table (100000); larger ones in part."
)
def command(face: Face, plan_file: str, rows: str) -> int:
    """The target is only read. A server of its version is started for the rehearsal and ended with it; its rows never
    come into a database on the target's own server. Time, waits of reads and writes and extra disk are measured for
    each step. The result is bound to the plan's digest: a protected target asks for one that is not too old. Exit code
    6 when the plan fails."""
    target = face.target
    plan = read_plan_file(plan_file)
    most = _read_rows(rows)
    face.talk.say(f"rehearsing {plan.id} on a copy of {target.target.display}")
    from lockgate.cli.rehearsal import record_rehearsal
    from lockgate.model.rehearsal import Outcome
    from lockgate.workflow.rehearse import RehearseOptions, rehearse

    options = RehearseOptions(most_rows=most, scratch=scratch_options(face))
    result = rehearse(face.engine, target.target, plan, options, face.talk.say)
    path = record_rehearsal(result, plan_file, face.settings.state_dir)
    if face.output_format == "json":
        from lockgate.cli.result import plain_of

        face.show_json({**plain_of(result), "file": str(path)})
    else:
        _show(face, result)
        face.talk.say(f"recorded in: {path}")
    return 0 if result.outcome is Outcome.PASSED else _FAILED


def _show(face: Face, result: object) -> None:
    from lockgate.model.rehearsal import Rehearsal
    from lockgate.report.html import render_html
    from lockgate.report.markdown import render_markdown
    from lockgate.report.rehearsal import rehearsal_document
    from lockgate.report.text import render_text

    assert isinstance(result, Rehearsal)
    render = {"text": render_text, "markdown": render_markdown, "html": render_html}[face.output_format]
    face.show(render(rehearsal_document(result)))


def _read_rows(text: str) -> int:
    """Return how many rows of a table are copied, 0 for all.

    Raises:
        ConfigError: The text is no number above 0 and not ``all``.
    """
    if text == "all":
        return 0
    if text.isascii() and text.isdigit() and int(text) > 0:
        return int(text)
    raise ConfigError(
        f"--rows {text!r} is no number of rows",
        where="lockgate rehearse",
        cause="allowed is a number above 0, or all",
        state="nothing was touched, nothing was rehearsed",
    )
