"""``lockgate notify test``: send a test message and say who took it."""

from __future__ import annotations

import click

from lockgate.cli.face import Face, make_command


@make_command("test", "Send a test message to channels and say who took it.")
@click.argument("channels", nargs=-1, metavar="[CHANNEL]…")
def command(face: Face, channels: tuple[str, ...]) -> int:
    """Without CHANNEL: to all. Exit 3 when one of them did not take it."""
    import secrets

    from lockgate.cli.people import people_tools, show_deliveries
    from lockgate.errors import ConfigError
    from lockgate.notify.message import Message
    from lockgate.runbook.people import deliver

    tools = people_tools(face)
    names = channels or tools.notify.names
    if not names:
        raise ConfigError(
            "no channel is configured",
            where="[notify.channels]",
            state="nothing was sent",
            hint='add team = "slack://…" under [notify.channels] in lockgate.toml',
        )
    message = Message(
        key=f"test/{secrets.token_hex(6)}",
        title="Lockgate: a test",
        text=f"This is a test of the channel by {tools.actor.name}. Nothing has happened.",
    )
    return show_deliveries(face, [deliver(tools, name, message) for name in names])
