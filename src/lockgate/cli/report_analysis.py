"""``lockgate report analysis``: tables, drift, migrations, duplicates, conventions and defects of a database."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from lockgate.cli.database_documents import FORMATS, document_options, show_document
from lockgate.cli.face import Face, make_command
from lockgate.cli.read_options import cache_folder, desired_option, scratch_options


@make_command(
    "analysis",
    "Tables by group, drift, migrations, duplicates, conventions and defects in one document.",
    FORMATS,
    has_scratch=True,
)
@click.option("-o", "--output", metavar="FILE", help="Write it to a file.")
@click.option("--migrations", metavar="SPEC", help="The migrations: a folder, or TOOL:FOLDER to say whose they are.")
@desired_option
def command(face: Face, output: str | None, migrations: str | None, desired: str | None) -> int:
    """The database is only read. What could not be measured stands there as not run, with the reason."""
    from lockgate.cli.acceptances import load_acceptances, today
    from lockgate.report.analysis import analysis_document
    from lockgate.workflow.document_database import analyse_database
    from lockgate.workflow.measure_drift import DriftOptions

    face.talk.say(f"analysing {face.target.target.display}")
    drift = DriftOptions(
        scratch=scratch_options(face), cache=cache_folder(face), acceptances=load_acceptances(face), today=today()
    )
    taken = analyse_database(document_options(face, desired, migrations), drift, datetime.now(UTC))
    show_document(face, taken, analysis_document(taken), output)
    return 0
