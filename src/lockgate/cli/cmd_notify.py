"""``lockgate notify``: tell people; each subcommand in a file of its own."""

from __future__ import annotations

from lockgate.cli.parts import make_group

PARTS = {
    "test": "Send a test message to channels and say who took it.",
    "send": "Send a message once for its key.",
    "plan": "Tell people of a procedure before it starts: T-24h, T-15min.",
    "resend": "Send again what a run could not deliver.",
    "list": "List what was sent to whom, and what failed.",
    "ack": "Record that a person has taken note of a message.",
}


@make_group("notify", PARTS, "Tell people before, during and after; what was delivered is on record.")
def command() -> None:
    """Tell people before, during and after; what was delivered is on record.

    Channels are named under [notify.channels] in lockgate.toml. A message is sent to a channel once for its key."""
