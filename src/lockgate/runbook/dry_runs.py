"""What dry runs are on record: one small file for a digest on a target, so that a real run can ask for it."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from lockgate.errors import GateClosed
from lockgate.model import codec
from lockgate.model.schema import Value
from lockgate.runbook.lock import Lock
from lockgate.runbook.runs import procedures_folder

MOST_AGE = timedelta(hours=24)


class DryRunRecord(Value, frozen=True, omit_defaults=False):
    """A dry run of a digest on a target: when, by whom, and whether every task said what it would do."""

    digest: str
    target: str
    at: str
    by: str
    is_ok: bool
    refused: tuple[str, ...] = ()


def write_dry_run(state_dir: Path, record: DryRunRecord) -> Path:
    """Write the record; it takes the place of an older one."""
    path = _place(state_dir, record.digest, record.target)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.write_bytes(msgspec.json.format(msgspec.json.encode(record), indent=1) + b"\n")
    part.replace(path)
    return path


def require_dry_run(state_dir: Path, lock: Lock, now: datetime) -> DryRunRecord:
    """Return the dry run of exactly this digest on this target, not older than a day.

    Raises:
        GateClosed: There is none, it is too old, or a task would have been refused.
    """
    path = _place(state_dir, lock.digest, lock.target)
    why, record = "there is none", None
    try:
        record = codec.read_json(path.read_bytes(), DryRunRecord)
    except (OSError, msgspec.MsgspecError):
        pass
    if record is not None:
        age = now.astimezone(UTC) - datetime.fromisoformat(record.at)
        why = f"the last one is {age} old" if age > MOST_AGE else ""
        why = why or (f"it found what would be refused: {'; '.join(record.refused[:3])}" if not record.is_ok else "")
        if not why:
            return record
    raise GateClosed(
        f"{lock.target} is protected, and this runbook had no dry run on it",
        where=lock.source or lock.runbook.runbook,
        cause=f"a dry run of digest {lock.digest[:12]} within a day is needed; {why}",
        state="nothing was touched",
        hint=f"lockgate runbook run {lock.source or 'RUNBOOK'} --dry-run",
    )


def _place(state_dir: Path, digest: str, target: str) -> Path:
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", target) or "none"
    return procedures_folder(state_dir) / "dry-runs" / f"{digest[:16]}-{name}.json"
