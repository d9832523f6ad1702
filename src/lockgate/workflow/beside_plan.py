"""Records of a plan (who approved it, how it was rehearsed): beside the plan, or in the state folder."""

from __future__ import annotations

from pathlib import Path

from lockgate.errors import ConfigError


def record_places(kind: str, digest: str, plan_file: str, state_dir: Path) -> tuple[Path, Path]:
    """Return where a record of this kind may stand, the one beside the plan first."""
    return Path(f"{plan_file}.{kind}"), state_dir / f"{kind}s" / f"{digest}.json"


def write_record(kind: str, digest: str, plan_file: str, state_dir: Path, data: bytes) -> Path:
    """Write a record beside the plan, or into the state folder when the plan's folder is read-only; return where.

    Raises:
        ConfigError: Neither can be written.
    """
    reasons = []
    for path in record_places(kind, digest, plan_file, state_dir):
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        except OSError as error:
            reasons.append(f"{path}: {error.strerror}")
        else:
            return path
    raise ConfigError(
        f"the {kind} cannot be written", where=plan_file, cause="; ".join(reasons), state="nothing was recorded"
    )
