"""``lockgate report build``: the report of a run in one of its forms."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import click

from lockgate.cli.face import Face, make_command
from lockgate.cli.result import write_result
from lockgate.cli.run_folders import find_run

FORMATS = ("text", "json", "markdown", "html", "junit", "sarif", "github")
_CLOSED, _OPEN = 4, 5


@make_command("build", "Write the report of a run, made of its journal alone.", FORMATS, is_target_configured=False)
@click.argument("run", metavar="RUN")
@click.option("-o", "--output", metavar="FILE", help="Write it to a file.")
@click.option("--all", "is_all", is_flag=True, help="Write every form into the run's folder, as the end of a run does.")
@click.option("--exit-zero", is_flag=True, help="Exit 0 also when the run is not complete.")
def command(face: Face, run: str, output: str | None, is_all: bool, exit_zero: bool) -> int:
    """RUN is a run's id, an end of it, or latest. No database is asked. With --format github the whole report also goes
    into the job summary (GITHUB_STEP_SUMMARY). Exit code 4 when the run is not complete, 5 while it is open, 2 when its
    journal was changed."""
    from lockgate.model.procedure import RunStatus
    from lockgate.report.procedure.forms import render_report
    from lockgate.runbook.run_reports import report_of, write_run_reports

    folder = find_run(face, run)
    report = report_of(folder, datetime.now(UTC))
    if is_all:
        for path in write_run_reports(folder):
            face.talk.say(f"wrote {path}")
    text = render_report(report, face.output_format)
    if output:
        write_result(Path(output), text)
        face.talk.say(f"wrote {output}")
    elif not is_all or face.output_format != "text":
        face.show(text)
    else:
        face.show(report.sentence)
    summary = os.environ.get("GITHUB_STEP_SUMMARY", "") if face.output_format == "github" else ""
    if summary:
        _append(Path(summary), render_report(report, "summary"))
    face.talk.say(f"next: lockgate report bundle {folder.name} -o {folder.name}.zip")
    if exit_zero or report.standing.is_good:
        return 0
    is_at_rest = report.standing.status.is_over or report.standing.status is RunStatus.STOPPED
    return _CLOSED if is_at_rest or report.standing.conflict else _OPEN


def _append(path: Path, text: str) -> None:
    from lockgate.errors import ConfigError
    from lockgate.outside.redact import redact

    try:
        with path.open("a", encoding="utf-8") as file:
            file.write(redact(text))
    except OSError as error:
        raise ConfigError(
            "the job summary cannot be written", where=str(path), cause=error.strerror or str(error)
        ) from None
