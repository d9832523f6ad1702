"""What lets a run begin on a target: its approvals, its dry run, its window, that it was not used already."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import msgspec

from lockgate.cli.approval_evidence import gather_evidence
from lockgate.cli.desk import open_desk
from lockgate.cli.face import Face
from lockgate.errors import ApprovalMissing, StalePlan, Waiting
from lockgate.gate.approvals.state import ApprovalState
from lockgate.model.outcome import Waiver
from lockgate.runbook.approved import state_of_lock, waivers_of_lock
from lockgate.runbook.lock import Lock
from lockgate.runbook.runs import KnownRun, list_runs
from lockgate.runbook.window import find_shut


def approval_state(face: Face, lock: Lock, now: datetime) -> ApprovalState:
    """Return where the approvals of a lock's digest stand now; what a machine must show is looked at."""
    kinds = {item.evidence for item in lock.runbook.approvals.items if item.evidence}
    desk = replace(open_desk(face), now=lambda: now, evidence=gather_evidence(face, lock, kinds))
    return state_of_lock(desk, lock)


def require_approvals(face: Face, lock: Lock, now: datetime) -> dict[str, Any]:
    """Return what is written of the approvals that let a run begin.

    Raises:
        ApprovalMissing: Somebody is missing.
    """
    state = approval_state(face, lock, now)
    if not state.is_complete:
        raise ApprovalMissing(
            f"the runbook is not approved: {state.headline}",
            where=f"digest {lock.digest[:12]} on {face.target.name}",
            cause="missing: " + "; ".join(state.missing[:5]),
            state="nothing was touched",
            hint=f"lockgate runbook approve {lock.source or 'RUNBOOK'}",
        )
    return {
        "approvals": [msgspec.to_builtins(counted) for counted in state.approvals],
        "items": [msgspec.to_builtins(item) for item in state.items],
        "waivers": [msgspec.to_builtins(waiver) for waiver in state.waivers],
    }


def waivers_now(face: Face, lock: Lock) -> tuple[Waiver, ...]:
    """Return the waivers of a digest that hold at this moment."""
    return waivers_of_lock(open_desk(face), lock)


def refuse_used(face: Face, lock: Lock) -> None:
    """Refuse to begin again what is begun or done already: a digest is used once per target.

    Raises:
        StalePlan: A run of it is there; names it.
    """
    for known in reversed(list_runs(face.settings.state_dir)):
        if known.lock.digest != lock.digest or _target_of(known) != lock.target:
            continue
        status = known.state.status
        if status.is_complete:
            raise _used(known, f"ended as {status.value}", "--again and --reason, to begin another run")
        if not status.is_over:
            raise _used(known, f"is {status.value}", f"lockgate runbook resume {known.id} (or --again and --reason)")


def refuse_shut(lock: Lock, now: datetime) -> None:
    """Refuse to begin outside the window or within a freeze.

    Raises:
        Waiting: It is; names the next moment at which it may begin.
    """
    shut = find_shut(lock.runbook.window, lock.runbook.freezes, now)
    if shut is not None:
        until = shut.until.isoformat(timespec="minutes") if shut.until else "no day within a year"
        raise Waiting(
            "the runbook may not begin now",
            where=lock.runbook.runbook,
            cause=shut.why,
            state="nothing was touched",
            hint=f"it may begin at {until}; --outside-window with --reason overrides it, by name",
        )


def override_until(now: datetime) -> str:
    """Return how long a word about the window holds."""
    return (now + timedelta(hours=12)).isoformat(timespec="seconds")


def _target_of(known: KnownRun) -> str:
    return str(known.state.started.body.get("target", "")) if known.state.started is not None else known.lock.target


def _used(known: KnownRun, what: str, hint: str) -> StalePlan:
    return StalePlan(
        f"this runbook was run on {_target_of(known)} already",
        where=f"run {known.id}",
        cause=f"it {what}; a digest is used once per target",
        state="nothing was touched",
        hint=hint,
    )
