"""``lockgate verify``: check that the live schema is the expected one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from lockgate.cli.face import Face, make_command
from lockgate.cli.read_options import desired_option, read_plan_file, scratch_options
from lockgate.errors import ConfigError

if TYPE_CHECKING:
    from lockgate.workflow.verify import VerifyReport

_EXIT_CODES = {"ok": 0, "fail": 3}
_INCONCLUSIVE = 5


FORMATS = ("text", "json", "markdown", "sarif", "github", "junit")
_PLAIN_FORMATS = ("text", "json")


@make_command("verify", "Check that the live schema is the expected one.", FORMATS, has_scratch=True)
@click.option(
    "--conventions", is_flag=True, help="Check what [conventions] in lockgate.toml demands, and nothing else."
)
@click.option("--strict", is_flag=True, help="With --conventions: findings of severity info count too.")
@click.option("--plan", "plan_file", metavar="PLAN", help="Expect the end of this plan.")
@click.option("--estimate", is_flag=True, help="Row counts from statistics instead of counting.")
@click.option("--exit-zero", is_flag=True, help="Exit 0 also when the check fails.")
@desired_option
def command(
    face: Face,
    conventions: bool,
    strict: bool,
    plan_file: str | None,
    estimate: bool,
    exit_zero: bool,
    desired: str | None,
) -> int:
    """Expected is the desired schema when --desired is given, else the end of --plan, else what the last run left. Exit
    code 3 when it differs, 5 when something could not be looked at."""
    if conventions:
        return _verify_conventions(face, is_strict=strict, is_exit_zero=exit_zero)
    if face.output_format not in _PLAIN_FORMATS:
        raise click.BadParameter(
            f"{face.output_format!r} goes with --conventions; here {', '.join(_PLAIN_FORMATS)}", param_hint="--format"
        )
    target = face.target
    face.talk.say(f"verifying {target.target.display}")
    from lockgate.workflow.inspect_schema import inspect_spec
    from lockgate.workflow.verify import verify_live

    expected = None
    if desired:
        spec = face.desired(desired)
        expected = inspect_spec(spec, target=target.target, scratch=scratch_options(face), is_expected=True).schema
    plan = read_plan_file(plan_file) if plan_file else None
    report = verify_live(face.engine, target.target, plan=plan, desired=expected, is_exact=not estimate)
    if face.output_format == "json":
        from lockgate.cli.result import document_of

        face.show_json(document_of(report))
    else:
        face.show(_text(report))
    code = _EXIT_CODES.get(report.status, _INCONCLUSIVE)
    return 0 if exit_zero and code == 3 else code


def _verify_conventions(face: Face, *, is_strict: bool, is_exit_zero: bool) -> int:
    from lockgate import __version__
    from lockgate.model.finding import exit_code_of
    from lockgate.report.findings import render_findings
    from lockgate.workflow.check_conventions import verify_conventions
    from lockgate.workflow.rules import list_rules

    agreed = face.settings.conventions
    if agreed is None:
        raise ConfigError(
            "there are no conventions to check",
            where=str(face.settings.file or "lockgate.toml"),
            cause="there is no [conventions] in it" if face.settings.file else "there is no configuration file",
            state="nothing was checked",
            hint="write [conventions.optimistic_locking], [conventions.soft_delete] or [[conventions.rules]]",
        )
    face.talk.say(f"checking conventions of {face.target.target.display}")
    report = verify_conventions(face.target.target, agreed, scratch_options(face))
    rules = {rule.code: rule for rule in list_rules()} if face.output_format == "sarif" else {}
    face.show(render_findings(report, face.output_format, __version__, rules))
    code = exit_code_of(report, is_strict=is_strict)
    return 0 if is_exit_zero and code == 3 else code


def _text(report: VerifyReport) -> str:
    from lockgate.diff.describe import describe_change

    words = {"ok": "ok: the live schema is the expected one", "fail": "fail: the live schema is not the expected one"}
    lines = [
        words.get(report.status, "unknown: not everything could be looked at"),
        f"expected: {report.expected_from}",
    ]
    for change in report.changes:
        note = describe_change(change)
        lines.append(
            f"  {note.kind.replace('_', ' ')} {note.object}: {note.before or 'none'} -> {note.after or 'none'}"
        )
    lines += [f"  rows: {text}" for text in report.rows]
    lines += [f"  checked: {text}" for text in report.checks]
    lines += [f"  note: {text}" for text in report.notes]
    return "\n".join(lines)
