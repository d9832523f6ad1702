"""Send a made-up breach all the way: through the rule, the team's own words and the channels; keep the receipts."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import UTC, datetime

from lockgate.cli.face import Face
from lockgate.cli.monitors import Chosen
from lockgate.errors import ConfigError
from lockgate.monitor.receipt import Receipt, write_receipt
from lockgate.monitor.trial import make_breach


def send_alerts(face: Face, chosen: Chosen, channels: Sequence[str]) -> tuple[Receipt, ...]:
    """Send one made-up breach to each channel and keep what became of it.

    Raises:
        ConfigError: There is no channel to send it to, or the receipt cannot be kept.
    """
    from lockgate.cli.people import people_tools
    from lockgate.notify.message import Message, Severity
    from lockgate.notify.templates import render_template, template_for
    from lockgate.runbook.people import deliver

    tools = people_tools(face, chosen.runbook)
    names = tuple(channels) or _planned(chosen) or tools.notify.names
    if not names:
        raise ConfigError(
            "an alert would reach nobody",
            where="[notify.channels]",
            cause="no channel is configured",
            state="the monitors were asked; nothing was sent",
            hint='add team = "slack://…" under [notify.channels] in lockgate.toml',
        )
    breach = make_breach(chosen.monitors[0], lambda: datetime.now(UTC))
    text = f"TEST, nothing is broken. {breach.monitor}: {breach.sentence} (would {_would(breach.action)})"
    words = render_template(
        template_for("breach", tools.notify.templates), tools.values({"text": text, "run": "a test"})
    )
    key = f"monitoring/{secrets.token_hex(6)}"
    receipts = []
    for name in names:
        message = Message(key, f"Lockgate test alert: {breach.monitor}", words, Severity.WARNING)
        delivery = deliver(tools, name, message)
        receipt = Receipt(
            at=datetime.now(UTC).isoformat(timespec="milliseconds"),
            monitor=breach.monitor,
            channel=name,
            sentence=breach.sentence,
            by=tools.actor.name,
            is_delivered=delivery.is_delivered,
            key=f"{key}-{name}",
            error=delivery.error,
        )
        write_receipt(face.settings.state_dir, receipt)
        receipts.append(receipt)
    return tuple(receipts)


def _planned(chosen: Chosen) -> tuple[str, ...]:
    """Return the channels that the runbook tells of a breach: its messages', else its contacts'."""
    if chosen.runbook is None:
        return ()
    told = [message.channel for message in chosen.runbook.messages if message.when == "breach" and message.channel]
    contacts = [contact.notify for contact in chosen.runbook.contacts if contact.notify]
    return tuple(dict.fromkeys(told or contacts))


def _would(action: str) -> str:
    return "stop the run" if action == "stop" else f"stop the run and take it back, level {action} at most"
