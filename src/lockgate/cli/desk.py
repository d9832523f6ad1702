"""What the commands on approvals share: who acts here, what they may, which lock is meant."""

from __future__ import annotations

import getpass
import os
import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lockgate.cli.approval import current_actor
from lockgate.cli.confirm import detect_agent, has_terminal
from lockgate.cli.face import Face
from lockgate.errors import ConfigError, Interrupted, RefusedError

if TYPE_CHECKING:
    from lockgate.model.approval import ApprovalRecord, Person, RecordKind
    from lockgate.runbook.approved import Desk
    from lockgate.runbook.lock import Lock


def now() -> datetime:
    """Return the time, UTC."""
    return datetime.now(UTC)


def open_desk(face: Face) -> Desk:
    """Return what approvals are judged by, of the settings."""
    from lockgate.gate.approvals.settings import parse_approval_settings, parse_people
    from lockgate.runbook.approved import Desk

    settings = face.settings.part("approvals", parse_approval_settings)
    signers = face.settings.folder / settings.allowed_signers if settings.allowed_signers else None
    if signers is not None and not signers.is_file():
        raise ConfigError(
            "the file of allowed signers cannot be read",
            where=str(signers),
            cause="[approvals] in lockgate.toml names it",
            state="nothing was recorded",
        )
    target = face.settings.target
    return Desk(
        state_dir=face.settings.state_dir,
        people=face.settings.part("people", parse_people),
        now=now,
        allowed_signers=signers,
        is_signature_needed=settings.is_signed,
        is_protected=bool(target and target.is_protected),
    )


def refuse_agents(doing: str) -> None:
    """Refuse a coding agent whatever the target: a word of a person is asked for.

    Raises:
        RefusedError: One is detected.
    """
    agent = detect_agent(os.environ)
    if agent:
        raise RefusedError(
            f"a coding agent may not {doing}",
            cause=f"{agent} is set in the environment",
            state="nothing was recorded",
            hint="ask for it: lockgate runbook request-approval RUNBOOK; a person answers in their own terminal",
        )


def person_here(people: tuple[Person, ...]) -> tuple[str, Person | None]:
    """Return who acts: a person's id, else the name as it is.

    Raises:
        RefusedError: ``LOCKGATE_ACTOR`` names another person than the one whose account this is, or nobody.
    """
    from lockgate.model.approval import find_person

    actor, own = current_actor(), find_person(people, account_here())
    named = find_person(people, actor)
    if own is not None and named is not own:
        raise RefusedError(
            f"this account is {own.id}'s, and LOCKGATE_ACTOR says {actor}",
            where="LOCKGATE_ACTOR",
            cause="nobody acts in another's name",
            state="nothing was recorded",
        )
    if people and named is None:
        raise RefusedError(
            f"{actor} is nobody of [people] in lockgate.toml",
            where=str(account_here()),
            cause=f"known are {', '.join(person.id for person in people)}",
            state="nothing was recorded",
            hint="add the account to a person's accounts, or set LOCKGATE_ACTOR",
        )
    return (named.id, named) if named else (actor, None)


def account_here() -> str:
    """Return the system's user."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return f"uid {os.getuid()}"


def check_role(desk: Desk, name: str, person: Person | None, role: str) -> None:
    """Refuse a role that somebody does not have by lockgate.toml or a delegation.

    Raises:
        RefusedError: They do not have it.
    """
    from lockgate.gate.approvals.counting import holds_role

    if not role or (person is not None and role in person.roles):
        return
    if person is not None and holds_role(name, role, desk.records("", Path.cwd()), desk.counting()):
        return
    roles = ", ".join(person.roles) if person else ""
    raise RefusedError(
        f"{name} is not {role}",
        where="--role",
        cause=f"lockgate.toml gives them: {roles or 'no role'}" if person else "lockgate.toml has no [people]",
        state="nothing was recorded",
        hint=f'add roles = ["{role}"] under [people.{name}], or let one who has it delegate it',
    )


def read_lock_of(face: Face, file: str, chosen: tuple[str, ...]) -> Lock:
    """Read and compile a runbook as it would run on the target; the digest is the same where none is configured.

    Raises:
        SourceError, ConfigError: It cannot be read, or a value is chosen that it does not declare.
    """
    from lockgate.cli.runbook_run import make_lock

    return make_lock(face, Path(file), chosen)


def make_record(kind: RecordKind, name: str, **more: str) -> ApprovalRecord:
    """Return a record of an act of somebody, here and now."""
    from msgspec.structs import replace

    from lockgate.model.approval import ApprovalRecord

    at = now().isoformat(timespec="milliseconds")
    made = ApprovalRecord(kind=kind, by=name, at=at, account=account_here(), host=socket.gethostname())
    return replace(made, **more)


def end_of(text: str, where: str, most_s: float = 0.0) -> str:
    """Read when something ends: a day, a time or a length from now; never later than ``most_s`` from now.

    Raises:
        ConfigError: It is none, is over, or is later than allowed.
    """
    from lockgate.model.duration import parse_duration

    at = now()
    try:
        end = datetime.fromisoformat(text)
        if len(text) == 10:
            end = end.replace(hour=23, minute=59, second=59)
        end = end if end.tzinfo else end.replace(tzinfo=UTC)
    except ValueError:
        end = at + timedelta(seconds=parse_duration(text, where))
    if end <= at:
        raise ConfigError(f"{text} is over already", where=where, state="nothing was recorded")
    if most_s and end > at + timedelta(seconds=most_s + 1):
        raise ConfigError(
            f"{text} is later than the runbook allows",
            where=where,
            cause=f"approvals.expires is {most_s / 3600:g} h",
            state="nothing was recorded",
        )
    return end.astimezone(UTC).isoformat(timespec="seconds")


def confirm_word(question: str, is_yes: bool) -> None:
    """Ask before something is put on record.

    Raises:
        ConfigError: There is no terminal to ask on and ``--yes`` was not given.
        Interrupted: The answer was no.
    """
    if is_yes:
        return
    if not has_terminal():
        raise ConfigError(
            "this needs an answer and there is no terminal to ask on",
            cause="--yes was not given",
            state="nothing was recorded",
            hint="repeat the command with --yes",
        )
    if not click.confirm(question, err=True):
        raise Interrupted("you answered no", state="nothing was recorded")
