"""Plan files: read and checked, written beside and renamed."""

from __future__ import annotations

from pathlib import Path

from lockgate.errors import ArtifactError, ConfigError
from lockgate.model.plan import Plan, decode_plan


def read_plan_file(path: str) -> Plan:
    """Read and check a plan file.

    Raises:
        ArtifactError: It is missing, empty, cut short, edited, or of another version.
    """
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        raise ArtifactError(
            f"the plan {path} cannot be read",
            where=path,
            cause=error.strerror or str(error),
            state="nothing was touched",
            hint="lockgate plan -o FILE writes one",
        ) from None
    try:
        return decode_plan(data, f"the plan {path}")
    except ArtifactError as error:
        error.where = error.where or path
        raise


def write_plan_file(path: Path, data: bytes) -> None:
    """Write beside and rename, so that a cut file never stands under the plan's name.

    Raises:
        ConfigError: It cannot be written.
    """
    partial = path.with_name(path.name + ".partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial.write_bytes(data)
        partial.replace(path)
    except OSError as error:
        raise ConfigError(
            f"the plan cannot be written to {path}",
            where="-o",
            cause=error.strerror or str(error),
            state="nothing was touched, no plan was written",
            hint="name a file in a folder you may write to",
        ) from None
