"""``lockgate notify ack``: a person has taken note of a message."""

from __future__ import annotations

import os

import click

from lockgate.cli.face import Face, make_command


@make_command("ack", "Record that a person has taken note of a message.", is_target_configured=False)
@click.argument("key", metavar="KEY")
@click.option("--by", "person", default="", help="Who (else who runs this).")
@click.option("--note", default="", help="What they say to it.")
def command(face: Face, key: str, person: str, note: str) -> int:
    """KEY is a message's, as `notify list` shows it, or any name that a check `notified` asks for. A coding agent is
    refused: an acknowledgement is a person's word."""
    from lockgate.cli.approval import current_actor
    from lockgate.cli.confirm import detect_agent
    from lockgate.cli.sessions import utc_now
    from lockgate.errors import RefusedError
    from lockgate.runbook.people_tools import ledger_of

    agent = detect_agent(os.environ)
    if agent:
        raise RefusedError(
            "a coding agent may not acknowledge a message",
            cause=f"{agent} is set in the environment",
            state="nothing was recorded",
            hint=f"a person runs: lockgate notify ack {key} --by NAME",
        )
    person = person or current_actor()
    is_new = ledger_of(face.settings.state_dir).acknowledge(key, person, utc_now(), note)
    if face.output_format == "json":
        face.show_json({"format_version": 1, "key": key, "by": person, "is_new": is_new})
    else:
        face.show(f"{person} has acknowledged {key}{'' if is_new else ' already'}")
    return 0
