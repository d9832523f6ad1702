"""What the commands on roadmaps share."""

from __future__ import annotations

from pathlib import Path

from lockgate.cli.face import Face
from lockgate.cli.people import people_tools
from lockgate.coordinate.roadmap import RoadmapReport
from lockgate.errors import ConfigError, InputError
from lockgate.runbook.checks_people import check_roadmap


def roadmap_path(face: Face, file: str | None) -> Path:
    """Return the roadmap's file, from the argument or ``[roadmap]``.

    Raises:
        ConfigError: Neither names one.
    """
    configured = people_tools(face).roadmap_file
    if not file and not configured:
        raise ConfigError(
            "no roadmap is given",
            where="FILE",
            cause="neither FILE nor file under [roadmap] names one",
            state="nothing was touched",
            hint="lockgate roadmap validate docs/ROADMAP.md",
        )
    return Path(file) if file else face.settings.folder / configured


def report_of(face: Face, path: Path) -> RoadmapReport:
    """Validate a roadmap's file.

    Raises:
        InputError: It cannot be read.
    """
    try:
        return check_roadmap(people_tools(face), path)
    except (OSError, UnicodeDecodeError) as error:
        cause = getattr(error, "strerror", "") or str(error)
        raise InputError(f"{path} cannot be read", where=str(path), cause=cause, state="nothing was checked") from None
