"""Turn what a workflow returned into the JSON document or text of a command."""

from __future__ import annotations

from typing import Any

import click
import msgspec

from lockgate.cli.face import Face
from lockgate.cli.redact import redact
from lockgate.model.codec import encode_pretty
from lockgate.model.run import RunResult
from lockgate.report.run import run_text

FORMAT_VERSION = 1


def document_of(value: Any, **more: Any) -> dict[str, Any]:
    """Return a value as a JSON document with ``format_version`` first; ``more`` adds fields."""
    return {"format_version": FORMAT_VERSION, **plain_of(value), **more}


def plain_of(value: Any) -> dict[str, Any]:
    """Return a model value as a part of a JSON document."""
    plain: dict[str, Any] = msgspec.json.decode(encode_pretty(value))
    return plain


def show_run(face: Face, result: RunResult, **more: Any) -> None:
    """Print what a run did as the format asks."""
    if face.output_format == "json":
        face.show_json(document_of(result, **more))
    else:
        click.echo(redact(run_text(result)), nl=False)
