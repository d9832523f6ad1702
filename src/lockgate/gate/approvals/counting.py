"""Which records count: of this digest, not expired, not revoked, by somebody who may; the rest with why not; pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from lockgate.model.approval import ApprovalRecord, Person, RecordKind, find_person, who

UNKNOWN_EDITOR = "?"


@dataclass(frozen=True)
class Counting:
    """What records are judged by.

    ``excluded`` are the identities that may not approve, by why (``author``, ``last_editor``); `UNKNOWN_EDITOR`
    among them excludes everybody. ``is_signature_needed``:
    only a record whose signature was verified counts (its ``signed_by`` is set by whoever verified it).
    """

    now: datetime
    people: tuple[Person, ...] = ()
    excluded: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    is_signature_needed: bool = False


def sort_out(
    records: Sequence[ApprovalRecord], kind: RecordKind, digest: str, by: Counting
) -> tuple[tuple[ApprovalRecord, ...], tuple[tuple[ApprovalRecord, str], ...]]:
    """Return the records of a kind that count, oldest first, and the others with the reason why not."""
    good: list[ApprovalRecord] = []
    bad: list[tuple[ApprovalRecord, str]] = []
    for record in sorted((r for r in records if r.kind is kind), key=lambda r: (r.at, r.id)):
        why = why_not(record, digest, records, by)
        if why:
            bad.append((record, why))
        else:
            good.append(record)
    return tuple(good), tuple(bad)


def why_not(record: ApprovalRecord, digest: str, records: Sequence[ApprovalRecord], by: Counting) -> str:
    """Return why a record does not count; empty when it does."""
    if record.digest != digest:
        return f"it is for another digest ({record.digest[:12]})"
    if not is_after(record.expires, by.now):
        return f"expired at {record.expires}" if record.expires else "it names no end"
    taker = find_revocation(record, records, by)
    if taker is not None:
        return f"revoked by {taker.by} at {taker.at}"
    if by.is_signature_needed and not record.signed_by:
        return "it is not signed, and lockgate.toml asks for signatures"
    person = find_person(by.people, record.by)
    if by.people and person is None:
        return f"{record.by} is nobody of [people] in lockgate.toml"
    if record.signed_by and person is not None and not person.is_called(record.signed_by):
        return f"it was signed by {record.signed_by}, who is not {record.by}"
    if record.role and not holds_role(record.by, record.role, records, by):
        return f"{record.by} is not {record.role} in lockgate.toml"
    return exclusion_of(record, records, by) if record.kind is RecordKind.APPROVE else ""


def holds_role(name: str, role: str, records: Sequence[ApprovalRecord], by: Counting) -> bool:
    """Whether somebody has a role by lockgate.toml, or by a delegation that holds now."""
    person = find_person(by.people, name)
    if person is not None and role in person.roles:
        return True
    return find_delegation(name, role, records, by) is not None


def find_delegation(name: str, role: str, records: Sequence[ApprovalRecord], by: Counting) -> ApprovalRecord | None:
    """Return the delegation of a role to somebody that holds now: by one who has the role themselves, until a day."""
    for record in records:
        if record.kind is not RecordKind.DELEGATE or record.role != role:
            continue
        if by.is_signature_needed and not record.signed_by:
            continue
        giver = find_person(by.people, record.by)
        if giver is None or role not in giver.roles or who(by.people, record.to) != who(by.people, name):
            continue
        if is_after(record.expires, by.now) and find_revocation(record, records, by) is None:
            return record
    return None


def find_revocation(record: ApprovalRecord, records: Sequence[ApprovalRecord], by: Counting) -> ApprovalRecord | None:
    """Return what took a record back: its own person, or one of a higher rank."""
    for other in records:
        if other.kind is RecordKind.REVOKE and other.record == record.id and may_revoke(other.by, record.by, by):
            return other
    return None


def may_revoke(name: str, of: str, by: Counting) -> bool:
    """Whether somebody may take back what another put on record."""
    if who(by.people, name) == who(by.people, of):
        return True
    person, other = find_person(by.people, name), find_person(by.people, of)
    return person is not None and person.rank > (other.rank if other else 0)


def exclusion_of(record: ApprovalRecord, records: Sequence[ApprovalRecord], by: Counting) -> str:
    """Return why a person may not approve this: they, their account, or who lent them the role wrote it."""
    own = find_person(by.people, record.account)
    names = [record.by, record.signed_by, own.id if own else "" if by.people else record.account]
    lent = find_delegation(record.by, record.role, records, by) if record.role else None
    person = find_person(by.people, record.by)
    if lent is not None and not (person and record.role in person.roles):
        names.append(lent.by)
    for why, excluded in by.excluded.items():
        if UNKNOWN_EDITOR in excluded:
            return f"its {why.replace('_', ' ')} is not known while its file is not committed"
        those = {who(by.people, name) for name in excluded if name}
        hit = next((name for name in names if name and who(by.people, name) in those), None)
        if hit is not None:
            return f"{hit} is its {why.replace('_', ' ')}, who may not approve it"
    return ""


def is_after(text: str, now: datetime) -> bool:
    """Whether an ISO time or day is still to come; a day holds to its end, no time at all is over."""
    try:
        end = datetime.fromisoformat(text)
    except ValueError:
        return False
    if len(text) == 10:
        end = end.replace(hour=23, minute=59, second=59)
    return now < (end if end.tzinfo else end.replace(tzinfo=UTC))
