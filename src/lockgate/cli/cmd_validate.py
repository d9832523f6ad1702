"""``lockgate validate``: look for what will bite later."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import click

from lockgate import __version__
from lockgate.cli.face import Face, make_command
from lockgate.cli.read_options import cache_folder, desired_option, scratch_options

if TYPE_CHECKING:
    from lockgate.verify.defects.settings import DefectSettings

FORMATS = ("text", "json", "markdown", "sarif", "github", "junit")


@make_command(
    "validate",
    "Look for what will bite later: migrations, their history, schema and data.",
    FORMATS,
    has_scratch=True,
)
@desired_option
@click.option("--migrations", metavar="SPEC", help="The migrations: a folder, or TOOL:FOLDER to say whose they are.")
@click.option("--only", multiple=True, metavar="GROUP", help="Run only these groups of checks; repeatable.")
@click.option("--skip", multiple=True, metavar="GROUP", help="Leave these groups out; repeatable.")
@click.option("--max-rows", type=click.IntRange(0), metavar="N", help="Do not read tables of more rows (2000000).")
@click.option("--overflow-percent", type=click.IntRange(1, 100), metavar="P", help="When a counter nears its end (80).")
@click.option("--strict", is_flag=True, help="Findings of severity info count too.")
@click.option("--exit-zero", is_flag=True, help="Exit 0 also when something is found.")
@click.option("--exit-code", is_flag=True, hidden=True, help="Exit 3 when something is found (it always does).")
def command(
    face: Face,
    desired: str | None,
    migrations: str | None,
    only: tuple[str, ...],
    skip: tuple[str, ...],
    max_rows: int | None,
    overflow_percent: int | None,
    strict: bool,
    exit_zero: bool,
    exit_code: bool,
) -> int:
    """The database is only read. Exit code 3 when anything is found, 5 when nothing is but not everything could be
    looked at, 2 when nothing was looked at at all. `lockgate explain CODE` tells what a finding means."""
    from lockgate.model.finding import exit_code_of
    from lockgate.report.findings import render_findings
    from lockgate.workflow.rules import list_rules
    from lockgate.workflow.subject import ValidateOptions
    from lockgate.workflow.validate import validate

    configured = face.settings.target or face.settings
    wanted = face.desired(desired) if desired or configured.desired else ""
    folder = face.spec(migrations or configured.migrations, "--migrations").removeprefix("migrations:")
    target = face.target.target if face.settings.target else None
    place = target.display if target else "no database"
    face.talk.say(f"validating {', '.join(text for text in (place, wanted, folder) if text)}")
    done = validate(
        ValidateOptions(
            target=target,
            desired=wanted,
            migrations=folder,
            only=only,
            skip=skip,
            scratch=scratch_options(face),
            cache=cache_folder(face),
            defects=_defect_settings(face, max_rows, overflow_percent),
            conventions=face.settings.conventions,
        )
    )
    for text in done.left_out:
        face.talk.say(f"left out {text}")
    rules = {rule.code: rule for rule in list_rules()} if face.output_format == "sarif" else {}
    face.show(render_findings(done.report, face.output_format, __version__, rules))
    code = exit_code_of(done.report, is_strict=strict)
    return 0 if exit_zero and code == 3 else code


def _defect_settings(face: Face, max_rows: int | None, overflow_percent: int | None) -> DefectSettings:
    from lockgate.verify.defects.settings import DefectSettings

    settings = face.settings.defects or DefectSettings()
    if max_rows is not None:
        settings = replace(settings, max_rows=max_rows)
    return settings if overflow_percent is None else replace(settings, overflow_percent=overflow_percent)
