"""``lockgate drift``: compare the live database with the desired schema."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from lockgate import __version__
from lockgate.cli.face import Face, make_command
from lockgate.cli.read_options import cache_folder, check_engine, desired_option, engine_option, scratch_options
from lockgate.errors import LockgateError, UnreadSource

if TYPE_CHECKING:
    from lockgate.diff.drift import DriftReport

FORMATS = ("text", "json", "markdown", "sarif", "github", "junit")


@make_command("drift", "Compare the live database with the desired schema, both ways.", FORMATS, has_scratch=True)
@click.option("--exit-zero", is_flag=True, help="Exit 0 also when there is drift.")
@desired_option
@engine_option
def command(face: Face, desired: str | None, engine_name: str | None, exit_zero: bool) -> int:
    """The database is only read. Exit code 3 when anything differs, 5 when nothing does but not everything could be
    read: what was not compared is never called in sync."""
    check_engine(face, engine_name)
    target = face.target
    spec = face.desired(desired)
    face.talk.say(f"comparing {target.target.display} with {spec}")
    from lockgate.diff.drift import DriftStatus
    from lockgate.workflow.measure_drift import DriftOptions, measure_drift

    options = DriftOptions(scratch=scratch_options(face), cache=cache_folder(face))
    try:
        report = measure_drift(face.engine, target.target, spec, options)
    except LockgateError as error:
        if face.output_format == "json":
            face.show_json(_not_run(target.name, error))
        raise
    face.show(_render(report, face.output_format))
    if report.status is DriftStatus.DRIFT:
        return 0 if exit_zero else 3
    return 0 if report.status is DriftStatus.IN_SYNC else 5


def _not_run(target: str, error: LockgateError) -> dict[str, Any]:
    from lockgate.cli.result import plain_of

    findings = [plain_of(f) for f in error.findings] if isinstance(error, UnreadSource) else []
    return {
        "format_version": 1,
        "status": "not_run",
        "target": target,
        "error": str(error),
        "changes": [],
        "findings": findings,
    }


def _render(report: DriftReport, output_format: str) -> str:
    from lockgate.report import drift as views

    match output_format:
        case "json":
            from lockgate.model.codec import encode_pretty

            return encode_pretty(report).decode()
        case "sarif":
            return views.drift_sarif(report, __version__)
        case "markdown":
            return views.drift_markdown(report)
        case "github":
            return views.drift_github(report)
        case "junit":
            return views.drift_junit(report)
    return views.drift_text(report)
