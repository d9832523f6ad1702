"""``lockgate runbook rollback``: take back what a run of a runbook did, by a level with a name."""

from __future__ import annotations

import click

from lockgate.cli.confirm import confirm_loss, confirm_write
from lockgate.cli.face import Face, make_command


@make_command("rollback", "Take back what a run did: code, schema (no row is lost) or data (a backup comes back).",
              has_scratch=True)  # fmt: skip
@click.argument("run", metavar="RUN")
@click.option(
    "--level", type=click.Choice(["code", "schema", "data"]), default="schema", show_default=True, help="How far back."
)
@click.option("--to", default="", metavar="PLACE", help="A checkpoint or its name in the run, a backup, a tag.")
@click.option("--dry-run", is_flag=True, help="Print every command and statement; change nothing.")
@click.option("--yes", is_flag=True, help="Do not ask (not enough for a protected target, or for data).")
@click.option("--confirm", metavar="NAME", help="The target's name: needed for a protected target, and for data.")
@click.option("--reason", default="a person asked for it", help="Why; kept in the journal.")
def command(
    face: Face, run: str, level: str, to: str, dry_run: bool, yes: bool, confirm: str | None, reason: str
) -> int:
    """RUN is a run's id, or latest. A rollback is a run of its own, linked to the run it takes back. The data level
    says first what would be lost; it verifies the backup before anything is stopped. Exit code 7 when it failed."""
    import os
    import secrets
    from datetime import UTC, datetime

    from lockgate.cli.approval import current_actor
    from lockgate.cli.target_tools import make_target_tools
    from lockgate.model.outcome import RollbackLevel
    from lockgate.outside.shell import build_environment
    from lockgate.runbook import own_rollback

    wanted = RollbackLevel(level)
    tools = make_target_tools(face)
    parent = own_rollback.open_parent(face.settings.state_dir, run)
    environment = build_environment(os.environ)
    if dry_run:
        return _show(face, own_rollback.look_ahead(tools, parent, wanted, to, environment))
    face.talk.say(own_rollback.words_of_loss(tools, wanted, to, parent))
    action = f"roll {parent.folder.name} back ({level})"
    if wanted is RollbackLevel.DATA:
        confirm_loss(face.target, action, confirm)
    else:
        confirm_write(face.target, action, yes, confirm)
    result = own_rollback.roll_run_back(
        tools,
        parent,
        wanted,
        to,
        actor=current_actor(),
        reason=reason,
        environment=environment,
        now=lambda: datetime.now(UTC),
        new_hex=lambda: secrets.token_hex(4),
        tell=face.talk.say,
    )
    return _show(face, result)


def _show(face: Face, result: object) -> int:
    from lockgate.cli.result import document_of
    from lockgate.runbook.own_rollback import RollbackResult

    assert isinstance(result, RollbackResult)
    if face.output_format == "json":
        face.show_json(document_of(result))
        return 0
    head = f"rollback of {result.parent} ({result.level}): {result.state}: {result.message}"
    lines = [head, f"data loss: {result.loses}", *(f"  {step}" for step in result.steps)]
    lines += [f"run:       {result.run}"] if result.run else []
    face.show("\n".join([*lines, *(f"next: {text}" for text in result.next_commands)]))
    return 0
