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
        if entry.type is not EntryType.DECIDED or body.get("what") != "attest" or body.get("refused"):
            continue
        if body.get("subject") != context.check:
            continue
        if check.roles and body.get("role") not in check.roles:
            return unknown(expected, f"{body.get('by', '?')} ({body.get('role') or 'no role'}) may not say so")
        role = f" ({body['role']})" if body.get("role") else ""
        reason = f": {body['reason']}" if body.get("reason") else ""
        return ok(expected, f"{body.get('by', '?')}{role} said so at {entry.ts}{reason}")
    return unknown(expected, f"nobody has said so yet; a person runs: lockgate runbook attest RUN {context.check}")


def _begun(context: CheckContext) -> int:
    """Return the number of the entry that began this place: the task's last attempt, else its phase's first entry.

    A phase is begun again when its run is resumed, which takes nobody's word back.
    """
    if context.task:
        tries = [e for e in context.entries if e.task == context.task and e.type is EntryType.TASK_STARTED]
        return tries[-1].seq if tries else 0
    first = next((e for e in context.entries if _begins_phase(e, context)), None)
    return first.seq if first else 0


def _begins_phase(entry: Entry, context: CheckContext) -> bool:
    return entry.type is EntryType.PHASE_STARTED and entry.phase == context.phase
