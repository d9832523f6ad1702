"""Turn what a workflow returned into the JSON document or text of a command."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from lockgate.cli.face import Face
from lockgate.errors import ConfigError
from lockgate.model.codec import encode_pretty, read_any
from lockgate.model.run import Run, RunResult
from lockgate.outside.redact import redact
from lockgate.report.run import run_text

FORMAT_VERSION = 1


def document_of(value: Any, **more: Any) -> dict[str, Any]:
    """Return a value as a JSON document with ``format_version`` first; ``more`` adds fields."""
    return {"format_version": FORMAT_VERSION, **plain_of(value), **more}


def plain_of(value: Any) -> dict[str, Any]:
    """Return a model value as a part of a JSON document."""
    plain: dict[str, Any] = read_any(encode_pretty(value))
    return plain


def write_result(path: Path, text: str) -> None:
    """Write a result to a file of the user's.

    Raises:
        ConfigError: It cannot be written.
    """
    try:
        path.write_text(redact(text), encoding="utf-8")
    except OSError as error:
        raise ConfigError(
            f"{path} cannot be written",
            where="-o",
            cause=error.strerror or str(error),
            state="nothing was touched, no file was written",
            hint="name a file in a folder you may write to",
        ) from None


def show_run(face: Face, result: RunResult, **more: Any) -> None:
    """Print what a run did as the format asks."""
    if face.output_format == "json":
        face.show_json(document_of(result, **more))
    else:
        click.echo(redact(run_text(result)), nl=False)


def show_steered(face: Face, wish: str, run: Run, answer: str) -> None:
    """Print what was asked of a run and what follows from it."""
    if face.output_format == "json":
        face.show_json({"format_version": FORMAT_VERSION, "run": run.id, "wish": wish, "message": answer})
    else:
        face.show(f"asked run {run.id} to {wish}: {answer}")
