"""``lockgate runbook approve``: put on record that a person approves exactly this runbook; runs nothing."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from lockgate.cli.face import Face, make_command
from lockgate.errors import ConfigError, RefusedError

if TYPE_CHECKING:
    from lockgate.model.approval import ApprovalRecord, Person
    from lockgate.runbook.approved import Desk
    from lockgate.runbook.lock import Lock


@make_command("approve", "Put on record that you approve exactly this runbook; runs nothing.")
@click.argument("runbook_file", metavar="RUNBOOK", required=False)
@click.option("--role", default="", help="The role you approve in; lockgate.toml says who has which.")
@click.option("--comment", default="", help="Why, or under which conditions.")
@click.option("--expires", default="", metavar="WHEN", help="Until when it counts: 24h, a day, a time.")
@click.option("--item", default="", metavar="TEXT", help="Only this approval of the runbook's list.")
@click.option("--var", "chosen", multiple=True, metavar="NAME=VALUE", help="A variable as the run will have it.")
@click.option("--review", "files", multiple=True, metavar="FILE", help="Approve these files instead, as they are.")
@click.option("--sign", "key", metavar="KEY", help="Sign it with this OpenSSH key.")
@click.option("-o", "--output", metavar="FILE", help="Write it into a file to be imported elsewhere.")
@click.option("--import", "imported", metavar="FILE", help="Take in a signed approval that was made elsewhere.")
@click.option("--import-tag", "tag", metavar="TAG", help="Take in a signed git tag whose message names the digest.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def command(
    face: Face,
    runbook_file: str | None,
    role: str,
    comment: str,
    expires: str,
    item: str,
    chosen: tuple[str, ...],
    files: tuple[str, ...],
    key: str | None,
    output: str | None,
    imported: str | None,
    tag: str | None,
    yes: bool,
) -> int:
    """The approval binds to the digest of the runbook with its files and variables: an edit voids it. Whoever wrote the
    runbook may be excluded by it. A coding agent cannot approve. What a machine must show cannot be ticked by hand."""
    from lockgate.cli.desk import open_desk, refuse_agents

    refuse_agents("approve")
    desk = open_desk(face)
    if imported and runbook_file:
        return _import_file(face, desk, runbook_file, chosen, Path(imported))
    if files:
        return _approve_files(face, desk, files, role=role, comment=comment, expires=expires, is_yes=yes)
    if not runbook_file:
        raise ConfigError("neither a runbook nor --review names what is approved", state="nothing was recorded")
    return approve_runbook(
        face,
        desk,
        runbook_file,
        role=role,
        comment=comment,
        expires=expires,
        item=item,
        chosen=chosen,
        key=key,
        output=output,
        tag=tag,
        is_yes=yes,
    )


def approve_runbook(
    face: Face,
    desk: Desk,
    file: str,
    *,
    role: str = "",
    comment: str = "",
    expires: str = "",
    item: str = "",
    chosen: tuple[str, ...] = (),
    key: str | None = None,
    output: str | None = None,
    tag: str | None = None,
    is_yes: bool = False,
) -> int:
    """Record an approval of a runbook; see the command."""
    from lockgate.cli.desk import check_role, confirm_word, make_record, person_here, read_lock_of
    from lockgate.model.approval import RecordKind

    lock = read_lock_of(face, file, chosen)
    if tag:
        return _import_tag(face, desk, lock, tag, role)
    name, person = person_here(desk.people)
    check_role(desk, name, person, role)
    _check_item(lock, item)
    record = make_record(
        RecordKind.APPROVE,
        name,
        digest=lock.digest,
        role=role,
        comment=comment,
        item=item,
        expires=_end(lock, expires),
        subject=lock.runbook.runbook,
    )
    _check_counts(desk, lock, record, person)
    confirm_word(f"approve {lock.runbook.runbook} (digest {lock.digest[:12]}) as {role or name}?", is_yes)
    return _keep(face, desk, lock, record, key, output)


def _end(lock: Lock, expires: str) -> str:
    from lockgate.cli.desk import end_of
    from lockgate.model.duration import parse_duration

    most = lock.runbook.approvals.expires or "48h"
    return end_of(expires or most, "--expires", parse_duration(most, "approvals.expires"))


def _check_item(lock: Lock, item: str) -> None:
    """Refuse an item the runbook does not have, and one that only evidence ticks."""
    if not item:
        return
    found = next((known for known in lock.runbook.approvals.items if known.text == item), None)
    if found is None:
        names = "; ".join(known.text for known in lock.runbook.approvals.items)
        raise ConfigError(
            f"the runbook asks for no approval {item!r}", where="--item", cause=names, state="nothing was recorded"
        )
    if found.evidence:
        raise RefusedError(
            f"{item!r} is ticked by evidence only, not by hand",
            where="--item",
            cause=f"it asks for {found.evidence}",
            state="nothing was recorded",
            hint="lockgate runbook approvals RUNBOOK shows what was found",
        )


def _check_counts(desk: Desk, lock: Lock, record: ApprovalRecord, person: Person | None) -> None:
    """Refuse what would not count: by the author, the last editor, or in a role nobody asks for."""
    from lockgate.gate.approvals.counting import exclusion_of
    from lockgate.gate.approvals.policy import policy_of

    policy = policy_of(lock.runbook, is_protected=desk.is_protected)
    counting = desk.counting(lock)
    excluded = {why: names for why, names in counting.excluded.items() if why in policy.not_}
    from dataclasses import replace

    why = exclusion_of(record, desk.records(lock.digest, Path(lock.folder)), replace(counting, excluded=excluded))
    asked = {*policy.roles, *(role for item in policy.items for role in item.roles)}
    if not why and not record.item and policy.roles and record.role not in asked:
        why = f"the runbook asks for {' or '.join(sorted(asked))}, not {record.role or 'nobody in particular'}"
    if why:
        raise RefusedError(
            "this approval would not count",
            where=lock.source,
            cause=why,
            state="nothing was recorded",
            hint="somebody else approves it; lockgate runbook approvals RUNBOOK says who is missing",
        )


def _keep(face: Face, desk: Desk, lock: Lock, record: ApprovalRecord, key: str | None, output: str | None) -> int:
    """Sign a record where asked, and put it where it belongs or into a file to be carried."""
    from msgspec.structs import replace

    from lockgate.cli.result import write_result
    from lockgate.gate.approvals.records import encode_record, write_record
    from lockgate.gate.approvals.signing import sign_record
    from lockgate.model.approval import with_id

    record = with_id(record)
    if key:
        record = replace(record, signature=sign_record(record, Path(key)))
    elif output or desk.is_signature_needed:
        raise ConfigError(
            "an approval that is carried, or that lockgate.toml wants signed, needs a signature",
            where="--sign",
            cause="no key was named",
            state="nothing was recorded",
            hint="repeat the command with --sign ~/.ssh/id_ed25519",
        )
    if output:
        write_result(Path(output), encode_record(record).decode())
        face.show(f"written to {output}; take it in with: lockgate runbook approve {lock.source} --import {output}")
        return 0
    kept, path = write_record(desk.state_dir, record)
    return show_record(face, desk, lock, kept, path)


def show_record(face: Face, desk: Desk, lock: Lock, record: ApprovalRecord, path: Path) -> int:
    """Print what was put on record, and what is still missing."""
    from lockgate.cli.result import document_of
    from lockgate.runbook.approved import state_of_lock

    state = state_of_lock(desk, lock)
    if face.output_format == "json":
        ready = {"headline": state.headline, "missing": list(state.missing), "is_complete": state.is_complete}
        face.show_json({**document_of(record), "file": str(path), "state": ready})
        return 0
    role = f" as {record.role}" if record.role else ""
    face.show(
        f"approved {lock.runbook.runbook} by {record.by}{role} until {record.expires}\n"
        f"digest: {lock.digest}\nrecorded in: {path}\nnow: {state.headline}; nothing was run"
    )
    return 0


def _approve_files(
    face: Face, desk: Desk, files: tuple[str, ...], *, role: str, comment: str, expires: str, is_yes: bool
) -> int:
    """Record a review of files as they are now."""
    from lockgate.cli.desk import check_role, confirm_word, end_of, make_record, person_here
    from lockgate.cli.result import document_of
    from lockgate.gate.approvals.editors import digest_of_files
    from lockgate.gate.approvals.records import write_record
    from lockgate.model.approval import RecordKind

    try:
        digest = digest_of_files(Path.cwd(), files)
    except OSError as error:
        raise ConfigError(
            f"{error.filename} cannot be read",
            where="--review",
            cause=str(error.strerror),
            state="nothing was recorded",
        ) from None
    name, person = person_here(desk.people)
    check_role(desk, name, person, role)
    confirm_word(f"approve {', '.join(files)} as they are (digest {digest[:12]})?", is_yes)
    end = end_of(expires or "365d", "--expires")
    record = make_record(
        RecordKind.APPROVE, name, digest=digest, role=role, comment=comment, expires=end, subject=", ".join(files)
    )
    kept, path = write_record(desk.state_dir, record)
    if face.output_format == "json":
        face.show_json({**document_of(kept), "file": str(path)})
    else:
        face.show(f"reviewed by {name}: {', '.join(files)}\ndigest: {digest}\nrecorded in: {path}")
    return 0


def _import_file(face: Face, desk: Desk, file: str, chosen: tuple[str, ...], source: Path) -> int:
    """Take in a signed approval of exactly this runbook."""
    from lockgate.cli.desk import read_lock_of
    from lockgate.gate.approvals.records import decode_record, write_record
    from lockgate.gate.approvals.signing import verify_signature
    from lockgate.model.approval import RecordKind

    lock = read_lock_of(face, file, chosen)
    try:
        record = decode_record(source.read_bytes(), str(source))
    except OSError as error:
        raise ConfigError(
            f"{source} cannot be read", where="--import", cause=str(error.strerror), state="nothing was recorded"
        ) from None
    signers = _signers(desk)
    if record.kind is not RecordKind.APPROVE or record.digest != lock.digest:
        raise RefusedError(
            "the file approves something else",
            where=str(source),
            cause=f"it is for digest {record.digest[:12]}, this runbook is {lock.digest[:12]}",
            state="nothing was recorded",
        )
    _check_signer(desk, record.by, verify_signature(record, signers))
    kept, path = write_record(desk.state_dir, record)
    return show_record(face, desk, lock, kept, path)


def _import_tag(face: Face, desk: Desk, lock: Lock, tag: str, role: str) -> int:
    """Take in a signed tag as the approval of its signer."""
    from lockgate.cli.desk import check_role, make_record
    from lockgate.gate.approvals.records import write_record
    from lockgate.gate.approvals.signing import verify_tag
    from lockgate.model.approval import RecordKind, find_person

    principal, text = verify_tag(tag, lock.digest, Path(lock.folder), _signers(desk))
    person = find_person(desk.people, principal)
    name = person.id if person else principal
    _check_signer(desk, name, principal)
    check_role(desk, name, person, role)
    comment = text.strip().splitlines()[0][:200] if text.strip() else ""
    more = {"digest": lock.digest, "role": role, "comment": comment, "tag": tag, "expires": _end(lock, "")}
    record = make_record(RecordKind.APPROVE, name, subject=lock.runbook.runbook, **more)
    _check_counts(desk, lock, record, person)
    kept, path = write_record(desk.state_dir, record)
    return show_record(face, desk, lock, kept, path)


def _signers(desk: Desk) -> Path:
    if desk.allowed_signers is None:
        raise ConfigError(
            "there is no file of allowed signers, so no signature can be checked",
            where="lockgate.toml",
            cause="[approvals] allowed_signers is not set",
            state="nothing was recorded",
        )
    return desk.allowed_signers


def _check_signer(desk: Desk, name: str, principal: str) -> None:
    from lockgate.model.approval import find_person

    person = find_person(desk.people, name)
    if person is None or not person.is_called(principal):
        raise RefusedError(
            f"it was signed by {principal}, who is not {name} in lockgate.toml",
            cause="[people] says whose accounts are whose",
            state="nothing was recorded",
        )
