"""``lockgate report backlog``: what runs left open."""

from __future__ import annotations

from lockgate.cli.face import Face, make_command
from lockgate.cli.run_folders import run_folders
from lockgate.errors import LockgateError


@make_command("backlog", "List what runs left open, each thing once.", is_target_configured=False)
def command(face: Face) -> int:
    """Of each runbook the newest run counts: what an older one left and a newer one did is not open any more. An item
    keeps its id, so that a tracker takes it once."""
    import msgspec

    from lockgate.model.procedure_report import ProcedureReport
    from lockgate.runbook.run_reports import report_of

    newest: dict[tuple[str, str], ProcedureReport] = {}
    for folder in run_folders(face):
        try:
            report = report_of(folder)
        except LockgateError as error:
            face.talk.say(f"{folder.name} is left out: {error}")
            continue
        newest[report.runbook, report.target] = report
    items = [item for report in newest.values() for item in report.open_items]
    if face.output_format == "json":
        plain = [msgspec.to_builtins(item) for item in items]
        face.show_json({"format_version": 1, "runs": [r.run for r in newest.values()], "items": plain})
        return 0
    lines = [
        f"{i.id}  {i.kind:<10} {i.text}" + (f"  [{i.owner}]" if i.owner else "") + (f"  due {i.due}" if i.due else "")
        for i in items
    ]
    looked = f"{len(items)} open items of {len(newest)} runbooks" if newest else "no run is kept here"
    face.show("\n".join([*lines, looked]))
    return 0
