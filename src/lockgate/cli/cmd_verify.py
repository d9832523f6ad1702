"""``lockgate verify``: check that the live schema is the expected one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from lockgate.cli.face import Face, make_command
from lockgate.cli.read_options import desired_option, read_plan_file, scratch_options

if TYPE_CHECKING:
    from lockgate.workflow.verify import VerifyReport

_EXIT_CODES = {"ok": 0, "fail": 3}
_INCONCLUSIVE = 5


@make_command("verify", "Check that the live schema is the expected one.", has_scratch=True)
@click.option("--plan", "plan_file", metavar="PLAN", help="Expect the end of this plan.")
@click.option("--estimate", is_flag=True, help="Row counts from statistics instead of counting.")
@click.option("--exit-zero", is_flag=True, help="Exit 0 also when the check fails.")
@desired_option
def command(face: Face, plan_file: str | None, estimate: bool, exit_zero: bool, desired: str | None) -> int:
    """Expected is the desired schema when --desired is given, else the end of --plan, else what the last run left. Exit
    code 3 when it differs, 5 when something could not be looked at."""
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
