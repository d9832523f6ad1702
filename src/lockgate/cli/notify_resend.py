"""``lockgate notify resend``: send again what a run could not deliver."""

from __future__ import annotations

import click

from lockgate.cli.face import Face, make_command


@make_command("resend", "Send again what a run could not deliver.", is_target_configured=False)
@click.argument("run", metavar="RUN")
def command(face: Face, run: str) -> int:
    """The messages of RUN's journal that did not arrive, under the same keys: a check `notified` sees when they did.
    Exit 3 when one still does not."""
    from lockgate.cli.journals import undelivered
    from lockgate.cli.people import people_tools, show_deliveries
    from lockgate.notify.message import Message
    from lockgate.runbook.people import deliver

    tools = people_tools(face)
    waiting = [
        (channel, Message(key=key, title=f"Run {run}", text=text, facts={"run": run}))
        for channel, key, text in undelivered(face.settings.state_dir / "procedures" / run)
        if not tools.ledger.is_sent(key, channel)
    ]
    if not waiting and face.output_format != "json":
        face.show("everything has arrived")
        return 0
    return show_deliveries(face, [deliver(tools, channel, message) for channel, message in waiting])
