"""``lockgate runbook lint``: check a runbook or a Markdown plan before anything of it is run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from lockgate import __version__
from lockgate.cli.face import Face, make_command

FORMATS = ("text", "json", "markdown", "sarif", "github", "junit")


@make_command(
    "lint", "Check a runbook or a plan in Markdown for what would not do what it says.", FORMATS,
    is_target_configured=False,
)  # fmt: skip
@click.argument("runbook_file", metavar="RUNBOOK")
@click.option("--with", "others", multiple=True, metavar="FILE", help="A document beside it: a report, another plan.")
@click.option("--skip", multiple=True, metavar="RULE", help="Leave these rules out; repeatable.")
@click.option("--strict", is_flag=True, help="Findings of severity info count too.")
@click.option("--exit-zero", is_flag=True, help="Exit 0 also when something is found.")
def command(
    face: Face, runbook_file: str, others: tuple[str, ...], skip: tuple[str, ...], strict: bool, exit_zero: bool
) -> int:
    """RUNBOOK is YAML or Markdown. Nothing is run, and no database or network is reached. Exit code 3 when anything is
    found, 2 when there was nothing to check. `lockgate explain RULE` tells what is wrong and what to write instead."""
    from lockgate.gate.approvals.settings import parse_people
    from lockgate.model.finding import build_finding_report, exit_code_of
    from lockgate.report.findings import render_findings
    from lockgate.runbook.lint.rules import BY_CODE
    from lockgate.runbook.lint.run import lint_runbook

    _check_skipped(skip, tuple(BY_CODE))
    people = {person.id: person.roles for person in face.settings.part("people", parse_people)}
    report = lint_runbook(Path(runbook_file), tuple(Path(other) for other in others), people)
    if skip:
        kept = [finding for finding in report.findings if finding.code not in skip]
        report = build_finding_report(report.name, report.subject, kept, report.checked, report.unknown)
    if face.output_format == "json":
        face.show_json(_document(report))
    else:
        face.show(render_findings(report, face.output_format, __version__, BY_CODE))
    code = exit_code_of(report, is_strict=strict)
    return 0 if exit_zero and code == 3 else code


def _check_skipped(skip: tuple[str, ...], codes: tuple[str, ...]) -> None:
    from lockgate.errors import InputError

    for code in skip:
        if code not in codes:
            raise InputError(
                f"--skip {code}: there is no such rule",
                state="nothing was checked",
                hint="`lockgate explain` lists all",
            )


def _document(report: object) -> dict[str, Any]:
    """Return the report with ``fix`` beside ``next_step`` in each finding."""
    import msgspec

    document: dict[str, Any] = msgspec.to_builtins(report)
    for finding in document["findings"]:
        finding["fix"] = finding["next_step"]
    return document
