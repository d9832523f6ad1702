"""What ``[session]``, ``[roadmap]`` and ``[notify]`` set for the command that runs."""

from __future__ import annotations

from lockgate.config import Settings
from lockgate.coordinate.settings import (
    RoadmapSettings,
    SessionSettings,
    parse_roadmap_settings,
    parse_session_settings,
)
from lockgate.notify.settings import NotifySettings, parse_notify_settings


def session_settings(settings: Settings) -> SessionSettings:
    """Return what ``[session]`` sets.

    Raises:
        ConfigError: A key is unknown or its value not allowed.
    """
    return settings.part("session", parse_session_settings)


def roadmap_settings(settings: Settings) -> RoadmapSettings:
    """Return what ``[roadmap]`` sets.

    Raises:
        ConfigError: A key is unknown or its value not allowed.
    """
    return settings.part("roadmap", parse_roadmap_settings)


def notify_settings(settings: Settings) -> NotifySettings:
    """Return what ``[notify]`` sets; references in it are read when something is sent.

    Raises:
        ConfigError: A key is unknown or its value not allowed.
    """
    return settings.part("notify", parse_notify_settings)
