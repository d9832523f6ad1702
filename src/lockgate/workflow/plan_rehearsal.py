"""Where rehearsals are kept, and the one that a protected target asks for."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from lockgate.errors import ApprovalMissing
from lockgate.model.codec import encode_pretty
from lockgate.model.plan import Plan
from lockgate.model.rehearsal import Outcome, Rehearsal, decode_rehearsal
from lockgate.workflow.beside_plan import record_places, write_record

_KIND = "rehearsal"


def record_rehearsal(rehearsal: Rehearsal, plan_file: str, state_dir: Path) -> Path:
    """Write a rehearsal beside its plan, or into the state folder when the plan's folder is read-only; return where.

    Raises:
        ConfigError: Neither can be written.
    """
    return write_record(_KIND, rehearsal.digest, plan_file, state_dir, encode_pretty(rehearsal))


def find_rehearsal(
    plan: Plan,
    plan_file: str,
    state_dir: Path,
    *,
    max_age_s: int,
    name: str,
    where: str,
    now: datetime | None = None,
) -> Rehearsal:
    """Return the rehearsal of exactly this plan that passed and is not too old; ``name``, ``where`` are the target's.

    Raises:
        ApprovalMissing: There is none, it failed, it is of another database, or it is too old.
        ArtifactError: The rehearsal's file was edited or cannot be read.
    """
    reasons = []
    for path in record_places(_KIND, plan.digest, plan_file, state_dir):
        if not path.is_file():
            continue
        found = decode_rehearsal(path.read_bytes(), str(path))
        reason = _refuse(found, plan, max_age_s, now or datetime.now(UTC))
        if not reason:
            return found
        reasons.append(f"{path}: {reason}")
    raise ApprovalMissing(
        f"the plan {plan_file} has no rehearsal that counts{name and f', and {name} is protected'}",
        where=where,
        cause="; ".join(reasons) or "it was not rehearsed",
        state="nothing was touched",
        hint=f"lockgate rehearse {plan_file}",
    )


def _refuse(found: Rehearsal, plan: Plan, max_age_s: int, now: datetime) -> str:
    """Return why a rehearsal does not count; empty when it does."""
    if found.digest != plan.digest:
        return f"it is of digest {found.digest[:12]}, this plan is {plan.digest[:12]}"
    if found.outcome is not Outcome.PASSED:
        return f"it failed: {found.failure}"
    age = (now - datetime.fromisoformat(found.started_at)).total_seconds()
    if age > max_age_s or age < 0:
        return f"it was begun {found.started_at}, and may be {_length(max_age_s)} old"
    return ""


def _length(seconds: int) -> str:
    for word, size in (("day", 86400), ("hour", 3600), ("minute", 60)):
        if seconds % size == 0:
            count = seconds // size
            return f"{count} {word}{'' if count == 1 else 's'}"
    return f"{seconds} second{'' if seconds == 1 else 's'}"
