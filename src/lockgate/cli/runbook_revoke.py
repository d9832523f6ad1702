"""``lockgate runbook revoke``: take back an approval, waiver or delegation; the record stays, and so does this."""

from __future__ import annotations

import click

from lockgate.cli.face import Face, make_command
from lockgate.errors import RefusedError


@make_command("revoke", "Take back an approval, a waiver or a delegation.", is_target_configured=False)
@click.argument("record", metavar="RECORD")
@click.option("--reason", required=True, help="Why.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def command(face: Face, record: str, reason: str, yes: bool) -> int:
    """RECORD is its id, or the beginning of it, as `runbook approvals` shows it. Your own may be taken back, or that of
    somebody of a lower rank. Nothing is deleted. A coding agent cannot revoke."""
    from lockgate.cli.desk import confirm_word, make_record, open_desk, person_here, refuse_agents
    from lockgate.cli.result import document_of
    from lockgate.gate.approvals.counting import may_revoke
    from lockgate.gate.approvals.records import find_record, write_record
    from lockgate.model.approval import RecordKind

    refuse_agents("revoke")
    desk = open_desk(face)
    found = find_record(desk.state_dir, record)
    name, _ = person_here(desk.people)
    if not may_revoke(name, found.by, desk.counting()):
        raise RefusedError(
            f"{name} may not take back what {found.by} put on record",
            where=found.id,
            cause="only they, or somebody of a higher rank, may",
            state="nothing was recorded",
        )
    confirm_word(f"take back the {found.kind.value} of {found.by} ({found.subject or found.role})?", yes)
    made = make_record(
        RecordKind.REVOKE, name, digest=found.digest, record=found.id, comment=reason, subject=found.subject
    )
    kept, path = write_record(desk.state_dir, made)
    if face.output_format == "json":
        face.show_json({**document_of(kept), "file": str(path)})
    else:
        face.show(f"revoked {found.id} ({found.kind.value} of {found.by}) by {name}\nrecorded in: {path}")
    return 0
