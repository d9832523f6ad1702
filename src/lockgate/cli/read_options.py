"""Options that several commands share, and what they mean to the workflows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from lockgate.cli.face import Face
from lockgate.engine.base import ScratchOptions
from lockgate.errors import ConfigError
from lockgate.model.target import SCHEMES

if TYPE_CHECKING:
    from lockgate.model.plan import Plan

F = TypeVar("F", bound=Callable[..., Any])


def desired_option(function: F) -> F:
    """Add ``--desired SPEC``."""
    return click.option("--desired", metavar="SPEC", help="The desired schema: SQL files, drizzle:…, …, or a URL.")(
        function
    )


def engine_option(function: F) -> F:
    """Add ``--engine NAME``."""
    return click.option("--engine", "engine_name", metavar="NAME", help="Insist on sqlite, postgres or mysql.")(
        function
    )


def check_engine(face: Face, name: str | None) -> None:
    """Refuse an ``--engine`` that is not the target's.

    Raises:
        ConfigError: The name is unknown or another engine's.
    """
    if name is None:
        return
    engine = SCHEMES.get(name)
    if engine is None:
        raise ConfigError(
            f"unknown engine {name!r}",
            where="--engine",
            cause="known engines are sqlite, postgres and mysql (also for MariaDB)",
            state="nothing was touched",
        )
    if engine != face.target.target.engine:
        raise ConfigError(
            f"--engine says {name}, but the target is a {face.target.target.engine} database",
            where=face.target.target.display,
            cause="the two contradict each other",
            state="nothing was touched",
            hint="leave --engine out: the URL tells it",
        )


def scratch_options(face: Face) -> ScratchOptions:
    """Return where the options and the configuration allow a scratch database."""
    configured = face.settings.target or face.settings
    return ScratchOptions(
        url=face.scratch.url or configured.scratch_url,
        is_beside_target_allowed=face.scratch.is_beside_target or configured.is_scratch_beside_target_allowed,
    )


def cache_folder(face: Face) -> Path:
    """Return the folder for schemas read from SQL."""
    return face.settings.state_dir / "cache"


def read_plan_file(path: str) -> Plan:
    """Read and check a plan file; see `lockgate.workflow.plan_file`."""
    from lockgate.workflow.plan_file import read_plan_file as read

    return read(path)
