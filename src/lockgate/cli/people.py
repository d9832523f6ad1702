"""The tools about people, made of the settings of the command that runs."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from lockgate.cli.actor import find_actor
from lockgate.cli.face import Face
from lockgate.cli.people_settings import notify_settings, roadmap_settings, session_settings
from lockgate.cli.sessions import open_registry
from lockgate.config import resolve_spec
from lockgate.model.runbook import Runbook
from lockgate.notify.message import Delivery
from lockgate.outside.redact import add_secret
from lockgate.runbook.people_tools import PeopleTools


def people_tools(face: Face, runbook: Runbook | None = None, *, digest: str = "", link: str = "") -> PeopleTools:
    """Return what tasks, checks and messages about people work with."""
    folder = face.settings.folder

    def resolve(text: str, where: str) -> str:
        value, secrets = resolve_spec(text, os.environ, folder, where)
        for secret in secrets:
            add_secret(secret)
        return value

    return PeopleTools(
        folder=folder,
        state_dir=face.settings.state_dir,
        actor=find_actor(os.environ),
        open_registry=lambda: open_registry(face),
        resolve=resolve,
        target=face.settings.target.name if face.settings.target else "",
        runbook=runbook,
        digest=digest,
        link=link,
        session=session_settings(face.settings),
        roadmap=roadmap_settings(face.settings),
        notify=notify_settings(face.settings),
    )


def delivery_line(delivery: Delivery) -> str:
    """Return what became of a message, in a line."""
    if delivery.is_delivered:
        return f"{delivery.channel}: {'delivered' if delivery.is_new else 'has it already; nothing was sent'}"
    return f"{delivery.channel}: NOT delivered: {delivery.error}"


def delivery_plain(delivery: Delivery) -> dict[str, Any]:
    """Return a delivery for JSON."""
    return {
        "key": delivery.key,
        "channel": delivery.channel,
        "is_delivered": delivery.is_delivered,
        "is_new": delivery.is_new,
        "attempts": delivery.attempts,
        "error": delivery.error,
        "at": delivery.at,
    }


def show_deliveries(face: Face, deliveries: list[Delivery]) -> int:
    """Print what became of messages; the exit code says whether all arrived."""
    if face.output_format == "json":
        face.show_json({"format_version": 1, "deliveries": [delivery_plain(item) for item in deliveries]})
    else:
        face.show("\n".join(map(delivery_line, deliveries)))
    return 0 if all(item.is_delivered for item in deliveries) else 3


def read_text(path: str) -> str:
    """Read a file of the user's.

    Raises:
        InputError: It cannot be read.
    """
    from lockgate.errors import InputError

    try:
        return Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        cause = getattr(error, "strerror", "") or str(error)
        raise InputError(f"{path} cannot be read", where=path, cause=cause, state="nothing was touched") from None
