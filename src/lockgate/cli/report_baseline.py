"""``lockgate report baseline``: what a database is now."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from lockgate.cli.database_documents import FORMATS, document_options, show_document
from lockgate.cli.face import Face, make_command


@make_command("baseline", "Write down what the database is now: server, counts, every table, settings.", FORMATS)
@click.option("-o", "--output", metavar="FILE", help="Write it to a file.")
def command(face: Face, output: str | None) -> int:
    """The database is only read. Row counts and sizes are the server's estimates."""
    from lockgate.report.analysis import baseline_document
    from lockgate.workflow.document_database import take_baseline

    face.talk.say(f"measuring {face.target.target.display}")
    taken = take_baseline(document_options(face, None, None), datetime.now(UTC))
    show_document(face, taken, baseline_document(taken), output)
    return 0
