"""``lockgate runbook decide``, and what all decisions about a run share: who decides, where it goes, the answer."""

from __future__ import annotations

import os
import secrets
import time
from dataclasses import replace
from typing import Any

import click

from lockgate.cli.actor import find_actor
from lockgate.cli.confirm import detect_agent, refuse_agent
from lockgate.cli.face import Face, make_command
from lockgate.errors import LeaseHeld, RefusedError, Waiting
from lockgate.model.procedure_state import fold
from lockgate.runbook.engine.inbox import answer_to, leave_decision, write_decision
from lockgate.runbook.record import Record, read_entries
from lockgate.runbook.runs import KnownRun, find_folder, open_run

_ANSWER_S = 5.0
_PEOPLE_ONLY = ("decide", "attest", "waive", "approve", "resolve", "done")

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
    name = _person(face, actor.name) if what in _PEOPLE_ONLY else actor.name
    check_role(face, name, str(body.get("role", "")))
    whole = {
        "what": what,
        "subject": subject,
        "by": name,
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


def _person(face: Face, name: str) -> str:
    """Return who decides by lockgate.toml, which must know them once it knows anybody."""
    from lockgate.cli.desk import open_desk, person_here

    people = open_desk(face).people
    return person_here(people)[0] if people else name


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
    from lockgate.cli import desk
    from lockgate.model.approval import find_person

    opened = desk.open_desk(face)
    if role and opened.people:
        desk.check_role(opened, name, find_person(opened.people, name), role)


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


@make_command("decide", "Decide about a gate that is escalated: open it by name, or stop.")
@click.argument("run_id", metavar="RUN")
@click.argument("gate", metavar="GATE")
@click.option("--open/--stop", "is_open", default=None, help="Answer for each of its closed checks, or stop the run.")
@click.option("--until", metavar="WHEN", default="24h", help="How long the answer for the checks holds.")
@reason_option
@role_option
def command(face: Face, run_id: str, gate: str, is_open: bool | None, until: str, reason: str, role: str) -> int:
    """Only the roles that the gate names as its reviewers decide. To open it is to waive exactly the checks that are
    closed now; another one that fails later keeps it closed. A coding agent is refused."""
    from lockgate.cli.desk import end_of
    from lockgate.model.outcome import Outcome
    from lockgate.model.procedure import EntryType

    if is_open is None:
        raise click.UsageError("say --open or --stop")
    if not is_open:
        return decide(face, run_id, "decide", gate, reason=reason, role=role, outcome="stop")
    known = open_run(find_folder(face.settings.state_dir, run_id))
    asked = [e for e in read_entries(known.folder) if e.type is EntryType.GATE and e.body.get("gate") == gate]
    results = asked[-1].body["results"] if asked else []
    closed = [str(r["check"]) for r in results if not Outcome(r["outcome"]).opens]
    end = end_of(until, "--until")
    return decide(face, run_id, "decide", gate, reason=reason, role=role, outcome="open", checks=closed, until=end)
