"""Who approved which plan: a small file beside the plan, bound to its digest."""

from __future__ import annotations

import getpass
import json
import os
import socket
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from lockgate.cli.beside_plan import record_places, write_record
from lockgate.config import TargetSettings
from lockgate.errors import ApprovalMissing, ArtifactError
from lockgate.model.plan import Plan

FORMAT_VERSION = 1
_KIND = "approval"


class Approval(msgspec.Struct, frozen=True):
    """One approval. ``approved_by`` is the user as the system knows them, or ``LOCKGATE_ACTOR``."""

    plan: str
    digest: str
    target: str
    approved_by: str
    approved_at: str
    host: str
    note: str = ""
    format_version: int = FORMAT_VERSION


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
    return approval, write_record(_KIND, plan.digest, plan_file, state_dir, data)


def require_approval(target: TargetSettings, plan: Plan, plan_file: str, state_dir: Path) -> Approval:
    """Return the approval of exactly this plan.

    Raises:
        ApprovalMissing: There is none, or it is for another digest.
        ArtifactError: The approval file cannot be read.
    """
    others = []
    for path in record_places(_KIND, plan.digest, plan_file, state_dir):
        if not path.is_file():
            continue
        try:
            approval = msgspec.json.decode(path.read_bytes(), type=Approval)
        except (msgspec.MsgspecError, json.JSONDecodeError, OSError) as error:
            raise ArtifactError(
                f"the approval {path} cannot be read",
                where=str(path),
                cause=str(error),
                state="nothing was touched",
                hint=f"lockgate approve {plan_file}",
            ) from None
        if approval.digest == plan.digest:
            return approval
        others.append(f"{path} approves digest {approval.digest[:12]}, this plan is {plan.digest[:12]}")
    raise ApprovalMissing(
        f"the plan {plan_file} is not approved, and {target.name} is protected",
        where=target.target.display,
        cause="; ".join(others) or "there is no approval of this digest",
        state="nothing was touched",
        hint=f"a person runs: lockgate approve {plan_file}",
    )


def current_actor() -> str:
    """Return who acts: ``LOCKGATE_ACTOR``, else the system's user."""
    named = os.environ.get("LOCKGATE_ACTOR")
    if named:
        return named
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return f"uid {os.getuid()}"
