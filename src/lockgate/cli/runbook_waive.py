"""``lockgate runbook waive``: a person of sufficient rank answers for one check, for a reason, until a time."""

from __future__ import annotations

from pathlib import Path

import click

from lockgate.cli.face import Face, make_command
from lockgate.errors import ConfigError, RefusedError


@make_command("waive", "Answer for one check that does not hold, with a reason and an end; runs nothing.")
@click.argument("runbook_file", metavar="RUNBOOK")
@click.argument("check", metavar="CHECK")
@click.option("--reason", required=True, help="Why it is acceptable; goes into the report.")
@click.option("--until", required=True, metavar="WHEN", help="Until when: 2h, a day, a time.")
@click.option("--role", default="", help="The role you answer in.")
@click.option("--var", "chosen", multiple=True, metavar="NAME=VALUE", help="A variable as the run will have it.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def command(
    face: Face, runbook_file: str, check: str, reason: str, until: str, role: str, chosen: tuple[str, ...], yes: bool
) -> int:
    """CHECK is its id, such as gate-3/2; `runbook show` and every truth table name it. The waiver holds for this digest
    and this check only; the check shows as WAIVED, never as ok, and the report counts it. It takes the rank of the
    roles that approve the runbook. A coding agent cannot waive."""
    from lockgate.cli.desk import (
        check_role,
        confirm_word,
        end_of,
        make_record,
        open_desk,
        person_here,
        read_lock_of,
        refuse_agents,
    )
    from lockgate.cli.result import document_of
    from lockgate.gate.approvals.policy import policy_of
    from lockgate.gate.approvals.records import write_record
    from lockgate.gate.approvals.waivers import why_not_waive
    from lockgate.model.approval import RecordKind
    from lockgate.runbook.check_ids import check_ids

    refuse_agents("waive a check")
    desk = open_desk(face)
    lock = read_lock_of(face, runbook_file, chosen)
    ids = check_ids(lock.runbook)
    if check not in ids:
        near = [name for name in ids if name.startswith(check.partition("/")[0])]
        raise ConfigError(
            f"the runbook has no check {check!r}",
            where=runbook_file,
            cause=f"it has: {', '.join(near or ids)[:300]}",
            state="nothing was recorded",
        )
    name, person = person_here(desk.people)
    if person is None and desk.is_protected:
        raise RefusedError(
            "on a protected target only people of lockgate.toml can waive",
            cause="it has no [people], so nobody's rank is known",
            state="nothing was recorded",
        )
    check_role(desk, name, person, role)
    end = end_of(until, "--until")
    roles = policy_of(lock.runbook, is_protected=desk.is_protected).roles
    why = why_not_waive(name, role, reason, end, roles, desk.counting())
    if why:
        raise RefusedError("this waiver would not count", where=check, cause=why, state="nothing was recorded")
    confirm_word(f"waive {check} ({ids[check]}) until {end}?", yes)
    record = make_record(
        RecordKind.WAIVE,
        name,
        digest=lock.digest,
        check=check,
        role=role,
        comment=reason,
        expires=end,
        subject=lock.runbook.runbook,
    )
    kept, path = write_record(desk.state_dir, record)
    if face.output_format == "json":
        face.show_json({**document_of(kept), "file": str(path)})
    else:
        face.show(f"waived {check} by {name} until {end}\nrecorded in: {Path(path)}")
    return 0
