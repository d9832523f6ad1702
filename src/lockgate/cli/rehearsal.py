"""Where rehearsals are kept, and the one that a protected target asks for."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from lockgate.config import TargetSettings
from lockgate.model.plan import Plan
from lockgate.workflow.plan_rehearsal import find_rehearsal, record_rehearsal

__all__ = ["record_rehearsal", "require_rehearsal"]


def require_rehearsal(
    target: TargetSettings, plan: Plan, plan_file: str, state_dir: Path, now: datetime | None = None
) -> str:
    """Return in a sentence which rehearsal of exactly this plan lets it be applied to a protected target.

    Raises:
        ApprovalMissing, ArtifactError: See `find_rehearsal`.
    """
    if not target.rehearsal_s:
        return "no rehearsal is asked for (rehearsal is off)"
    found = find_rehearsal(
        plan, plan_file, state_dir,
        max_age_s=target.rehearsal_s, name=target.name, where=target.target.display, now=now,
    )  # fmt: skip
    return f"rehearsed {found.started_at}: {found.outcome.value} in {found.duration_s:.1f} s"
