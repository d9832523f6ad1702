"""``lockgate runbook approvals``: who approved a runbook, what a machine found, who is missing."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import click

from lockgate.cli.face import Face, make_command

if TYPE_CHECKING:
    from lockgate.gate.approvals.state import ApprovalState


@make_command("approvals", "Show who approved a runbook, what a machine found, and who is missing.")
@click.argument("runbook_file", metavar="RUNBOOK")
@click.option("--var", "chosen", multiple=True, metavar="NAME=VALUE", help="A variable as the run will have it.")
def command(face: Face, runbook_file: str, chosen: tuple[str, ...]) -> int:
    """What a machine must show (a proven backup, a rehearsal) is looked at now. Exit code 5: something is missing."""
    from lockgate.cli.approval_evidence import gather_evidence
    from lockgate.cli.desk import open_desk, read_lock_of
    from lockgate.cli.result import document_of
    from lockgate.runbook.approved import state_of_lock

    lock = read_lock_of(face, runbook_file, chosen)
    desk = open_desk(face)
    kinds = {item.evidence for item in lock.runbook.approvals.items if item.evidence}
    desk = replace(desk, evidence=gather_evidence(face, lock, kinds))
    state = state_of_lock(desk, lock)
    if face.output_format == "json":
        more = {"headline": state.headline, "is_complete": state.is_complete, "runbook": lock.runbook.runbook}
        face.show_json(document_of(state, **more))
    else:
        face.show(text_of(state, lock.runbook.runbook))
    return 0 if state.is_complete else 5


def text_of(state: ApprovalState, name: str) -> str:
    """Return the state in lines for people."""
    lines = [f"{name}: {state.headline}", f"digest: {state.digest}"]
    roles = f" as {', '.join(state.roles)}" if state.roles else ""
    excluded = f", not by {' or '.join(w.replace('_', ' ') for w in state.not_)}" if state.not_ else ""
    if state.quorum:
        lines.append(f"asks for {state.quorum} approval{'s' if state.quorum != 1 else ''}{roles}{excluded}")
    for given in state.approvals:
        about = f": {given.item}" if given.item else ""
        lines.append(
            f"  {given.id[:8]}  {given.by} ({given.role or 'no role'}) at {given.at}, until {given.expires}{about}"
        )
    for given in state.not_counted:
        lines.append(f"  {given.id[:8]}  {given.by} ({given.role or 'no role'}) does not count: {given.why_not}")
    marks = {"approved": "[x]", "claimed": "[?]", "open": "[ ]"}
    for item in state.items:
        by = f" by {item.by}" if item.by else ""
        lines.append(
            f"  {marks[item.state]} {item.text}: {item.state}{by}{f' ({item.why.strip()})' if item.why else ''}"
        )
    lines += [f"  waived {w.check} by {w.by} until {w.until}: {w.reason}" for w in state.waivers]
    lines += [f"missing: {text}" for text in state.missing]
    return "\n".join(lines)
