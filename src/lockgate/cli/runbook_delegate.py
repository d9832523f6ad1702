"""``lockgate runbook delegate``: lend a role of yours to somebody until a time."""

from __future__ import annotations

import click

from lockgate.cli.face import Face, make_command
from lockgate.errors import RefusedError


@make_command("delegate", "Lend a role of yours to somebody until a time.", is_target_configured=False)
@click.argument("role", metavar="ROLE")
@click.option("--to", "to", required=True, metavar="PERSON", help="Who gets it; somebody of [people].")
@click.option("--until", required=True, metavar="WHEN", help="Until when: 8h, a day, a time.")
@click.option("--reason", default="", help="Why.")
@click.option("--sign", "key", metavar="KEY", help="Sign it with this OpenSSH key.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def command(face: Face, role: str, to: str, until: str, reason: str, key: str | None, yes: bool) -> int:
    """Who stands in is excluded wherever you are: a role lent by the author approves nothing of theirs. A role that was
    lent cannot be lent on. A coding agent cannot delegate."""
    from pathlib import Path

    from msgspec.structs import replace

    from lockgate.cli.desk import confirm_word, end_of, make_record, open_desk, person_here, refuse_agents
    from lockgate.cli.result import document_of
    from lockgate.gate.approvals.records import write_record
    from lockgate.gate.approvals.signing import sign_record
    from lockgate.model.approval import RecordKind, find_person

    refuse_agents("delegate a role")
    desk = open_desk(face)
    name, person = person_here(desk.people)
    other = find_person(desk.people, to)
    why = ""
    if person is None or role not in person.roles:
        why = f"{name} is not {role} in lockgate.toml, so cannot lend it"
    elif other is None:
        why = f"{to} is nobody of [people] in lockgate.toml"
    elif desk.is_signature_needed and not key:
        why = "lockgate.toml asks for signatures: repeat the command with --sign KEY"
    if why or other is None:
        raise RefusedError("this role cannot be lent", where=role, cause=why, state="nothing was recorded")
    end = end_of(until, "--until")
    confirm_word(f"lend the role {role} to {other.id} until {end}?", yes)
    record = make_record(RecordKind.DELEGATE, name, role=role, to=other.id, comment=reason, expires=end)
    if key:
        record = replace(record, signature=sign_record(record, Path(key)))
    kept, path = write_record(desk.state_dir, record)
    if face.output_format == "json":
        face.show_json({**document_of(kept), "file": str(path)})
    else:
        face.show(f"{other.id} stands in as {role} for {name} until {end}\nrecorded in: {path}")
    return 0
