"""``lockgate lint``: check SQL files without a database."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from lockgate import __version__
from lockgate.cli.face import Face, make_command
from lockgate.config import load_settings

FORMATS = ("text", "json", "markdown", "sarif", "github", "junit")


@make_command(
    "lint",
    "Check SQL files for statements that lock, lose or break, without a database.",
    FORMATS,
    is_target_configured=False,
)
@click.argument("files", nargs=-1, required=True, metavar="FILE…")
@click.option("--engine", "engine_name", metavar="NAME", help="postgres, mysql, mariadb or sqlite.")
@click.option("--server-version", metavar="VERSION", help="The server's version; else the oldest supported one.")
@click.option("--transaction/--no-transaction", default=None, help="Each file runs in one transaction, or not.")
@click.option("--only", multiple=True, metavar="RULE", help="Only these rules; repeatable.")
@click.option("--skip", multiple=True, metavar="RULE", help="Leave these rules out; repeatable.")
@click.option("--allow", multiple=True, metavar="RULE", help="The same as --skip.")
@click.option("--strict", is_flag=True, help="Findings of severity info count too.")
@click.option("--exit-zero", is_flag=True, help="Exit 0 also when something is found.")
def command(
    face: Face,
    files: tuple[str, ...],
    engine_name: str | None,
    server_version: str | None,
    transaction: bool | None,
    only: tuple[str, ...],
    skip: tuple[str, ...],
    allow: tuple[str, ...],
    strict: bool,
    exit_zero: bool,
) -> int:
    """FILE is an SQL file, a folder, a glob, a plan (*.json), or - for standard input. No database is reached and no
    driver needed. Exit code 3 when anything is found, 2 when there was no statement to check. A comment
    `-- lockgate: allow RULE REASON` on a statement allows it; `lockgate explain RULE` tells what is wrong and what to
    write instead."""
    from lockgate.lint.rules import BY_CODE
    from lockgate.model.finding import exit_code_of
    from lockgate.report.findings import render_findings
    from lockgate.workflow.lint_files import STDIN, LintOptions, lint_files

    configured = face.settings.lint
    needs_engine = not engine_name and not all(name.endswith(".json") for name in files)
    options = LintOptions(
        engine=engine_name or (_engine_of(face) if needs_engine else ""),
        version=server_version or configured.server_version,
        is_wrapped=configured.is_wrapped if transaction is None else transaction,
        only=only,
        skip=(*configured.skip, *skip, *allow),
    )
    stdin = sys.stdin.buffer.read().decode("utf-8", "replace") if STDIN in files else ""
    report = lint_files(files, options, stdin)
    face.show(render_findings(report, face.output_format, __version__, BY_CODE))
    code = exit_code_of(report, is_strict=strict)
    return 0 if exit_zero and code == 3 else code


def _engine_of(face: Face) -> str:
    """Return the engine that the options, the file or the environment name; nothing is connected to."""
    if face.settings.target is not None:
        return face.settings.target.target.scheme
    if face.settings.lint.engine:
        return face.settings.lint.engine
    settings = load_settings(os.environ, Path.cwd(), config_file=str(face.settings.file or ""))
    return settings.target.target.scheme if settings.target else ""
