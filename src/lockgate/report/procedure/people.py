"""Who answers for what: approvals, waivers, attestations and decisions by name, and claims that prove nothing; pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from lockgate.model.outcome import CheckResult, Waiver
from lockgate.model.procedure import Entry, EntryType
from lockgate.model.procedure_report import Claim, Deviation, PersonRow, PhaseRow, Standing, TaskRow, Words
from lockgate.report.procedure.amounts import duration_words
from lockgate.report.procedure.material import Material, text_of

_OVERRUN = 2.0
_ANSWERS = {"approve": "approval", "waive": "waiver", "attest": "attestation"}
_DEVIATIONS = ("skip", "waive", "retry", "defer", "done", "resolve", "force")


def people_rows(material: Material, results: Sequence[CheckResult]) -> tuple[PersonRow, ...]:
    """Return every approval, waiver, attestation and decision with who, when and why, in the order of time."""
    rows = [*_admitted(material), *(_decided(e) for e in material.of(EntryType.DECIDED) if not e.body.get("refused"))]
    rows += [_waiver(result.waiver) for result in results if result.waiver is not None]
    unique = {(row.what, row.subject, row.by, row.at): row for row in rows}
    return tuple(sorted(unique.values(), key=lambda row: row.at))


def _admitted(material: Material) -> Iterator[PersonRow]:
    for entry in material.of(EntryType.ADMITTED):
        for approval in _tables(entry.body.get("approvals")):
            yield PersonRow(
                what="approval",
                subject=text_of(approval, "subject", "digest", "item") or material.digest,
                by=text_of(approval, "by", "name", "approver", "approved_by"),
                at=text_of(approval, "at", "approved_at") or entry.ts,
                role=text_of(approval, "role", "roles"),
                reason=text_of(approval, "comment", "reason"),
                until=text_of(approval, "until", "expires"),
            )
        for waiver in _tables(entry.body.get("waivers")):
            yield _person("waiver", waiver, text_of(waiver, "check", "subject"), entry)


def _tables(value: Any) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _decided(entry: Entry) -> PersonRow:
    what = text_of(entry.body, "what")
    return _person(_ANSWERS.get(what, what), entry.body, text_of(entry.body, "subject") or entry.task, entry)


def _person(what: str, body: dict[str, Any], subject: str, entry: Entry) -> PersonRow:
    return PersonRow(
        what=what,
        subject=subject,
        by=text_of(body, "by") or entry.actor,
        at=text_of(body, "at") or entry.ts,
        role=text_of(body, "role"),
        reason=text_of(body, "reason", "comment"),
        until=text_of(body, "until"),
        owner=text_of(body, "owner"),
    )


def _waiver(waiver: Waiver) -> PersonRow:
    return PersonRow(
        what="waiver",
        subject=waiver.check,
        by=waiver.by,
        at=waiver.at,
        role=waiver.role,
        reason=waiver.reason,
        until=waiver.until,
    )


def claims_of(material: Material, standing: Standing, people: Sequence[PersonRow]) -> tuple[Claim, ...]:
    """Return what the runbook's author typed as if it were so: statuses, and approvals that were ticked by hand."""
    claims = [Claim(f"status: {text}", f"the run is {standing.headline}") for text in material.runbook.claimed_status]
    names = sorted({row.by for row in people if row.what == "approval" and row.by})
    recorded = f"recorded approvals: {', '.join(names)}" if names else "no approval is recorded"
    items = material.runbook.approvals.items
    claims += [Claim(f"approved: {item.text}", f"unverified; {recorded}") for item in items if item.claimed]
    return tuple(claims)


def words_of(material: Material) -> tuple[Words, ...]:
    """Return what people added in their own words."""
    return tuple(
        Words(
            text=text_of(entry.body, "text"),
            by=text_of(entry.body, "by") or entry.actor,
            at=entry.ts,
            about=text_of(entry.body, "about") or "lesson",
        )
        for entry in material.of(EntryType.LESSON)
    )


def deviations_of(
    material: Material, people: Sequence[PersonRow], tasks: Sequence[TaskRow], phases: Sequence[PhaseRow]
) -> tuple[Deviation, ...]:
    """Return all that went otherwise than written, each once: recorded ones, decisions, repeats and overruns."""
    found = [_recorded(entry) for entry in material.of(EntryType.DEVIATION) if not _says_a_decision(material, entry)]
    found += [_decision(row) for row in people if (row.what if row.what != "waiver" else "waive") in _DEVIATIONS]
    found += [
        Deviation("retry", task.id, f"{len(task.attempts) - 1} previous attempts", at=task.started_at)
        for task in tasks
        if len(task.attempts) > 1
    ]
    found += list(_overruns(tasks, phases))
    unique: dict[tuple[str, str], Deviation] = {}
    for deviation in found:
        key = deviation.what, deviation.subject or deviation.text
        unique.setdefault(key, deviation)
    return tuple(sorted(unique.values(), key=lambda d: d.at or "~"))


def _says_a_decision(material: Material, entry: Entry) -> bool:
    """Whether a deviation only repeats the decision written right before it."""
    before = material.entries[entry.seq - 2] if entry.seq >= 2 else entry
    what = text_of(before.body, "what")
    is_same = what == entry.body.get("what") or text_of(entry.body, "text").startswith(f"{what} ")
    return before.type is EntryType.DECIDED and is_same


def _recorded(entry: Entry) -> Deviation:
    return Deviation(
        what=text_of(entry.body, "what") or "note",
        subject=text_of(entry.body, "subject") or entry.task or entry.phase,
        text=text_of(entry.body, "text"),
        by=text_of(entry.body, "by") or entry.actor,
        at=entry.ts,
    )


def _decision(row: PersonRow) -> Deviation:
    text = row.reason or "no reason given"
    more = "".join(f", {name} {value}" for name, value in (("owner", row.owner), ("until", row.until)) if value)
    return Deviation("waive" if row.what == "waiver" else row.what, row.subject, text + more, by=row.by, at=row.at)


def _overruns(tasks: Sequence[TaskRow], phases: Sequence[PhaseRow]) -> Iterator[Deviation]:
    rows = [(f"phase {p.id}", p.estimate_s, p.actual_s, p.ended_at) for p in phases]
    rows += [(task.id, task.estimate_s, task.duration_s, task.started_at) for task in tasks]
    for subject, estimate, actual, at in rows:
        if estimate > 0 and actual > _OVERRUN * estimate:
            words = (
                f"took {duration_words(actual)}, estimated {duration_words(estimate)} ({actual / estimate:.1f} times)"
            )
            yield Deviation("overrun", subject, words, at=at)
