"""Who approved which plan: a small file beside the plan, bound to its digest."""

from __future__ import annotations

import getpass
import os
import socket
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from lockgate.config import TargetSettings
from lockgate.model.plan import Plan
from lockgate.workflow.beside_plan import write_record
from lockgate.workflow.plan_approval import KIND, Approval, find_approval


def record_approval(plan: Plan, plan_file: str, state_dir: Path, note: str, now: datetime) -> tuple[Approval, Path]:
    """Write an approval beside the plan, or into the state folder when the plan's folder is read-only.

    Raises:
        ConfigError: Neither can be written.
    """
    approval = Approval(
        plan=plan.id,
        digest=plan.digest,
        target=plan.target,
        approved_by=current_actor(),
        approved_at=now.astimezone(UTC).isoformat(timespec="seconds"),
        host=socket.gethostname(),
        note=note,
    )
    data = msgspec.json.format(msgspec.json.encode(approval), indent=1) + b"\n"
    return approval, write_record(KIND, plan.digest, plan_file, state_dir, data)


def require_approval(target: TargetSettings, plan: Plan, plan_file: str, state_dir: Path) -> Approval:
    """Return the approval of exactly this plan.

    Raises:
        ApprovalMissing, ArtifactError: See `find_approval`.
    """
    return find_approval(plan, plan_file, state_dir, name=target.name, where=target.target.display)


def current_actor() -> str:
    """Return who acts: ``LOCKGATE_ACTOR``, else the system's user."""
    named = os.environ.get("LOCKGATE_ACTOR")
    if named:
        return named
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return f"uid {os.getuid()}"
