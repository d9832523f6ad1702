"""What the documents of measured facts share on the command line."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from lockgate.cli.face import Face
from lockgate.cli.read_options import cache_folder, scratch_options
from lockgate.cli.result import write_result

if TYPE_CHECKING:
    from lockgate.model.analysis import Baseline
    from lockgate.report.document import Document
    from lockgate.workflow.subject import ValidateOptions

FORMATS = ("text", "json", "markdown", "html")


def document_options(face: Face, desired: str | None, migrations: str | None) -> ValidateOptions:
    """Return what is looked at, of the options and the configuration."""
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


def show_document(face: Face, facts: Baseline, document: Document, output: str | None) -> None:
    """Print a document as the format asks, or write it to a file."""
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
