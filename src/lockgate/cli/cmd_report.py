"""``lockgate report``: documents that are made of measured facts."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lockgate.cli.face import Face, make_command
from lockgate.cli.read_options import cache_folder, desired_option, scratch_options
from lockgate.cli.result import write_result

if TYPE_CHECKING:
    from lockgate.model.analysis import Baseline
    from lockgate.report.document import Document
    from lockgate.workflow.subject import ValidateOptions

FORMATS = ("text", "json", "markdown", "html")


@click.group("report", short_help="Write a baseline or an analysis of a database, made of measured facts.")
def command() -> None:
    """Write a baseline or an analysis of a database, made of measured facts."""


@make_command("baseline", "Write down what the database is now: server, counts, every table, settings.", FORMATS)
@click.option("-o", "--output", metavar="FILE", help="Write it to a file.")
def baseline(face: Face, output: str | None) -> int:
    """The database is only read. Row counts and sizes are the server's estimates."""
    from lockgate.report.analysis import baseline_document
    from lockgate.workflow.document_database import take_baseline

    face.talk.say(f"measuring {face.target.target.display}")
    taken = take_baseline(_options(face, None, None), datetime.now(UTC))
    _show(face, taken, baseline_document(taken), output)
    return 0


@make_command(
    "analysis",
    "Tables by group, drift, migrations, duplicates, conventions and defects in one document.",
    FORMATS,
    has_scratch=True,
)
@click.option("-o", "--output", metavar="FILE", help="Write it to a file.")
@click.option("--migrations", metavar="SPEC", help="The migrations: a folder, or TOOL:FOLDER to say whose they are.")
@desired_option
def analysis(face: Face, output: str | None, migrations: str | None, desired: str | None) -> int:
    """The database is only read. What could not be measured stands there as not run, with the reason."""
    from lockgate.cli.acceptances import load_acceptances, today
    from lockgate.report.analysis import analysis_document
    from lockgate.workflow.document_database import analyse_database
    from lockgate.workflow.measure_drift import DriftOptions

    face.talk.say(f"analysing {face.target.target.display}")
    drift = DriftOptions(
        scratch=scratch_options(face), cache=cache_folder(face), acceptances=load_acceptances(face), today=today()
    )
    taken = analyse_database(_options(face, desired, migrations), drift, datetime.now(UTC))
    _show(face, taken, analysis_document(taken), output)
    return 0


def _options(face: Face, desired: str | None, migrations: str | None) -> ValidateOptions:
    from lockgate.verify.defects.settings import DefectSettings
    from lockgate.workflow.subject import ValidateOptions

    target = face.target
    return ValidateOptions(
        target=target.target,
        desired=face.desired(desired) if desired or target.desired else "",
        migrations=face.spec(migrations or target.migrations, "--migrations").removeprefix("migrations:"),
        scratch=scratch_options(face),
        cache=cache_folder(face),
        defects=face.settings.defects or DefectSettings(),
        conventions=face.settings.conventions,
    )


def _show(face: Face, facts: Baseline, document: Document, output: str | None) -> None:
    text = _render(face.output_format, facts, document)
    if output:
        write_result(Path(output), text)
        face.talk.say(f"wrote {output}")
    else:
        face.show(text)


def _render(output_format: str, facts: Baseline, document: Document) -> str:
    if output_format == "json":
        from lockgate.model.codec import encode_pretty

        return encode_pretty(facts).decode()
    from lockgate.cli.output import render_document

    return render_document(document, output_format)


command.add_command(baseline)
command.add_command(analysis)
