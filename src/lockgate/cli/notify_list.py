"""``lockgate notify list``: what was sent to whom."""

from __future__ import annotations

import click

from lockgate.cli.face import Face, make_command


@make_command("list", "List what was sent to whom, and what failed.", is_target_configured=False)
@click.option("--key", default="", help="Only messages whose key begins so, such as a run's id.")
def command(face: Face, key: str) -> int:
    """The newest line for each message and address. One that is `sending` was begun, and its end is not known."""
    import msgspec

    from lockgate.runbook.people_tools import ledger_of

    newest = {
        (line.key, line.channel, line.address, line.by): line
        for line in ledger_of(face.settings.state_dir).read()
        if line.key.startswith(key)
    }
    if face.output_format == "json":
        face.show_json({"format_version": 1, "messages": [msgspec.to_builtins(line) for line in newest.values()]})
        return 0
    lines = [
        f"{line.at}  {line.state:<12}  {line.key}  {line.address or line.by}{f': {line.error}' if line.error else ''}"
        for line in newest.values()
    ]
    face.show("\n".join(lines) or "nothing was sent")
    return 0
