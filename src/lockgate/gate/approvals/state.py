"""What is approved of a runbook and who is missing: people by quorum and role, machine items by evidence only; pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import msgspec

from lockgate.gate.approvals.counting import Counting, sort_out
from lockgate.gate.approvals.policy import policy_of
from lockgate.gate.approvals.waivers import waivers_of
from lockgate.model.approval import ApprovalRecord, RecordKind, who
from lockgate.model.outcome import Waiver
from lockgate.model.runbook import ApprovalItem, ApprovalPolicy, Runbook
from lockgate.model.schema import Value


class MachineEvidence(Value, frozen=True):
    """What a machine found for an item (``backup``, ``rehearsal``, ``notified``, ``monitoring``): whether, and what."""

    is_there: bool
    text: str = ""


@dataclass(frozen=True)
class ApprovalFacts:
    """What approvals are judged by, besides the records; callers measure it."""

    counting: Counting
    evidence: Mapping[str, MachineEvidence] = field(default_factory=dict)
    is_protected: bool = False


class ItemState(Value, frozen=True, omit_defaults=False):
    """One approval of the runbook's list: ``approved`` (by a person or by evidence), ``claimed`` (ticked by hand, which
    proves nothing) or ``open``."""

    text: str
    state: str
    by: str = ""
    why: str = ""
    roles: tuple[str, ...] = ()
    evidence: str = ""


class Counted(Value, frozen=True, omit_defaults=False):
    """An approval on record, and why it does not count (empty: it does)."""

    id: str
    by: str
    role: str
    at: str
    expires: str
    comment: str = ""
    item: str = ""
    host: str = ""
    signed_by: str = ""
    why_not: str = ""


class ApprovalState(Value, frozen=True, omit_defaults=False):
    """Where the approval of one digest stands; ``missing`` in words, each with who could give it."""

    digest: str
    quorum: int
    roles: tuple[str, ...]
    not_: tuple[str, ...] = msgspec.field(name="not")
    approvals: tuple[Counted, ...] = ()
    not_counted: tuple[Counted, ...] = ()
    items: tuple[ItemState, ...] = ()
    missing: tuple[str, ...] = ()
    waivers: tuple[Waiver, ...] = ()

    @property
    def is_complete(self) -> bool:
        """Whether everything that must be approved is."""
        return not self.missing

    @property
    def headline(self) -> str:
        """``ready``, or ``needs approval (1/6)``: people and items that are there, of all that are asked for."""
        if self.is_complete:
            return "ready"
        there = sum(1 for item in self.items if item.state == "approved")
        people = min(len({counted.by for counted in self.approvals if not counted.item}), self.quorum)
        return f"needs approval ({there + people}/{len(self.items) + self.quorum})"


def approvals_state(
    runbook: Runbook, digest: str, records: Sequence[ApprovalRecord], facts: ApprovalFacts
) -> ApprovalState:
    """Judge all records of a digest. A signature, a role, an exclusion is judged now, not when it was recorded."""
    policy = policy_of(runbook, is_protected=facts.is_protected)
    counting = facts.counting
    excluded = {why: names for why, names in counting.excluded.items() if why in policy.not_}
    counting = Counting(counting.now, counting.people, excluded, counting.is_signature_needed)
    good, bad = sort_out(records, RecordKind.APPROVE, digest, counting)
    general = [r for r in good if not r.item]
    fitting = [r for r in general if not policy.roles or r.role in policy.roles]
    unfit = [r for r in general if r not in fitting and not _fits_item(r, policy)]
    items = tuple(_item(item, good, facts, counting) for item in policy.items)
    missing = [*_missing_people(policy, fitting, counting), *_missing_items(items)]
    return ApprovalState(
        digest=digest,
        quorum=policy.quorum,
        roles=policy.roles,
        not_=policy.not_,
        approvals=tuple(_counted(record) for record in good if record not in unfit),
        not_counted=(
            *(_counted(record, why) for record, why in bad),
            *(_counted(record, f"the runbook asks for {' or '.join(policy.roles)}") for record in unfit),
        ),
        items=items,
        missing=tuple(missing),
        waivers=waivers_of(records, digest, policy.roles, counting),
    )


def _fits_item(record: ApprovalRecord, policy: ApprovalPolicy) -> bool:
    return any(record.role and record.role in item.roles for item in policy.items)


def _item(item: ApprovalItem, good: Sequence[ApprovalRecord], facts: ApprovalFacts, counting: Counting) -> ItemState:
    """Judge one item. What a machine must show is not taken from a person, whatever is on record."""
    if item.evidence:
        found = facts.evidence.get(item.evidence)
        state = "approved" if found is not None and found.is_there else "open"
        why = found.text if found is not None else f"nothing was measured for {item.evidence}"
        return ItemState(item.text, state, "lockgate" if state == "approved" else "", why, item.roles, item.evidence)
    for record in good:
        is_named = record.item == item.text
        is_by_role = not record.item and bool(record.role) and record.role in item.roles
        if is_by_role or (is_named and (not item.roles or record.role in item.roles)):
            why = f"{record.role or 'no role'}, {record.at}"
            return ItemState(item.text, "approved", record.by, why, item.roles)
    claimed = "ticked by hand, nobody is on record" if item.claimed else ""
    who_could = _candidates(item.roles, counting)
    return ItemState(item.text, "claimed" if item.claimed else "open", "", claimed or who_could, item.roles)


def _missing_items(items: Sequence[ItemState]) -> list[str]:
    return [f"{item.text} ({item.why})" if item.why else item.text for item in items if item.state != "approved"]


def _missing_people(policy: ApprovalPolicy, good: Sequence[ApprovalRecord], counting: Counting) -> list[str]:
    """Say how many more people are needed, of which roles, and who they could be."""
    people = {who(counting.people, record.by) for record in good}
    must_all = bool(policy.roles) and policy.quorum >= len(policy.roles)
    left = _uncovered(policy.roles, good, counting) if must_all else ()
    short = policy.quorum - len(people)
    if left:
        return [f"an approval as {role}{_candidates((role,), counting)}" for role in left]
    if short > 0:
        words = f"{short} more approval{'s' if short > 1 else ''}"
        return [
            words + (f" as {' or '.join(policy.roles)}" if policy.roles else "") + _candidates(policy.roles, counting)
        ]
    return []


def _candidates(roles: Sequence[str], counting: Counting) -> str:
    names = [person.id for person in counting.people if set(person.roles) & set(roles)]
    excluded = {who(counting.people, name) for those in counting.excluded.values() for name in those}
    names = [name for name in names if name not in excluded]
    return f" ({' or '.join(names)})" if names else ""


def _uncovered(roles: Sequence[str], good: Sequence[ApprovalRecord], counting: Counting) -> tuple[str, ...]:
    """Return the roles left when each is given to another person, as few as can be."""
    givers = {role: {who(counting.people, r.by) for r in good if r.role == role} for role in roles}
    taken: dict[str, str] = {}

    def give(role: str, seen: set[str]) -> bool:
        for person in sorted(givers[role] - seen):
            seen.add(person)
            if person not in taken or give(taken[person], seen):
                taken[person] = role
                return True
        return False

    return tuple(role for role in roles if not give(role, set()))


def _counted(record: ApprovalRecord, why: str = "") -> Counted:
    return Counted(
        id=record.id,
        by=record.by,
        role=record.role,
        at=record.at,
        expires=record.expires,
        comment=record.comment,
        item=record.item,
        host=record.host,
        signed_by=record.signed_by,
        why_not=why,
    )
