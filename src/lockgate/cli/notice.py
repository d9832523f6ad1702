"""Notices before a start: planned once, kept in a file, sent when each is due, by whichever command comes by."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import msgspec

from lockgate.cli.face import Face
from lockgate.cli.people import people_tools, show_deliveries
from lockgate.cli.sessions import utc_now
from lockgate.config import parse_duration_s
from lockgate.errors import ArtifactError, ConfigError
from lockgate.model import codec
from lockgate.notify.message import Delivery, Message
from lockgate.notify.schedule import Due, plan_leads
from lockgate.runbook.people import deliver
from lockgate.runbook.people_tools import PeopleTools

FORMAT_VERSION = 1


class Notice(msgspec.Struct, frozen=True):
    """One channel's notice of one start. ``leads`` are when it is told, such as 24h and 15m."""

    key: str
    channel: str
    title: str
    text: str
    start: str
    leads: tuple[str, ...]
    format_version: int = FORMAT_VERSION


def moments_of(notice: Notice, now: datetime) -> tuple[Due, ...]:
    """Return when a notice is due."""
    leads = [(lead, parse_duration_s(lead, "lead")) for lead in notice.leads]
    return plan_leads(leads, datetime.fromisoformat(notice.start), now)


def keep_notices(state_dir: Path, notices: list[Notice]) -> None:
    """Write notices for `notify send --due`; the same start of the same procedure replaces itself.

    Raises:
        ConfigError: They cannot be written.
    """
    folder = state_dir / "notify" / "planned"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for notice in notices:
            name = "".join(c if c.isalnum() or c in "._-" else "-" for c in f"{notice.key}-{notice.channel}")
            part = folder / f".{name}.part"
            part.write_bytes(msgspec.json.format(msgspec.json.encode(notice), indent=1))
            part.replace(folder / f"{name}.json")
    except OSError as error:
        raise ConfigError(
            "what is to be told cannot be kept",
            where=str(folder),
            cause=str(error.strerror),
            state="nothing was sent",
        ) from None


def read_notices(state_dir: Path) -> list[Notice]:
    """Return what is planned.

    Raises:
        ArtifactError: A file is damaged.
    """
    found = []
    for path in sorted((state_dir / "notify" / "planned").glob("*.json")):
        try:
            found.append(codec.read_json(path.read_bytes(), Notice))
        except (msgspec.MsgspecError, OSError) as error:
            raise ArtifactError(
                f"{path} cannot be read", where=str(path), cause=str(error), state="nothing was sent"
            ) from None
    return found


def send_notices(tools: PeopleTools, notices: list[Notice], now: datetime) -> list[Delivery]:
    """Send what is due now and was not sent yet."""
    deliveries = []
    for notice in notices:
        for due in moments_of(notice, now):
            if due.is_due:
                title = f"{notice.title} (T-{due.lead})"
                message = Message(f"{notice.key}/T-{due.lead}", title, notice.text, facts={"start": notice.start})
                deliveries.append(deliver(tools, notice.channel, message))
    return deliveries


def send_due(face: Face) -> int:
    """Send what is planned and due; nothing due is no failure."""
    notices = read_notices(face.settings.state_dir)
    deliveries = send_notices(people_tools(face), notices, utc_now())
    if not deliveries and face.output_format != "json":
        face.show(f"nothing is due; {len(notices)} notices are planned")
        return 0
    return show_deliveries(face, deliveries)
