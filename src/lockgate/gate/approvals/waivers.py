"""Waivers: a named person of sufficient rank answers for one check of one digest, for a reason, until a time; pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from msgspec.structs import replace

from lockgate.gate.approvals.counting import Counting, is_after, sort_out
from lockgate.model.approval import ApprovalRecord, RecordKind, find_person, rank_of_roles
from lockgate.model.outcome import CheckResult, Outcome, Verdict, Waiver


def waivers_of(
    records: Sequence[ApprovalRecord], digest: str, roles: Sequence[str], counting: Counting
) -> tuple[Waiver, ...]:
    """Return the waivers of a digest that hold now."""
    good, _ = sort_out(records, RecordKind.WAIVE, digest, counting)
    return tuple(
        Waiver(check=r.check, by=r.by, role=r.role, reason=r.comment, until=r.expires, at=r.at)
        for r in good
        if not why_not_waive(r.by, r.role, r.comment, r.expires, roles, counting)
    )


def why_not_waive(name: str, role: str, reason: str, until: str, roles: Sequence[str], counting: Counting) -> str:
    """Return why somebody's waiver would not count; empty when it does. ``roles`` are those it stands in for."""
    if not reason.strip():
        return "a waiver needs a reason"
    if not is_after(until, counting.now):
        return f"it is over already: {until}" if until else "a waiver needs an end"
    person = find_person(counting.people, name)
    if counting.people and person is None:
        return f"{name} is nobody of [people] in lockgate.toml"
    needed = rank_of_roles(counting.people, roles)
    if person is not None and person.rank < needed:
        asked = f" ({' and '.join(roles)})" if roles else ""
        return f"{name} has rank {person.rank}, this takes rank {needed}{asked}"
    return ""


def apply_waivers(verdict: Verdict, waivers: Sequence[Waiver], now: datetime) -> Verdict:
    """Lay waivers over a verdict: what failed or is unknown becomes waived; what is ok stays ok."""
    return replace(verdict, results=tuple(waive_result(result, waivers, now) for result in verdict.results))


def waive_result(result: CheckResult, waivers: Sequence[Waiver], now: datetime) -> CheckResult:
    """Lay the waiver of exactly this check over its result, if one holds now."""
    if result.outcome not in (Outcome.FAIL, Outcome.UNKNOWN):
        return result
    for waiver in waivers:
        if waiver.check == result.check and waiver.by and waiver.reason.strip() and is_after(waiver.until, now):
            return replace(result, outcome=Outcome.WAIVED, waiver=waiver)
    return result
