"""What all decisions about a run share: who decides, the journal or the run at work, and the answer."""

from __future__ import annotations

import os
import secrets
import time
from dataclasses import replace
from typing import Any

import click

from lockgate.cli.actor import find_actor
from lockgate.cli.confirm import detect_agent, refuse_agent
from lockgate.cli.face import Face
from lockgate.errors import LeaseHeld, RefusedError, Waiting
from lockgate.model.procedure_state import fold
from lockgate.runbook.engine.inbox import answer_to, leave_decision, write_decision
from lockgate.runbook.record import Record
from lockgate.runbook.runs import KnownRun, find_folder, open_run

_ANSWER_S = 5.0
_PEOPLE_ONLY = ("attest", "waive", "approve", "resolve", "done")

reason_option = click.option("--reason", required=True, help="Why; kept in the journal.")
role_option = click.option("--role", default="", help="In which role; lockgate.toml says who has it.")


def decide(face: Face, run_id: str, what: str, subject: str, **body: Any) -> int:
    """Record a decision in a run's journal, or leave it with the run at work, and say what became of it.

    Raises:
        RefusedError: It cannot be taken as things stand, or a coding agent gives it.
        Waiting: The run at work has not answered yet.
    """
    folder = find_folder(face.settings.state_dir, run_id)
    known = open_run(folder)
    if what in _PEOPLE_ONLY:
        refuse_any_agent(face, what)
    elif face.settings.target is not None:
        refuse_agent(face.settings.target, f"{what} a task")
    actor = find_actor(os.environ)
    check_role(face, actor.name, str(body.get("role", "")))
    whole = {
        "what": what,
        "subject": subject,
        "by": actor.name,
        "host": actor.host,
        "id": secrets.token_hex(8),
        **{key: value for key, value in body.items() if value},
    }
    try:
        record = Record(folder, actor=actor.name)
    except LeaseHeld:
        return _leave(face, known, whole)
    try:
        refused = write_decision(record, fold(known.lock.runbook, record.entries), whole)
    finally:
        record.close()
    return _say(face, known, whole, refused)


def refuse_any_agent(face: Face, action: str) -> None:
    """Refuse a coding agent on every target: a person stands for this.

    Raises:
        RefusedError: One is detected.
    """
    target = face.settings.target
    if target is not None:
        refuse_agent(replace(target, is_protected=True), action)
    agent = detect_agent(os.environ)
    if agent:
        raise RefusedError(
            f"a coding agent may not {action}",
            cause=f"{agent} is set in the environment",
            state="nothing was recorded",
            hint="ask a person to run this command in their own terminal",
        )


def check_role(face: Face, name: str, role: str) -> None:
    """Refuse a role that lockgate.toml does not give to whoever decides; where nobody is configured, a word is taken.

    Raises:
        RefusedError: Somebody else has the role.
    """
    from lockgate.cli.runbook_engine import people_of
    from lockgate.model.approval import find_person

    people = people_of(face)
    person = find_person(people, name)
    if role and people and (person is None or role not in person.roles):
        having = ", ".join(p.id for p in people if role in p.roles) or "nobody"
        raise RefusedError(
            f"{name} is not {role}",
            where="[people] in lockgate.toml",
            cause=f"{having} {'has' if having else ''} that role",
            state="nothing was recorded",
        )


def _leave(face: Face, known: KnownRun, body: dict[str, Any]) -> int:
    """Leave it with the run at work, and wait a moment for its answer."""
    leave_decision(known.folder, body)
    end = time.monotonic() + _ANSWER_S
    while time.monotonic() < end:
        answer = answer_to(known.folder, str(body["id"]))
        if answer is not None:
            return _say(face, known, body, answer)
        time.sleep(0.2)
    raise Waiting(
        f"the decision is left with the run {known.id}, which is at work and has not taken it yet",
        where=f"{body['what']} {body['subject']}",
        cause="decisions are taken between two tasks",
        state="the decision is on the disk; whether it is taken is in the journal",
        hint=f"lockgate runbook status {known.id}",
    )


def _say(face: Face, known: KnownRun, body: dict[str, Any], refused: str) -> int:
    if refused:
        raise RefusedError(
            f"{body['what']} {body['subject']} was not taken",
            where=f"run {known.id}",
            cause=refused,
            state="the refusal is in the journal; nothing else changed",
            hint=f"lockgate runbook status {known.id}",
        )
    hint = f"lockgate runbook resume {known.id}"
    if face.output_format == "json":
        face.show_json({"format_version": 1, "run": known.id, "decision": body, "next": hint})
    else:
        face.show(f"recorded: {body['what']} {body['subject']} by {body['by']}\nnext: {hint}")
    return 0
