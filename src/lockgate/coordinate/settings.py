"""What ``[session]`` and ``[roadmap]`` in lockgate.toml set; parsed here, read by the faces only."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from lockgate.coordinate.sessions import DEFAULT_TEMPLATE, DEFAULT_TTL_S
from lockgate.errors import ConfigError

Fail = Callable[[str, str, str], ConfigError]
"""``fail(key, what is wrong, what is allowed)`` makes the error that names the file and the line."""
Duration = Callable[[str, str], int]
"""``duration(text, where)`` reads ``4h`` as seconds."""

REGISTRIES = ("target", "git", "folder")


@dataclass(frozen=True)
class SessionSettings:
    """Where sessions are kept and how they are shown.

    ``registry`` is target, git or folder (empty: the target, when there is one). ``remote`` and ``ref`` are git's,
    ``folder`` is the folder's. ``docs`` is the folder of the Markdown export (empty: none). ``notify`` is the channel
    that is told of takeovers.
    """

    registry: str = ""
    remote: str = "origin"
    ref: str = "refs/lockgate/sessions"
    folder: str = ""
    id: str = DEFAULT_TEMPLATE
    expires_s: int = DEFAULT_TTL_S
    docs: str = ""
    notify: str = ""


@dataclass(frozen=True)
class RoadmapSettings:
    """The roadmap's file, and the folders that its modules and prompts are relative to (empty: the file's own)."""

    file: str = ""
    modules: str = ""
    prompts: str = ""


def parse_session_settings(table: Mapping[str, Any], fail: Fail, duration: Duration) -> SessionSettings:
    """Read the table ``[session]``.

    Raises:
        ConfigError: A key is unknown or its value not allowed.
    """
    texts = _texts(table, ("registry", "remote", "ref", "folder", "id", "expires", "docs", "notify"), fail)
    usual = SessionSettings()
    if texts.get("registry", "target") not in REGISTRIES:
        raise fail("registry", f"is {texts['registry']!r}", f"allowed are {', '.join(REGISTRIES)}")
    if not texts.get("ref", usual.ref).startswith("refs/"):
        raise fail("ref", f"is {texts['ref']!r}", "allowed is a full name such as refs/lockgate/sessions")
    expires = texts.pop("expires", "")
    return SessionSettings(**texts, expires_s=duration(expires, "session.expires") if expires else usual.expires_s)


def parse_roadmap_settings(table: Mapping[str, Any], fail: Fail, duration: Duration) -> RoadmapSettings:
    """Read the table ``[roadmap]``.

    Raises:
        ConfigError: A key is unknown or its value not allowed.
    """
    return RoadmapSettings(**_texts(table, ("file", "modules", "prompts"), fail))


def _texts(table: Mapping[str, Any], allowed: tuple[str, ...], fail: Fail) -> dict[str, str]:
    for key, value in table.items():
        if key not in allowed:
            raise fail(key, "is no key Lockgate knows", f"allowed here: {', '.join(sorted(allowed))}")
        if not isinstance(value, str):
            raise fail(key, "has the wrong type", "allowed is a text in quotes")
    return dict(table)
