"""Check ``manual``: a named person says so, after the place began; nobody's word yet is unknown."""

from __future__ import annotations

from lockgate.gate.asking import ok, unknown
from lockgate.gate.base import Answer, CheckContext
from lockgate.model.checks import ManualCheck
from lockgate.model.procedure import Entry, EntryType


def evaluate_manual(check: ManualCheck, context: CheckContext) -> Answer:
    """Look for an attestation of exactly this check in the journal; an earlier attempt's word does not count."""
    roles = " or ".join(check.roles)
    expected = f"{roles or 'a person'} says so by name"
    since = _begun(context)
    for entry in reversed(context.entries):
        if entry.seq <= since:
            break
        body = entry.body
        if entry.type is not EntryType.DECIDED or body.get("what") != "attest" or body.get("subject") != context.check:
            continue
        if check.roles and body.get("role") not in check.roles:
            return unknown(expected, f"{body.get('by', '?')} ({body.get('role') or 'no role'}) may not say so")
        role = f" ({body['role']})" if body.get("role") else ""
        reason = f": {body['reason']}" if body.get("reason") else ""
        return ok(expected, f"{body.get('by', '?')}{role} said so at {entry.ts}{reason}")
    return unknown(expected, f"nobody has said so yet; a person runs: lockgate runbook attest RUN {context.check}")


def _begun(context: CheckContext) -> int:
    """Return the number of the entry that began this place: the task's last attempt, else its phase."""
    begins = [e for e in context.entries if _is_begin(e, context)]
    return begins[-1].seq if begins else 0


def _is_begin(entry: Entry, context: CheckContext) -> bool:
    if context.task and entry.task == context.task:
        return entry.type is EntryType.TASK_STARTED
    return not context.task and entry.phase == context.phase and entry.type is EntryType.PHASE_STARTED
