"""Take agreed differences out of a drift report, and say which agreements hold no more; pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from msgspec.structs import replace

from lockgate.diff.describe import describe_change
from lockgate.diff.drift import AcceptedEntry, DriftEntry, DriftReport, DriftStatus, digest_change
from lockgate.errors import InputError
from lockgate.model.accepted import Acceptance
from lockgate.model.change import Change


def apply_acceptances(report: DriftReport, acceptances: Sequence[Acceptance], today: date) -> DriftReport:
    """Return the report with the differences that are agreed to on that day set apart.

    An agreement that is over, or was for another difference of the same object, does not count, and a note says so.
    """
    mine = {(a.kind, a.object): a for a in acceptances if a.target == report.target}
    kept: list[DriftEntry] = []
    accepted: list[AcceptedEntry] = []
    notes: list[str] = []
    for entry in report.changes:
        found = mine.pop((entry.kind, entry.object), None)
        problem = None if found is None else _problem(found, entry, today)
        if found is None or problem:
            kept.append(entry)
            notes += [problem] if problem else []
        else:
            accepted.append(
                AcceptedEntry(entry=entry, accepted_by=found.accepted_by, reason=found.reason, until=_until(found))
            )
    notes += [
        f"the accepted difference {_name(a.kind, a.object)} does not exist any more: its entry can be removed"
        for a in mine.values()
    ]
    status = report.status
    if not kept and status is DriftStatus.DRIFT:
        status = DriftStatus.UNKNOWN if report.unmanaged else DriftStatus.IN_SYNC
    return replace(report, status=status, changes=tuple(kept), accepted=tuple(accepted), notes=tuple(notes))


def select_accepted(
    changes: Sequence[Change], acceptances: Sequence[Acceptance], target: str, today: date | None
) -> tuple[Change, ...]:
    """Return the changes that are agreed to on that day; none without a day."""
    if today is None or not acceptances:
        return ()
    agreed = {(a.kind, a.object, a.digest) for a in acceptances if a.target == target and a.holds_on(today)}
    found = []
    for change in changes:
        note = describe_change(change)
        if (note.kind, note.object, digest_change(change)) in agreed:
            found.append(change)
    return tuple(found)


def accept_entries(
    report: DriftReport, objects: Sequence[str], *, reason: str, accepted_by: str, today: date, until: date | None
) -> tuple[Acceptance, ...]:
    """Return agreements to the differences of these objects, each named by its path or by kind and path.

    Raises:
        InputError: An object has no difference; names near ones.
    """
    chosen: list[DriftEntry] = []
    for wanted in objects:
        found = [e for e in report.changes if wanted in (e.object, _name(e.kind, e.object), f"{e.kind} {e.object}")]
        if not found:
            import difflib

            names = sorted({entry.object for entry in report.changes})
            near = difflib.get_close_matches(wanted, names, 3) or names[:3]
            raise InputError(
                f"there is no difference to accept at {wanted!r}",
                where="--accept",
                cause=f"there are differences at {', '.join(near)}" if near else "there is no difference at all",
                state="nothing was accepted",
                hint="`lockgate drift` lists them",
            )
        chosen += found
    return tuple(
        Acceptance(
            target=report.target,
            kind=entry.kind,
            object=entry.object,
            digest=entry.digest,
            reason=reason,
            accepted_by=accepted_by,
            accepted_on=today,
            until=until,
        )
        for entry in dict.fromkeys(chosen)
    )


def merge_acceptances(old: Sequence[Acceptance], new: Sequence[Acceptance]) -> tuple[Acceptance, ...]:
    """Return both; a new agreement replaces the old one to the same object."""
    merged = {(a.target, a.kind, a.object): a for a in (*old, *new)}
    return tuple(merged.values())


def _problem(acceptance: Acceptance, entry: DriftEntry, today: date) -> str:
    name = _name(entry.kind, entry.object)
    if not acceptance.holds_on(today):
        return f"{name} was accepted by {acceptance.accepted_by} until {_until(acceptance)}, which is over"
    if acceptance.digest != entry.digest:
        return f"{name} was accepted by {acceptance.accepted_by}, but the difference is another one now"
    return ""


def _until(acceptance: Acceptance) -> str:
    return acceptance.until.isoformat() if acceptance.until else ""


def _name(kind: str, path: str) -> str:
    return f"{kind.replace('_', ' ')} {path}"
