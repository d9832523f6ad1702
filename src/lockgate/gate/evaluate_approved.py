"""Check ``approved``: a review is on record for exactly these files, or this runbook, not by their author alone."""

from __future__ import annotations

from pathlib import Path

from lockgate.gate.approvals.counting import Counting, sort_out
from lockgate.gate.approvals.editors import digest_of_files, editors_of
from lockgate.gate.approvals.records import read_records
from lockgate.gate.approvals.signing import make_verify
from lockgate.gate.asking import cut, fail, ok, unknown
from lockgate.gate.base import Answer, CheckContext
from lockgate.model.approval import ApprovalRecord, Person, RecordKind, who
from lockgate.model.checks import ApprovalCheck


def evaluate_approved(check: ApprovalCheck, context: CheckContext) -> Answer:
    """Count the approvals of a digest now. Nobody is unknown; only the author is a fail."""
    roles = f" as {' or '.join(check.roles)}" if check.roles else ""
    subject = ", ".join(check.files) or "this runbook"
    expected = f"{check.quorum} approval{'s' if check.quorum != 1 else ''}{roles} of {subject}"
    state_dir = context.facts.get("state_dir")
    if state_dir is None:
        return unknown(expected, "where approvals are kept is not known")
    if check.files:
        try:
            digest = digest_of_files(context.folder, check.files)
        except OSError as error:
            return unknown(expected, f"{error.filename} cannot be read: {error.strerror}")
    else:
        digest = str(context.facts.get("digest") or "")
    if not digest:
        return unknown(expected, "the digest of the runbook is not known")
    return _count(check, digest, expected, context)


def _count(check: ApprovalCheck, digest: str, expected: str, context: CheckContext) -> Answer:
    people = tuple(context.facts.get("people") or ())
    signers = context.facts.get("allowed_signers")
    verify = make_verify(Path(signers) if signers else None, context.folder)
    records = read_records(Path(context.facts["state_dir"]), digest, verify)
    counting = Counting(context.now(), people, {}, bool(context.facts.get("is_signature_needed")))
    good, bad = sort_out(records, RecordKind.APPROVE, digest, counting)
    good = tuple(record for record in good if not check.roles or record.role in check.roles)
    items = cut(f"not counted: {record.by} ({record.role or 'no role'}): {why}" for record, why in bad)
    if not good:
        return unknown(expected, f"nobody is on record for {digest[:12]}", items=items)
    approvers = {who(people, record.by) for record in good}
    if check.files and not approvers - _authors(check, context, people):
        return fail(expected, f"only by {_names(good)}, who wrote it", items=items)
    if len(approvers) < check.quorum:
        return unknown(expected, f"{len(approvers)} of {check.quorum}: {_names(good)}", items=items)
    return ok(expected, f"by {_names(good)} for {digest[:12]}", items=items)


def _authors(check: ApprovalCheck, context: CheckContext, people: tuple[Person, ...]) -> set[str]:
    editors = editors_of([context.folder / name for name in check.files])
    return {who(people, name) for names in editors.values() for name in names}


def _names(records: tuple[ApprovalRecord, ...]) -> str:
    return ", ".join(dict.fromkeys(f"{r.by} ({r.role})" if r.role else r.by for r in records))
