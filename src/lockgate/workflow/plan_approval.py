"""Who approved which plan: a small file beside the plan, bound to its digest."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec

from lockgate.errors import ApprovalMissing, ArtifactError
from lockgate.model import codec
from lockgate.model.plan import Plan
from lockgate.workflow.beside_plan import record_places

FORMAT_VERSION = 1
KIND = "approval"


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


def find_approval(plan: Plan, plan_file: str, state_dir: Path, *, name: str, where: str) -> Approval:
    """Return the approval of exactly this plan; ``name`` and ``where`` are the target's for the error.

    Raises:
        ApprovalMissing: There is none, or it is for another digest.
        ArtifactError: The approval file cannot be read.
    """
    others = []
    for path in record_places(KIND, plan.digest, plan_file, state_dir):
        if not path.is_file():
            continue
        try:
            approval = codec.read_json(path.read_bytes(), Approval)
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
        f"the plan {plan_file} is not approved, and {name} is protected",
        where=where,
        cause="; ".join(others) or "there is no approval of this digest",
        state="nothing was touched",
        hint=f"a person runs: lockgate approve {plan_file}",
    )
