"""``lockgate runbook request-approval``: ask people to approve a runbook; what a coding agent does instead."""

from __future__ import annotations

import os

import click

from lockgate.cli.face import Face, make_command


@make_command("request-approval", "Ask people to approve a runbook; everybody may, a coding agent too.")
@click.argument("runbook_file", metavar="RUNBOOK")
@click.option("--comment", default="", help="What it is about.")
@click.option("--var", "chosen", multiple=True, metavar="NAME=VALUE", help="A variable as the run will have it.")
def command(face: Face, runbook_file: str, comment: str, chosen: tuple[str, ...]) -> int:
    """The request is put on record with the digest, and who is missing is named. Exit code 5 while anybody is, 0 when
    nobody is. Nothing is run."""
    from lockgate.cli.approval import current_actor
    from lockgate.cli.confirm import detect_agent
    from lockgate.cli.desk import make_record, open_desk, read_lock_of
    from lockgate.cli.result import document_of
    from lockgate.gate.approvals.records import write_record
    from lockgate.model.approval import RecordKind
    from lockgate.runbook.approved import state_of_lock

    desk = open_desk(face)
    lock = read_lock_of(face, runbook_file, chosen)
    state = state_of_lock(desk, lock)
    agent = detect_agent(os.environ)
    by = f"{current_actor()} by a coding agent ({agent})" if agent else current_actor()
    record = make_record(RecordKind.REQUEST, by, digest=lock.digest, comment=comment, subject=lock.runbook.runbook)
    kept, path = write_record(desk.state_dir, record)
    if face.output_format == "json":
        face.show_json(
            {**document_of(kept), "file": str(path), "headline": state.headline, "missing": list(state.missing)}
        )
    else:
        lines = [f"{lock.runbook.runbook}: {state.headline}", f"digest: {lock.digest}", f"recorded in: {path}"]
        lines += [f"missing: {text}" for text in state.missing]
        lines += [f"a person runs: lockgate runbook approve {runbook_file} --role ROLE"] if state.missing else []
        face.show("\n".join(lines))
    return 0 if state.is_complete else 5
