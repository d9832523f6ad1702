"""``lockgate notify send``: send a message once for its key, or what is due."""

from __future__ import annotations

import click

from lockgate.cli.face import Face, make_command


@make_command("send", "Send a message once for its key.")
@click.argument("channels", nargs=-1, metavar="[CHANNEL]…")
@click.option("--text", default="", help="What to say.")
@click.option("--title", default="Lockgate", show_default=True, help="Its first line.")
@click.option("--key", default="", help="Its name: the same key is sent to a channel once.")
@click.option(
    "--severity",
    type=click.Choice(["info", "success", "warning", "failure"]),
    default="info",
    show_default=True,
    help="How loud it is.",
)
@click.option("--due", is_flag=True, help="Send what `notify plan` has planned and is due now (for a schedule).")
def command(face: Face, channels: tuple[str, ...], text: str, title: str, key: str, severity: str, due: bool) -> int:
    """Exit 3 when a channel did not take it; it is recorded either way."""
    import secrets

    from lockgate.cli.notice import send_due
    from lockgate.cli.people import people_tools, show_deliveries
    from lockgate.errors import ConfigError
    from lockgate.notify.message import Message, Severity
    from lockgate.runbook.people import deliver

    if due:
        return send_due(face)
    if not channels or not text:
        raise ConfigError(
            "a message needs a channel and a text",
            where="CHANNEL --text",
            state="nothing was sent",
            hint="lockgate notify send team --text '…'",
        )
    message = Message(key or f"message/{secrets.token_hex(6)}", title, text, Severity(severity))
    tools = people_tools(face)
    return show_deliveries(face, [deliver(tools, name, message) for name in channels])
