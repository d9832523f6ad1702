"""``lockgate drift``: compare the live database with the desired schema."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from lockgate import __version__
from lockgate.cli.face import Face, make_command
from lockgate.cli.read_options import cache_folder, check_engine, desired_option, engine_option, scratch_options
from lockgate.errors import ConfigError, LockgateError, UnreadSource

if TYPE_CHECKING:
    from lockgate.diff.drift import DriftReport
    from lockgate.workflow.measure_drift import DriftOptions
    from lockgate.workflow.propose_fix import Fix

FORMATS = ("text", "json", "markdown", "sarif", "github", "junit")
FIX_FORMATS = ("text", "json", "markdown")


@make_command("drift", "Compare the live database with the desired schema, both ways.", FORMATS, has_scratch=True)
@click.option(
    "--fix", "is_fix", is_flag=True, help="Print staged SQL that would mend it, and the reverse. Runs nothing."
)
@click.option("--accept", "accepted", multiple=True, metavar="OBJECT", help="Agree to a difference. Repeatable.")
@click.option("--reason", metavar="TEXT", help="Why it is accepted (with --accept).")
@click.option("--until", metavar="DAY", help="The last day the agreement holds: 2027-01-31, or never.")
@click.option("--by", "accepted_by", metavar="NAME", help="Who agrees (default: LOCKGATE_ACTOR or the system's user).")
@click.option(
    "--cross-check", is_flag=True, help="Compare with drizzle-kit's own export first; runs the project's code."
)
@click.option("--exit-zero", is_flag=True, help="Exit 0 also when there is drift.")
@desired_option
@engine_option
def command(
    face: Face,
    desired: str | None,
    engine_name: str | None,
    exit_zero: bool,
    is_fix: bool,
    accepted: tuple[str, ...],
    reason: str | None,
    until: str | None,
    accepted_by: str | None,
    cross_check: bool,
) -> int:
    """The database is only read. Exit code 3 when anything differs, 5 when nothing does but not everything could be
    read: what was not compared is never called in sync. Agreed differences stand in lockgate-accepted.toml."""
    try:
        _check_options(face, is_fix, accepted, reason, until)
        check_engine(face, engine_name)
        spec = face.desired(desired)
        face.talk.say(f"comparing {face.target.target.display} with {spec}")
        options = _options(face, cross_check)
        if accepted:
            options = _accept(face, spec, options, accepted, reason or "", until or "", accepted_by)
        report, text = _run(face, spec, options, is_fix)
    except LockgateError as error:
        if face.output_format != "text":
            face.show(_render_not_run(face, desired or "", error))
        raise
    face.show(text)
    return _exit_code(report, exit_zero)


def _options(face: Face, is_cross_checked: bool) -> DriftOptions:
    from lockgate.cli.acceptances import load_acceptances, today
    from lockgate.workflow.measure_drift import DriftOptions

    return DriftOptions(
        scratch=scratch_options(face),
        cache=cache_folder(face),
        acceptances=load_acceptances(face),
        today=today(),
        is_cross_checked=is_cross_checked,
    )


def _check_options(face: Face, is_fix: bool, accepted: tuple[str, ...], reason: str | None, until: str | None) -> None:
    if accepted and (not reason or not until):
        raise ConfigError(
            "an agreement needs a reason and an end",
            where="--accept",
            cause=f"{'--until' if reason else '--reason'} is missing",
            state="nothing was accepted",
            hint='add --reason "…" and --until 2027-01-31 (or --until never)',
        )
    if (reason or until) and not accepted:
        raise ConfigError("--reason and --until belong to --accept", where="--accept", state="nothing was accepted")
    if is_fix and face.output_format not in FIX_FORMATS:
        raise ConfigError(
            f"--fix has no {face.output_format} form",
            where="--format",
            cause=f"allowed are {', '.join(FIX_FORMATS)}",
            state="nothing was touched",
        )


def _accept(
    face: Face,
    spec: str,
    options: DriftOptions,
    objects: tuple[str, ...],
    reason: str,
    until: str,
    accepted_by: str | None,
) -> DriftOptions:
    """Write the agreements and return the options with them."""
    from dataclasses import replace

    from lockgate.cli.acceptances import parse_day, save_acceptances, today
    from lockgate.cli.approval import current_actor
    from lockgate.diff.accept import accept_entries, merge_acceptances
    from lockgate.workflow.measure_drift import measure_drift

    last_day = parse_day(until)
    report = measure_drift(face.engine, face.target.target, spec, replace(options, acceptances=()))
    new = accept_entries(
        report,
        objects,
        reason=reason,
        accepted_by=accepted_by or current_actor(),
        today=today(),
        until=last_day,
    )
    together = merge_acceptances(options.acceptances, new)
    path = save_acceptances(face, together)
    face.talk.say(f"accepted {len(new)} difference{'s' if len(new) > 1 else ''} in {path}")
    return replace(options, acceptances=together)


def _run(face: Face, spec: str, options: DriftOptions, is_fix: bool) -> tuple[DriftReport, str]:
    if is_fix:
        from lockgate.workflow.propose_fix import propose_fix

        fix = propose_fix(face.engine, face.target.target, spec, options)
        return fix.report, _render_fix(fix, face.output_format)
    from lockgate.workflow.measure_drift import measure_drift

    report = measure_drift(face.engine, face.target.target, spec, options)
    return report, _render(report, face.output_format)


def _exit_code(report: DriftReport, exit_zero: bool) -> int:
    from lockgate.diff.drift import DriftStatus

    if report.status is DriftStatus.DRIFT:
        return 0 if exit_zero else 3
    return 0 if report.status is DriftStatus.IN_SYNC else 5


def _render_not_run(face: Face, desired: str, error: LockgateError) -> str:
    """Say in the form that was asked for that nothing was compared: a missing document could pass for a clean one."""
    from lockgate.diff.drift import DriftReport, DriftStatus

    target = face.settings.target
    findings = error.findings if isinstance(error, UnreadSource) else ()
    report = DriftReport(
        status=DriftStatus.NOT_RUN,
        engine=target.target.engine if target else "",
        server_version="",
        target=target.name if target else "",
        desired=desired,
        checked={},
        findings=findings,
        notes=(str(error),),
    )
    if face.output_format != "json":
        return _render(report, face.output_format)
    import json

    from lockgate.cli.result import plain_of

    return json.dumps({**plain_of(report), "error": str(error)}, indent=1, ensure_ascii=False)


def _render_fix(fix: Fix, output_format: str) -> str:
    from lockgate.report.fix import fix_document, fix_sql

    if output_format == "json":
        import json

        from lockgate.cli.result import plain_of

        steps = [
            {"kind": r.entry.kind, "object": r.entry.object, "step": r.step.id if r.step else None}
            for r in fix.remediations
        ]
        document = {**plain_of(fix.report), "fix": {"plan": plain_of(fix.plan), "remediations": steps}}
        return json.dumps(document, indent=1, ensure_ascii=False)
    if output_format == "markdown":
        from lockgate.report.markdown import render_markdown

        return render_markdown(fix_document(fix.report, fix.plan, fix.remediations))
    return fix_sql(fix.report, fix.plan, fix.remediations, fix.notes)


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
